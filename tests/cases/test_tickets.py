"""Days of tickets, over both changes of the clock."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nowserving.cases.tickets import business_day, day_begins
from nowserving.places.services import Series

BERLIN, AUCKLAND = ZoneInfo("Europe/Berlin"), ZoneInfo("Pacific/Auckland")
ST_JOHNS, LORD_HOWE = ZoneInfo("America/St_Johns"), ZoneInfo("Australia/Lord_Howe")


@pytest.mark.parametrize(
    ("instant", "zone", "day"),
    [
        ("2026-03-01T22:59:59Z", BERLIN, "2026-03-01"),
        ("2026-03-01T23:00:00Z", BERLIN, "2026-03-02"),
        ("2026-03-01T10:59:59Z", AUCKLAND, "2026-03-01"),
        ("2026-03-01T11:00:00Z", AUCKLAND, "2026-03-02"),
        ("2026-01-01T03:29:59Z", ST_JOHNS, "2025-12-31"),
        ("2026-01-01T03:30:00Z", ST_JOHNS, "2026-01-01"),
    ],
)
def test_a_day_begins_at_midnight_on_the_wall_of_the_unit(
    instant: str, zone: ZoneInfo, day: str
) -> None:
    assert business_day(datetime.fromisoformat(instant), zone, 0) == date.fromisoformat(day)


def test_in_the_night_to_summer_time_the_missing_minute_is_the_change() -> None:
    """02:30 does not exist in Berlin on 29 March 2026: the day begins when 02:00 becomes 03:00."""
    change = datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert day_begins(date(2026, 3, 29), BERLIN, 150) == change
    assert business_day(change - timedelta(seconds=1), BERLIN, 150) == date(2026, 3, 28)
    assert business_day(change, BERLIN, 150) == date(2026, 3, 29)


def test_in_the_night_to_winter_time_the_first_of_two_counts() -> None:
    """02:30 exists twice in Berlin on 25 October 2026."""
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert day_begins(date(2026, 10, 25), BERLIN, 150) == first
    assert business_day(first + timedelta(hours=1), BERLIN, 150) == date(2026, 10, 25)


@given(
    st.integers(1577836800, 1893456000).map(lambda s: datetime.fromtimestamp(s, UTC)),
    st.sampled_from([BERLIN, AUCKLAND, ST_JOHNS, LORD_HOWE]),
    st.integers(0, 1439),
)
def test_a_day_holds_its_instants_and_the_next_begins_where_it_ends(
    now: datetime, zone: ZoneInfo, reset: int
) -> None:
    day = business_day(now, zone, reset)
    assert day_begins(day, zone, reset) <= now < day_begins(day + timedelta(days=1), zone, reset)


def test_numbers_wrap_at_the_end_of_their_range() -> None:
    series = Series("A", "", 100, 102, 0)
    assert [series.number(n) for n in range(1, 6)] == [100, 101, 102, 100, 101]
