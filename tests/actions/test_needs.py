"""Who needs something gets a time that has it, and such times are spared for them."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from nowserving.actions import bookings, calendars
from nowserving.actions.act import Act
from nowserving.actions.booking_order import Booked
from nowserving.actions.erase import erase_case
from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.actions.vacancies import vacancies
from nowserving.bookings.calendar import Calendar, SlotTaken
from nowserving.bookings.template import Seat
from nowserving.kit.problems import Forbidden, NotFound
from nowserving.people.actor import Actor, system
from nowserving.places.needs import Need, NotSuited
from tests.actions.booking import Surgery

WHEELCHAIR, INTERPRETER = Need.WHEELCHAIR, Need.INTERPRETER


@pytest.fixture
async def surgery(house: House, branch: Sample, program: Actor) -> Surgery:
    """The sample's service by appointment."""
    return await Surgery.of(house, branch, program)


async def first(surgery: Surgery, *needs: Need) -> Booked:
    """Book the first time that suits."""
    request = surgery.request(needs=needs, name="Ada")
    booked: Booked = await surgery.do(bookings.book_first_available, request=request)
    return booked


async def rooms(surgery: Surgery) -> tuple[Calendar, Calendar]:
    """A day with two rooms: one for a wheelchair, one as any other."""
    wide = await surgery.opened(index=0, suits=(WHEELCHAIR,))
    return wide, await surgery.opened(index=1)


async def test_rooms_that_suit_are_spared_for_those_who_need_them(surgery: Surgery) -> None:
    wide, plain = await rooms(surgery)
    others = [await first(surgery) for _ in range(2)]
    assert [(one.calendar.id, one.appointment.start) for one in others] == [
        (plain.id, 480),
        (wide.id, 480),  # there is no other room at this time
    ]
    ada = await first(surgery, WHEELCHAIR)
    assert (ada.calendar.id, ada.appointment.start) == (wide.id, 500)
    assert ada.details.needs == (WHEELCHAIR,)
    with pytest.raises(SlotTaken):
        await first(surgery, WHEELCHAIR, INTERPRETER)
    found = await surgery.do(
        vacancies,
        service_id=surgery.service.id,
        type_id=None,
        first=None,
        days=7,
        needs=(WHEELCHAIR,),
        most=99,
    )
    assert {one.calendar.id for one in found} == {wide.id}


async def test_nobody_is_seated_where_there_is_not_what_they_need(surgery: Surgery) -> None:
    wide, plain = await rooms(surgery)
    request = surgery.request(needs=(WHEELCHAIR,))

    async def book(act: Act, calendar: Calendar) -> Booked:
        return await bookings.book(act, request, calendar_id=calendar.id, start=600)

    with pytest.raises(NotSuited):
        await surgery.do(book, calendar=plain)
    with pytest.raises(NotSuited):
        await surgery.do(
            bookings.hold, calendar_id=plain.id, type_id=None, start=600, needs=(WHEELCHAIR,)
        )
    ada = await surgery.do(book, calendar=wide)
    with pytest.raises(NotSuited):
        await surgery.do(bookings.move, case_id=ada.case.id, calendar_id=plain.id, start=660)
    with pytest.raises(SlotTaken) as lost:
        await surgery.do(book, calendar=wide)
    assert {one["calendar_id"] for one in lost.value.details["alternatives"]} == {wide.id}  # type: ignore[attr-defined]
    moved = await surgery.do(bookings.move, case_id=ada.case.id, calendar_id=wide.id, start=660)
    assert (moved.appointment.start, moved.details.needs) == (660, (WHEELCHAIR,))


async def test_what_somebody_needs_is_told_to_nobody_and_erased_with_them(
    surgery: Surgery, house: House
) -> None:
    await rooms(surgery)
    ada = await first(surgery, WHEELCHAIR)
    async with house.acting(surgery.program) as act:
        assert "wheelchair" not in "".join(
            fact.data for fact in await act.look.journal.of(ada.case.id)
        )
    async with house.acting(system(ada.case.organization_id, "test")) as act:
        await erase_case(act, case_id=ada.case.id)
    async with house.acting(surgery.program) as act:
        assert (await act.look.cases.details(ada.case.id)).needs == ()


async def test_what_a_room_has_holds_from_now_on_for_open_days_too(
    surgery: Surgery, ann: Actor
) -> None:
    before = await surgery.opened(surgery.now.date() - timedelta(days=1), suits=(WHEELCHAIR,))
    open_already, other = await surgery.opened(), await surgery.opened(index=1)
    with pytest.raises(NotFound):
        await surgery.do(
            calendars.set_suits, service_id=surgery.service.id, suits={1: [WHEELCHAIR]}
        )
    with pytest.raises(Forbidden):
        await surgery.do(calendars.set_suits, ann, service_id=surgery.service.id, suits={})
    suits = {0: [INTERPRETER, WHEELCHAIR, INTERPRETER]}
    plan = await surgery.do(calendars.set_suits, service_id=surgery.service.id, suits=suits)
    both = (WHEELCHAIR, INTERPRETER)
    assert plan.template.seats[0].suits == both
    now = [(await surgery.day(one)).calendar.suits for one in (before, open_already, other)]
    assert now == [(WHEELCHAIR,), both, ()]
    ada = await first(surgery, INTERPRETER)
    assert ada.calendar.id == open_already.id
    tomorrow = surgery.now.date() + timedelta(days=2)
    [opened] = await surgery.do(
        calendars.open_days, service_id=surgery.service.id, first=tomorrow, last=tomorrow
    )
    assert opened.suits == both


async def test_what_is_said_of_two_rooms_at_once_holds_for_both(surgery: Surgery) -> None:
    plan = await surgery.do(calendars.plan_of, service_id=surgery.service.id)
    template = replace(plan.template, seats=(Seat(), Seat(), Seat()))
    await surgery.do(
        calendars.set_plan,
        service_id=surgery.service.id,
        template=template,
        rules=plan.rules,
    )
    said = [
        surgery.do(calendars.set_suits, service_id=surgery.service.id, suits={index: [WHEELCHAIR]})
        for index in range(3)
    ]
    await asyncio.gather(*said)
    plan = await surgery.do(calendars.plan_of, service_id=surgery.service.id)
    assert [one.suits for one in plan.template.seats] == [(WHEELCHAIR,)] * 3
