"""The clock of the machine jumps: hours ahead, and back again. All is told, in order."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from nowserving.kit.clock import wall
from nowserving.places.endpoints import Endpoint
from nowserving.store.database_clock import database_clock
from nowserving.store.engines import Connection
from nowserving.store.journal import Journal
from nowserving.store.lanes import Completion, Lane, Lanes, Stretch
from nowserving.store.leases import hurry_all
from tests.hooks.far import far_end
from tests.hooks.sending import Room
from tests.journal.conftest import engine, office
from tests.journal.facts import Office, until

__all__ = ["engine", "office"]

A_DAY = timedelta(days=1)


class Clock:
    """The clock of the machine, as far from the real one as somebody has set it."""

    def __init__(self) -> None:
        self.off = timedelta()

    def __call__(self) -> datetime:
        return wall() + self.off

    async def of_database(self, connection: Connection) -> datetime:
        """What the database says."""
        return await database_clock(connection) + self.off


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """One clock for the process and its database, asked each time."""
    clock = Clock()
    monkeypatch.setattr("nowserving.store.database_clock.database_clock", clock.of_database)
    monkeypatch.setattr("nowserving.store.database_clock.ASK_EVERY", 0.0)
    return clock


@pytest.mark.parametrize("jump", [A_DAY, -A_DAY, 400 * A_DAY, -400 * A_DAY], ids=str)
async def test_a_clock_that_jumps_loses_nothing_and_holds_up_nobody(
    office: Office, clock: Clock, jump: timedelta
) -> None:
    cases = [uuid4() for _ in range(3)]
    async with far_end() as far:
        far.answer = lambda post: "503 Not now"
        endpoint = await office.subscribe(far.url)
        # Who is refused once waits for an hour by the clock.
        async with Room(office.engine, schedule=(3600.0,) * 9, clock=clock) as room:
            for case in cases:
                await office.happens(case)
            room.router.wake(office.id)
            await until(lambda: put_off(office, endpoint, cases))
            far.answer = lambda post: "200 OK"
            clock.off = jump
            for case in cases:
                await office.happens(case, "case.called")
            room.router.wake(office.id)
            await until(lambda: len(far.taken) == 6)
        assert far.by_case() == {str(case): [1, 2] for case in cases}


async def put_off(office: Office, endpoint: Endpoint, cases: Sequence[UUID]) -> bool:
    """Are all given back, to be tried again?"""
    async with office.engine.reading() as connection:
        found = [await Lanes(connection, office.id).lane(endpoint.id, case) for case in cases]
    return all(one is not None and one.attempt == 1 and one.lease is None for one in found)


async def test_what_waits_is_due_when_the_clock_is_set_back_from_a_wrong_year(
    office: Office, clock: Clock
) -> None:
    clock.off = 4000 * A_DAY
    case = uuid4()
    async with far_end() as far:
        far.answer = lambda post: "503 Not now"
        endpoint = await office.subscribe(far.url)
        async with Room(office.engine, schedule=(60.0,) * 9, clock=clock) as room:
            await office.happens(case)
            room.router.wake(office.id)
            await until(lambda: put_off(office, endpoint, [case]))
            far.answer = lambda post: "200 OK"
            clock.off = timedelta()
            await until(lambda: len(far.taken) == 1)


async def test_what_was_under_way_when_the_clock_was_set_back_is_due_as_well(
    office: Office, clock: Clock
) -> None:
    """It is given back by the time of before, when all else has been hurried already."""
    wrong = clock.off = 4000 * A_DAY
    here, under_way = uuid4(), uuid4()
    async with far_end() as far:
        endpoint = await office.subscribe(far.url)
        far.answer = lambda post: "503 Not now"
        async with Room(office.engine, schedule=(60.0,) * 9, clock=clock, lease=1.0) as room:
            await office.happens(here)
            room.router.wake(office.id)
            await until(lambda: put_off(office, endpoint, [here]))
            far.answer = lambda post: "200 OK"
            lane = await somebody_has(office, endpoint, under_way, until=wall() + wrong)
            clock.off = timedelta()
            await until(lambda: len(far.taken) == 1)
            async with office.engine.writing() as connection:
                given_back = Completion(lane, 0, 1, wall() + wrong)
                assert await Lanes(connection, office.id).complete([given_back])
            await until(lambda: len(far.taken) == 2)


async def test_what_somebody_is_writing_on_is_hurried_when_they_are_done(office: Office) -> None:
    now = wall()
    endpoint = await office.subscribe("http://127.0.0.1:1/")
    case = uuid4()
    lane = await somebody_has(office, endpoint, case, until=now + A_DAY)
    async with office.engine.writing() as connection:
        await Lanes(connection, office.id).complete([Completion(lane, 0, 1, now + A_DAY)])
    async with office.engine.writing() as connection:
        added = [Stretch(endpoint.id, case, 1, 2)]
        await Lanes(connection, office.id).extend(added, now)
        hurrying = asyncio.create_task(hurry(office, now))
        await asyncio.sleep(0.1)
    assert await hurrying == {office.id}


async def hurry(office: Office, now: datetime) -> set[UUID]:
    async with office.engine.writing() as connection:
        return await hurry_all(connection, now)


async def somebody_has(office: Office, endpoint: Endpoint, case: UUID, *, until: datetime) -> Lane:
    """A lane with one fact on it, in the hands of another process until then."""
    async with office.engine.writing() as connection:
        await Journal(connection, office.id).add([office.fact(case, "case.queued", 1)])
        lanes = Lanes(connection, office.id)
        await lanes.extend([Stretch(endpoint.id, case, 1, 1)], wall())
        [lane] = await lanes.claim({endpoint.id: 1}, lease=uuid4(), now=until, until=until, most=1)
    return lane
