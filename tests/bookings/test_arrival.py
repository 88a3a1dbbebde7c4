"""Check-in windows, to the minute."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from nowserving.bookings.appointment import code_of, code_read
from nowserving.bookings.rules import (
    OutsideWindow,
    Punctuality,
    Rules,
    TooEarlyToCheckIn,
    TooLateToCheckIn,
    TooShortNotice,
    Window,
)
from nowserving.kit.problems import Invalid

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
RULES = Rules(early=30, late=10, too_late=30, notice=60)


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        (-31, Punctuality.TOO_EARLY),
        (-30, Punctuality.IN_TIME),
        (0, Punctuality.IN_TIME),
        (10, Punctuality.IN_TIME),
        (11, Punctuality.LATE),
        (30, Punctuality.LATE),
        (31, Punctuality.TOO_LATE),
    ],
)
def test_windows_are_kept_to_the_minute(minutes: int, expected: Punctuality) -> None:
    now = NINE + timedelta(minutes=minutes)
    assert RULES.punctuality(NINE, now) is expected
    refused = {
        Punctuality.TOO_EARLY: TooEarlyToCheckIn,
        Punctuality.TOO_LATE: TooLateToCheckIn,
    }.get(expected)
    if refused is None:
        RULES.check_arrival(NINE, now)
    else:
        with pytest.raises(refused):
            RULES.check_arrival(NINE, now)


def test_notice_is_asked_on_the_same_day_only() -> None:
    RULES.check_notice(NINE, NINE - timedelta(minutes=60), same_day=True)
    with pytest.raises(TooShortNotice):
        RULES.check_notice(NINE, NINE - timedelta(minutes=59), same_day=True)
    RULES.check_notice(NINE, NINE - timedelta(minutes=1), same_day=False)
    with pytest.raises(TooShortNotice):
        RULES.check_notice(NINE, NINE + timedelta(minutes=1), same_day=False)


def test_a_window_opens_and_ends() -> None:
    rules = Rules(public=Window(first_day=1, last_day=7), agents=Window(active=False))
    monday = date(2026, 3, 2)
    for days in (1, 7):
        rules.check_day(monday + timedelta(days=days), monday, public=True)
    for days in (-1, 0, 8):
        with pytest.raises(OutsideWindow):
            rules.check_day(monday + timedelta(days=days), monday, public=True)
    with pytest.raises(OutsideWindow):
        rules.check_day(monday, monday, public=False)


def test_rules_that_make_no_sense_are_refused() -> None:
    wrongs: list[dict[str, Any]] = [
        {"late": 31},
        {"notice": -1},
        {"step": 0},
        {"no_show": 0},
        {"held_for": 0},
    ]
    for wrong in wrongs:
        with pytest.raises(Invalid):
            Rules(**wrong)
    with pytest.raises(Invalid):
        Window(first_day=8, last_day=7)


def test_a_code_is_read_as_people_type_it() -> None:
    code = code_of("abc")
    assert (len(code), code_of("abc")) == (8, code)
    assert code_read(f" {code[:4].lower()}-{code[4:]} ") == code
    assert code_read("o0Il") == "0011"
