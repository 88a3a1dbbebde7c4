"""What is set up in the office, and tokens, by plain forms and in a real browser."""

import re

import httpx
import pytest
from playwright.async_api import Page

from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.actions.sample_work import BackOffice
from nowserving.places.directory import Directory
from nowserving.web.office.set_up import REGISTERS
from tests.conftest import PASSWORD
from tests.rig.browser import for_everybody
from tests.web.desk.rig import Desk


async def directory_of(house: House, branch: Sample) -> Directory:
    house.forget_directory(branch.organization.id)
    return await house.directory(branch.organization.id)


async def made_in(eve: Desk, name: str, /, **form: str) -> None:
    made = await eve.post(f"/office/set-up/{name}/new", **form)
    assert made.headers.get("location") == f"/office/set-up/{name}?said=add", made.text


async def test_each_list_is_added_to_and_changed(
    eve: Desk, house: House, branch: Sample, back_office: BackOffice
) -> None:
    before = await directory_of(house, branch)
    category = str(back_office.service.category_id)
    await made_in(eve, "statuses", name="Paid back", state="closed", position="7", type_id="")
    await made_in(eve, "priorities", name="At once", level="2", position="0")
    kind = {"minutes": "20", "no_show_percent": "5", "color": "#112233", "channels": "phone"}
    await made_in(eve, "types", name="Praise", category_id=category, **kind)
    await made_in(eve, "fields", name="Invoice", category_id=category, slug="", position="3")
    unit = str(back_office.unit.id)
    await made_in(eve, "inboxes", name="Mail", unit_id=unit, color="#112233", position="1")
    await made_in(eve, "codes", kind="classification", code="TAX", name="Taxes", parent_id="")
    after = await directory_of(house, branch)
    kinds = ("statuses", "priorities", "types", "fields", "queues", "codes")
    new = [
        one
        for name in kinds
        for id, one in getattr(after, name).items()
        if id not in getattr(before, name)
    ]
    assert [one.name for one in new] == [
        "Paid back",
        "At once",
        "Praise",
        "Invoice",
        "Mail",
        "Taxes",
    ]
    assert (str(new[0].condition), new[2].channels, new[3].slug) == (
        "closed",
        ("phone",),
        "invoice",
    )
    for name, one in zip(
        ("statuses", "priorities", "fields", "inboxes"), (*new[:2], *new[3:5]), strict=True
    ):
        path = f"/office/set-up/{name}/{one.id}"
        form = (await eve.get(path)).text
        assert f'value="{one.name}"' in form
        changed = {"name": f"{one.name} 2", "position": "4", "archived": "1", "color": "#000000"}
        saved = await eve.post(path, **changed)
        assert saved.headers.get("location") == f"/office/set-up/{name}?said=change", saved.text
        shown = (await eve.get(saved.headers["location"])).text
        assert f"{one.name} 2" in shown
        assert "No longer offered" in shown
        assert "Eve" in (await eve.get(path)).text
    for name, thing in (("branches", back_office.unit), ("services", back_office.service)):
        said = {"ext_ref": "X-1", "type_id": "", "wait_target": "9", "price": "5 euros"}
        said["documents"] = "A form\r\n\r\nA photo"
        await eve.post(f"/office/set-up/{name}/{thing.id}", **said)
    after = await directory_of(house, branch)
    unit_now = after.units[back_office.unit.id]
    assert (unit_now.ext_ref, unit_now.wait_target) == ("X-1", 9)
    service = after.services[back_office.service.id]
    assert (service.ext_ref, service.price) == ("X-1", "5 euros")
    assert service.to_bring == ["A form", "A photo"]
    assert "A photo" in (await eve.get("/office/set-up/services")).text


async def test_which_rooms_suit_whom(eve: Desk, house: House, branch: Sample) -> None:
    directory = await directory_of(house, branch)
    service = directory.services_of(directory.unit_numbered(1).id)[3]
    page = (await eve.get("/office/set-up/rooms")).text
    assert page.count('type="checkbox"') == 2
    assert 'value="wheelchair" checked' in page
    saved = await eve.post(
        f"/office/set-up/rooms/{service.id}", **{"room": "0", "suits-0": "interpreter"}
    )
    shown = (await eve.get(saved.headers["location"])).text
    assert ("Saved." in shown, 'value="wheelchair" checked' in shown) == (True, False)
    assert 'value="interpreter" checked' in shown
    unknown = f"/office/set-up/rooms/{branch.organization.id}"
    assert (await eve.post(unknown, room="0")).status_code == 404


