"""Types and fields of cases are set up over the API, and asked for and named at once."""

from typing import Any

import httpx
import pytest

from nowserving.actions.sample import Sample
from nowserving.actions.sample_work import BackOffice
from tests.dialects.native.api import Api
from tests.dialects.native.conftest import agent_of

NOBODY = "0198c0de-0000-7000-8000-000000000005"


@pytest.fixture
async def owner(client: httpx.AsyncClient, branch: Sample) -> Api:
    """Eve, who manages everything."""
    return await agent_of(client, branch, "eve")


async def test_types_are_added_and_changed(owner: Api, back_office: BackOffice) -> None:
    address = f"/services/{back_office.service.id}"
    before = (await owner.get(address))["types"]
    asked = {"category_id": str(back_office.service.category_id), "name": " Praise "}
    made = await owner.post("/service-types", {**asked, "channels": ["phone"]}, expect=201)
    assert (made["name"], made["channels"]) == ("Praise", ["phone"])
    assert (await owner.get(address))["types"] == [*before, made]
    hidden = await owner.patch(f"/service-types/{made['id']}", {"hidden": True, "minutes": 5})
    assert hidden == {**made, "hidden": True, "minutes": 5}
    refused: list[dict[str, Any]] = [
        {"minutes": 0},
        {"channels": []},
        {"no_show_percent": 101},
        {"number": 1},
    ]
    for wrong in refused:
        await owner.patch(f"/service-types/{made['id']}", wrong, expect=422)
    await owner.post("/service-types", {**asked, "category_id": NOBODY}, expect=404)


async def test_fields_are_asked_for_and_archived(owner: Api, back_office: BackOffice) -> None:
    address = f"/services/{back_office.service.id}"
    before = (await owner.get(address))["fields"]
    asked = {"category_id": str(back_office.service.category_id), "name": "Número de Factura"}
    made = await owner.post("/fields", {**asked, "position": 9}, expect=201)
    assert made["slug"] == "numero-de-factura"
    assert (await owner.get(address))["fields"] == [*before, made]
    await owner.post("/fields", {**asked, "slug": "other"}, expect=422)
    await owner.post("/fields", {**asked, "name": "!?"}, expect=422)
    opened = {"service_ext_ref": "SVC-101", "fields": {made["slug"]: "F-1"}}
    await owner.post("/cases/open", opened, expect=201)
    await owner.patch(f"/fields/{made['id']}", {"archived": True})
    assert (await owner.get(address))["fields"] == before
    await owner.post("/cases/open", opened, expect=422)
    again = await owner.post("/fields", {**asked, "slug": "factura"}, expect=201)
    await owner.patch(f"/fields/{made['id']}", {"archived": False}, expect=422)
    await owner.patch(f"/fields/{again['id']}", {"slug": "x"}, expect=422)


async def test_only_who_manages_places_sets_types_and_fields(
    api: Api, branch: Sample, back_office: BackOffice
) -> None:
    agent = await agent_of(api.asking, branch)
    asked = {"category_id": str(back_office.service.category_id), "name": "x"}
    await agent.post("/service-types", asked, expect=403)
    await agent.patch(f"/service-types/{back_office.types[0].id}", {"name": "x"}, expect=403)
    await agent.post("/fields", asked, expect=403)
    await agent.patch(f"/fields/{back_office.field.id}", {"name": "x"}, expect=403)
