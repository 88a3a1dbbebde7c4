"""What rises to a door, in words that every door has."""

import pytest

from nowserving.actions.doorway import problem_of
from nowserving.kit.http import Unready
from nowserving.kit.problems import Forbidden, Problem, Stale
from nowserving.store.engines import Clash, Unavailable


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (Unavailable("gone"), Unready),
        (Clash("uq_cases_at_desk"), Stale),
        (Forbidden(), Forbidden),
        (ZeroDivisionError(), type(None)),
    ],
)
def test_an_outage_and_a_lost_race_are_no_bugs(failure: Exception, said: type[Problem]) -> None:
    assert type(problem_of(failure)) is said
