"""Booking, moving and calling off, on both engines."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from nowserving.actions import bookings, calendars
from nowserving.actions.caretaking import open_ahead
from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.actions.vacancies import vacancies, vacancies_in
from nowserving.bookings.calendar import (
    AgentTwice,
    AlreadyOpen,
    CalendarClosed,
    Day,
    HoldGone,
    SlotTaken,
    Taking,
)
from nowserving.bookings.rules import NotYourCalendar, Numbering, OutsideWindow, TooShortNotice
from nowserving.bookings.spans import Span
from nowserving.cases.case import WrongState
from nowserving.cases.moves import State
from nowserving.kit.problems import Forbidden, NotFound
from nowserving.people.actor import Actor, holder, visitor
from tests.actions.booking import Surgery, nothing


@pytest.fixture
async def surgery(house: House, branch: Sample, program: Actor) -> Surgery:
    return await Surgery.of(house, branch, program)


async def test_a_time_is_booked_and_told(surgery: Surgery) -> None:
    calendar = await surgery.opened()
    booked = await surgery.book(calendar, 500, name="Ada")
    case, seat = booked.case, booked.appointment
    assert (case.state, str(case.ticket), case.version) == (State.PLANNED, "D1", 1)
    assert case.appointment_at == case.reference_at == seat.starts_at
    assert (seat.start, seat.minutes, len(booked.code)) == (500, 20, 8)
    assert seat.ends_at - seat.starts_at == timedelta(minutes=20)
    assert await surgery.case(case.id) == case
    stored = await surgery.do(bookings.see_appointment, case_id=case.id)
    assert stored.appointment == seat
    assert (stored.details.name, stored.code, stored.link) == ("Ada", booked.code, booked.link)
    day = await surgery.day(calendar)
    assert [day.slots[tick].taken for tick in (490, 500, 510, 520)] == [0, 1, 1, 0]
    async with surgery.house.acting(surgery.program) as act:
        (fact,) = await act.look.journal.of(case.id)
    assert (fact.kind, fact.version) == ("case.planned", 1)
    assert json.loads(fact.data)["appointment"]["start"] == 500
    assert "Ada" not in fact.data


async def test_one_of_fifty_gets_the_last_seat_and_the_others_three_alternatives(
    surgery: Surgery,
) -> None:
    calendar = await surgery.opened()
    answers = await surgery.crowd(calendar, 500, 50)
    refused = [one for one in answers if isinstance(one, SlotTaken)]
    assert len(refused) == 49
    for one in refused:
        starts = [other["start"] for other in one.details["alternatives"]]  # type: ignore[attr-defined]
        assert starts == [480, 520, 540]


async def test_a_crowd_gets_exactly_the_seats_there_are(surgery: Surgery) -> None:
    calendar = await surgery.opened(hours=(Span(540, 560),), capacity=50)
    answers = await surgery.crowd(calendar, 540, 300)
    booked = [one for one in answers if not isinstance(one, SlotTaken)]
    assert len(booked) == 50
    assert sorted(one.case.sequence for one in booked) == list(range(1, 51))
    assert len({one.code for one in booked}) == 50
    day = await surgery.day(calendar)
    assert {slot.taken for slot in day.slots.values()} == {50}
    assert day.calendar.appointments == 50


async def test_the_database_refuses_what_the_rule_would_let_through(
    surgery: Surgery, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A planted bug: every check of the application says yes."""
    calendar = await surgery.opened(hours=(Span(540, 560),), capacity=3)

    def careless(
        self: Day, start: int, minutes: int, percent: int, *_: object, **__: object
    ) -> Taking:
        return Taking(start, minutes, percent)

    monkeypatch.setattr(Day, "taking", careless)

    async def one() -> bool:
        try:
            await surgery.book(calendar, 540)
        except Exception:
            return False
        return True

    got = await asyncio.gather(*(one() for _ in range(20)))
    assert sum(got) == 3
    assert {slot.taken for slot in (await surgery.day(calendar)).slots.values()} == {3}


async def test_nothing_is_left_of_a_booking_that_was_refused(surgery: Surgery) -> None:
    calendar = await surgery.opened()
    await surgery.book(calendar, 500)
    before = await surgery.day(calendar)
    with pytest.raises(SlotTaken):
        await surgery.book(calendar, 510, type_id=surgery.kinds[1].id)
    assert await surgery.day(calendar) == before
    assert (await surgery.book(calendar, 520)).case.sequence == 2


