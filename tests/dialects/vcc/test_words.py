"""VCC Live has a word for everything of ours that it may have to say."""

import pkgutil
from collections.abc import Iterator
from importlib import import_module

import nowserving
from nowserving.cases.moves import ENDS, State
from nowserving.dialects.vcc.words import (
    BADLY,
    BY_OUTCOME,
    FOR_AGENT,
    FOR_ENTITY,
    STANDING_OF,
    WELL,
    WORD_OF,
    standing,
)
from nowserving.kit.problems import Problem, every_problem

ROOMS = ("kit", "people", "places", "cases", "queues", "bookings", "store", "actions", "journal")
"""Where problems come from that may reach this door; pages and other languages have their own."""


def problems() -> Iterator[type[Problem]]:
    for module in pkgutil.walk_packages(nowserving.__path__, "nowserving."):
        if module.name.split(".")[1] in ROOMS and ".migrations" not in module.name:
            import_module(module.name)
    ours = tuple(f"nowserving.{room}." for room in (*ROOMS, "dialects.vcc"))
    return (kind for kind in every_problem() if kind.__module__.startswith(ours))


def test_every_problem_has_a_word() -> None:
    assert {kind.__name__ for kind in problems()} == {kind.__name__ for kind in WORD_OF}


def test_words_are_answers_to_a_failure() -> None:
    for kind, word in WORD_OF.items():
        assert 400 <= word.status < 600, kind
        assert word.code.startswith("error."), kind


def test_every_state_has_a_standing() -> None:
    assert set(STANDING_OF) == set(State)
    assert set(STANDING_OF.values()) == {FOR_AGENT, FOR_ENTITY, WELL, BADLY}
    for state in State:
        assert (standing(state, successful=None).status == "closed") == (state in ENDS)


def test_the_outcome_says_whether_it_ended_well() -> None:
    for state in BY_OUTCOME:
        assert standing(state, successful=True) == standing(state, successful=None) == WELL
        assert standing(state, successful=False) == BADLY
    assert standing(State.CANCELED, successful=True) == BADLY
    assert standing(State.WAITING, successful=False) == FOR_AGENT
