"""One lane on its way: its facts told one after the other, until one is not taken."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from nowserving.hooks.pace import Pace, Trip
from nowserving.hooks.post import Answer
from nowserving.hooks.posters import Posters
from nowserving.hooks.retries import our_outage, taken, there, wait_after
from nowserving.journal.telling import Teller, Telling
from nowserving.journal.wanted import wants
from nowserving.kit.clock import Clock
from nowserving.kit.facts import Fact
from nowserving.kit.ids import Ids
from nowserving.kit.vault import Vault
from nowserving.places.endpoints import Endpoint
from nowserving.store.engines import Engine, Unavailable
from nowserving.store.lanes import Attempt, Completion, Lane
from nowserving.store.store import Store

_log = structlog.get_logger("nowserving.sender")

OWN_FAULT = 5.0
"""Seconds until we try again what failed through our own fault."""

NOT_SAID = Answer(None, b"", "it could not be said", 0.0, None)

Said = Telling | Answer | None
"""A fact in an endpoint's words; an answer: why it could not be said; None: nothing to say."""

KEPT_OF_ANSWER = 500
"""Characters of an answer that are kept with the attempt."""


@dataclass(slots=True)
class Run:
    """How far one lane has come, and when it goes on: after `wait` seconds, or None: parked.

    `perhaps_back`: a commit that was to give it back failed, but may have been done after all.
    """

    organization_id: UUID
    lane: Lane
    trip: Trip
    until: float
    head: int
    attempt: int
    wait: float | None = 0.0
    recovered: bool = False
    perhaps_back: bool = False
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

    async def say_first(
        self, endpoint: Endpoint, facts: Sequence[Fact], store: Store
    ) -> tuple[Fact, Said] | None:
        """The first of these facts that the endpoint wants to hear of, said in its language."""
        for fact in facts:
            if wants(endpoint, fact):
                return fact, await self._say(endpoint, fact, store)
        return None

    async def tell(
        self,
        run: Run,
        endpoint: Endpoint,
        facts: Sequence[Fact],
        *,
        first: tuple[Fact, Said] | None,
        whole: bool,
    ) -> None:
        """Tell the facts in order; `whole`: they are all that the lane has."""
        for fact in facts:
            if wants(endpoint, fact):
                at_hand = first[1] if first is not None and first[0] is fact else None
                if not await self._told(run, endpoint, fact, at_hand):
                    return
            run.head = fact.version
        if whole:
            run.head = run.lane.tail

    async def _told(self, run: Run, endpoint: Endpoint, fact: Fact, at_hand: Said) -> bool:
        """Tell one fact, in the words at hand if there are any; False: go no further."""
        if not await run.trip.turn(run.until):
            return False
        try:
            if not self.may_begin():
                return False
            said = at_hand or await self._look_and_say(endpoint, fact)
            return said is None or await self._tried(run, endpoint, fact, said)
        except Unavailable:
            run.wait = OWN_FAULT
            return False
        finally:
            run.trip.turn_ends()

    async def _look_and_say(self, endpoint: Endpoint, fact: Fact) -> Said:
        async with self.engine.reading() as connection:
            return await self._say(endpoint, fact, Store(connection, endpoint.organization_id))

    async def _say(self, endpoint: Endpoint, fact: Fact, store: Store) -> Said:
        try:
            secrets = [self.vault.unlock(locked) for locked in endpoint.secrets(self.clock())]
            teller = self.tellers[endpoint.dialect]
            return await teller(fact, endpoint, secrets=secrets, store=store)
        except Unavailable:
            raise
        except Exception:
            _log.exception("a fact could not be said", endpoint=str(endpoint.id), kind=fact.kind)
            return NOT_SAID

    async def _tried(
        self, run: Run, endpoint: Endpoint, fact: Fact, said: Telling | Answer
    ) -> bool:
        at = self.clock()
        if isinstance(said, Answer):
            answer = said
        else:
            answer = await self._post(endpoint, said)
            self._note_health(run, endpoint, answer)
        run.tries.append(self._attempt(run, endpoint, fact, answer, at))
        if taken(answer):
            run.attempt = 0
        else:
            self._put_off(run, answer)
        return taken(answer)

    async def _post(self, endpoint: Endpoint, telling: Telling) -> Answer:
        return await self.posters.post(
            telling.url,
            telling.body,
            telling.headers,
            timeout=self.timeout,
            trusted=endpoint.settings.get("allowed") is True,
            method=telling.method,
        )

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
