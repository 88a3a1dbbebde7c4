"""Checking in, standing in line by the queue's merge rule, and not coming, on both engines."""

import asyncio
import json
from datetime import timedelta

import pytest

from nowserving.actions import arrivals, bookings, calendars, cases, desk
from nowserving.actions.booking_order import Booked
from nowserving.actions.house import House
from nowserving.actions.queue_up import queue_up
from nowserving.actions.sample import Sample
from nowserving.bookings.rules import (
    CheckInAtDesk,
    Numbering,
    TooEarlyToCheckIn,
    TooLateToCheckIn,
)
from nowserving.cases.admission import Request
from nowserving.cases.case import Case, WrongState
from nowserving.cases.moves import State
from nowserving.kit.problems import Forbidden, NotFound
from nowserving.people.actor import Actor, holder, system, visitor
from nowserving.people.customers import Customer
from nowserving.places.services import Merge
from tests.actions.booking import Surgery

AT = 540
"""Nine o'clock, an hour after the clock of the stories stands."""


@pytest.fixture
async def surgery(house: House, branch: Sample, program: Actor) -> Surgery:
    return await Surgery.of(house, branch, program)


@pytest.fixture
async def booked(surgery: Surgery) -> Booked:
    return await surgery.book(await surgery.opened(surgery.now.date()), AT)


async def test_who_arrives_in_time_stands_in_line(surgery: Surgery, booked: Booked) -> None:
    surgery.now += timedelta(minutes=45)
    case = await surgery.do(arrivals.check_in, case_id=booked.case.id)
    assert (case.state, case.joined_at, case.version) == (State.WAITING, surgery.now, 2)
    assert str(case.ticket) == str(booked.case.ticket)
    seen = await surgery.do(bookings.see_appointment, case_id=case.id)
    assert (seen.appointment.awaited, seen.appointment.arrived_at) == (False, surgery.now)
    assert (await facts_of(surgery, case))[-1] == ("case.arrived", "in_time")
    with pytest.raises(WrongState):
        await surgery.do(arrivals.check_in, case_id=case.id)


async def test_too_early_and_too_late_are_refused_but_for_the_staff(
    surgery: Surgery, booked: Booked
) -> None:
    with pytest.raises(TooEarlyToCheckIn):
        await surgery.do(arrivals.check_in, case_id=booked.case.id)
    surgery.now += timedelta(minutes=60 + 31)
    with pytest.raises(TooLateToCheckIn):
        await surgery.do(arrivals.check_in, case_id=booked.case.id)
    me = holder(surgery.program.organization_id, surgery.unit.id, booked.case.id)
    with pytest.raises(TooLateToCheckIn):
        await surgery.do(arrivals.check_in, me, case_id=booked.case.id, override=True)
    case = await surgery.do(arrivals.check_in, case_id=booked.case.id, override=True)
    assert case.callable_at == 0
    assert (await facts_of(surgery, case))[-1] == ("case.arrived", "too_late")


async def test_who_is_late_counts_from_their_arrival(surgery: Surgery, booked: Booked) -> None:
    surgery.now += timedelta(minutes=60 + 5)
    walk_in = await joined(surgery)
    surgery.now += timedelta(minutes=10)
    case = await surgery.do(arrivals.check_in, case_id=booked.case.id)
    assert case.rank > walk_in.rank
    called = await call_next(surgery)
    assert called == (walk_in.id, "waited_longest")


async def test_a_customer_checks_in_with_the_code(surgery: Surgery, booked: Booked) -> None:
    surgery.now += timedelta(minutes=50)
    kiosk = visitor(surgery.program.organization_id, surgery.unit.id)
    with pytest.raises(NotFound):
        await surgery.do(arrivals.check_in_by_code, kiosk, unit_id=surgery.unit.id, code="ABCD1234")
    typed = f" {booked.code[:4].lower()} {booked.code[4:]}"
    case = await surgery.do(arrivals.check_in_by_code, kiosk, unit_id=surgery.unit.id, code=typed)
    assert case.id == booked.case.id


