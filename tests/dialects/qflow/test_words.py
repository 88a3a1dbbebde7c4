"""Q-Flow has a word for everything of ours that it may have to say."""

import pkgutil
from collections.abc import Iterator
from importlib import import_module

import nowserving
from nowserving.bookings.rules import Punctuality
from nowserving.cases.moves import ENDS, MOVES, State
from nowserving.dialects.qflow.words import (
    ACTION_OF,
    ENQUEUED_AS,
    OTHER_ACTION,
    RESOLUTION_OF,
    STATUS_OF,
    TARGETS,
    WORD_OF,
)
from nowserving.kit.problems import Problem, every_problem

ROOMS = ("kit", "people", "places", "cases", "queues", "bookings", "store", "actions", "journal")
"""Where problems come from that may reach this door; pages and other languages have their own."""


def problems() -> Iterator[type[Problem]]:
    for module in pkgutil.walk_packages(nowserving.__path__, "nowserving."):
        if module.name.split(".")[1] in ROOMS and ".migrations" not in module.name:
            import_module(module.name)
    ours = tuple(f"nowserving.{room}." for room in (*ROOMS, "dialects.qflow"))
    return (kind for kind in every_problem() if kind.__module__.startswith(ours))


def test_every_problem_has_a_word() -> None:
    assert {kind.__name__ for kind in problems()} == {kind.__name__ for kind in WORD_OF}


def test_words_are_answers_to_a_failure() -> None:
    assert all(400 <= word.status < 600 for word in WORD_OF.values())


def test_every_state_has_a_status_and_every_end_a_resolution() -> None:
    assert set(STATUS_OF) == set(State)
    assert set(RESOLUTION_OF) == set(ENDS)


def test_a_target_is_the_status_of_the_state_it_forces() -> None:
    for number, state in TARGETS.items():
        if state is not None and number:
            assert STATUS_OF[state].number == number


def test_every_move_has_an_action_and_ours_collide_with_none_of_theirs() -> None:
    assert set(ACTION_OF) == {move.fact for move in MOVES}
    ours = [one.number for one in ACTION_OF.values() if one.number > 13]
    assert min(ours) == 1000
    assert len(set(ours)) == len(ours)
    assert OTHER_ACTION.number not in ours


def test_every_arrival_has_a_result() -> None:
    assert set(ENQUEUED_AS) == {None, *Punctuality}