async def test_an_appointment_moves_whole_or_not_at_all(surgery: Surgery) -> None:
    calendar, other = await surgery.opened(), await surgery.opened(index=1)
    booked = await surgery.book(calendar, 500)
    await surgery.book(other, 600)
    with pytest.raises(SlotTaken) as gone:
        await surgery.do(bookings.move, case_id=booked.case.id, calendar_id=other.id, start=600)
    assert [one["start"] for one in gone.value.details["alternatives"]] == [580, 620, 560]  # type: ignore[attr-defined]
    assert (await surgery.day(calendar)).slots[500].taken == 1
    moved = await surgery.do(bookings.move, case_id=booked.case.id, calendar_id=other.id, start=620)
    assert (moved.case.version, moved.case.state) == (2, State.PLANNED)
    assert moved.case.appointment_at == moved.appointment.starts_at
    assert moved.case.ticket == booked.case.ticket
    assert (await surgery.day(calendar)).calendar.appointments == 0
    assert (await surgery.day(calendar)).slots[500].taken == 0
    assert (await surgery.day(other)).slots[620].taken == 1
    assert await surgery.case(booked.case.id) == moved.case


async def test_an_appointment_moves_within_its_own_time(surgery: Surgery) -> None:
    await surgery.rules(step=10)
    calendar = await surgery.opened(hours=(Span(480, 510),))
    booked = await surgery.book(calendar, 480)
    moved = await surgery.do(
        bookings.move, case_id=booked.case.id, calendar_id=calendar.id, start=490
    )
    assert moved.appointment.start == 490
    day = await surgery.day(calendar)
    assert [slot.taken for slot in day.slots.values()] == [0, 1, 1]


async def test_on_another_day_the_ticket_is_of_that_day(surgery: Surgery) -> None:
    first = await surgery.opened()
    later = await surgery.opened((surgery.now + timedelta(days=2)).date())
    await surgery.book(first, 480)
    booked = await surgery.book(first, 500)
    moved = await surgery.do(bookings.move, case_id=booked.case.id, calendar_id=later.id, start=480)
    assert (moved.case.day, str(moved.case.ticket)) == (later.day, "D1")
    assert await surgery.case(booked.case.id) == moved.case


async def test_two_who_swap_by_moving_do_not_wait_for_each_other_for_ever(
    surgery: Surgery,
) -> None:
    one, two = await surgery.opened(), await surgery.opened(index=1)
    first, second = await surgery.book(one, 500), await surgery.book(two, 500)

    async def moving(case_id: object, to: object) -> object:
        return await surgery.house.perform(
            surgery.program,
            lambda act: bookings.move(act, case_id=case_id, calendar_id=to, start=540),  # type: ignore[arg-type]
            nothing,
        )

    await asyncio.gather(moving(first.case.id, two.id), moving(second.case.id, one.id))
    assert (await surgery.day(one)).slots[540].taken == 1
    assert (await surgery.day(two)).slots[540].taken == 1


async def test_who_calls_off_gives_the_seat_back(surgery: Surgery) -> None:
    calendar = await surgery.opened()
    booked = await surgery.book(calendar, 500)
    case = await surgery.do(bookings.cancel, case_id=booked.case.id, reason="has a cold")
    assert (case.state, case.version) == (State.CANCELED, 2)
    day = await surgery.day(calendar)
    assert (day.slots[500].taken, day.calendar.appointments) == (0, 0)
    with pytest.raises(WrongState):
        await surgery.do(bookings.cancel, case_id=booked.case.id)
    assert (await surgery.book(calendar, 500)).case.sequence == 2


