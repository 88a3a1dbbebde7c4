"""Endpoints in the office: added, changed, paused, rolled and deleted with plain forms."""

import re
from typing import Any

import httpx
import pytest

from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.places.endpoints import Endpoint
from nowserving.store.engines import Looking
from nowserving.store.store import Store
from tests.web.desk.rig import Desk

URL = "https://localhost/hooks"


@pytest.fixture
async def eve(client: httpx.AsyncClient, branch: Sample) -> Desk:
    """The owner, signed in."""
    desk = Desk(client)
    await desk.sign_in("eve")
    return desk


async def kept(house: House, branch: Sample) -> list[Endpoint]:
    return await Store(Looking(house.engine), branch.organization.id).endpoints.all()


async def add(eve: Desk, **form: Any) -> httpx.Response:
    plain = {"dialect": "native", "url": URL, "kinds": "*", "concurrency": "8", "key": "k1"}
    return await eve.post("/office/webhooks/new", **{**plain, **form})


def secret_in(page: str) -> str | None:
    found = re.search(r'class="code secret" dir="ltr">([^<]+)<', page)
    return found[1] if found else None


async def test_an_endpoint_is_added_and_its_secret_shown_once(
    eve: Desk, house: House, branch: Sample
) -> None:
    assert "Nobody is told yet." in (await eve.get("/office/webhooks")).text
    assert "?dialect=native" in (await eve.get("/office/webhooks/new")).text
    form = await eve.get("/office/webhooks/new?dialect=native")
    assert '<input type="checkbox" name="kinds" value="*" checked>' in form.text
    added = await add(eve, name="CRM", rate="20")
    secret = secret_in(added.text)
    assert added.status_code == 200
    assert secret is not None
    [endpoint] = await kept(house, branch)
    assert house.vault.unlock(endpoint.secret or b"") == secret
    assert (endpoint.name, endpoint.rate, endpoint.kinds) == ("CRM", 20, ("*",))
    again = await add(eve, name="CRM", rate="20")
    assert again.headers["location"] == f"/office/webhooks/{endpoint.id}?said=change"
    for path in (f"/office/webhooks/{endpoint.id}", "/office/webhooks"):
        page = (await eve.get(path)).text
        assert "CRM" in page
        assert secret not in page
    assert len(await kept(house, branch)) == 1


async def test_what_is_wrong_is_said_at_its_field(eve: Desk, house: House, branch: Sample) -> None:
    for wrong, field in (
        ({"url": "http://10.0.0.1/"}, "url"),
        ({"concurrency": "64"}, "concurrency"),
        ({"rate": "many"}, "rate"),
        ({"headers": "Host: x"}, "headers"),
        ({"headers": "nonsense"}, "headers"),
        ({"secret": "short"}, "secret"),
    ):
        answer = await add(eve, **wrong)
        assert answer.status_code == 400, wrong
        assert "<title>Error:" in answer.text
        assert f'<p class="error" id="{field}-hint">' in answer.text
        assert f'aria-describedby="{field}-hint" aria-invalid="true"' in answer.text
    kept_entry = await add(eve, url="http://10.0.0.1/", name="My <name>")
    assert 'value="My &lt;name&gt;"' in kept_entry.text
    assert await kept(house, branch) == []


async def test_what_a_program_chose_by_a_pattern_is_on_the_form_and_stays(
    eve: Desk, house: House, branch: Sample
) -> None:
    await add(eve, kinds=["case.*", "case.called", "agent.moved"])
    [endpoint] = await kept(house, branch)
    assert endpoint.kinds == ("case.*", "agent.moved")
    path = f"/office/webhooks/{endpoint.id}/edit"
    form = (await eve.get(path)).text
    checked: Any = re.findall(r'name="kinds" value="([^"]+)" checked', form)
    assert checked == ["case.*", "agent.moved"]
    order: dict[str, Any] = {"dialect": "native", "url": URL, "concurrency": "8", "version": "1"}
    saved = await eve.post(path, **order, name="CRM", kinds=checked)
    assert saved.status_code == 303
    [endpoint] = await kept(house, branch)
    assert (endpoint.name, endpoint.kinds) == ("CRM", ("case.*", "agent.moved"))


