"""One lane on its way: its facts told one after the other, until one is not taken."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from uuid import UUID

import structlog

from nowserving.hooks.pace import Pace, Trip
from nowserving.hooks.post import Answer
from nowserving.hooks.posters import Posters
from nowserving.hooks.retries import our_outage, taken, there, wait_after
from nowserving.journal.telling import Teller, Telling
from nowserving.kit.clock import Clock
from nowserving.kit.facts import Fact
from nowserving.kit.ids import Ids
from nowserving.kit.vault import Vault
from nowserving.store.engines import Engine, Unavailable
from nowserving.store.lanes import Attempt, Completion, Endpoint, Lane
from nowserving.store.store import Store

_log = structlog.get_logger("nowserving.sender")

OWN_FAULT = 5.0
"""Seconds until we try again what failed through our own fault."""

KEPT_OF_ANSWER = 500
"""Characters of an answer that are kept with the attempt."""


@dataclass(slots=True)
class Run:
    """How far one lane has come, and when it goes on: after `wait` seconds, or None: parked."""

    organization_id: UUID
    lane: Lane
    trip: Trip
    until: float
    head: int
    attempt: int
    wait: float | None = 0.0
    recovered: bool = False
    tries: list[Attempt] = field(default_factory=list)

    @classmethod
    def of(cls, organization_id: UUID, lane: Lane, trip: Trip, *, until: float) -> "Run":
        """A lane that sets out; posts on it may begin `until` then."""
        return cls(organization_id, lane, trip, until, lane.head, lane.attempt)

    def completion(self, now: datetime) -> Completion:
        """The lane given back."""
        due = None if self.wait is None else now + timedelta(seconds=self.wait)
        return Completion(self.lane, self.head, self.attempt, due)


@dataclass(frozen=True, slots=True)
class Runner:
    """Tells the facts of a lane to its endpoint."""

    engine: Engine
    vault: Vault
    posters: Posters
    tellers: Mapping[str, Teller]
    pace: Pace
    clock: Clock
    ids: Ids
    timeout: float
    schedule: Sequence[float]
    chance: Callable[[], float]
    may_begin: Callable[[], bool]

    async def tell(
        self, run: Run, endpoint: Endpoint, facts: Sequence[Fact], *, whole: bool
    ) -> None:
        """Tell the facts in order; `whole`: they are all that the lane has."""
        for fact in facts:
            if fact.kind in endpoint.kinds:
                if not self.may_begin() or monotonic() > run.until:
                    return
                if not await self._told(run, endpoint, fact):
                    return
            run.head = fact.version
        if whole:
            run.head = run.lane.tail

    async def _told(self, run: Run, endpoint: Endpoint, fact: Fact) -> bool:
        at = self.clock()
        try:
            telling = await self._telling(endpoint, fact)
        except Unavailable:
            run.wait = OWN_FAULT
            return False
        except Exception:
            _log.exception("a fact could not be said", endpoint=str(endpoint.id), kind=fact.kind)
            answer = Answer(None, b"", "it could not be said", 0.0, None)
        else:
            if telling is None:
                return True
            answer = await self._post(run, endpoint, telling)
            self._note_health(run, endpoint, answer)
        run.tries.append(self._attempt(run, endpoint, fact, answer, at))
        if taken(answer):
            run.attempt = 0
            return True
        self._put_off(run, answer)
        return False

    async def _telling(self, endpoint: Endpoint, fact: Fact) -> Telling | None:
        secret = None if endpoint.secret is None else self.vault.unlock(endpoint.secret)
        async with self.engine.reading() as connection:
            store = Store(connection, endpoint.organization_id)
            teller = self.tellers[endpoint.dialect]
            return await teller(fact, endpoint, secret=secret, store=store)

    async def _post(self, run: Run, endpoint: Endpoint, telling: Telling) -> Answer:
        run.trip.post_begins()
        try:
            return await self.posters.post(
                telling.url,
                telling.body,
                telling.headers,
                timeout=self.timeout,
                trusted=endpoint.settings.get("allowed") is True,
            )
        finally:
            run.trip.post_ends()

    def _note_health(self, run: Run, endpoint: Endpoint, answer: Answer) -> None:
        if there(answer):
            run.recovered = self.pace.answered(endpoint.id) or run.recovered
        elif not our_outage(answer):
            self.pace.failed(endpoint.id, wait=answer.retry_after)

    def _put_off(self, run: Run, answer: Answer) -> None:
        if our_outage(answer):
            run.wait = OWN_FAULT
            return
        run.attempt += 1
        run.wait = wait_after(answer, run.attempt, schedule=self.schedule, chance=self.chance)
        if run.wait is None:
            _log.warning(
                "given up until something new happens",
                endpoint=str(run.lane.endpoint_id),
                subject=str(run.lane.subject_id),
                version=run.head + 1,
            )

    def _attempt(
        self, run: Run, endpoint: Endpoint, fact: Fact, answer: Answer, at: datetime
    ) -> Attempt:
        return Attempt(
            organization_id=endpoint.organization_id,
            endpoint_id=endpoint.id,
            id=self.ids(at),
            subject_id=fact.subject_id,
            version=fact.version,
            fact_id=fact.id,
            number=run.attempt + 1,
            at=at,
            microseconds=round(answer.duration * 1_000_000),
            status=answer.status,
            error=answer.error,
            response=_text(answer.body),
        )


def _text(body: bytes) -> str:
    """The beginning of an answer as a database keeps it: PostgreSQL takes no NUL."""
    return body[: KEPT_OF_ANSWER * 4].decode(errors="replace").replace("\0", "�")[:KEPT_OF_ANSWER]
