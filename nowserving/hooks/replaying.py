"""Telling again: replays in order for each case, as jobs that outlive the process that does them.

What is new goes first: a replay tells only while nothing new waits for the endpoint's turn,
and goes out by connections of its own.
"""

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from time import monotonic
from uuid import UUID

import structlog

from nowserving.hooks import stuck
from nowserving.hooks.faring import note_gone
from nowserving.hooks.pace import Pace
from nowserving.hooks.post import Answer
from nowserving.hooks.posters import Posters
from nowserving.hooks.retries import (
    GONE,
    asks_for_time,
    our_outage,
    refused,
    taken,
    there,
    wait_after,
)
from nowserving.hooks.run import keep_to, policy_of
from nowserving.hooks.saying import AGAIN, TRIAL, Noting, Speaker, with_header
from nowserving.hooks.sources import Item, Part, next_items
from nowserving.journal.rounds import Rounds
from nowserving.journal.telling import PolicyOf, Telling
from nowserving.kit.clock import Clock
from nowserving.kit.failpoints import reached
from nowserving.kit.ids import Ids
from nowserving.places.endpoints import Endpoint
from nowserving.places.replays import Replay, ReplayState, Source
from nowserving.store.database_clock import DatabaseClock
from nowserving.store.deliveries import Tried
from nowserving.store.engines import Engine, Unavailable
from nowserving.store.replays import free_replays, organizations_to_replay
from nowserving.store.store import Store

_log = structlog.get_logger("nowserving.replays")

AT_ONCE = 4
"""Cases of one replay told side by side; facts of one case never are."""

STINT = 5.0
"""Seconds for which one replay is gone on with before it is looked at again: was it canceled?"""

LOOK_EVERY = 0.02
ASLEEP = 60.0
"""Seconds until a replay to a disabled endpoint is looked at again."""

MARGIN = 10.0


class Replayer:
    """Goes on with the replays that are due. Any number of processes may have one."""

    def __init__(
        self,
        engine: Engine,
        speaker: Speaker,
        posters: Posters,
        policies: Mapping[str, PolicyOf],
        pace: Pace,
        *,
        clock: Clock,
        ids: Ids,
        lease: Callable[[], UUID],
        timeout: float = 15.0,
        chance: Callable[[], float] = random.random,
        every: float = 0.5,
    ) -> None:
        """`posters` are for replays alone; `pace` is the sender's, so that it goes first."""
        self._engine = engine
        self._speaker = speaker
        self._posters = posters
        self._policies = policies
        self._pace = pace
        self._clock = clock
        self._ids = ids
        self._lease = lease
        self._timeout = timeout
        self._chance = chance
        self._database_clock = DatabaseClock(engine)
        self._rounds = Rounds("replays", self._go_on, find=self._due, every=every, side_by_side=4)

    async def start(self) -> None:
        """Begin. In a single process no replay can be another's, so all are free."""
        if self._engine.one_process:
            now = await self._database_clock.now()
            async with self._engine.writing() as connection:
                await free_replays(connection, now)
        await self._rounds.start()

    async def stop(self) -> None:
        """End after the stints that are going on."""
        await self._rounds.stop(within=STINT + self._timeout)

    async def _due(self) -> list[UUID]:
        now = await self._database_clock.now()
        async with self._engine.reading() as connection:
            return await organizations_to_replay(connection, now)

    async def _go_on(self, organization_id: UUID) -> None:
        """One stint with the replay that has waited longest."""
        now = await self._database_clock.now()
        until = now + timedelta(seconds=STINT + self._timeout + MARGIN)
        async with self._engine.writing() as connection:
            replays = Store(connection, organization_id).replays
            held = await replays.claim(lease=self._lease(), now=now, until=until)
        if held is None:
            return
        try:
            stint = _Stint(self, held)
            await stint.run()
        except Unavailable:
            raise  # the lease ends by itself
        except Exception:
            _log.exception("a replay broke down", replay=str(held.id))
            await self._give_back(held, _ended(held, ReplayState.FAILED, self._clock(), "a bug"))
        self._rounds.wake(organization_id)

    async def _give_back(
        self,
        held: Replay,
        to: Replay,
        tries: Sequence[Tried] = (),
        on_lanes: Sequence[UUID] = (),
    ) -> None:
        reached("replay.after_send_before_progress")
        now = await self._database_clock.now()
        async with self._engine.writing() as connection:
            store = Store(connection, held.organization_id)
            await store.deliveries.log(tries)
            if any(one.attempt.status == GONE for one in tries):
                whose = held.organization_id, held.endpoint_id
                await note_gone(store.health, *whose, now=self._clock(), ids=self._ids)
            if await store.replays.progress(held, to):
                for subject in sorted(set(on_lanes)):
                    await store.lanes.resume(held.endpoint_id, subject, now)


