"""Facts to tell of, committed as the house commits them: the change's own transaction."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import msgspec

from nowserving.kit.clock import wall
from nowserving.kit.facts import Fact
from nowserving.kit.ids import uuid7
from nowserving.places.endpoints import Endpoint, EndpointState
from nowserving.store.endpoints import Endpoints
from nowserving.store.engines import Connection, Engine, Reader, Unavailable
from nowserving.store.feed import Feed
from nowserving.store.journal import Journal

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
ALL = ("case.queued", "case.called", "case.started", "case.resolved")


@dataclass
class Office:
    """One organization of which only the journal is looked at."""

    engine: Engine
    id: UUID = field(default_factory=uuid4)
    queue: UUID = field(default_factory=uuid4)
    unit: UUID = field(default_factory=uuid4)
    service: UUID = field(default_factory=uuid4)
    versions: dict[UUID, int] = field(default_factory=dict)
    rows: dict[UUID, asyncio.Lock] = field(default_factory=dict)

    async def open(self) -> None:
        """Begin its feed."""
        async with self.engine.writing() as connection:
            await Feed(connection, self.id).begin(uuid4())

    async def happens(
        self,
        subject: UUID,
        kind: str = "case.queued",
        *,
        on: Engine | None = None,
        **told: object,
    ) -> Fact:
        """Commit the next fact of a case; its row lock lasts until the commit, as in life.

        `at_unit` and `for_service`: the case's, if they are not the office's.
        """
        async with self.rows.setdefault(subject, asyncio.Lock()):
            fact = self.fact(subject, kind, self.versions.get(subject, 0) + 1, **told)
            async with (on or self.engine).writing() as connection:
                await Journal(connection, self.id).add([fact])
            self.versions[subject] = fact.version
        return fact

    def fact(self, subject: UUID, kind: str, version: int, **told: object) -> Fact:
        """A fact with as much of a case as the journal itself reads."""
        case = {
            "id": subject,
            "queue_id": self.queue,
            "unit_id": told.pop("at_unit", self.unit),
            "service_id": told.pop("for_service", self.service),
        }
        text = msgspec.json.encode({**told, "case": case}).decode()
        return Fact(self.id, subject, version, uuid7(wall()), kind, wall(), "system:test", text)

    async def subscribe(
        self,
        url: str,
        kinds: Sequence[str] = ALL,
        dialect: str = "plain",
        state: EndpointState = EndpointState.ACTIVE,
        *,
        unit_ids: tuple[UUID, ...] | None = None,
        service_ids: tuple[UUID, ...] | None = None,
    ) -> Endpoint:
        """Add an endpoint, on a trusted URL."""
        endpoint = Endpoint(
            organization_id=self.id,
            id=uuid7(wall()),
            dialect=dialect,
            url=url,
            kinds=tuple(kinds),
            authorization="none",
            secret=None,
            settings={"allowed": True},
            state=state,
            created_at=NOON,
            unit_ids=unit_ids,
            service_ids=service_ids,
        )
        async with self.engine.writing() as connection:
            await Endpoints(connection, self.id).add(endpoint)
        return endpoint

    async def feed(self) -> list[tuple[int, Fact]]:
        """The whole feed."""
        async with self.engine.reading() as connection:
            return await Feed(connection, self.id).after(0, 1_000_000)


async def set_state(endpoints: Endpoints, id: UUID, state: EndpointState) -> None:
    """Tell an endpoint what happens from now on, or nothing more."""
    seen = await endpoints.get(id)
    assert seen is not None
    await endpoints.replace(seen, replace(seen, state=state, version=seen.version + 1))


async def until(true: Callable[[], Awaitable[bool] | bool], within: float = 60.0) -> None:
    """Wait until something is so; TimeoutError if it does not come to be."""
    async with asyncio.timeout(within):
        while True:
            answer = true()
            if answer is True or (answer is not False and await answer):
                return
            await asyncio.sleep(0.005)


class Flaky:
    """An engine that is sometimes not there."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.dialect = engine.dialect
        self.one_process = engine.one_process
        self.out = False
        self.answers_to_lose = 0
        self.claims_to_lose = 0

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Connection]:
        self._check()
        async with self._engine.writing() as connection:
            yield connection
            self._check()
        if self.answers_to_lose:
            self.answers_to_lose -= 1
            raise Unavailable("committed, but nobody hears of it")

    @asynccontextmanager
    async def writing_once(self) -> AsyncIterator[Connection]:
        self._check()
        async with self._engine.writing_once() as connection:
            yield connection
        if self.claims_to_lose:
            self.claims_to_lose -= 1
            raise Unavailable("committed, but nobody hears of it")

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Reader]:
        self._check()
        async with self._engine.reading() as connection:
            yield connection

    async def announce(self, channel: str, text: str) -> None:
        self._check()
        await self._engine.announce(channel, text)

    async def close(self) -> None:
        await self._engine.close()

    def _check(self) -> None:
        if self.out:
            raise Unavailable("out for the test")
