"""Codes and references are set up over the API, and Q-Flow's clients name them at once."""

from typing import Any

import httpx
import pytest

from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.people.actor import Actor, system
from tests.dialects.native.api import Api
from tests.dialects.native.conftest import agent_of

NOBODY = "0198c0de-0000-7000-8000-000000000005"


@pytest.fixture
async def owner(client: httpx.AsyncClient, branch: Sample) -> Api:
    """Eve, who manages everything."""
    return await agent_of(client, branch, "eve")


async def changes_of(house: House, by: Actor, id: str) -> list[tuple[str, str, Any, Any]]:
    async with house.acting(by) as act:
        found = await act.look.audit.of(id)  # type: ignore[arg-type]
    return [(one.actor.partition(":")[0], one.verb, one.before, one.after) for one in found]


async def test_codes_are_added_changed_archived_and_written_down(
    owner: Api, house: House, branch: Sample
) -> None:
    before = (await owner.get("/codes?kind=classification"))["codes"]
    asked = {"kind": "classification", "code": " TAX ", "name": "Taxes"}
    made = await owner.post("/codes", asked, expect=201)
    number = before[-1]["number"] + 1
    fresh = {**asked, "code": "TAX", "number": number, "parent_id": None, "archived": False}
    assert made == {**fresh, "id": made["id"]}
    assert (await owner.get("/codes?kind=classification"))["codes"] == [*before, made]
    await owner.post("/codes", {**asked, "code": "tax"}, expect=422)
    await owner.post("/codes", {**asked, "kind": "unit_type"}, expect=201)
    address = f"/codes/{made['id']}"
    renamed = await owner.patch(address, {"name": "Taxes and fees"})
    assert renamed == {**made, "name": "Taxes and fees"}
    await owner.patch(address, {"code": before[0]["code"].lower()}, expect=422)
    gone = await owner.patch(address, {"archived": True})
    assert gone not in (await owner.get("/codes"))["codes"]
    assert gone in (await owner.get("/codes?archived=true"))["codes"]
    await owner.patch(f"/codes/{NOBODY}", {"name": "x"}, expect=404)
    told = await changes_of(house, system(branch.organization.id, "test"), made["id"])
    assert told == [
        ("agent", "change", {"archived": False}, {"archived": True}),
        ("agent", "change", {"name": "Taxes"}, {"name": "Taxes and fees"}),
        ("agent", "add", {}, {k: v for k, v in made.items() if k != "id"}),
    ]


async def test_an_option_names_its_procedure_and_nothing_else_does(owner: Api) -> None:
    procedure = await owner.post(
        "/codes", {"kind": "procedure", "code": "P9", "name": "Photo"}, expect=201
    )
    option = {"kind": "procedure_option", "code": "P9-A", "name": "In color"}
    made = await owner.post("/codes", {**option, "parent_id": procedure["id"]}, expect=201)
    assert made["parent_id"] == procedure["id"]
    wrong = {"kind": "classification", "code": "x", "name": "x", "parent_id": procedure["id"]}
    await owner.post("/codes", wrong, expect=422)
    await owner.post("/codes", {**option, "code": "z", "parent_id": made["id"]}, expect=422)
    await owner.post("/codes", {**option, "code": "z", "parent_id": NOBODY}, expect=404)
    assert (await owner.patch(f"/codes/{made['id']}", {"parent_id": None}))["parent_id"] is None


async def test_units_and_services_have_the_names_that_others_give_them(
    owner: Api, house: House, branch: Sample
) -> None:
    unit = (await owner.get("/units"))["units"][0]
    kind = await owner.post("/codes", {"kind": "unit_type", "code": "HQ", "name": "HQ"}, expect=201)
    asked = {"ext_ref": " BR-17 ", "type_id": kind["id"], "wait_target": 10}
    changed = await owner.patch(f"/units/{unit['id']}", asked)
    assert changed == {**unit, **asked, "ext_ref": "BR-17"}
    assert await owner.get(f"/units/{unit['id']}") == changed
    other = (await owner.get("/codes?kind=classification"))["codes"][0]["id"]
    for wrong in ({"type_id": other}, {"type_id": NOBODY}, {"wait_target": 0}, {"name": "x"}):
        await owner.patch(f"/units/{unit['id']}", wrong, expect=422)
    service = (await owner.get("/services"))["services"][0]
    said = {"ext_ref": "PASS-1", "price": "37 euros", "documents": "Old passport\nA photo"}
    named = await owner.patch(f"/services/{service['id']}", said)
    assert named == {**service, **said}
    told = await changes_of(house, system(branch.organization.id, "test"), service["id"])
    assert told == [
        ("agent", "change", {name: service[name] for name in said}, said),
    ]


