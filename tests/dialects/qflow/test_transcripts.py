"""What is written down of this language is what we say; there is no route without a transcript."""

import re
from pathlib import Path

import pytest

from nowserving.dialects.qflow.prefix import WORDS
from nowserving.dialects.qflow.routes import ROUTES
from tests.actions.booking import Surgery
from tests.dialects.qflow.conftest import Program
from tests.rig.transcripts import Teller, routes_in

FILES = sorted((Path(__file__).parent / "transcripts").glob("*.http"))


@pytest.fixture
async def teller(surgery: Surgery, qflow: Program) -> Teller:
    """A program, on a Monday at eight; today's calendar is open."""
    await surgery.opened(surgery.now.date())
    return Teller(qflow.client, {"basic": qflow.basic, "key": qflow.key})


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
async def test_a_transcript_is_true(file: Path, teller: Teller) -> None:
    await teller.play(file)


def test_there_is_no_route_without_a_transcript() -> None:
    told = {(method, _shape(path)) for method, path in routes_in(iter(FILES))}
    offered = {(one.method, _shape(f"/API/{one.path}")) for one in ROUTES}
    assert offered <= told


def test_addresses_in_any_case_begin_with_the_first_words_of_the_routes() -> None:
    assert {one.path.partition("/")[0].lower() for one in ROUTES} == WORDS


def _shape(path: str) -> str:
    """A path in small letters with its numbers left out."""
    return re.sub(r"\{[^}]*\}|(?<=/)s?[0-9]+(?=/|$)", "*", path).lower()