async def test_a_hold_keeps_a_time_until_it_runs_out(surgery: Surgery) -> None:
    calendar = await surgery.opened()
    held = await surgery.do(bookings.hold, calendar_id=calendar.id, type_id=None, start=500)
    with pytest.raises(SlotTaken):
        await surgery.book(calendar, 500)
    booked = await surgery.book(calendar, 500, hold_id=held.id)
    assert booked.appointment.start == 500
    assert (await surgery.day(calendar)).slots[500].taken == 1
    with pytest.raises(HoldGone):
        await surgery.do(bookings.release, hold_id=held.id)

    again = await surgery.do(bookings.hold, calendar_id=calendar.id, type_id=None, start=520)
    surgery.now += timedelta(minutes=10)
    assert 520 in [one.start for one in await _vacant(surgery, calendar)]
    with pytest.raises(HoldGone):
        await surgery.do(bookings.release, hold_id=again.id)
    late = await surgery.book(calendar, 520, hold_id=again.id)
    assert late.appointment.start == 520
    day = await surgery.day(calendar)
    assert (day.slots[520].taken, day.calendar.appointments, day.calendar.minutes) == (1, 2, 40)


async def test_a_hold_is_given_back(surgery: Surgery) -> None:
    calendar = await surgery.opened()
    held = await surgery.do(bookings.hold, calendar_id=calendar.id, type_id=None, start=500)
    assert (await surgery.day(calendar)).calendar.appointments == 0
    await surgery.do(bookings.release, hold_id=held.id)
    assert (await surgery.day(calendar)).slots[500].taken == 0
    await surgery.book(calendar, 500)


async def test_the_first_time_there_is_on_a_weekday(surgery: Surgery) -> None:
    tuesday, wednesday = (surgery.now + timedelta(days=n) for n in (1, 2))
    one = await surgery.opened(tuesday.date())
    other = await surgery.opened(tuesday.date(), index=1)
    third = await surgery.opened(wednesday.date())

    async def first(**more: Any) -> object:
        booked = await surgery.do(
            lambda act: bookings.book_first_available(act, surgery.request(), **more)
        )
        return booked.calendar.id, booked.appointment.start

    assert await first() == (one.id, 480)
    assert await first() == (other.id, 480)
    assert await first() == (one.id, 500)
    assert await first(weekdays=[2]) == (third.id, 480)
    assert await first(first=wednesday.date()) == (third.id, 500)
    with pytest.raises(SlotTaken):
        await first(weekdays=[5])


async def test_forty_who_want_the_first_time_get_forty_times(surgery: Surgery) -> None:
    for index in range(2):
        await surgery.opened(index=index)

    async def first() -> object:
        booked = await surgery.do(lambda act: bookings.book_first_available(act, surgery.request()))
        return booked.calendar.index, booked.appointment.start

    got = await asyncio.gather(*(first() for _ in range(30)))
    assert len(set(got)) == 30


async def test_a_family_comes_one_after_the_other(surgery: Surgery) -> None:
    calendar = await surgery.opened()
    short = surgery.kinds[1].id
    people = [surgery.request(name="Ada"), surgery.request(type_id=short), surgery.request()]
    booked = await surgery.do(
        lambda act: bookings.book_group(act, people, calendar_id=calendar.id, start=500)
    )
    assert [one.appointment.start for one in booked] == [500, 520, 530]
    group = booked[0].appointment.group_id
    with pytest.raises(SlotTaken):
        await surgery.do(
            lambda act: bookings.book_group(act, people, calendar_id=calendar.id, start=480)
        )
    assert (await surgery.day(calendar)).calendar.appointments == 3
    canceled = await surgery.do(bookings.cancel_group, group_id=group)
    assert {case.state for case in canceled} == {State.CANCELED}
    assert (await surgery.day(calendar)).calendar.appointments == 0


async def test_a_series_is_called_off_singly_or_together(surgery: Surgery) -> None:
    days = [await surgery.opened((surgery.now + timedelta(days=n)).date()) for n in (1, 8, 15)]
    booked = await surgery.do(
        lambda act: bookings.book_series(
            act, surgery.request(), times=[(day.id, 600) for day in days]
        )
    )
    series = booked[0].appointment.series_id
    assert {one.appointment.series_id for one in booked} == {series}
    await surgery.do(bookings.cancel, case_id=booked[1].case.id)
    rest = await surgery.do(bookings.cancel_series, series_id=series)
    assert {case.id for case in rest} == {booked[0].case.id, booked[2].case.id}
    with pytest.raises(NotFound):
        await surgery.do(bookings.cancel_series, series_id=uuid4())
    assert [(await surgery.day(day)).calendar.appointments for day in days] == [0, 0, 0]