async def test_the_form_shows_what_is_and_changes_it(
    eve: Desk, house: House, branch: Sample
) -> None:
    directory = await house.directory(branch.organization.id)
    unit = directory.unit_numbered(1)
    await add(
        eve,
        dialect="vcc",
        kinds="case.*",
        method="PUT",
        encrypt="aes-256-ctr",
        settings=["substatus", "any_success"],
        units=str(unit.id),
        headers="X-Key: hush\nX-More: 1",
    )
    [endpoint] = await kept(house, branch)
    assert endpoint.settings == {
        "method": "PUT",
        "encrypt": "aes-256-ctr",
        "substatus": True,
        "any_success": True,
    }
    assert endpoint.unit_ids == (unit.id,)
    form = await eve.get(f"/office/webhooks/{endpoint.id}/edit")
    assert "hush" not in form.text
    assert "X-Key, X-More" in form.text
    assert f'value="{unit.id}" checked' in form.text
    saved = await eve.post(
        f"/office/webhooks/{endpoint.id}/edit",
        dialect="vcc",
        version="1",
        url="https://localhost/new",
        kinds="case.called",
        encrypt="aes-256-ctr",
        concurrency="2",
    )
    assert saved.status_code == 303, saved.text
    [changed] = await kept(house, branch)
    assert (changed.url, changed.kinds, changed.unit_ids) == (
        "https://localhost/new",
        ("case.called",),
        None,
    )
    assert changed.settings == {"encrypt": "aes-256-ctr"}
    assert (changed.concurrency, changed.headers) == (2, endpoint.headers)
    late = await eve.post(
        f"/office/webhooks/{endpoint.id}/edit", dialect="vcc", version="1", url=URL, concurrency="1"
    )
    assert late.status_code in (400, 409)
    page = (await eve.get(f"/office/webhooks/{endpoint.id}")).text
    assert "Eve Manager" in page
    assert "url, kinds" in page


async def test_cubu_actions_get_other_names(eve: Desk, house: House, branch: Sample) -> None:
    await add(eve, dialect="cubu", kinds="case.queued", **{"action-case.queued": "joined"})
    [endpoint] = await kept(house, branch)
    assert endpoint.settings == {"actions": {"case.queued": "joined"}}
    form = (await eve.get(f"/office/webhooks/{endpoint.id}/edit")).text
    assert 'name="action-case.queued" dir="ltr" value="joined"' in form


async def test_the_buttons(eve: Desk, house: House, branch: Sample) -> None:
    await add(eve)
    [endpoint] = await kept(house, branch)
    path = f"/office/webhooks/{endpoint.id}"
    paused = await eve.post(f"{path}/pause")
    assert "Paused by hand" in (await eve.get(paused.headers["location"])).text
    resumed = await eve.post(f"{path}/resume")
    assert "Resumed." in (await eve.get(resumed.headers["location"])).text
    asked = await eve.post(f"{path}/challenge")
    assert "asked again" in (await eve.get(asked.headers["location"])).text
    rolled = await eve.post(f"{path}/roll", both_for_hours="24")
    secret = secret_in(rolled.text)
    assert secret is not None
    page = (await eve.get(path)).text
    assert secret not in page
    assert "The old secret signs beside the new one until" in page
    deleted = await eve.post(f"{path}/delete")
    assert deleted.headers["location"] == "/office/webhooks?said=delete"
    assert (await eve.get(path)).status_code == 404
    assert (await eve.post(f"{path}/dance")).status_code == 404


async def test_who_may_not_is_told_so(client: httpx.AsyncClient, branch: Sample) -> None:
    ann = Desk(client)
    await ann.sign_in("ann")
    for path in ("/office/webhooks", "/office/webhooks/new?dialect=native"):
        assert (await ann.get(path)).status_code == 403
    assert (await add(ann)).status_code == 403


async def test_a_form_of_another_site_is_refused(eve: Desk, house: House, branch: Sample) -> None:
    eve.csrf = "x"
    assert (await add(eve)).status_code == 403
    assert await kept(house, branch) == []