class _Stint:
    """What is done of one replay before it is given back."""

    def __init__(self, at: Replayer, held: Replay) -> None:
        self._at = at
        self._held = held
        self._until = monotonic() + STINT
        self._tries: list[Tried] = []
        self._on_lanes: list[UUID] = []
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._failure: Answer | None = None
        self._suspect: Item | None = None
        self._suspected: Answer | None = None

    async def run(self) -> None:
        """Tell what comes next, and write down how far that has come."""
        at, held = self._at, self._held
        async with at._engine.reading() as connection:
            store = Store(connection, held.organization_id)
            found = await store.endpoints.some([held.endpoint_id])
            endpoint = found.get(held.endpoint_id)
            if endpoint is None or not endpoint.state.told:
                await at._give_back(held, await self._asleep(gone=endpoint is None))
                return
            part = await next_items(store, held, endpoint)
        keep_to(at._pace, endpoint, at._clock())
        cases: dict[UUID, list[Item]] = {}
        for item in part.items:
            cases.setdefault(item.fact.subject_id, []).append(item)
        if held.attempt + 1 >= stuck.TRIES_AGAIN and held.source in (Source.FEED, Source.FAILED):
            self._suspect = next(iter(part.items), None)
        await asyncio.gather(*(self._tell_case(items) for items in cases.values()))
        if self._suspect is not None and self._suspected is not None:
            await self._judge(self._suspect, part.items, self._suspected)
        to = _gone_on(held, part, due=await at._database_clock.now())
        if self._failure is not None:
            to = await self._put_off(to, endpoint, self._failure)
        elif part.last and all(item.done for item in part.items):
            to = _ended(to, ReplayState.DONE, at._clock())
        await at._give_back(held, to, self._tries, self._on_lanes)

    async def _tell_case(self, items: Sequence[Item]) -> None:
        async with self._slots:
            for item in items:
                if not await self._tell(item):
                    return

    async def _tell(self, item: Item) -> bool:
        """Tell one fact again, or leave it to its lane; False: go no further with its case."""
        if not await self._turn():
            return False
        try:
            endpoint = await self._endpoint(item)
            if endpoint is not None:
                said = await self._at._speaker.say(endpoint, item.fact)
                item.done = said is None or await self._tried(item, endpoint, said)
            return item.done
        finally:
            self._at._pace.end_again(self._held.endpoint_id)

    async def _endpoint(self, item: Item) -> Endpoint | None:
        """Who is told; None: nobody, since it is disabled, or its lane will tell it anyway."""
        held, fact = self._held, item.fact
        async with self._at._engine.reading() as connection:
            store = Store(connection, held.organization_id)
            found = await store.endpoints.some([held.endpoint_id])
            endpoint = found.get(held.endpoint_id)
            if endpoint is None or not endpoint.state.told:
                return None
            if held.source is not Source.TEST:
                lane = await store.lanes.lane(endpoint.id, fact.subject_id)
                if lane is not None and fact.version > lane.head:
                    self._on_lanes.append(fact.subject_id)
                    item.done = item.on_lane = True
                    return None
        return endpoint

    async def _tried(self, item: Item, endpoint: Endpoint, said: Telling | Answer) -> bool:
        """Post it once, and note what came of it; False: it has to be told again."""
        at, held = self._at, self._held
        policy = policy_of(at._policies, endpoint)
        when = at._clock()
        noting = Noting(at._ids(when), when, held.attempt + 1, held.id)
        if isinstance(said, Answer):
            answer = said
        else:
            mark = TRIAL if held.source is Source.TEST else AGAIN
            said = with_header(said, mark, "true")
            answer = await at._posters.post(
                said.url,
                said.body,
                said.headers,
                timeout=min(policy.timeout or at._timeout, at._timeout),
                trusted=endpoint.trusted,
                method=said.method,
            )
            self._note_health(endpoint, answer)
        item.told = taken(answer, policy)
        self._tries.append(noting.tried(endpoint, item.fact, said, answer, taken=item.told))
        # Who refuses a fact will refuse it again: the others should not wait for that.
        if item.told or (refused(answer.status) and held.source is not Source.TEST):
            return True
        if item is self._suspect:
            self._suspected = answer
        else:
            self._failure = answer
        return False

    async def _judge(self, suspect: Item, items: Sequence[Item], answer: Answer) -> None:
        """Leave a fact behind that alone is not taken; else it is the endpoint that fails."""
        held, fact = self._held, suspect.fact
        takes_others = any(one.told for one in items)
        if not takes_others:
            async with self._at._engine.reading() as connection:
                store = Store(connection, held.organization_id)
                takes_others = await stuck.takes_others(store, held.endpoint_id, fact)
        if our_outage(answer) or asks_for_time(answer) or not takes_others:
            self._failure = self._failure or answer
            return
        suspect.done = True
        rest = [one for one in items[1:] if one.fact.subject_id == fact.subject_id]
        await self._tell_case(rest)

    async def _turn(self) -> bool:
        """Wait until nothing new waits for this endpoint."""
        while self._failure is None and monotonic() < self._until:
            if self._at._pace.begin_again(self._held.endpoint_id):
                return True
            await asyncio.sleep(LOOK_EVERY)
        return False

    def _note_health(self, endpoint: Endpoint, answer: Answer) -> None:
        if not there(answer) and not our_outage(answer):
            self._at._pace.failed(endpoint.id, wait=answer.retry_after)

    async def _put_off(self, to: Replay, endpoint: Endpoint, answer: Answer) -> Replay:
        """When it goes on after a failure; a trial is made once."""
        error = answer.error or f"answered {answer.status}"
        attempt = to.attempt + (not our_outage(answer))
        policy = policy_of(self._at._policies, endpoint)
        wait = wait_after(answer, max(attempt, 1), policy=policy, chance=self._at._chance)
        if wait is None or to.source is Source.TEST:
            seen = min(to.seen + 1, to.total)
            ended = _ended(to, ReplayState.FAILED, self._at._clock(), error)
            return replace(ended, seen=seen, attempt=attempt)
        due = await self._at._database_clock.now() + timedelta(seconds=wait)
        return replace(to, state=ReplayState.WAITING, attempt=attempt, error=error, due=due)

    async def _asleep(self, *, gone: bool) -> Replay:
        """A disabled endpoint is told later, a deleted one never."""
        if gone:
            return _ended(self._held, ReplayState.CANCELED, self._at._clock())
        due = await self._at._database_clock.now() + timedelta(seconds=ASLEEP)
        return replace(self._held, state=ReplayState.WAITING, due=due, lease=None)


def _gone_on(held: Replay, part: Part, *, due: datetime) -> Replay:
    """How far it has come: up to the first that could not be told."""
    done = _before_the_first_undone(part.items)
    all_done = len(done) == len(part.items)
    seen = held.seen + (part.seen if all_done else sum(item.places for item in done))
    return replace(
        held,
        cursor=part.cursor if all_done else done[-1].cursor if done else held.cursor,
        seen=min(seen, held.total),
        told=held.told + sum(item.told for item in done),
        on_lanes=held.on_lanes + sum(item.on_lane for item in done),
        lease=None,
        state=ReplayState.RUNNING,
        attempt=held.attempt if not done else 0,
        error=None,
        due=due,
    )


def _before_the_first_undone(items: Sequence[Item]) -> list[Item]:
    done: list[Item] = []
    for item in items:
        if not item.done:
            break
        done.append(item)
    return done


def _ended(replay: Replay, state: ReplayState, now: datetime, error: str | None = None) -> Replay:
    return replace(replay, state=state, due=None, lease=None, ended_at=now, error=error)