async def test_days_are_opened_from_the_template_once(surgery: Surgery) -> None:
    first = surgery.now.date()
    last = first + timedelta(days=6)
    made = await surgery.do(
        calendars.open_days, service_id=surgery.service.id, first=first, last=last
    )
    assert [calendar.day for calendar in made] == [first + timedelta(days=n) for n in range(7)]
    again = await surgery.do(
        calendars.open_days, service_id=surgery.service.id, first=first, last=last
    )
    assert again == []
    with pytest.raises(AlreadyOpen):
        await surgery.opened(first)


async def test_an_agent_has_one_calendar_a_day(surgery: Surgery, ann: Actor) -> None:
    calendar = await surgery.opened(agent_id=ann.id)
    with pytest.raises(AgentTwice):
        await surgery.opened(index=1, agent_id=ann.id)
    other = await surgery.opened(index=1)
    with pytest.raises(AgentTwice):
        await surgery.do(calendars.allocate, calendar_id=other.id, agent_id=ann.id)
    await surgery.do(calendars.allocate, calendar_id=calendar.id, agent_id=None)
    await surgery.do(calendars.allocate, calendar_id=other.id, agent_id=ann.id)


async def test_blocked_time_is_not_booked_and_what_is_there_stays(surgery: Surgery) -> None:
    calendar = await surgery.opened()
    booked = await surgery.book(calendar, 500)
    first = await surgery.do(
        calendars.block, calendar_id=calendar.id, span=Span(480, 560), reason="training"
    )
    second = await surgery.do(
        calendars.block, calendar_id=calendar.id, span=Span(540, 600), reason="meeting"
    )
    with pytest.raises(SlotTaken):
        await surgery.book(calendar, 540)
    assert (await surgery.case(booked.case.id)).state is State.PLANNED
    await surgery.do(calendars.lift_block, block_id=second.id)
    assert (await _vacant(surgery, calendar))[0].start == 560
    await surgery.do(calendars.lift_block, block_id=first.id)
    assert (await _vacant(surgery, calendar))[0].start == 480


async def test_windows_are_for_agents_and_for_the_public(surgery: Surgery) -> None:
    far = await surgery.opened((surgery.now + timedelta(days=39)).date())
    near = await surgery.opened()
    public = visitor(surgery.program.organization_id, surgery.unit.id)
    with pytest.raises(OutsideWindow):
        await surgery.book(far, 480, actor=public)
    await surgery.book(far, 480)
    await surgery.book(near, 480, actor=public)
    await surgery.do(calendars.switch_booking, calendar_id=near.id, public=False)
    with pytest.raises(OutsideWindow):
        await surgery.book(near, 500, actor=public)
    await surgery.book(near, 500)
    await surgery.do(calendars.close_calendar, calendar_id=near.id)
    with pytest.raises(CalendarClosed):
        await surgery.book(near, 520)
    await surgery.do(calendars.reopen_calendar, calendar_id=near.id)
    await surgery.book(near, 520)


async def test_today_needs_notice(surgery: Surgery) -> None:
    await surgery.rules(notice=30)
    calendar = await surgery.opened(surgery.now.date())
    with pytest.raises(TooShortNotice):
        await surgery.book(calendar, 500)
    assert (await _vacant(surgery, calendar))[0].start == 520
    await surgery.book(calendar, 520)


async def test_an_agent_books_in_their_own_calendars(surgery: Surgery, ann: Actor) -> None:
    bob = replace(ann, id=uuid4())
    calendar = await surgery.opened(agent_id=ann.id)
    await surgery.book(calendar, 480, actor=ann)
    with pytest.raises(NotYourCalendar):
        await surgery.book(calendar, 500, actor=bob)
    anybodys = await surgery.opened(index=1)
    await surgery.book(anybodys, 480, actor=bob)
    await surgery.rules(anonymous=False)
    with pytest.raises(NotYourCalendar):
        await surgery.book(anybodys, 500, actor=bob)


async def test_who_may_books_over_others(surgery: Surgery, ann: Actor) -> None:
    calendar = await surgery.opened()
    await surgery.book(calendar, 500)
    with pytest.raises(Forbidden):
        await surgery.book(calendar, 500, bypass=True, actor=ann)
    forced = await surgery.book(calendar, 500, bypass=True)
    assert forced.appointment.forced
    day = await surgery.day(calendar)
    assert (day.slots[500].taken, day.slots[500].forced) == (1, 1)
    await surgery.do(bookings.cancel, case_id=forced.case.id)
    assert (await surgery.day(calendar)).slots[500].forced == 0


