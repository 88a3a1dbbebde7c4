"""What is written down of this language is what we say; there is no route without a transcript."""

from pathlib import Path

import pytest

from nowserving.dialects.wolkvox.routes import HANDLERS, PREFIX
from tests.dialects.wolkvox.conftest import Crm
from tests.rig.transcripts import Teller, routes_in

FILES = sorted((Path(__file__).parent / "transcripts").glob("*.http"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
async def test_a_transcript_is_true(file: Path, crm: Crm) -> None:
    known = {"token": crm.token, "external": crm.external, "operation": crm.operation}
    await Teller(crm.client, known).play(file)


def test_there_is_no_route_without_a_transcript() -> None:
    told = routes_in(iter(FILES))
    offered = {
        (str(method), f"{PREFIX}{path}")
        for handler in HANDLERS
        for path in handler.paths
        for method in handler.http_methods
    }
    assert offered <= told
