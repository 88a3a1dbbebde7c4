"""Everything a page says is said in every language."""

import re
from collections.abc import Iterator

import pytest
from babel.messages.extract import extract_from_file
from jinja2.ext import babel_extract

import nowserving.main.server  # noqa: F401  all rooms, so that every problem is known
from nowserving.cases.moves import MOVES, State
from nowserving.journal.catalogue import CATALOGUE
from nowserving.kit.problems import Problem, every_problem
from nowserving.places.services import Channel
from nowserving.queues.line import Rule
from nowserving.web import words
from nowserving.web.speech import LANGUAGES, WEB, speech, translations

FOREIGN = [language for language in LANGUAGES if language != "en"]
OUTSIDE = ("nowserving.hooks", "nowserving.dialects", "nowserving.main", "tests")
PLACEHOLDER = re.compile(r"%\(\w+\)s|%s")


def problems() -> list[type[Problem]]:
    """The problems a page can meet: those of the rooms below it."""
    return [one for one in every_problem() if not one.__module__.startswith(OUTSIDE)]


def messages() -> Iterator[tuple[str, object]]:
    """Every message in templates and code, with where it stands."""
    for template in WEB.rglob("templates/*.html"):
        with template.open("rb") as opened:
            options = {"trimmed": "true", "extensions": "jinja2.ext.i18n"}
            for line, _, message, _ in babel_extract(
                opened, ("_", "gettext", "ngettext"), [], options
            ):
                yield f"{template.relative_to(WEB)}:{line}", message
    for code in WEB.rglob("*.py"):
        keywords = {"N_": None, "say": None, "many": (1, 2)}
        for line, message, _, _ in extract_from_file("python", code, keywords=keywords):
            yield f"{code.relative_to(WEB)}:{line}", message
    for problem in problems():
        yield problem.__name__, problem.message()


def in_files(language: str) -> set[str]:
    return {key[0] if isinstance(key, tuple) else key for key in translations(language)._catalog}


def test_there_is_a_word_for_every_state_move_rule_and_fact() -> None:
    assert set(words.STATES) == set(State)
    assert set(words.MOVES) == {move.verb for move in MOVES}
    assert set(words.FACTS) == set(CATALOGUE)
    assert set(words.RULES) == set(Rule)
    assert set(words.CHANNELS) == set(Channel)


@pytest.mark.parametrize("language", FOREIGN)
def test_every_message_has_its_translation(language: str) -> None:
    known = in_files(language)
    missing = [
        f"{where}: {message!r}"
        for where, message in messages()
        if (message[0] if isinstance(message, tuple) else message) not in known
    ]
    assert not missing, f"not in {language}.po:\n" + "\n".join(missing)


@pytest.mark.parametrize("language", FOREIGN)
def test_a_translation_keeps_what_is_filled_in(language: str) -> None:
    for key, said in translations(language)._catalog.items():
        message = key[0] if isinstance(key, tuple) else key
        if message and not isinstance(key, tuple):
            assert set(PLACEHOLDER.findall(said)) == set(PLACEHOLDER.findall(message)), message


@pytest.mark.parametrize("problem", problems(), ids=lambda problem: problem.__name__)
def test_every_problem_says_what_happened_and_what_to_do(problem: type[Problem]) -> None:
    for language in LANGUAGES:
        say = speech(language)
        assert words.problem(say, problem())
        assert words.advice(say, problem())
