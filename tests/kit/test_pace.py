"""The pace at which somebody may try."""

from datetime import UTC, datetime, timedelta

import pytest

from nowserving.kit.pace import Pace, neighbourhood
from nowserving.kit.problems import TooMany

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def tries(pace: Pace, name: str, now: datetime, most: int = 20) -> int:
    """How many tries are allowed at one instant."""
    for made in range(most):
        try:
            pace.take(name, now)
        except TooMany:
            return made
    return most


def test_a_burst_is_allowed_and_then_one_for_each_period() -> None:
    pace = Pace(burst=3, every=10 * SECOND)
    assert tries(pace, "a", NOON) == 3
    assert tries(pace, "a", NOON + 9 * SECOND) == 0
    assert tries(pace, "a", NOON + 10 * SECOND) == 1
    assert tries(pace, "a", NOON + 1000 * SECOND) == 3


def test_it_says_how_long_to_wait() -> None:
    pace = Pace(burst=1, every=10 * SECOND)
    pace.take("a", NOON)
    with pytest.raises(TooMany) as refused:
        pace.take("a", NOON + 4 * SECOND)
    assert refused.value.details == {"seconds": 6}


def test_each_name_has_its_own_pace() -> None:
    pace = Pace(burst=2, every=SECOND)
    assert tries(pace, "a", NOON) == 2
    assert tries(pace, "b", NOON) == 2


def test_what_is_given_back_does_not_count() -> None:
    pace = Pace(burst=2, every=SECOND)
    for _ in range(10):
        pace.take("a", NOON)
        pace.give_back("a")
    pace.give_back("a")
    assert tries(pace, "a", NOON) == 2


def test_a_clock_that_steps_back_gives_and_takes_nothing() -> None:
    pace = Pace(burst=2, every=SECOND)
    pace.take("a", NOON)
    assert tries(pace, "a", NOON - 60 * SECOND) == 1
    assert tries(pace, "a", NOON) == 0


def test_whoever_is_refused_stays_so_when_many_others_come() -> None:
    pace = Pace(burst=1, every=timedelta(hours=1), names_at_most=100)
    quick = NOON
    for n in range(60):
        pace.take(f"guest {n}", quick)
        pace.give_back(f"guest {n}")
    pace.take("a", quick)
    for n in range(60):
        pace.take(f"other {n}", quick)
        pace.give_back(f"other {n}")
    assert tries(pace, "a", quick) == 0


def test_no_more_names_are_kept_than_allowed() -> None:
    pace = Pace(burst=1, every=timedelta(hours=1), names_at_most=100)
    for n in range(1000):
        pace.take(n, NOON)
    assert len(pace._buckets) <= 100


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2::9", "2001:db8:1:2::"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("a-socket", "a-socket"),
    ],
)
def test_neighbours_count_as_one(address: str, name: str) -> None:
    assert neighbourhood(address) == name
