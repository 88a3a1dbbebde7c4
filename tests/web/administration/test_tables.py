"""Data tables in the office: fields, keys, titles and records, by plain forms and in a browser."""

import re
from typing import Any

import httpx
import pytest

from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.people.actor import system
from nowserving.places.data_tables import DataTable
from nowserving.places.hooks import HookKind
from tests.conftest import PASSWORD, NewPage
from tests.dialects.cubu.test_before import Enabled
from tests.hooks.asked import asked_far, asking
from tests.rig.browser import no_overflow, no_violations
from tests.web.desk.rig import Desk

PATH = "/office/tables"
CARS = {
    "name": "Cars",
    "singular": "Car",
    "plural": "All cars",
    "slug": "cars",
    "title": "{{plate-number}}, {{model}}",
    "description": "Who parks\r\nhere",
}
FIELDS = (
    {"name": "Model", "slug": "model", "place": "2"},
    {"name": "Plate", "slug": "plate-number", "place": "1", "key": "1", "required": "1"},
    {"name": "Seats", "slug": "seats", "type": "number"},
    {"name": "Since", "slug": "since", "type": "date"},
    {"name": "Electric", "slug": "electric", "type": "yes_no"},
    {"name": "", "slug": ""},
)


def form_of(*fields: dict[str, str], **texts: str) -> dict[str, Any]:
    """The form of a table, as a browser sends it."""
    rows = {f"{name}-{at}": text for at, field in enumerate(fields) for name, text in field.items()}
    return {**CARS, **texts, **rows, "row": [str(at) for at in range(len(fields))]}


async def own(house: House, branch: Sample) -> list[DataTable]:
    house.forget_directory(branch.organization.id)
    return (await house.directory(branch.organization.id)).own_tables


async def test_a_table_is_made_changed_and_taken_away(
    eve: Desk, house: House, branch: Sample
) -> None:
    refused = await eve.post(f"{PATH}/new", **form_of(*FIELDS, slug="car"))
    assert (refused.status_code, 'aria-invalid="true"' in refused.text) == (400, True)
    assert 'value="plate-number"' in refused.text
    keyless = await eve.post(f"{PATH}/new", **form_of(FIELDS[0]))
    assert (keyless.status_code, 'id="fields-hint"' in keyless.text) == (400, True)
    made = await eve.post(f"{PATH}/new", **form_of(*FIELDS))
    assert made.headers.get("location") == f"{PATH}?said=add", made.text
    [cars] = await own(house, branch)
    assert [one.slug for one in cars.fields] == [
        *("plate-number", "model", "seats", "since", "electric"),
    ]
    assert (cars.description, [one.slug for one in cars.keys]) == (
        "Who parks\nhere",
        ["plate-number"],
    )
    page = (await eve.get(f"{PATH}/{cars.id}/fields")).text
    rows = [
        {"name": one.name, "slug": one.slug, "type": one.data_type, "there": "1"}
        | ({"key": "1", "required": "1"} if one.key else {})
        for one in cars.fields
    ]
    assert page.count('name="row"') == len(rows) + 3
    leads = next(one.id for one in branch.beginning.groups if one.name == "Team leads")
    assert page.count(f'value="{leads}"') == len(rows) + 3 + 1
    rows[0]["groups"] = str(leads)
    rows[1]["drop"] = "1"
    rows[2]["name"] = "Places"
    wrong = await eve.post(f"{PATH}/{cars.id}/fields", **form_of(*rows))
    assert wrong.status_code == 400  # its title speaks of the model
    saved = await eve.post(f"{PATH}/{cars.id}/fields", **form_of(*rows, title="{{plate-number}}"))
    assert saved.headers.get("location") == f"{PATH}?said=change", saved.text
    [cars] = await own(house, branch)
    assert [one.name for one in cars.fields] == ["Plate", "Places", "Since", "Electric"]
    assert [one.group_ids for one in cars.fields] == [(leads,), None, None, None]
    assert f'value="{leads}" checked' in (await eve.get(f"{PATH}/{cars.id}/fields")).text
    async with house.acting(system(branch.organization.id, "test")) as act:
        assert [one.verb for one in await act.look.audit.of(cars.id)] == ["change", "add"]
    await eve.post(f"{PATH}/{cars.id}/remove")
    assert await own(house, branch) == []


async def test_customers_have_other_fields(eve: Desk, house: House, branch: Sample) -> None:
    customers = (await house.directory(branch.organization.id)).customers
    rows = [
        {"name": one.name, "slug": one.slug, "type": one.data_type, "there": "1"}
        | ({"contact": one.contact} if one.contact else {})
        | ({"key": "1"} if one.key else {})
        | ({"required": "1"} if one.required else {})
        for one in customers.fields
    ]
    new = {"name": "Allergies", "slug": "allergies"}
    texts = {"slug": "customers", "title": "{{customer-name}}"}
    form = form_of(*rows, new, **texts)
    saved = await eve.post(f"{PATH}/{customers.id}/fields", **form)
    assert saved.headers.get("location") == f"{PATH}?said=change", saved.text
    shown = (await eve.get(PATH)).text
    assert "Allergies" in shown
    assert f"{customers.id}/records" not in shown  # customers have their own places


