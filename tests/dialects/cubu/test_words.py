"""Cubu has a word for everything of ours that it may have to say."""

import pkgutil
from collections.abc import Iterator
from importlib import import_module

import nowserving
from nowserving.cases.moves import State
from nowserving.dialects.cubu.words import CHANNEL_OF, CHANNELS, STATES, STATUS_OF, WORD_OF
from nowserving.kit.problems import Problem, every_problem
from nowserving.places.services import Channel

ROOMS = ("kit", "people", "places", "cases", "queues", "bookings", "store", "actions", "journal")
"""Where problems come from that may reach this door; pages and other languages have their own."""


def problems() -> Iterator[type[Problem]]:
    for module in pkgutil.walk_packages(nowserving.__path__, "nowserving."):
        if module.name.split(".")[1] in ROOMS and ".migrations" not in module.name:
            import_module(module.name)
    ours = tuple(f"nowserving.{room}." for room in (*ROOMS, "dialects.cubu"))
    return (kind for kind in every_problem() if kind.__module__.startswith(ours))


def test_every_problem_has_a_word() -> None:
    assert {kind.__name__ for kind in problems()} == {kind.__name__ for kind in WORD_OF}


def test_words_are_answers_to_a_failure() -> None:
    for kind, word in WORD_OF.items():
        assert 400 <= word.status < 600, kind
        assert kind.message(), kind


def test_every_state_has_a_word_and_is_found_by_it() -> None:
    assert set(STATUS_OF) == set(State)
    for state, word in STATUS_OF.items():
        assert state in STATES[word.lower()]


def test_every_channel_has_a_word_and_is_found_by_it() -> None:
    assert set(CHANNEL_OF) == set(Channel)
    for channel, word in CHANNEL_OF.items():
        assert CHANNELS[word.lower()] is channel
