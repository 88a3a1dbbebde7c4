"""Slots: what is offered, what is taken, and what a day can bear."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from nowserving.bookings.calendar import Day, Taking, opened
from nowserving.bookings.spans import Span
from nowserving.bookings.template import Exceptional, Holiday, Hours, Template
from nowserving.kit.problems import Invalid

NOW = datetime(2026, 3, 2, 6, tzinfo=UTC)
DAY = date(2026, 3, 2)
ID = UUID(int=1)


def a_day(
    *hours: Span,
    lengths: Iterable[int] = (20, 10),
    capacity: int = 1,
    overbooked_at_most: int | None = None,
) -> Day:
    return opened(
        organization_id=ID,
        id=ID,
        service_id=ID,
        unit_id=ID,
        day=DAY,
        index=0,
        agent_id=None,
        capacity=capacity,
        hours=hours or (Span(480, 720), Span(780, 960)),
        lengths=lengths,
        overbooked_at_most=overbooked_at_most,
        now=NOW,
    )


def test_an_empty_day_is_offered_from_its_beginning_and_never_over_a_break() -> None:
    day = a_day()
    assert day.calendar.grain == 10
    assert day.vacancies(20, 0, None) == [*range(480, 720, 20), *range(780, 960, 20)]
    assert day.vacancies(100, 0, None) == [480, 580, 780]


def test_types_of_different_lengths_share_a_day() -> None:
    """reference/cubu.md 2.4: ten minutes free from 800 on are the slots 800 and 810."""
    day = a_day(Span(480, 960))
    for start, minutes in ((480, 320), (820, 140)):
        seat = day.taking(start, minutes, 0, None, forced=False)
        assert seat == (None if minutes == 140 else Taking(start, minutes))
        day = day.taken(seat or Taking(start, minutes))
    assert day.vacancies(10, 0, None) == [800, 810]
    assert day.vacancies(20, 0, None) == [800]
    assert day.vacancies(30, 0, None) == []


def test_a_time_is_good_if_it_is_offered_or_would_be_on_an_empty_day() -> None:
    day = a_day(Span(480, 600)).taken(Taking(480, 10))
    assert day.vacancies(20, 0, None) == [490, 510, 530, 550, 570]
    assert day.taking(510, 20, 0, None, forced=False) is not None
    assert day.taking(500, 20, 0, None, forced=False) is not None
    assert day.taking(495, 20, 0, None, forced=False) is None
    assert day.taking(480, 20, 0, None, forced=False) is None


def test_slots_begin_at_their_step() -> None:
    day = a_day(Span(480, 600), lengths=(20, 15)).taken(Taking(480, 5))
    assert day.vacancies(20, 0, 15) == [495, 510, 525, 540, 555, 570]


def test_the_documented_statistics_come_out() -> None:
    """reference/cubu.md 2.4: 15 minutes of 480 at 20 % no-shows."""
    stats = a_day(Span(480, 960), lengths=(15,)).taken(Taking(480, 15, 20)).calendar.stats
    assert (stats.appointments, stats.capacity_minutes, stats.minutes) == (1, 480, 15)
    assert (stats.booking_rate, stats.compensated_minutes) == (0.03125, 12.0)
    assert (stats.compensated_rate, stats.full) == (0.025, False)


def test_compensation_books_more_than_fits_until_the_day_is_full_by_expectation() -> None:
    day = a_day(Span(480, 580), lengths=(20,), overbooked_at_most=3)
    for start in range(480, 580, 20):
        seat = day.taking(start, 20, 20, None, forced=False)
        assert seat == Taking(start, 20, 20)
        day = day.taken(seat)
    assert day.calendar.compensated == 80 * 100
    assert day.vacancies(20, 20, None) == [480, 500, 520, 540, 560]
    seat = day.taking(500, 20, 20, None, forced=False)
    assert seat == Taking(500, 20, 20, overbooked=True)
    day = day.taken(seat)
    assert day.calendar.compensated == 96 * 100
    assert day.vacancies(20, 20, None) == []
    assert day.taking(540, 20, 20, None, forced=False) is None


def test_not_more_are_overbooked_than_the_daily_limit() -> None:
    day = a_day(Span(480, 580), lengths=(20,), overbooked_at_most=1)
    for start in range(480, 580, 20):
        day = day.taken(Taking(start, 20, 50))
    day = day.taken(Taking(480, 20, 50, overbooked=True))
    assert day.vacancies(20, 50, None) == []


def test_who_may_books_over_others_but_not_outside_of_the_hours() -> None:
    day = a_day(Span(480, 580), lengths=(20,)).taken(Taking(480, 20))
    assert day.taking(480, 20, 0, None, forced=True) == Taking(480, 20, forced=True)
    assert day.taking(570, 20, 0, None, forced=True) is None
    full = replace(day.calendar, minutes=100)
    assert Day(full, day.slots).taking(480, 20, 0, None, forced=True) is None


def test_blocked_time_is_not_offered() -> None:
    day = a_day(Span(480, 600)).blocked(Span(505, 525))
    assert day.vacancies(20, 0, None) == [480, 530, 550, 570]
    assert day.taking(500, 20, 0, None, forced=True) is None
    assert day.blocked(Span(505, 525), blocked=False) == a_day(Span(480, 600))


def test_a_template_knows_holidays_and_exceptions() -> None:
    week = (Hours(open=(Span(480, 960),), breaks=(Span(720, 780),)),) * 5 + (Hours(),) * 2
    template = Template(
        weekdays=week,
        holidays=(Holiday(date(2020, 1, 1), "New Year", every_year=True),),
        exceptions=(Exceptional(date(2026, 1, 1), Hours(open=(Span(600, 660),))),),
    )
    berlin = ZoneInfo("Europe/Berlin")
    assert template.hours_on(date(2026, 1, 5), berlin) == (Span(480, 720), Span(780, 960))
    assert template.hours_on(date(2026, 1, 1), berlin) == (Span(600, 660),)
    assert template.hours_on(date(2027, 1, 1), berlin) == ()
    assert template.hours_on(date(2026, 1, 4), berlin) == ()
    with pytest.raises(Invalid):
        Template(weekdays=())


@given(
    some.integers(1, 3),
    some.lists(
        some.tuples(some.integers(0, 47), some.sampled_from([5, 10, 15, 20, 35])), max_size=60
    ),
)
def test_whatever_is_asked_for_no_tick_has_more_than_its_seats(
    capacity: int, wanted: list[tuple[int, int]]
) -> None:
    day = a_day(Span(480, 600), Span(660, 720), lengths=(5,), capacity=capacity)
    seats = []
    for at, minutes in wanted:
        seat = day.taking(480 + 5 * at, minutes, 0, None, forced=False)
        if seat is not None:
            assert seat.start in range(480, 720)
            day = day.taken(seat)
            seats.append(seat)
    assert all(0 <= slot.taken <= capacity for slot in day.slots.values())
    for seat in seats:
        day = day.taken(seat, -1)
    assert all(slot.taken == 0 for slot in day.slots.values())
    assert day.calendar.appointments == day.calendar.minutes == day.calendar.compensated == 0
