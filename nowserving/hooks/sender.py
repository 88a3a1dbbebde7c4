"""The sender: tells facts to endpoints, at least once, in order for each case.

It claims lanes for a while, sends outside any transaction, and gives them back with the
lease as a fencing token. Being woken is only faster: every second it looks for what is due.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from time import monotonic
from uuid import UUID

import structlog

from nowserving.hooks import figures
from nowserving.hooks.courtesy import Courtesy
from nowserving.hooks.faring import note_how_they_fare
from nowserving.hooks.known import Knowing, Known
from nowserving.hooks.living import Living
from nowserving.hooks.pace import Pace
from nowserving.hooks.posters import Posters
from nowserving.hooks.run import Run, Runner, keep_to
from nowserving.hooks.saying import Speaker
from nowserving.journal.rounds import Rounds
from nowserving.journal.telling import PolicyOf, Teller
from nowserving.kit.clock import Clock
from nowserving.kit.crowd import Crowd
from nowserving.kit.facts import Fact
from nowserving.kit.failpoints import reached
from nowserving.kit.ids import Ids
from nowserving.kit.vault import Vault
from nowserving.store.database_clock import DatabaseClock
from nowserving.store.deliveries import Deliveries
from nowserving.store.engines import Engine, Questions
from nowserving.store.health import Health
from nowserving.store.journal import Journal
from nowserving.store.lanes import Lane, Lanes, organizations_due
from nowserving.store.leases import free_leases, hurry_all

_log = structlog.get_logger("nowserving.sender")

MOST = 64
"""Lanes claimed at once."""

LOOK_AT = 2 * MOST
"""Endpoints whose lanes are claimed at once: some have none that is due."""

IN_A_ROW = 16
"""Facts told on one lane before it is given back, so that others have their turn."""

COMPANY = 0.01
"""Seconds that a lane which is back waits for others: many are given back at the cost of one."""

TIMEOUT = 15.0
BEGINS_WITHIN = 5.0
"""Seconds after the claim in which a post on a lane may still begin."""

MARGIN = 10.0


class Sender:
    """Tells what is on the lanes. Any number of processes may have one."""

    def __init__(
        self,
        engine: Engine,
        vault: Vault,
        posters: Posters,
        tellers: Mapping[str, Teller],
        *,
        clock: Clock,
        ids: Ids,
        policies: Mapping[str, PolicyOf] | None = None,
        pace: Pace | None = None,
        crowd: Crowd | None = None,
        timeout: float = TIMEOUT,
        lease: float | None = None,
        chance: Callable[[], float] = random.random,
        every: float = 1.0,
    ) -> None:
        """`tellers` and `policies` by dialect; who made `posters` opens and closes them.

        The lease must outlast `BEGINS_WITHIN` and one `timeout`. Who fails for long is
        `degraded` and then disabled: see `faring`. `crowd`: to whom it gives way in a rush.
        """
        self._engine = engine
        self._clock = clock
        self._ids = ids
        self.pace = self._pace = pace or Pace()
        self._courtesy = Courtesy(crowd or Crowd())
        self._living = Living(engine, self._freed)
        self.lease = self._living.lease
        self.speaker = Speaker(Questions(engine), vault, tellers, clock)
        self._lease = lease or BEGINS_WITHIN + timeout + MARGIN
        self._database_clock = DatabaseClock(engine)
        self._look_again_at = float("inf")
        self._candidates: dict[UUID, dict[UUID, None] | None] = {}
        self._returned: dict[UUID, list[Run]] = {}
        self._held_up: dict[UUID, dict[UUID, None]] = {}
        self._running: set[asyncio.Task[None]] = set()
        self._stopping = False
        self._claims = Rounds("sender", self._claim, find=self._due, every=every, side_by_side=3)
        self._completions = Rounds("completions", self._complete)
        self._knowing = Knowing(engine)
        self._runner = Runner(
            engine,
            self._knowing,
            self.speaker,
            posters,
            policies or {},
            self._pace,
            clock,
            ids,
            timeout,
            chance,
            may_begin=lambda: not self._stopping,
        )

    async def start(self) -> None:
        """Begin. In a single process no lease can be another's, so all are freed."""
        if self._engine.one_process:
            now = await self._database_clock.now()
            async with self._engine.writing() as connection:
                await free_leases(connection, now)
        await self._living.start()
        await self._completions.start()
        await self._claims.start()

    async def stop(self, within: float = 20.0) -> None:
        """Claim no more; finish the posts that are on their way, at most so many seconds."""
        self._stopping = True
        await self._claims.stop()
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=within)
            for run in late:
                run.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        for id in self._returned:
            self._completions.wake(id)
        await self._completions.idle(5.0)
        await self._completions.stop()
        await self._living.stop()

    def wake(self, organization_id: UUID, endpoint_ids: Collection[UUID] | None = None) -> None:
        """There is something on the lanes of these endpoints; None: of whichever."""
        if endpoint_ids is None:
            self._candidates[organization_id] = None
        elif not endpoint_ids:
            return
        else:
            known = self._candidates.setdefault(organization_id, {})
            if known is not None:
                known.update(dict.fromkeys(endpoint_ids))
        self._claims.wake(organization_id)

    def _freed(self, organization_ids: Collection[UUID]) -> None:
        """Lanes of a process that is no more are due."""
        for id in organization_ids:
            self.wake(id)

    async def _due(self) -> list[UUID]:
        now = await self._database_clock.now()
        if self._database_clock.set_back or monotonic() >= self._look_again_at:
            await self._catch_up(now)
        async with self._engine.reading() as connection:
            due = await organizations_due(connection, now)
        self._candidates.update(dict.fromkeys(due))
        return due

    async def _catch_up(self, now: datetime) -> None:
        """The clock was set back: try at once what would wait until it is where it was.

        And once more when all is back that was under way then, and was put off by the old time.
        """
        async with self._engine.writing() as connection:
            hurried = await hurry_all(connection, now)
        if self._database_clock.set_back:
            self._database_clock.set_back = False
            self._look_again_at = monotonic() + self._lease
            _log.warning("the database's clock was set back", organizations=len(hurried))
        else:
            self._look_again_at = float("inf")

    async def _claim(self, organization_id: UUID) -> None:
        """Claim what may set out now, and let it."""
        if wait := self._courtesy.wait():
            await asyncio.sleep(wait)
        now = await self._database_clock.latest()
        endpoint_ids = await self._endpoints_due(organization_id, now)
        if endpoint_ids and not self._pace.free:
            held_up = self._held_up.setdefault(organization_id, {})
            held_up.update(dict.fromkeys(endpoint_ids))
            return
        with_room, later = self._with_room(endpoint_ids)
        if with_room:
            known = await self._knowing.look_at(organization_id, with_room)
            self._keep_to(known.values())
            later += await self._claim_from(organization_id, with_room, known, now)
        self._let_on()
        self.wake(organization_id, later)

    def _let_on(self) -> None:
        """Let who was held up longest have its turn, if there is room."""
        if self._held_up and self._pace.free:
            longest = next(iter(self._held_up))
            self.wake(longest, self._held_up.pop(longest))

    async def _claim_from(
        self, organization_id: UUID, ids: Sequence[UUID], known: Mapping[UUID, Known], now: datetime
    ) -> list[UUID]:
        """Claim lanes of these endpoints; answers where there may be more, and room at once."""
        async with self._engine.writing_once() as connection:
            # While we waited for the connection others may have come back.
            rooms, most = self._pace.rooms(ids), min(self._most_at_once(), self._pace.free)
            until = monotonic() + BEGINS_WITHIN
            lanes = await Lanes(connection, organization_id).claim(
                rooms,
                lease=self.lease(),
                now=now,
                until=now + timedelta(seconds=self._lease),
                most=most,
            )
        self._courtesy.claimed(len(lanes))
        if lanes:
            reached("deliver.after_claim_before_send")
            await self._set_out(organization_id, lanes, known, until)
        return self._more(lanes, rooms, most)

    def _most_at_once(self) -> int:
        return self._courtesy.most(others_wait=self._claims.shared) or MOST

    async def _endpoints_due(self, organization_id: UUID, now: datetime) -> Collection[UUID]:
        woken_for = self._candidates.pop(organization_id, None)
        if woken_for is not None:
            return woken_for
        async with self._engine.reading() as connection:
            return await Lanes(connection, organization_id).due_endpoints(now)

    def _with_room(self, endpoint_ids: Iterable[UUID]) -> tuple[list[UUID], list[UUID]]:
        """Those to which lanes may set out now, and those to be looked at after them."""
        waiting, found = iter(endpoint_ids), []
        for id in waiting:
            if self._pace.has_room(id):
                found.append(id)
            else:
                self._pace.want_more(id)
            if len(found) == LOOK_AT:
                break
        return found, list(waiting)

    def _more(self, lanes: Sequence[Lane], rooms: Mapping[UUID, int], most: int) -> list[UUID]:
        """Where there may be more than was claimed, and there is room; others hear of it later."""
        count = Counter(lane.endpoint_id for lane in lanes)
        for id, room in rooms.items():
            if count[id] == room:
                self._pace.want_more(id)
        left = [id for id, room in rooms.items() if count[id] < room]
        return self._pace.fed(rooms) + (left if len(lanes) >= most else [])

    async def _set_out(
        self,
        organization_id: UUID,
        lanes: Sequence[Lane],
        known: Mapping[UUID, Known],
        until: float,
    ) -> None:
        waiting = []
        for lane in reversed(lanes):
            trip, to = self._pace.set_out(lane.endpoint_id), known[lane.endpoint_id]
            to.on_the_way += 1
            waiting.append(Run.of(organization_id, lane, trip, to, until=until))
        try:
            async with self._engine.reading() as connection:
                on_lanes = [(lane.subject_id, lane.head, lane.tail) for lane in lanes]
                facts = await Journal(connection, organization_id).on_lanes(on_lanes, IN_A_ROW)
            for on_lane in facts:
                run = waiting.pop()
                endpoint = run.known.endpoint
                if endpoint is None or not endpoint.state.told:
                    self._return(run)
                else:
                    run.endpoint, run.read_at = endpoint, run.known.read_at
                    self._begin(run, on_lane)
        finally:
            for run in waiting:
                self._return(run)

    def _keep_to(self, known: Iterable[Known]) -> None:
        """Let each have no more at once than it takes."""
        self._pace.sharing = self._living.count
        now = self._clock()
        for one in known:
            if one.endpoint is not None:
                keep_to(self._pace, one.endpoint, now)

    def _begin(self, run: Run, facts: Sequence[Fact]) -> None:
        task = asyncio.create_task(self._run(run, facts))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _run(self, run: Run, facts: Sequence[Fact]) -> None:
        try:
            await self._runner.tell(run, facts, whole=len(facts) < IN_A_ROW)
        except Exception:
            _log.exception("a lane broke down", endpoint=str(run.lane.endpoint_id))
            run.wait = self._lease
        finally:
            self._return(run)

    def _return(self, run: Run) -> None:
        returned = self._returned.setdefault(run.organization_id, [])
        if not returned:
            loop = asyncio.get_running_loop()
            loop.call_later(COMPANY, self._completions.wake, run.organization_id)
        returned.append(run)
        run.known.on_the_way -= 1
        for id in run.trip.ends():
            if (home := self._pace.home(id)) is not None:
                self.wake(home, [id])
        self._let_on()

    async def _complete(self, organization_id: UUID) -> None:
        """Give back all lanes that have returned by now, in one transaction."""
        runs = self._returned.pop(organization_id, [])
        if not runs:
            return
        now = await self._database_clock.now()
        try:
            due = await self._give_back(organization_id, runs, now)
        except BaseException:
            for run in runs:
                run.perhaps_back = True
            self._returned[organization_id] = runs + self._returned.get(organization_id, [])
            raise
        recovered = {run.lane.endpoint_id for run in runs if run.recovered}
        again = {id for (id, _), at in due.items() if at is not None and at <= now} | recovered
        self.wake(organization_id, again)

    async def _give_back(
        self, organization_id: UUID, runs: Sequence[Run], now: datetime
    ) -> dict[tuple[UUID, UUID], datetime | None]:
        async with self._engine.writing() as connection:
            lanes = Lanes(connection, organization_id)
            deliveries = Deliveries(connection, organization_id)
            due = await lanes.complete([run.completion(now) for run in runs])
            again = [tried for run in runs if run.perhaps_back for tried in run.tries]
            first = [tried for run in runs if not run.perhaps_back for tried in run.tries]
            await deliveries.log(first + await deliveries.not_logged(again))
            for endpoint_id in {run.lane.endpoint_id for run in runs if run.recovered}:
                await lanes.hurry(endpoint_id, now)
            await note_how_they_fare(
                Health(connection, organization_id), runs, now=self._clock(), ids=self._ids
            )
            reached("deliver.after_complete_before_commit")
        figures.count(runs, lost=len(runs) - len(due))
        return due
