"""Lanes: claimed by one, for a while, fairly; given back only by who holds them."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from nowserving.places.endpoints import EndpointState
from nowserving.store.database_clock import DatabaseClock, database_clock
from nowserving.store.endpoints import Endpoints
from nowserving.store.engines import Connection, Engine
from nowserving.store.lanes import Completion, Lane, Lanes, Stretch
from tests.journal.facts import NOON, Office, set_state

A, B, C = (UUID(int=at) for at in (1, 2, 3))
NOWHERE = "http://127.0.0.1:1/"


async def extend(office: Office, *stretches: Stretch, due: datetime = NOON) -> None:
    async with office.engine.writing() as connection:
        await Lanes(connection, office.id).extend(stretches, due)


async def claim(
    office: Office,
    rooms: dict[UUID, int],
    *,
    at: int = 0,
    lease: int = 60,
    most: int = 100,
) -> list[Lane]:
    """Claim at so many seconds after noon, for so many seconds."""
    now = NOON + timedelta(seconds=at)
    async with office.engine.writing() as connection:
        return await Lanes(connection, office.id).claim(
            rooms, lease=uuid4(), now=now, until=now + timedelta(seconds=lease), most=most
        )


async def complete(office: Office, *done: Completion) -> dict[tuple[UUID, UUID], datetime | None]:
    async with office.engine.writing() as connection:
        return await Lanes(connection, office.id).complete(done)


async def test_what_is_claimed_is_claimed_by_nobody_else_until_the_lease_ends(
    office: Office,
) -> None:
    endpoint = (await office.subscribe(NOWHERE)).id
    await extend(office, Stretch(endpoint, A, 1, 2))
    [lane] = await claim(office, {endpoint: 8})
    assert (lane.endpoint_id, lane.subject_id, lane.head, lane.tail) == (endpoint, A, 0, 2)
    assert await claim(office, {endpoint: 8}, at=59) == []
    [again] = await claim(office, {endpoint: 8}, at=60)
    assert again.lease != lane.lease


async def test_no_endpoint_gets_more_than_its_room(office: Office) -> None:
    busy, quiet = (await office.subscribe(NOWHERE)).id, (await office.subscribe(NOWHERE)).id
    await extend(office, *(Stretch(busy, uuid4(), 1, 1) for _ in range(10)))
    await extend(office, Stretch(quiet, A, 1, 1))
    lanes = await claim(office, {busy: 3, quiet: 3})
    assert sorted(lane.endpoint_id for lane in lanes) == sorted([busy] * 3 + [quiet])
    assert len(await claim(office, {busy: 5, quiet: 5}, most=2)) == 2


async def test_only_active_endpoints_are_claimed_for(office: Office) -> None:
    endpoint = (await office.subscribe(NOWHERE, state=EndpointState.DISABLED)).id
    await extend(office, Stretch(endpoint, A, 1, 1))
    assert await claim(office, {endpoint: 8}) == []
    async with office.engine.writing() as connection:
        lanes = Lanes(connection, office.id)
        assert await lanes.due_endpoints(NOON) == []
        await set_state(Endpoints(connection, office.id), endpoint, EndpointState.ACTIVE)
        assert await lanes.due_endpoints(NOON) == [endpoint]
    assert len(await claim(office, {endpoint: 8})) == 1


async def test_a_lane_that_grew_meanwhile_is_due_when_it_is_given_back(office: Office) -> None:
    endpoint = (await office.subscribe(NOWHERE)).id
    await extend(office, Stretch(endpoint, A, 1, 1))
    [lane] = await claim(office, {endpoint: 8})
    await extend(office, Stretch(endpoint, A, 2, 3), due=NOON + timedelta(seconds=1))
    assert await claim(office, {endpoint: 8}, at=59) == []  # growing shortens no lease
    soon = NOON + timedelta(seconds=2)
    assert await complete(office, Completion(lane, 1, 0, soon)) == {(endpoint, A): soon}
    [rest] = await claim(office, {endpoint: 8}, at=2)
    assert (rest.head, rest.tail) == (1, 3)


async def test_a_lane_told_to_its_end_is_due_no_more(office: Office) -> None:
    endpoint = (await office.subscribe(NOWHERE)).id
    await extend(office, Stretch(endpoint, A, 1, 2), Stretch(endpoint, B, 1, 1))
    first, second = sorted(await claim(office, {endpoint: 8}), key=lambda lane: lane.subject_id)
    done = await complete(office, Completion(first, 2, 0, NOON), Completion(second, 0, 1, NOON))
    assert done == {(endpoint, A): None, (endpoint, B): NOON}
    [left] = await claim(office, {endpoint: 8})
    assert (left.subject_id, left.attempt) == (B, 1)


async def test_a_late_completion_changes_nothing(office: Office) -> None:
    endpoint = (await office.subscribe(NOWHERE)).id
    await extend(office, Stretch(endpoint, A, 1, 1))
    [late] = await claim(office, {endpoint: 8}, lease=1)
    [held] = await claim(office, {endpoint: 8}, at=1)
    assert await complete(office, Completion(late, 1, 0, NOON)) == {}
    assert await complete(office, Completion(held, 1, 0, NOON)) == {(endpoint, A): None}


async def test_an_endpoint_that_is_back_is_told_at_once_what_rests(office: Office) -> None:
    endpoint = (await office.subscribe(NOWHERE)).id
    await extend(office, *(Stretch(endpoint, subject, 1, 1) for subject in (A, B, C)))
    lanes = {lane.subject_id: lane for lane in await claim(office, {endpoint: 8})}
    later = NOON + timedelta(hours=5)
    await complete(office, Completion(lanes[A], 0, 4, later), Completion(lanes[B], 0, 9, None))
    assert await claim(office, {endpoint: 8}, at=30) == []
    async with office.engine.writing() as connection:
        await Lanes(connection, office.id).hurry(endpoint, NOON + timedelta(seconds=30))
    hurried = await claim(office, {endpoint: 8}, at=30)
    assert sorted(lane.subject_id for lane in hurried) == [A, B]  # C is on its way


async def test_what_is_new_wakes_a_parked_lane(office: Office) -> None:
    endpoint = (await office.subscribe(NOWHERE)).id
    await extend(office, Stretch(endpoint, A, 1, 1))
    [lane] = await claim(office, {endpoint: 8})
    await complete(office, Completion(lane, 0, 10, None))
    assert await claim(office, {endpoint: 8}, at=9999) == []
    await extend(office, Stretch(endpoint, A, 2, 2))
    [woken] = await claim(office, {endpoint: 8})
    assert (woken.head, woken.tail, woken.attempt) == (0, 2, 10)


async def test_what_is_new_on_a_lane_does_not_shorten_its_rest(office: Office) -> None:
    """The trap: the router makes due what has to wait; a receiver that asked for peace has none."""
    endpoint = (await office.subscribe(NOWHERE)).id
    await extend(office, Stretch(endpoint, A, 1, 1))
    [lane] = await claim(office, {endpoint: 8})
    await complete(office, Completion(lane, 0, 1, NOON + timedelta(seconds=50)))
    await extend(office, Stretch(endpoint, A, 2, 2))
    assert await claim(office, {endpoint: 8}, at=49) == []
    [rested] = await claim(office, {endpoint: 8}, at=50)
    assert (rested.head, rested.tail, rested.attempt) == (0, 2, 1)


async def test_what_is_due_is_seen_by_whoever_looks_at_once(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long the way to the database was when each of the two asked what time it is."""
    waits = iter([(0.1, 0.0), (0.0, 0.1)])

    async def slowly(connection: Connection) -> datetime:
        there, back = next(waits)
        await asyncio.sleep(there)
        instant = await database_clock(connection)
        await asyncio.sleep(back)
        return instant

    monkeypatch.setattr("nowserving.store.database_clock.database_clock", slowly)
    routers, senders = DatabaseClock(engine), DatabaseClock(engine)
    for clock in (routers, senders):
        await clock.now()
    assert await routers.now() - await senders.now() > timedelta(seconds=0.05)
    assert await routers.earliest() <= await senders.latest()