async def test_some_check_in_with_the_staff_only(surgery: Surgery) -> None:
    booked = await surgery.book(await surgery.opened(surgery.now.date()), AT, staff_only=True)
    surgery.now += timedelta(minutes=50)
    kiosk = visitor(surgery.program.organization_id, surgery.unit.id)
    with pytest.raises(CheckInAtDesk):
        await surgery.do(
            arrivals.check_in_by_code, kiosk, unit_id=surgery.unit.id, code=booked.code
        )
    await surgery.do(arrivals.check_in_by_code, unit_id=surgery.unit.id, code=booked.code)


async def test_a_customer_is_checked_in_for_the_nearest(surgery: Surgery, house: House) -> None:
    ada = Customer(
        surgery.program.organization_id,
        house.ids(surgery.now),
        1,
        "Ada",
        None,
        None,
        surgery.now,
        surgery.now,
        {},
        False,
    )
    async with house.acting(surgery.program) as act:
        await act.store.people.add(customers=[ada])
    calendar = await surgery.opened(surgery.now.date())
    for start in (AT, AT + 120):
        await surgery.book(calendar, start, customer_id=ada.id)
    surgery.now += timedelta(minutes=50)
    case = await surgery.do(
        arrivals.check_in_by_customer, unit_id=surgery.unit.id, customer_id=ada.id
    )
    assert case.appointment_at is not None
    assert case.appointment_at - surgery.now == timedelta(minutes=10)
    kiosk = visitor(surgery.program.organization_id, surgery.unit.id)
    with pytest.raises(Forbidden):
        await surgery.do(
            arrivals.check_in_by_customer, kiosk, unit_id=surgery.unit.id, customer_id=ada.id
        )


async def test_a_ticket_gets_its_number_on_arrival(surgery: Surgery) -> None:
    await surgery.rules(numbering=Numbering.ON_ARRIVAL)
    calendar = await surgery.opened(surgery.now.date())
    first, second = [await surgery.book(calendar, start) for start in (AT, AT + 20)]
    surgery.now += timedelta(minutes=55)
    tickets = []
    for one in (second, first):
        case = await surgery.do(arrivals.check_in, case_id=one.case.id)
        assert await surgery.case(case.id) == case
        tickets.append(str(case.ticket))
    assert tickets == ["D1", "D2"]


async def test_somebody_without_an_appointment_is_put_into_a_calendar(surgery: Surgery) -> None:
    calendar = await surgery.opened(surgery.now.date())
    await surgery.book(calendar, 480)
    case = await surgery.do(
        lambda act: arrivals.walk_in(act, surgery.request(name="Bo"), calendar_id=calendar.id)
    )
    assert (case.case.state, case.appointment.start) == (State.WAITING, 500)
    assert [kind for kind, _ in await facts_of(surgery, case.case)] == [
        "case.planned",
        "case.arrived",
    ]
    tomorrow = await surgery.opened()
    with pytest.raises(Forbidden):
        await surgery.do(
            lambda act: arrivals.walk_in(act, surgery.request(), calendar_id=tomorrow.id)
        )


async def test_who_does_not_come_is_missed_at_the_set_time(
    surgery: Surgery, booked: Booked
) -> None:
    await surgery.rules(no_show=15)
    surgery.now += timedelta(minutes=60 + 14)
    assert await arrivals.miss_overdue(surgery.house) == 0
    surgery.now += timedelta(minutes=1)
    got = await asyncio.gather(*(arrivals.miss_overdue(surgery.house) for _ in range(3)))
    assert sum(got) == 1
    case = await surgery.case(booked.case.id)
    assert (case.state, case.version) == (State.NO_SHOW, 2)
    assert await arrivals.miss_overdue(surgery.house) == 0
    back = await surgery.do(arrivals.check_in, case_id=case.id, override=True)
    assert back.state is State.WAITING
    with pytest.raises(WrongState):
        await surgery.do(arrivals.check_in, case_id=case.id, override=True)


async def test_canceling_a_planned_case_is_calling_it_off(surgery: Surgery, booked: Booked) -> None:
    case = await surgery.do(cases.cancel, case_id=booked.case.id, reason="closed")
    assert case.state is State.CANCELED
    assert (await facts_of(surgery, case))[-1][0] == "case.called_off"
    day = await surgery.day(booked.calendar)
    assert day.calendar.appointments == 0


