"""The clock on the wall, over both changes of the clock, in zones of every kind."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from nowserving.bookings.spans import DAY, Span, minutes_in
from nowserving.bookings.template import Hours, Template
from nowserving.bookings.wall import instant_at, minute_at, shown

# zone; the day on which the clock goes forward, the minutes skipped; the day it goes back
CHANGES = {
    "Europe/Berlin": (date(2026, 3, 29), Span(120, 180), date(2026, 10, 25), 60),
    "America/St_Johns": (date(2026, 3, 8), Span(120, 180), date(2026, 11, 1), 60),
    "America/Santiago": (date(2026, 9, 6), Span(0, 60), date(2026, 4, 4), 60),
    "Australia/Adelaide": (date(2026, 10, 4), Span(120, 180), date(2026, 4, 5), 60),
    "Australia/Lord_Howe": (date(2026, 10, 4), Span(120, 150), date(2026, 4, 5), 30),
    "Pacific/Chatham": (date(2026, 9, 27), Span(165, 225), date(2026, 4, 5), 60),
}
ZONES = [pytest.param(name, *change, id=name) for name, change in CHANGES.items()]
ALWAYS = Template(weekdays=(Hours(open=(Span(0, DAY),)),) * 7)


@pytest.mark.parametrize(("zone", "forward", "skipped", "back", "by"), ZONES)
def test_minutes_that_the_wall_skips_are_not_there(
    zone: str, forward: date, skipped: Span, back: date, by: int
) -> None:
    there = ALWAYS.hours_on(forward, ZoneInfo(zone))
    assert minutes_in(there) == DAY - skipped.minutes
    assert not any(span.start < skipped.end and skipped.start < span.end for span in there)
    length = instant_at(forward, DAY, ZoneInfo(zone)) - instant_at(forward, 0, ZoneInfo(zone))
    assert length in (timedelta(minutes=DAY - skipped.minutes), timedelta(days=1))


@pytest.mark.parametrize(("zone", "forward", "skipped", "back", "by"), ZONES)
def test_an_hour_that_comes_twice_is_sold_once(
    zone: str, forward: date, skipped: Span, back: date, by: int
) -> None:
    where = ZoneInfo(zone)
    assert ALWAYS.hours_on(back, where) == (Span(0, DAY),)
    starts = [instant_at(back, at, where) for at in range(DAY)]
    assert starts == sorted(set(starts))
    assert instant_at(back, DAY, where) - starts[0] == timedelta(minutes=DAY + by)


@pytest.mark.parametrize(("zone", "forward", "skipped", "back", "by"), ZONES)
def test_slots_that_follow_each_other_never_overlap_in_time(
    zone: str, forward: date, skipped: Span, back: date, by: int
) -> None:
    where = ZoneInfo(zone)
    for day in (forward, back):
        for length in (15, 25, 60):
            starts = [
                start
                for span in ALWAYS.hours_on(day, where)
                for start in range(span.start, span.end - length + 1, length)
            ]
            at = [instant_at(day, start, where) for start in starts]
            ends = [one + timedelta(minutes=length) for one in at]
            assert all(end <= begin for end, begin in zip(ends, at[1:], strict=False))
            assert [minute_at(one, where) for one in at] == [(day, start) for start in starts]


@given(
    some.sampled_from(sorted(CHANGES)),
    some.dates(date(2024, 1, 1), date(2030, 12, 31)),
    some.integers(0, DAY - 1),
)
def test_what_the_wall_shows_is_found_again(zone: str, day: date, minute: int) -> None:
    where = ZoneInfo(zone)
    if any(span.start <= minute < span.end for span in shown(day, where)):
        assert minute_at(instant_at(day, minute, where), where) == (day, minute)


def test_cubus_sample_is_said_as_it_says() -> None:
    """reference/cubu.md 2.4: start 711 on 2023-07-09 in Israel is 08:51 UTC."""
    at = instant_at(date(2023, 7, 9), 711, ZoneInfo("Asia/Jerusalem"))
    assert at == datetime(2023, 7, 9, 8, 51, tzinfo=UTC)
