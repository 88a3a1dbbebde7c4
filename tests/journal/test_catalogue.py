"""Every fact that is recorded is in the catalogue, with what it says, and nothing else is."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import nowserving
from nowserving.cases import moves
from nowserving.cases.moves import MOVES, Move
from nowserving.journal.catalogue import CATALOGUE, KINDS

HOUSE = Path(nowserving.__file__).parent
MAKERS = {"change", "_change", "_move", "_step", "_write", "fact", "case_fact"}
NOT_TOLD = {"case_id", "id", "at", "actor"}


def test_every_move_is_in_the_catalogue_and_of_a_case_nothing_else() -> None:
    recorded = {move.fact for move in MOVES}
    assert {kind.name for kind in KINDS if kind.subject == "case"} == recorded
    assert len(KINDS) == len(CATALOGUE)


def test_no_room_speaks_of_a_fact_that_is_not_in_the_catalogue() -> None:
    spoken = {
        node.value
        for path in HOUSE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    facts = re.compile(rf"({'|'.join({kind.subject for kind in KINDS})})\.[a-z_]+")
    assert {text for text in spoken if facts.fullmatch(text)} == set(CATALOGUE)


def test_the_catalogue_says_what_a_fact_says_beside_its_case() -> None:
    cases = [kind for kind in KINDS if kind.name.startswith("case.")]
    told: dict[str, set[str]] = {kind.name: set() for kind in cases}
    for path in (HOUSE / "actions").glob("*.py"):
        for fact, names in recordings(ast.parse(path.read_text())):
            if fact in told:
                told[fact] |= names
    assert told == {kind.name: set(kind.beside) for kind in cases}


def recordings(tree: ast.AST) -> Iterator[tuple[str, set[str]]]:
    """Each call that records a fact, with the names it says beside its subject."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", None))
        if name not in MAKERS:
            continue
        names = {keyword.arg for keyword in node.keywords if keyword.arg} - NOT_TOLD
        for argument in node.args:
            if isinstance(argument, ast.Dict):
                names |= {str(key.value) for key in argument.keys if isinstance(key, ast.Constant)}
        for argument in node.args:
            named = argument
            if isinstance(argument, ast.Attribute) and argument.attr == "fact":
                named = argument.value
            move = getattr(moves, getattr(named, "attr", getattr(named, "id", "")), None)
            if isinstance(move, Move):
                yield move.fact, names
            if isinstance(argument, ast.Constant) and argument.value in CATALOGUE:
                yield argument.value, names


def test_every_kind_is_a_sentence() -> None:
    for kind in KINDS:
        assert re.fullmatch(r"[A-Z].*\.", kind.sentence)
