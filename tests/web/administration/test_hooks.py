"""Who is asked, set up in the office."""

import re

import httpx
import pytest
from playwright.async_api import Page

from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.places.hooks import HookKind
from tests.conftest import PASSWORD
from tests.hooks.asked import add_hook, asked_far, asking
from tests.rig.browser import no_overflow, no_violations
from tests.web.desk.rig import Desk


async def owner(client: httpx.AsyncClient) -> Desk:
    eve = Desk(client)
    await eve.sign_in("eve")
    return eve


FORM = {
    "kind": "queue_up",
    "name": "CRM",
    "url": "https://crm.example/ask",
    "timeout": "1500",
    "on_failure": "deny",
}


async def test_a_hook_is_set_up_and_its_secret_shown_once(
    client: httpx.AsyncClient, branch: Sample
) -> None:
    eve = await owner(client)
    assert "Nobody is asked yet." in (await eve.get("/office/hooks")).text
    form = await eve.get("/office/hooks/new")
    key = re.search(r'name="key" value="([^"]+)"', form.text)
    assert key is not None
    made = await eve.post("/office/hooks/new", **FORM, key=key[1])
    assert "whsec_" in made.text
    again = await eve.post("/office/hooks/new", **FORM, key=key[1])
    shown = await eve.get(again.headers["location"].partition("?")[0])
    assert "whsec_" not in shown.text
    assert 'value="1500"' in shown.text
    assert "CRM" in (await eve.get("/office/hooks")).text


async def test_a_hook_is_changed_disabled_and_removed(
    client: httpx.AsyncClient, branch: Sample
) -> None:
    eve = await owner(client)
    made = await eve.post("/office/hooks/new", **FORM)
    found = re.search(r'action="(/office/hooks/[0-9a-f-]{36})"', made.text)
    assert found is not None
    path = found[1]
    saved = await eve.post(path, **{**FORM, "timeout": "800", "on_failure": "allow"})
    assert saved.headers["location"] == f"{path}?said=change"
    assert 'value="800"' in (await eve.get(saved.headers["location"])).text
    wrong = await eve.post(path, **{**FORM, "timeout": "9000"})
    assert (wrong.status_code, 'aria-invalid="true"' in wrong.text) == (400, True)
    await eve.post(f"{path}/disable")
    assert "Not asked" in (await eve.get("/office/hooks")).text
    assert "whsec_" in (await eve.post(f"{path}/roll")).text
    changes = (await eve.get(path)).text.partition('id="changes"')[2]
    assert "New secret · <bdi>Eve Manager</bdi>" in changes
    assert changes.count("· Changed ·") == 2
    gone = await eve.post(f"{path}/remove")
    assert "Removed." in (await eve.get(gone.headers["location"])).text
    assert (await eve.get(path)).status_code == 404


@pytest.mark.parametrize("url", ["http://crm.example/", "https://127.0.0.1/", "nonsense", ""])
async def test_an_address_nobody_may_be_asked_at_is_told(
    client: httpx.AsyncClient, branch: Sample, url: str
) -> None:
    eve = await owner(client)
    refused = await eve.post("/office/hooks/new", **{**FORM, "url": url})
    assert refused.status_code == 400
    assert 'aria-invalid="true"' in refused.text


async def test_a_hook_is_tried_out(client: httpx.AsyncClient, house: House, branch: Sample) -> None:
    eve = await owner(client)
    async with asked_far(lambda post: {"allow": False, "message": "<Not> today."}) as far:
        hook = await add_hook(house, branch.organization.id, HookKind.QUEUE_UP, far.url)
        tried = await eve.post(f"/office/hooks/{hook.id}/test")
    assert "It refuses:" in tried.text
    assert "&lt;Not&gt; today." in tried.text


async def test_cubus_webhooks_are_set_up_below_an_endpoint(
    client: httpx.AsyncClient, house: House, branch: Sample
) -> None:
    eve = await owner(client)
    assert 'name="below"' not in (await eve.get("/office/hooks/new")).text
    async with asking(house):
        base = {
            "dialect": "cubu",
            "url": "https://localhost/cubu",
            "kinds": "*",
            "name": "CRM base",
        }
        await eve.post("/office/webhooks/new", **base, concurrency="8")
        form = (await eve.get("/office/hooks/new")).text
        found = re.search(r'<option value="([0-9a-f-]{36})">[^<]*CRM base', form)
        assert found is not None
        cubu = {**FORM, "url": "", "below": found[1]}
        strange = await eve.post("/office/hooks/new", **{**cubu, "kind": HookKind.MOVE})
        assert (strange.status_code, 'aria-invalid="true"' in strange.text) == (400, True)
        known = set(HookKind) - {HookKind.MOVE}  # Cubu has no such question
        for kind in known:
            made = await eve.post("/office/hooks/new", **{**cubu, "kind": kind})
            assert (made.status_code, made.text) == (303, "")
        hooks = (await house.directory(branch.organization.id)).hooks.values()
        assert {(one.kind, one.dialect, str(one.endpoint_id), one.url) for one in hooks} == {
            (kind, "cubu", found[1], None) for kind in known
        }
        assert "CRM base" in (await eve.get(made.headers["location"])).text
        wrong = await eve.post(
            "/office/hooks/new", **{**cubu, "below": str(branch.organization.id)}
        )
        assert (wrong.status_code, 'aria-invalid="true"' in wrong.text) == (400, True)
        native = await eve.post("/office/hooks/new", **{**FORM, "kind": "sms"})
        assert native.status_code == 400


async def test_an_agent_sets_up_nothing(client: httpx.AsyncClient, branch: Sample) -> None:
    ann = Desk(client)
    await ann.sign_in("ann")
    assert (await ann.get("/office/hooks")).status_code == 403
    assert (await ann.post("/office/hooks/new", **FORM)).status_code == 403


@pytest.mark.parametrize(("lang", "engine_name"), [("en", "sqlite"), ("ar", "postgres")])
async def test_everybody_can_use_it(
    served: str, house: House, branch: Sample, page: Page, lang: str
) -> None:
    async with asked_far(lambda post: {"changes": {"name": "A", "channel": "chat"}}) as far:
        hook = await add_hook(house, branch.organization.id, HookKind.QUEUE_UP, far.url)
        await page.goto(f"{served}/desk/sign-in?next=/office/hooks&lang={lang}")
        await page.fill("[name=login]", "eve")
        await page.fill("[name=password]", PASSWORD)
        await page.press("[name=password]", "Enter")
        await page.wait_for_url("**/office/hooks")
        await no_violations(page)
        await page.goto(f"{served}/office/hooks/{hook.id}")
        await page.click(f'form[action="/office/hooks/{hook.id}/test"] button')
        await page.wait_for_url("**/test")
    await page.set_viewport_size({"width": 320, "height": 640})
    for address in (f"/office/hooks/{hook.id}", "/office/hooks/new", "/office/hooks"):
        await page.goto(f"{served}{address}")
        await no_violations(page)
        await no_overflow(page)
