"""wolkvox' language has a word for everything of ours that it may have to say."""

import pkgutil
from collections.abc import Iterator
from importlib import import_module

import nowserving
from nowserving.cases.moves import State
from nowserving.dialects.wolkvox.words import BUG, NAME_OF, STATE_CALLED, STATUS_OF, WORD_OF
from nowserving.kit.problems import Problem, every_problem

ROOMS = ("kit", "people", "places", "cases", "queues", "bookings", "store", "actions", "journal")
"""Where problems come from that may reach this door; pages and other languages have their own."""


def problems() -> Iterator[type[Problem]]:
    for module in pkgutil.walk_packages(nowserving.__path__, "nowserving."):
        if module.name.split(".")[1] in ROOMS and ".migrations" not in module.name:
            import_module(module.name)
    ours = tuple(f"nowserving.{room}." for room in (*ROOMS, "dialects.wolkvox"))
    return (kind for kind in every_problem() if kind.__module__.startswith(ours))


def test_every_problem_has_a_word() -> None:
    assert {kind.__name__ for kind in problems()} == {kind.__name__ for kind in WORD_OF}


def test_every_word_is_a_status_with_a_name() -> None:
    for kind, word in WORD_OF.items():
        assert word.status in NAME_OF, kind
    assert BUG.status in NAME_OF


def test_every_state_has_a_word_of_its_own() -> None:
    assert set(STATUS_OF) == set(State)
    assert len(set(STATUS_OF.values())) == len(State)
    assert {STATE_CALLED[word.lower()] for word in ("Open", "On hold", "Solved", "Closed")} == {
        State.WAITING,
        State.ON_HOLD,
        State.RESOLVED,
        State.CLOSED,
    }