async def test_what_is_wrong_is_told_at_its_field_and_keeps_the_rest(
    eve: Desk, house: House, branch: Sample, back_office: BackOffice
) -> None:
    wrong = {
        "statuses": {"name": "", "state": "closed", "position": "1"},
        "priorities": {"name": "x", "level": "9", "position": "1"},
        "types": {"name": "x", "category_id": "", "minutes": "1", "no_show_percent": "1"},
        "fields": {"name": "x", "category_id": "y", "position": "-1"},
        "codes": {"kind": "classification", "code": "info", "name": "Kept text"},
        "inboxes": {"name": "x", "unit_id": "", "color": "#112233", "position": "1"},
    }
    for name, form in wrong.items():
        refused = await eve.post(f"/office/set-up/{name}/new", **form)
        assert refused.status_code == 400, (name, refused.text)
        assert 'aria-invalid="true"' in refused.text, name
    assert (
        'value="Kept text"' in (await eve.post("/office/set-up/codes/new", **wrong["codes"])).text
    )
    nobody = "0198c0de-0000-7000-8000-000000000005"
    for path in ("nothing", "branches/new", f"codes/{nobody}", "codes/x"):
        assert (await eve.get(f"/office/set-up/{path}")).status_code == 404, path
    assert (await eve.post(f"/office/set-up/codes/{nobody}", code="x", name="x")).status_code == 404


async def test_only_who_manages_places_finds_it(
    client: httpx.AsyncClient, branch: Sample, back_office: BackOffice
) -> None:
    ann = Desk(client)
    await ann.sign_in("ann")
    for path in (
        "/office/set-up",
        "/office/set-up/codes",
        "/office/set-up/codes/new",
        "/office/set-up/rooms",
        "/office/tokens",
    ):
        assert (await ann.get(path)).status_code == 403, path
    forms = {"/office/set-up/codes/new": {"kind": "procedure", "code": "x", "name": "x"}}
    for path, form in {**forms, "/office/tokens/new": {"name": "x"}}.items():
        assert (await ann.post(path, **form)).status_code == 403, path
    eve = Desk(client)
    await eve.sign_in("eve")
    eve.csrf = "wrong"
    for path, form in forms.items():
        assert (await eve.post(path, **form)).status_code == 403


async def test_a_token_is_shown_once_counted_and_taken_back(
    eve: Desk, client: httpx.AsyncClient, branch: Sample, back_office: BackOffice
) -> None:
    assert "There are none yet." in (await eve.get("/office/tokens")).text
    for wrong in (
        {"name": "", "limit": "5"},
        {"name": "x", "limit": "0"},
        {"name": "x", "limit": "y"},
    ):
        assert (await eve.post("/office/tokens/new", **wrong)).status_code == 400
    asked = {"name": "<CRM>", "kind": "internal", "limit": "2", "key": "k1"}
    made = await eve.post("/office/tokens/new", **asked)
    found = re.search(r'class="code secret" dir="ltr">([^<]+)<', made.text)
    assert found is not None
    again = await eve.post("/office/tokens/new", **asked)
    assert again.headers["location"] == "/office/tokens?said=add"
    shown = (await eve.get("/office/tokens")).text
    assert found[1] not in shown
    assert "&lt;CRM&gt;" in shown
    path = "/server/API/v2/cases/queryCases.php"
    body = {"operation": branch.organization.slug, "field": "status", "value": "Open"}
    ask = {"Wolkvox-Token": found[1]}
    assert (await client.post(path, json=body, headers=ask)).status_code == 200
    assert "Used today: 1 of 2" in (await eve.get("/office/tokens")).text
    assert (await client.post(path, json=body, headers=ask)).status_code == 200
    assert "Used up" in (await eve.get("/office/tokens")).text
    assert (await client.post(path, json=body, headers=ask)).status_code == 403
    external = {"name": "Acme", "kind": "external", "limit": "9", "customer": "999999"}
    assert (await eve.post("/office/tokens/new", **external)).status_code == 400
    drop = re.search(r'action="(/office/tokens/[0-9a-f-]{36}/drop)"', shown)
    assert drop is not None
    gone = await eve.post(drop[1])
    assert "It is good no longer." in (await eve.get(gone.headers["location"])).text
    assert (await client.post(path, json=body, headers=ask)).status_code == 403
    assert (await eve.post(drop[1])).status_code == 404


@pytest.mark.parametrize(("language", "engine_name"), [("de", "postgres"), ("ar", "sqlite")])
async def test_every_page_can_be_used_by_everybody(
    served: str, page: Page, back_office: BackOffice, language: str
) -> None:
    await page.goto(f"{served}/desk/sign-in")
    await page.fill("[name=login]", "eve")
    await page.fill("[name=password]", PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/desk/place*")
    paths = ["", "/rooms", *(f"/{name}" for name in REGISTERS)]
    paths += [f"/{name}/new" for name in ("types", "codes")]
    paths += [f"/types/{back_office.types[0].id}"]
    for path in (
        *(f"/office/set-up{one}" for one in paths),
        "/office/tokens",
        "/office/tokens/new",
    ):
        await page.goto(f"{served}{path}?lang={language}")
        await for_everybody(page)
