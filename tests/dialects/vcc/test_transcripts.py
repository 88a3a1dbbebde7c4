"""What is written down of this language is what we say; there is no route without a transcript."""

import re
from pathlib import Path

import pytest

from nowserving.actions.house import House
from nowserving.dialects.vcc.routes import HANDLERS
from tests.dialects.vcc.conftest import Program
from tests.rig.transcripts import Teller, routes_in

FILES = sorted((Path(__file__).parent / "transcripts").glob("*.http"))


@pytest.fixture
async def teller(house: House, vcc: Program) -> Teller:
    """A program that knows today's date at the branch."""
    zone = (await house.directory(vcc.made.organization.id)).unit_numbered(1).zone
    now = house.clock()
    house.clock = lambda: now
    day = f"{now.astimezone(zone):%Y%m%d}"
    return Teller(vcc.client, {"basic": vcc.basic, "day": day})


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
async def test_a_transcript_is_true(file: Path, teller: Teller) -> None:
    await teller.play(file)


def test_there_is_no_route_without_a_transcript() -> None:
    told = {(method, _shape(path)) for method, path in routes_in(iter(FILES))}
    offered = {
        (str(method), _shape(f"/v2{path}"))
        for handler in HANDLERS
        for path in handler.paths
        for method in handler.http_methods
    }
    assert offered <= told


def _shape(path: str) -> str:
    """A path with its numbers left out."""
    return re.sub(r"\{[^}]*\}|(?<=/)[0-9]+(?=/|$)", "*", path)