async def test_more_are_booked_than_fit_by_the_share_that_does_not_come(
    surgery: Surgery,
) -> None:
    await surgery.rules(compensates=True, overbooked=3)
    calendar = await surgery.opened(hours=(Span(480, 580),))
    for start in range(480, 580, 20):
        await surgery.book(calendar, start)
    seventh = await surgery.book(calendar, 500)
    assert seventh.appointment.overbooked
    with pytest.raises(SlotTaken):
        await surgery.book(calendar, 520)
    stats = (await surgery.day(calendar)).calendar.stats
    assert (stats.minutes, stats.compensated_minutes, stats.capacity_minutes) == (120, 96.0, 100)
    await surgery.do(bookings.cancel, case_id=seventh.case.id)
    assert (await surgery.day(calendar)).calendar.overbooked == 0


async def test_a_holder_moves_and_calls_off_their_own_appointment_only(
    surgery: Surgery,
) -> None:
    calendar = await surgery.opened()
    mine, other = await surgery.book(calendar, 500), await surgery.book(calendar, 520)
    me = holder(surgery.program.organization_id, surgery.unit.id, mine.case.id)
    moved = await surgery.do(
        bookings.move, me, case_id=mine.case.id, calendar_id=calendar.id, start=540
    )
    assert moved.appointment.start == 540
    with pytest.raises(Forbidden):
        await surgery.do(bookings.cancel, me, case_id=other.case.id)
    assert (await surgery.do(bookings.cancel, me, case_id=mine.case.id)).state is State.CANCELED


async def test_vacancies_are_read_day_by_day(surgery: Surgery) -> None:
    for n in (1, 2):
        await surgery.opened((surgery.now + timedelta(days=n)).date(), hours=(Span(480, 520),))

    async def page(behind: object, most: int) -> Any:
        return await surgery.do(
            vacancies,
            service_id=surgery.service.id,
            type_id=None,
            first=None,
            days=7,
            most=most,
            behind=behind,
        )

    found = await page(None, 10)
    assert [one.start for one in found] == [480, 500, 480, 500]
    first = await page(None, 3)
    rest = await page((first[-1].starts_at, first[-1].calendar.id), 3)
    assert first + rest == found


async def test_a_number_on_arrival_only_if_the_service_says_so(surgery: Surgery) -> None:
    await surgery.rules(numbering=Numbering.ON_ARRIVAL)
    calendar = await surgery.opened()
    booked = [await surgery.book(calendar, start) for start in (480, 500)]
    assert [str(one.case.ticket) for one in booked] == ["", ""]
    assert await surgery.case(booked[0].case.id) == booked[0].case


async def _vacant(surgery: Surgery, calendar: object) -> list:
    return await surgery.do(vacancies_in, calendar_id=calendar.id, type_id=None)  # type: ignore[attr-defined]


async def test_days_ahead_are_opened_by_themselves_once_each(surgery: Surgery) -> None:
    """By two processes at once; on the next day one more."""
    plan = await surgery.do(calendars.plan_of, service_id=surgery.service.id)
    template = replace(plan.template, opened_ahead=3)
    await surgery.do(
        calendars.set_plan, service_id=surgery.service.id, template=template, rules=plan.rules
    )

    async def days() -> list[str]:
        first = surgery.now.date() - timedelta(days=1)
        found = await surgery.do(
            calendars.calendars_of,
            service_id=surgery.service.id,
            first=first,
            last=first + timedelta(days=30),
        )
        return [f"{one.calendar.day:%d}/{one.calendar.index}" for one in found]

    both = await asyncio.gather(open_ahead(surgery.house), open_ahead(surgery.house))
    seats = len(template.seats)
    assert sum(both) == 3 * seats
    opened = [f"{day:02}/{at}" for day in (2, 3, 4) for at in range(seats)]
    assert await days() == opened
    assert await open_ahead(surgery.house) == 0
    surgery.now += timedelta(days=1)
    assert await open_ahead(surgery.house) == seats
    assert await days() == opened + [f"05/{at}" for at in range(seats)]
