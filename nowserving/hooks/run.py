"""One lane on its way: its facts told one after the other, until one is not taken."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from uuid import UUID

import structlog

from nowserving.hooks import known, stuck
from nowserving.hooks.known import Knowing, Known
from nowserving.hooks.pace import Pace, Trip
from nowserving.hooks.post import Answer
from nowserving.hooks.posters import Posters, host_of
from nowserving.hooks.retries import GONE, our_outage, refused, taken, there, wait_after
from nowserving.hooks.saying import GAP, Noting, Speaker, with_header
from nowserving.journal.telling import Policy, PolicyOf, Stuck, Telling, standard
from nowserving.journal.wanted import is_wanted, wish_of
from nowserving.kit.clock import Clock
from nowserving.kit.facts import Fact
from nowserving.kit.failpoints import reached
from nowserving.kit.ids import Ids
from nowserving.places.endpoints import Endpoint
from nowserving.store.deliveries import Tried
from nowserving.store.engines import Engine, Unavailable
from nowserving.store.lanes import Completion, Lane
from nowserving.store.store import Store
from nowserving.store.subscriptions import Wish

_log = structlog.get_logger("nowserving.sender")

OWN_FAULT = 5.0
"""Seconds until we try again what failed through our own fault."""


@dataclass(slots=True)
class Run:
    """How far one lane has come, and when it goes on: after `wait` seconds, or None: parked.

    `perhaps_back`: a commit that was to give it back failed, but may have been done after all.
    `took` and `failed`: did the endpoint take anything, and was the last not taken? `gone`: it
    said that it wants nothing any more.
    """

    organization_id: UUID
    lane: Lane
    trip: Trip
    known: Known
    until: float
    head: int
    attempt: int
    gap: int | None
    endpoint: Endpoint | None = None
    wish: Wish | None = None
    read_at: float = 0.0
    wait: float | None = 0.0
    recovered: bool = False
    took: bool = False
    failed: bool = False
    gone: bool = False
    perhaps_back: bool = False
    tries: list[Tried] = field(default_factory=list)

    @classmethod
    def of(cls, organization_id: UUID, lane: Lane, trip: Trip, to: Known, *, until: float) -> "Run":
        """A lane that sets out; posts on it may begin `until` then."""
        return cls(organization_id, lane, trip, to, until, lane.head, lane.attempt, lane.gap)

    def completion(self, now: datetime) -> Completion:
        """The lane given back."""
        due = None if self.wait is None else now + timedelta(seconds=self.wait)
        return Completion(self.lane, self.head, self.attempt, due, self.gap)


@dataclass(frozen=True, slots=True)
class Runner:
    """Tells the facts of a lane to its endpoint."""

    engine: Engine
    knowing: Knowing
    speaker: Speaker
    posters: Posters
    policies: Mapping[str, PolicyOf]
    pace: Pace
    clock: Clock
    ids: Ids
    timeout: float
    chance: Callable[[], float]
    may_begin: Callable[[], bool]

    async def tell(self, run: Run, facts: Sequence[Fact], *, whole: bool) -> None:
        """Tell the facts in order; `whole`: they are all that the lane has."""
        for fact in facts:
            assert run.endpoint is not None
            if fact.version <= run.head:
                continue  # passed over meanwhile
            if run.wish is None:
                run.wish = wish_of(run.endpoint)
            if is_wanted(fact, run.wish) and not await self._told(run, fact):
                return
            run.head = fact.version
        if whole:
            run.head = run.lane.tail

    async def _told(self, run: Run, fact: Fact) -> bool:
        """Tell one fact; False: go no further."""
        if not await run.trip.turn(run.until):
            return False
        try:
            if not self.may_begin():
                return False
            if monotonic() - run.read_at > known.BELIEVED_FOR and not await self._wanted(run, fact):
                return run.endpoint is not None
            assert run.endpoint is not None
            said = await self.speaker.say(run.endpoint, fact, gap=run.gap)
            if monotonic() > run.until:
                return False  # the database was slow to answer; the lane may soon be another's
            return said is None or await self._tried(run, run.endpoint, fact, said)
        except Unavailable:
            run.wait = OWN_FAULT
            return False
        finally:
            run.trip.turn_ends()

    async def _wanted(self, run: Run, fact: Fact) -> bool:
        """Look again whether the endpoint is told, and wants to hear of this."""
        found = await self.knowing.look(run.organization_id, run.lane.endpoint_id)
        run.read_at = found.read_at
        if found.endpoint is run.endpoint:
            return True
        is_told = found.endpoint is not None and found.endpoint.state.told
        run.endpoint, run.wish = found.endpoint if is_told else None, None
        return run.endpoint is not None and is_wanted(fact, wish_of(run.endpoint))

    async def _tried(
        self, run: Run, endpoint: Endpoint, fact: Fact, said: Telling | Answer
    ) -> bool:
        policy = policy_of(self.policies, endpoint)
        noting = Noting(self.ids(at := self.clock()), at, run.attempt + 1)
        if isinstance(said, Answer):
            answer = said
        else:
            if run.gap is not None and policy.says_gaps:
                said = with_header(said, GAP, f"{run.gap}-{run.head}")
            answer = await self._post(endpoint, policy, said)
            reached("deliver.after_send_before_complete")
            self._note_health(run, endpoint, answer)
        is_taken = taken(answer, policy)
        run.tries.append(noting.tried(endpoint, fact, said, answer, taken=is_taken))
        run.failed = not is_taken and not our_outage(answer)
        if is_taken:
            run.attempt, run.gap, run.took = 0, None, True
            return True
        return await self._put_off(run, endpoint, policy, fact, answer)

    async def _post(self, endpoint: Endpoint, policy: Policy, telling: Telling) -> Answer:
        return await self.posters.post(
            telling.url,
            telling.body,
            telling.headers,
            timeout=min(policy.timeout or self.timeout, self.timeout),
            trusted=endpoint.trusted,
            method=telling.method,
        )

    def _note_health(self, run: Run, endpoint: Endpoint, answer: Answer) -> None:
        if there(answer):
            run.recovered = self.pace.answered(endpoint.id) or run.recovered
        elif not our_outage(answer):
            self.pace.failed(endpoint.id, wait=answer.retry_after)

    async def _put_off(
        self, run: Run, endpoint: Endpoint, policy: Policy, fact: Fact, answer: Answer
    ) -> bool:
        """When it is told again; True: never, and the lane goes on with what comes next."""
        if our_outage(answer):
            run.wait = OWN_FAULT
            return False
        run.gone = answer.status == GONE
        if run.gone:
            return False  # the lane waits where it is until somebody enables the endpoint
        run.attempt += 1
        run.wait = wait_after(answer, run.attempt, policy=policy, chance=self.chance)
        if run.wait is None or await self._is_poison(run, fact, answer):
            return self._is_stuck(run, stuck.choice(endpoint, policy), fact)
        return False

    async def _is_poison(self, run: Run, fact: Fact, answer: Answer) -> bool:
        if not refused(answer.status) or run.attempt < stuck.REFUSALS:
            return False
        async with self.engine.reading() as connection:
            store = Store(connection, run.organization_id)
            return await stuck.is_poison(store, run.lane.endpoint_id, fact, now=self.clock())

    def _is_stuck(self, run: Run, choice: Stuck, fact: Fact) -> bool:
        _log.warning(
            "an endpoint does not take a fact",
            endpoint=str(run.lane.endpoint_id),
            subject=str(fact.subject_id),
            version=fact.version,
            so=choice.value,
        )
        newer = run.lane.tail > fact.version
        if choice is Stuck.PARK or (choice is Stuck.COALESCE and not newer):
            run.wait = None
            return False
        run.gap = run.gap or fact.version
        run.attempt, run.wait = 0, 0.0
        if choice is Stuck.SKIP:
            return True
        run.head = run.lane.tail - 1
        return False


def policy_of(policies: Mapping[str, PolicyOf], endpoint: Endpoint) -> Policy:
    """How an endpoint is told again what it did not take."""
    return policies.get(endpoint.dialect, standard)(endpoint)


def keep_to(pace: Pace, endpoint: Endpoint, now: datetime) -> None:
    """Let an endpoint have no more at once, and in a second, than it takes."""
    concurrency, rate = endpoint.pace(now)
    pace.allow(
        endpoint.id,
        concurrency=concurrency,
        rate=rate,
        host=host_of(endpoint.url),
        confirmed=endpoint.confirmed,
        home=endpoint.organization_id,
    )
