"""The databases refuse what was not counted, whatever program writes (decision 0034)."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import bindparam, text

from nowserving.actions import bookings
from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.bookings.appointment import Appointment, Hold
from nowserving.bookings.spans import Span
from nowserving.people.actor import Actor
from nowserving.store.engines import Clash, Connection, Statement
from nowserving.store.rows import row_maker
from nowserving.store.tables import appointments, holds
from nowserving.store.types import Id
from tests.actions.booking import Surgery

SEATS = 2


@pytest.fixture
async def surgery(house: House, branch: Sample, program: Actor) -> Surgery:
    return await Surgery.of(house, branch, program)


async def test_no_program_seats_more_than_there_are(surgery: Surgery) -> None:
    """Past all of our code: rows written by hand, the counters untouched or tampered with."""
    hall = await surgery.opened(hours=(Span(540, 560),), capacity=SEATS)
    there = await surgery.opened(index=1)
    booked = [await surgery.book(hall, 540) for _ in range(SEATS)]
    elsewhere = (await surgery.book(there, 600)).appointment
    before = await surgery.day(hall)
    seat = booked[0].appointment

    def another(**otherwise: object) -> Appointment:
        ids, now = surgery.house.ids, surgery.now
        return replace(seat, case_id=ids(now), code_hash=ids(now).bytes, **otherwise)  # type: ignore[arg-type]

    async def by_hand(do: Callable[[Connection], Awaitable[object]]) -> None:
        with pytest.raises(Clash):
            async with surgery.house.engine.writing() as connection:
                await do(connection)

    async def add(connection: Connection, new: Appointment) -> None:
        await connection.insert(appointments, [_appointment(new)])

    async def add_hold(connection: Connection) -> None:
        held = Hold(
            organization_id=seat.organization_id,
            id=surgery.house.ids(surgery.now),
            calendar_id=hall.id,
            type_id=surgery.kinds[0].id,
            start=540,
            minutes=20,
            no_show_percent=0,
            overbooked=False,
            until=surgery.now + timedelta(minutes=5),
            principal="nobody",
        )
        await connection.insert(holds, [_hold(held)])

    def ordered(sql: str) -> Callable[[Connection], Awaitable[object]]:
        return lambda connection: connection.run(_sql(sql), calendar=hall.id)

    await by_hand(lambda connection: add(connection, another()))
    await by_hand(lambda connection: add(connection, another(forced=True)))
    await by_hand(lambda connection: add(connection, another(start=700)))
    await by_hand(lambda connection: add(connection, another(start=530, minutes=15)))
    await by_hand(add_hold)
    # A counter cannot be set above what there is, nor below who is seated.
    await by_hand(ordered("update slots set taken = taken + 1 where calendar_id = :calendar"))
    await by_hand(ordered("update slots set taken = taken - 1 where calendar_id = :calendar"))
    await by_hand(ordered("update slots set taken = 0 where calendar_id = :calendar"))
    # Somebody is moved into the hall, or comes back to a seat that was given up.
    await by_hand(lambda one: one.run(_MOVE, case=elsewhere.case_id, calendar=hall.id))
    assert await surgery.day(hall) == before

    await surgery.do(bookings.cancel, case_id=booked[1].case.id)
    third = await surgery.book(hall, 540)
    await by_hand(
        ordered("update appointments set released_at = null where calendar_id = :calendar")
    )
    await surgery.do(bookings.cancel, case_id=third.case.id)
    assert (await surgery.day(hall)).slots[540].taken == 1


async def test_in_a_batch_one_too_many_undoes_all(surgery: Surgery) -> None:
    hall = await surgery.opened(hours=(Span(540, 560),), capacity=SEATS)
    seat = (await surgery.book(hall, 540)).appointment
    ids, now = surgery.house.ids, surgery.now
    batch = [replace(seat, case_id=ids(now), code_hash=ids(now).bytes) for _ in range(SEATS)]

    async def write(size: int) -> None:
        async with surgery.house.engine.writing() as connection:
            await connection.run(_TAKE, calendar=hall.id, to=1 + size)
            await connection.insert(appointments, [_appointment(one) for one in batch[:size]])

    with pytest.raises(Clash):
        await write(2)
    assert (await surgery.day(hall)).slots[540].taken == 1
    await write(1)
    assert (await surgery.day(hall)).slots[540].taken == SEATS


def _sql(sql: str) -> Statement:
    return Statement(text(sql).bindparams(bindparam("calendar", type_=Id)))


_MOVE = Statement(
    text(
        "update appointments set calendar_id = :calendar, start = 540 where case_id = :case"
    ).bindparams(bindparam("calendar", type_=Id), bindparam("case", type_=Id))
)
_TAKE = Statement(
    text("update slots set taken = :to where calendar_id = :calendar").bindparams(
        bindparam("calendar", type_=Id), bindparam("to")
    )
)
_appointment = row_maker(appointments)
_hold = row_maker(holds)