async def test_records_are_added_found_put_right_and_removed(
    eve: Desk, house: House, branch: Sample
) -> None:
    await eve.post(f"{PATH}/new", **form_of(*FIELDS))
    [cars] = await own(house, branch)
    records = f"{PATH}/{cars.id}/records"
    said = {"plate-number": "B NS 1", "model": "Van", "seats": "7,5", "since": "2026-02-03"}
    form = {f"field-{slug}": text for slug, text in said.items()} | {"field-electric": "true"}
    none = await eve.post(f"{records}/new", **{**form, "field-plate-number": ""})
    assert (none.status_code, 'value="Van"' in none.text) == (400, True)
    odd = await eve.post(f"{records}/new", **{**form, "field-seats": "many"})
    assert (odd.status_code, "must be a number" in odd.text) == (400, True)
    added = await eve.post(f"{records}/new", **form)
    assert added.headers.get("location") == f"{records}?said=add", added.text
    again = await eve.post(f"{records}/new", **form)
    assert again.status_code == 409  # another record has this key
    listed = (await eve.get(records)).text
    assert "B NS 1, Van" in listed
    found = await eve.get(f"{records}?slug=plate-number&value=b%20ns%201")
    address = found.headers["location"]
    page = (await eve.get(address)).text
    for shown in ('value="7.5"', 'value="2026-02-03"', 'value="true" selected'):
        assert shown in page
    nothing = await eve.get(f"{records}?slug=plate-number&value=x")
    assert (nothing.status_code, "B NS 1" in nothing.text) == (404, True)
    await eve.post(address, **{**form, "field-model": "Bus", "field-electric": ""})
    page = (await eve.get(address)).text
    assert ('value="Bus"' in page, 'value="true" selected' in page) == (True, False)
    full = await eve.post(f"{PATH}/{cars.id}/remove")
    assert full.status_code == 409
    await eve.post(f"{address}/remove")
    assert (await eve.get(address)).status_code == 404
    assert "There is nothing here yet." in (await eve.get(records)).text
    other = f"{PATH}/{branch.organization.id}/records"
    assert (await eve.get(other)).status_code == 404


async def test_another_systems_records_are_found_here(
    eve: Desk, house: House, branch: Sample
) -> None:
    await eve.post(f"{PATH}/new", **form_of(*FIELDS))
    [cars] = await own(house, branch)
    records = f"{PATH}/{cars.id}/records"
    answers: list[Any] = [404, {"items": [{"id": "C-1", "fields": {"plate-number": "B NS 1"}}]}]
    async with (
        asking(house),
        asked_far(lambda post: answers["query" in post.path]) as far,
    ):
        enabled = await Enabled(house, branch.organization.id).at(far)
        await enabled.hook(HookKind.CUSTOMERS, settings={"tables": ["cars"]})
        listed = await eve.get(f"{records}?slug=plate-number&value=ns")
        address = re.search(rf'href="({records}/[0-9a-f-]+)"', listed.text)
        assert address is not None, listed.text
        page = (await eve.get(address[1])).text
        assert ("C-1" in page, 'value="B NS 1"' in page) == (True, True)
        answers[0] = {"record": {"id": "C-1", "fields": {"model": "Van"}}}
        answers[1] = answers[0]
        await eve.post(f"{address[1]}/fetch")
        assert 'value="Van"' in (await eve.get(address[1])).text


async def test_who_finds_tables_and_who_sets_them(
    client: httpx.AsyncClient, branch: Sample, house: House
) -> None:
    ann = Desk(client)
    await ann.sign_in("ann")
    for path in (PATH, f"{PATH}/new", f"{PATH}/{branch.organization.id}/fields"):
        assert (await ann.get(path)).status_code == 403, path
    assert (await ann.post(f"{PATH}/new", name="x")).status_code == 403


@pytest.mark.parametrize(
    ("language", "scheme", "engine_name"),
    [("en", "light", "sqlite"), ("ar", "dark", "postgres")],
)
async def test_tables_can_be_used_by_everybody(
    served: str, new_page: NewPage, *, language: str, scheme: str
) -> None:
    """Without JavaScript until a record is there; then every page is looked at."""
    page = await new_page(java_script_enabled=False)
    await page.goto(f"{served}/desk/sign-in")
    await page.fill("[name=login]", "eve")
    await page.fill("[name=password]", PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/desk/place*")
    await page.goto(f"{served}{PATH}/new")
    for name in ("name", "singular", "plural", "slug", "title"):
        await page.fill(f"#{name}", CARS[name].replace(", {{model}}", ""))
    await page.fill("#name-0", "Plate")
    await page.fill("#slug-0", "plate-number")
    await page.locator("main form .main-thing").click()
    await page.get_by_role("link", name="Show All cars").click()
    await page.get_by_role("link", name="Add: Car").click()
    await page.get_by_label("Plate").fill("B NS 1")
    await page.locator("main form .main-thing").click()
    record = page.get_by_role("link", name="B NS 1")
    records, address = page.url.partition("?")[0], await record.get_attribute("href")
    fields = re.sub("/records$", "/fields", records)
    seen = await new_page(color_scheme=scheme, storage_state=await page.context.storage_state())
    for path in (served + PATH, fields, records, f"{records}/new", f"{served}{address}"):
        await seen.goto(f"{path}?lang={language}")
        await no_violations(seen)
        await no_overflow(seen)