async def test_what_a_service_asks_for_holds_from_now_on(
    owner: Api, client: httpx.AsyncClient, branch: Sample
) -> None:
    service = (await owner.get("/services"))["services"][0]
    order = {"service_id": service["id"], "name": "Ada"}
    assert (await owner.post("/cases", order, expect=201))["case"]["state"] == "waiting"
    asked = {"needs_customer": False, "needs_phone": True, "needs_email": True, "pends": True}
    changed = await owner.patch(f"/services/{service['id']}", asked)
    assert changed == {**service, **asked}
    for more in ({}, {"phone": "+4930901820"}, {"email": "a@b.example"}):
        await owner.post("/cases", {**order, **more}, expect=422)
    told = {**order, "phone": "+4930901820", "email": "a@b.example"}
    assert (await owner.post("/cases", told, expect=201))["case"]["state"] == "pending"
    await owner.patch(f"/services/{service['id']}", {"needs_customer": True})
    await owner.post("/cases", told, expect=422)


async def test_qflows_clients_name_what_was_set_up_a_moment_ago(
    owner: Api, client: httpx.AsyncClient, branch: Sample
) -> None:
    program = branch.client
    key = {"X-API-Key": f"{branch.organization.slug}.{program.id}.{branch.client_secret}"}
    service = (await owner.get("/services"))["services"][0]
    body = {
        "ServiceIdExtRef": "NEW-1",
        "ClassificationCode": "tax",
        "ProcedureExtRef": "P9",
        "ProcedureOptionExtRef": "P9-A",
    }
    assert (await client.post("/API/Cases", json=body, headers=key)).status_code == 400
    await owner.patch(f"/services/{service['id']}", {"ext_ref": "NEW-1"})
    for kind, code in (
        ("classification", "TAX"),
        ("procedure", "P9"),
        ("procedure_option", "P9-A"),
    ):
        await owner.post("/codes", {"kind": kind, "code": code, "name": code}, expect=201)
    await owner.post(
        "/codes", {"kind": "cancellation_reason", "code": "ILL", "name": "Ill"}, expect=201
    )
    unit = (await owner.get("/units"))["units"][0]
    await owner.patch(f"/units/{unit['id']}", {"ext_ref": "BR-17"})
    made = await client.post("/API/Cases", json=body, headers=key)
    assert (made.status_code, made.json()["ServiceId"]) == (200, service["number"])
    reasons = (await client.get("/API/CancellationReasons", headers=key)).json()
    assert "ILL" in [one["ExtRef"] for one in reasons]
    units = (await client.get("/API/Units", headers=key)).json()
    assert "BR-17" in [one["ExtRef"] for one in units]


async def test_only_who_manages_places_sets_codes_and_references(
    api: Api, owner: Api, branch: Sample
) -> None:
    agent = await agent_of(api.asking, branch)
    code = (await owner.get("/codes"))["codes"][0]
    unit = (await owner.get("/units"))["units"][0]
    assert code in (await agent.get("/codes"))["codes"]
    await agent.post("/codes", {"kind": "procedure", "code": "x", "name": "x"}, expect=403)
    await agent.patch(f"/codes/{code['id']}", {"name": "x"}, expect=403)
    await agent.patch(f"/units/{unit['id']}", {"ext_ref": "x"}, expect=403)
    service = (await owner.get("/services"))["services"][0]
    await agent.patch(f"/services/{service['id']}", {"ext_ref": "x"}, expect=403)
