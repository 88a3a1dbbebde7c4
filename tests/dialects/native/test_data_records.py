"""Tables of the organization's own and their records, over the API."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.store.engines import Looking
from nowserving.store.store import Store
from tests.dialects.native.api import Api, check_documented
from tests.dialects.native.conftest import agent_of

CARS: dict[str, Any] = {
    "name": "Cars",
    "singular": "Car",
    "plural": "Cars",
    "slug": "cars",
    "title": "{{plate-number}}, {{model}}",
    "fields": [
        {"name": "Plate", "slug": "plate-number", "required": True, "key": True},
        {"name": "Chassis", "slug": "chassis", "key": True},
        {"name": "Model", "slug": "model"},
        {"name": "Seats", "slug": "seats", "data_type": "number"},
    ],
}


class Cars:
    """The table, the program that writes to it, and who leads."""

    def __init__(self, api: Api, eve: Api, table: dict[str, Any]) -> None:
        self.api, self.eve, self.table = api, eve, table
        self.path = f"/data-tables/{table['id']}"

    async def add(self, *, expect: int = 201, **fields: Any) -> dict[str, Any]:
        said = {name.replace("_", "-"): value for name, value in fields.items()}
        made: dict[str, Any] = await self.api.post(
            f"{self.path}/records", {"fields": said}, expect=expect
        )
        return made


@pytest.fixture
async def cars(client: httpx.AsyncClient, branch: Sample, api: Api) -> Cars:
    """A table of cars."""
    eve = await agent_of(client, branch, "eve")
    return Cars(api, eve, await eve.post("/data-tables", CARS, expect=201))


async def test_a_record_is_kept_found_changed_and_removed(
    cars: Cars, house: House, branch: Sample
) -> None:
    assert (await cars.api.get("/data-tables"))["tables"] == [cars.table]
    assert await cars.api.get(cars.path) == cars.table
    made = await cars.add(plate_number="B NS 1", model="Van", seats="7")
    assert made["title"] == "B NS 1, Van"
    assert made["fields"] == {"plate-number": "B NS 1", "chassis": None, "model": "Van", "seats": 7}
    by_key = f"{cars.path}/records/by-key?slug=plate-number&value=b%20ns%201"
    assert await cars.api.get(by_key) == made

    where = f"/data-records/{made['id']}"
    seats = next(one["id"] for one in cars.table["fields"] if one["slug"] == "seats")
    changes = {"model": None, "chassis": "W-1", seats: 5}
    changed = await cars.api.patch(where, {"fields": changes})
    assert (changed["version"], changed["title"]) == (2, "B NS 1,")
    assert changed["fields"]["seats"] == 5
    assert await cars.api.get(where) == changed
    by_chassis = f"{cars.path}/records/by-key?slug=chassis&value=w-1"
    assert (await cars.api.get(by_chassis))["id"] == made["id"]

    await cars.eve.ask("DELETE", cars.path, expect=409)
    await cars.api.ask("DELETE", where, expect=204)
    await cars.api.get(where, expect=404)
    await cars.api.get(by_chassis, expect=404)
    await cars.add(plate_number="B NS 1")
    look = Store(Looking(house.engine), branch.organization.id)
    facts = await look.journal.of(UUID(made["id"]))
    assert [fact.kind for fact in facts] == ["record.created", "record.changed", "record.removed"]
    assert not any("NS 1" in fact.data or "Van" in fact.data for fact in facts)


UNFIT: list[dict[str, Any]] = [
    {},
    {"model": "Van"},
    {"plate_number": None},
    {"plate_number": "x", "seats": "many"},
    {"plate_number": "x", "color": "red"},
    {"plate_number": {"a": 1}},
    {"plate_number": "x" * 5000},
    {"plate_number": "\0"},
]


async def test_what_does_not_fit_is_refused(cars: Cars) -> None:
    for fields in UNFIT:
        said = {name.replace("_", "-"): value for name, value in fields.items()}
        answer = await cars.api.asking.post(
            f"/api/v1{cars.path}/records",
            json={"fields": said},
            headers={"Authorization": f"Bearer {cars.api.token}"},
        )
        check_documented("POST", f"{cars.path}/records", answer)
        assert answer.status_code in (400, 422), (fields, answer.text)
    assert (await cars.api.get(f"{cars.path}/records"))["records"] == []


async def test_a_key_is_one_records_even_at_the_same_moment(cars: Cars) -> None:
    order = {"fields": {"plate-number": "B NS 1"}}
    headers = {"Authorization": f"Bearer {cars.api.token}"}
    answers = await asyncio.gather(
        *(
            cars.api.asking.post(f"/api/v1{cars.path}/records", json=order, headers=headers)
            for _ in range(5)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409]
    other = await cars.add(plate_number="B NS 2")
    refused = {"fields": {"plate-number": "b ns 1"}}
    await cars.api.patch(f"/data-records/{other['id']}", refused, expect=409)
    await cars.api.patch(f"/data-records/{other['id']}", {"fields": {"plate-number": "B NS 3"}})
    await cars.add(plate_number="B NS 2")


async def test_records_come_in_pages(cars: Cars) -> None:
    for at in range(5):
        await cars.add(plate_number=f"B NS {at}")
    plates: list[str] = []
    after = ""
    while True:
        page = await cars.api.get(f"{cars.path}/records?limit=2{after}")
        plates += [one["fields"]["plate-number"] for one in page["records"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert plates == [f"B NS {at}" for at in range(5)]


async def test_a_table_is_changed_whole_and_keeps_what_stands_in_it(cars: Cars) -> None:
    made = await cars.add(plate_number="B NS 1", model="Van")
    fewer = [one for one in CARS["fields"] if one["slug"] != "model"]
    slim = {**CARS, "title": "#{{plate-number}}", "fields": fewer}
    await cars.eve.post(cars.path, slim)
    shown = await cars.api.get(f"/data-records/{made['id']}")
    assert (shown["title"], "model" in shown["fields"]) == ("#B NS 1", False)
    await cars.eve.post(cars.path, CARS)
    assert (await cars.api.get(f"/data-records/{made['id']}"))["fields"]["model"] == "Van"


UNWORKABLE: list[dict[str, Any]] = [
    {"slug": "customers"},
    {"slug": "CARS"},
    {"slug": "abc"},
    {"title": "{{nobody-here}}"},
    {"fields": [{"name": "Plate", "slug": "plate-number"}]},
    {"fields": [{"name": "Plate", "slug": f"plate-{c}", "key": True} for c in "abcde"]},
    {"fields": [{"name": "Name", "slug": "name", "contact": "name", "key": True}]},
]


async def test_a_table_that_could_not_work_is_refused(cars: Cars) -> None:
    for changes in UNWORKABLE:
        await cars.eve.post("/data-tables", {**CARS, **changes}, expect=422)


async def test_tables_are_for_who_leads_and_customers_are_none_of_them(
    cars: Cars, agent: Api, branch: Sample
) -> None:
    await cars.api.post("/data-tables", {**CARS, "slug": "boats"}, expect=403)
    await agent.post(cars.path, CARS, expect=403)
    await agent.ask("DELETE", cars.path, expect=403)
    await agent.post(f"{cars.path}/records", {"fields": {"plate-number": "x"}}, expect=403)
    assert (await agent.get(f"{cars.path}/records"))["records"] == []
    for id in (branch.organization.id, uuid4()):
        await cars.eve.get(f"/data-tables/{id}", expect=404)
        await cars.eve.get(f"/data-tables/{id}/records", expect=404)
    await cars.eve.ask("DELETE", cars.path, expect=204)
    await cars.eve.get(cars.path, expect=404)


async def test_a_field_for_one_group_is_hidden_from_the_others(cars: Cars, agent: Api) -> None:
    groups = {one["name"]: one["id"] for one in (await cars.eve.get("/groups"))["groups"]}
    fields = [
        {**field, "group_ids": [groups["Team leads"]]} if field["slug"] == "seats" else field
        for field in CARS["fields"]
    ]
    table = await cars.eve.post(cars.path, {**CARS, "fields": fields})
    assert [field["group_ids"] for field in table["fields"]] == [
        *(None, None, None, [groups["Team leads"]])
    ]
    made = await cars.add(plate_number="B NS 1", model="Van", seats=7)
    assert made["fields"]["seats"] == 7
    seen = await agent.get(f"/data-records/{made['id']}")
    assert set(seen["fields"]) == {"plate-number", "chassis", "model"}
    await cars.eve.post(cars.path, {**CARS, "group_ids": [groups["Team leads"]]})
    assert (await cars.eve.get(cars.path))["fields"] == table["fields"]  # left out: as it was
    await agent.get(f"/data-records/{made['id']}", expect=403)
    await agent.get("/groups", expect=403)
