"""The way into administration, and who finds it."""

import httpx
import pytest

from nowserving.actions.sample import Sample
from tests.web.desk.rig import Desk


async def test_a_stranger_signs_in_and_is_brought_back(
    client: httpx.AsyncClient, branch: Sample
) -> None:
    desk = Desk(client)
    sent = await desk.get("/office/webhooks")
    assert (sent.status_code, sent.headers["location"]) == (
        303,
        "/desk/sign-in?next=%2Foffice%2Fwebhooks",
    )
    form = await desk.get(sent.headers["location"])
    assert 'name="next" value="/office/webhooks"' in form.text
    answer = await desk.sign_in("eve", next="/office/webhooks")
    assert answer.headers["location"] == "/office/webhooks"


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example/office", "/office/../desk", "/\\evil", "/office?x=1"],
)
async def test_nobody_is_sent_anywhere_else(
    client: httpx.AsyncClient, branch: Sample, elsewhere: str
) -> None:
    answer = await Desk(client).sign_in("eve", next=elsewhere)
    assert answer.headers["location"] == "/desk"


async def test_an_owner_finds_the_sections(client: httpx.AsyncClient, branch: Sample) -> None:
    desk = Desk(client)
    await desk.sign_in("eve")
    assert 'href="/office"' in (await desk.get("/desk/place")).text
    page = await desk.get("/office")
    assert page.status_code == 200
    assert "<h1>Administration</h1>" in page.text
    assert 'href="/office/webhooks"' in page.text


async def test_an_agent_finds_none(client: httpx.AsyncClient, branch: Sample) -> None:
    desk = Desk(client)
    await desk.sign_in("ann")
    assert 'href="/office"' not in (await desk.get("/desk/place")).text
    answer = await desk.get("/office")
    assert answer.status_code == 403
    assert "You may not do this here." in answer.text