async def test_a_queue_lets_appointments_reach_the_front_on_time(
    surgery: Surgery, booked: Booked
) -> None:
    early = await joined(surgery)
    surgery.now += timedelta(minutes=45)
    await surgery.do(arrivals.check_in, case_id=booked.case.id)
    assert await call_next(surgery) == (early.id, "only_one_waiting")
    second = await joined(surgery)
    surgery.now += timedelta(minutes=5)
    assert await call_next(surgery) == (booked.case.id, "appointment_due")
    assert await call_next(surgery) == (second.id, "only_one_waiting")


async def test_a_queue_counts_appointments_from_their_time(
    surgery: Surgery, booked: Booked
) -> None:
    await merged(surgery, Merge.FROM_TIME)
    surgery.now += timedelta(minutes=55)
    before = await joined(surgery)
    await surgery.do(arrivals.check_in, case_id=booked.case.id)
    surgery.now += timedelta(minutes=6)
    after = await joined(surgery)
    assert await call_next(surgery) == (before.id, "waited_longest")
    assert await call_next(surgery) == (booked.case.id, "waited_longest_from_the_booked_time")
    assert await call_next(surgery) == (after.id, "only_one_waiting")


async def test_a_queue_calls_one_with_and_one_without_by_turns(surgery: Surgery) -> None:
    await merged(surgery, Merge.INTERLEAVED)
    calendar = await surgery.opened(surgery.now.date(), capacity=3)
    booked = [await surgery.book(calendar, AT) for _ in range(3)]
    surgery.now += timedelta(minutes=55)
    walk_ins = [await joined(surgery) for _ in range(4)]
    for one in booked:
        await surgery.do(arrivals.check_in, case_id=one.case.id)
    walk_ins.append(await joined(surgery))
    order = [await call_next(surgery) for _ in range(8)]
    expected = [walk_ins[0], booked[0].case, walk_ins[1], booked[1].case, walk_ins[2]]
    expected += [booked[2].case, walk_ins[3], walk_ins[4]]
    assert [id for id, _ in order] == [case.id for case in expected]
    turn = "turn_of_somebody_without_an_appointment"
    assert [rule for _, rule in order] == [
        *[turn, "turn_of_an_appointment"] * 3,
        "waited_longest",
        "only_one_waiting",
    ]


async def test_another_priority_counts_by_the_rule_of_the_queue(
    surgery: Surgery, booked: Booked
) -> None:
    from nowserving.cases.correction import Correction

    await merged(surgery, Merge.FROM_TIME)
    surgery.now += timedelta(minutes=55)
    case = await surgery.do(arrivals.check_in, case_id=booked.case.id)
    raised = await surgery.do(cases.correct, case_id=case.id, correction=Correction(priority=1))
    assert case.rank - raised.rank == 20 * 60 * 1_000_000


async def joined(surgery: Surgery) -> Case:
    """Somebody without an appointment, in the same queue."""
    directory = await surgery.house.directory(surgery.program.organization_id)
    licences = directory.services_of(surgery.unit.id)[2]
    async with surgery.house.acting(surgery.program) as act:
        return (await queue_up(act, Request(licences.id, phone="030 123456"))).case


async def merged(surgery: Surgery, merge: Merge) -> None:
    boss = system(surgery.program.organization_id, "test")
    queue = surgery.service.queue_id
    await surgery.do(calendars.set_merge, boss, queue_id=queue, merge=merge)


async def call_next(surgery: Surgery) -> tuple[object, str]:
    """Who is called next, and by which rule."""
    case = await surgery.do(
        desk.call_next,
        unit_id=surgery.unit.id,
        queue_ids=[surgery.service.queue_id],
        desk_id=None,
    )
    assert case is not None
    async with surgery.house.acting(surgery.program) as act:
        facts = await act.look.journal.of(case.id)
    (told,) = [json.loads(fact.data) for fact in facts if fact.kind == "case.called"]
    return case.id, told["rule"]


async def facts_of(surgery: Surgery, case: Case) -> list[tuple[str, str | None]]:
    async with surgery.house.acting(surgery.program) as act:
        facts = await act.look.journal.of(case.id)
    assert [fact.version for fact in facts] == [*range(1, len(facts) + 1)]
    return [(fact.kind, json.loads(fact.data).get("punctuality")) for fact in facts]
