"""There is a word for every state, move, channel and problem."""

import pytest

import nowserving.main.server  # noqa: F401  all rooms, so that every problem is known
from nowserving.cases.moves import MOVES, State
from nowserving.dialects.native import words
from nowserving.dialects.native.contents import OPERATIONS
from nowserving.dialects.native.refusing import report_of
from nowserving.kit.problems import Problem, every_problem
from nowserving.places.services import Channel

OUTSIDE = ("nowserving.hooks", "nowserving.web", "nowserving.main", "tests")


def problems() -> list[type[Problem]]:
    """The problems this door can meet: its own, and those of the rooms below it."""
    return [
        one
        for one in every_problem()
        if not one.__module__.startswith(OUTSIDE)
        and ("dialects" not in one.__module__ or "native" in one.__module__)
    ]


def test_there_is_a_word_for_every_state_channel_and_problem() -> None:
    assert set(words.STATES) == set(State)
    assert set(words.CHANNELS) == set(Channel)
    assert set(words.STATUS_OF) == set(problems())


def test_every_move_has_an_address() -> None:
    addresses = {f"{one.method} {one.path}" for one in OPERATIONS}
    told = {*words.VERBS, *words.ELSEWHERE, *words.BY_ITSELF}
    assert told == set(MOVES)
    assert set(words.ELSEWHERE.values()) <= addresses
    assert {f"POST /cases/{{case_id}}/{verb}" for verb in words.VERBS.values()} <= addresses


@pytest.mark.parametrize("problem", problems(), ids=lambda problem: problem.__name__)
def test_every_problem_is_said_in_one_form(problem: type[Problem]) -> None:
    report = report_of(problem(field="name", reason="too long"))
    assert (report.type, report.status) == (
        f"/api/v1/docs#{problem.name()}",
        words.STATUS_OF[problem],
    )
    assert 400 <= report.status < 600
    assert (report.title, report.detail) == (problem.message(), "name: too long")
