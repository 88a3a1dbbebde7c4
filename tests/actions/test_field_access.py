"""Fields that are for some groups only: nobody else sees or changes them."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from nowserving.actions import customer_records, customers, data_records, data_tables
from nowserving.actions.act import Act
from nowserving.actions.customers import Given
from nowserving.actions.data_tables import WantedField, WantedTable
from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.kit.problems import Forbidden, Invalid
from nowserving.people.actor import Actor, grants_of, system
from nowserving.people.permissions import Role
from nowserving.places.data_tables import Contact, DataTable
from nowserving.places.services import FieldRequired

CARS = WantedTable(
    name="Cars",
    singular="Car",
    plural="Cars",
    slug="cars",
    title="{{plate-number}} {{owner}}",
    fields=[
        WantedField("Plate", "plate-number", key=True),
        WantedField("Chassis", "chassis", key=True),
        WantedField("Owner", "owner"),
    ],
)


class Office:
    """Ann, who keeps customers and is no lead; a lead; a program; and who sets it all."""

    def __init__(self, house: House, branch: Sample, ann: Actor, program: Actor) -> None:
        self.house, self.program = house, program
        self.ann = replace(ann, grants=grants_of([(Role.POWER_AGENT, None)]))
        lead = branch.beginning.agents[4]
        self.lead = replace(self.ann, id=lead.id, name=lead.name)
        self.owner = system(branch.organization.id, "test")
        self.leads = next(one.id for one in branch.beginning.groups if one.name == "Team leads")

    async def do(
        self, actor: Actor, action: Callable[..., Awaitable[Any]], *said: Any, **asked: Any
    ) -> Any:
        async with self.house.acting(actor) as act:
            return await action(act, *said, **asked)

    async def cars(self, wanted: WantedTable) -> DataTable:
        made: DataTable = await self.do(self.owner, add_as_owner, wanted)
        return made


async def add_as_owner(act: Act, wanted: WantedTable) -> DataTable:
    """The table, made or made anew."""
    there = (await act.directory()).own_tables
    if there:
        return await data_tables.set_own_table(act, table_id=there[0].id, wanted=wanted)
    return await data_tables.add_table(act, wanted=wanted)


@pytest.fixture
def office(house: House, branch: Sample, ann: Actor, program: Actor) -> Office:
    return Office(house, branch, ann, program)


def narrowed(office: Office, *slugs: str, table: list[UUID] | None = None) -> WantedTable:
    """The table of cars with some fields for leads only."""
    fields = [
        replace(one, group_ids=[office.leads] if one.slug in slugs else None) for one in CARS.fields
    ]
    return replace(CARS, fields=fields, group_ids=table)


async def test_a_field_of_a_record_is_for_its_groups_only(office: Office) -> None:
    cars = await office.cars(narrowed(office, "owner", "chassis"))
    said = {"plate-number": "B NS 1", "chassis": "W1", "owner": "Ada"}
    made = await office.do(office.lead, data_records.add_record, table_id=cars.id, values=said)
    assert (made.fields, made.title) == (said, "B NS 1 Ada")
    id = made.record.id
    for who, fields, title in (
        (office.program, said, "B NS 1 Ada"),
        (office.lead, said, "B NS 1 Ada"),
        (office.ann, {"plate-number": "B NS 1"}, "B NS 1"),
    ):
        seen = await office.do(who, data_records.see_record, record_id=id)
        assert (seen.fields, seen.title) == (fields, title)
        [listed] = (await office.do(who, data_records.records_in, table_id=cars.id)).filed
        assert (listed.fields, listed.title) == (fields, title)
    change = {"record_id": id, "values": {"owner": "Eve"}}
    with pytest.raises(Forbidden):
        await office.do(office.ann, data_records.change_record, **change)
    by_key = {"table_id": cars.id, "slug": "chassis", "value": "w1"}
    with pytest.raises(Invalid):
        await office.do(office.ann, data_records.find_record, **by_key)
    assert (await office.do(office.lead, data_records.find_record, **by_key)).record.id == id
    kept = await office.do(
        office.ann, data_records.change_record, record_id=id, values={"plate-number": "B NS 2"}
    )
    assert kept.fields == {"plate-number": "B NS 2"}
    whole = await office.do(office.lead, data_records.see_record, record_id=id)
    assert whole.fields == {**said, "plate-number": "B NS 2"}
    await office.cars(CARS)  # groups left out stay as they were
    assert (await office.do(office.ann, data_records.see_record, record_id=id)).hidden
    await office.cars(narrowed(office))
    assert not (await office.do(office.ann, data_records.see_record, record_id=id)).hidden


async def test_who_does_not_see_a_field_need_not_fill_it_in(office: Office) -> None:
    wanted = narrowed(office, "owner")
    fields = [replace(one, required=one.slug != "chassis") for one in wanted.fields]
    cars = await office.cars(replace(wanted, fields=fields))
    said = {"plate-number": "B NS 1"}
    with pytest.raises(FieldRequired):
        await office.do(office.lead, data_records.add_record, table_id=cars.id, values=said)
    made = await office.do(office.ann, data_records.add_record, table_id=cars.id, values=said)
    assert made.fields == {**said, "chassis": None}


async def test_a_field_stays_for_its_groups_if_the_table_is_set_twice_at_once(
    office: Office,
) -> None:
    cars = await office.cars(CARS)
    async with office.house.acting(office.owner) as act:
        narrower = narrowed(office, "owner")
        await data_tables.set_own_table(act, table_id=cars.id, wanted=narrower)
        office.house.forget_directory(cars.organization_id)
        anew = asyncio.create_task(
            office.do(office.owner, data_tables.set_own_table, table_id=cars.id, wanted=CARS)
        )
        await asyncio.sleep(0.1)
    assert [one.group_ids for one in (await anew).fields] == [None, None, (office.leads,)]


async def test_a_table_can_be_for_some_groups(office: Office) -> None:
    cars = await office.cars(narrowed(office, table=[office.leads]))
    for action in (data_records.records_in, data_records.add_record):
        asked = {"values": {"plate-number": "1", "chassis": "2"}}
        more = asked if action is data_records.add_record else {}
        with pytest.raises(Forbidden):
            await office.do(office.ann, action, table_id=cars.id, **more)
        await office.do(office.lead, action, table_id=cars.id, **more)
    with pytest.raises(Invalid):
        await office.cars(narrowed(office, table=[UUID(int=7)]))
    with pytest.raises(Forbidden):
        await office.do(office.ann, data_tables.groups)


async def test_what_is_kept_of_customers_is_narrowed_too(office: Office) -> None:
    table = (await office.house.directory(office.owner.organization_id)).customers
    fields = [
        *(
            WantedField(one.name, one.slug, one.data_type, one.required, one.key, one.contact)
            for one in table.fields
        ),
        WantedField("Allergies", "allergies", group_ids=[office.leads]),
        WantedField("Passport", "passport", key=True, group_ids=[office.leads]),
    ]
    wanted = WantedTable(table.name, table.singular, table.plural, table.slug, table.title, fields)
    wanted = replace(wanted, title="{{customer-name}} {{allergies}}")
    await office.do(office.owner, data_tables.set_customers_table, wanted=wanted)
    said = {"allergies": "nuts", "seat": 3}
    given = Given(contact={"name": "Ada"}, fields=said, keys={"passport": "P1"})
    made = await office.do(office.lead, customers.create, given=given)
    id = made.customer.id
    assert made.customer.fields == {"allergies": "nuts", "seat": 3}
    seen = await office.do(office.ann, customers.see, customer_id=id)
    assert (seen.customer.fields, seen.keys) == ({"seat": 3}, {})
    found = (await office.do(office.ann, customers.find, text="ada")).customers
    assert [one.fields for one in found] == [{"seat": 3}]
    assert await office.do(office.ann, customer_records.title_of, seen.customer) == "Ada"
    whole = await office.do(office.program, customers.see, customer_id=id)
    assert (whole.customer.fields, whole.keys) == (given.fields, given.keys)
    for refused in (
        Given(fields={"allergies": "none"}),
        Given(fields={"Allergies": "none"}),
        Given(keys={"passport": "P2"}),
    ):
        with pytest.raises(Forbidden):
            await office.do(office.ann, customers.change, customer_id=id, given=refused)
    with pytest.raises(Forbidden):
        await office.do(office.ann, customers.keyed, kind="passport", value="P1")
    kept = await office.do(
        office.ann, customers.change, customer_id=id, given=Given(fields={"seat": 4})
    )
    assert kept.customer.fields == {"seat": 4}
    whole = await office.do(office.lead, customers.see, customer_id=id)
    assert (whole.customer.fields, whole.keys) == ({"allergies": "nuts", "seat": 4}, given.keys)
    narrow = (await office.house.directory(office.owner.organization_id)).customers.fields[-2]
    for other_name in ("ALLERGIES", str(narrow.id)):  # as another system may have said it
        told = Given(fields={other_name: "pollen"})
        await office.do(office.ann, customers.write_down, customer_id=id, given=told)
    seen = await office.do(office.ann, customers.see, customer_id=id)
    assert seen.customer.fields == {"seat": 4}
    name = next(one for one in fields if one.contact is Contact.NAME)
    with pytest.raises(Invalid):
        changed = [replace(one, group_ids=[office.leads]) if one is name else one for one in fields]
        await office.do(
            office.owner, data_tables.set_customers_table, wanted=replace(wanted, fields=changed)
        )


async def test_nobody_is_found_by_what_the_asker_does_not_see(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = (await office.house.directory(office.owner.organization_id)).customers
    fields = [
        *(
            WantedField(one.name, one.slug, one.data_type, one.required, one.key, one.contact)
            for one in table.fields
        ),
        WantedField("Allergies", "allergies", group_ids=[office.leads]),
        WantedField("Passport", "passport", key=True, group_ids=[office.leads]),
    ]
    wanted = WantedTable(table.name, table.singular, table.plural, table.slug, table.title, fields)
    await office.do(office.owner, data_tables.set_customers_table, wanted=wanted)
    for at, name in enumerate(("Ada", "Bob", "Cy Nuts", "Dee", "Eve Nuts")):
        said: dict[str, Any] = {"allergies": "nuts", "seat": f"row{at}"}
        given = Given(contact={"name": name}, fields=said, keys={"passport": f"P{at}"})
        await office.do(office.lead, customers.create, given=given)

    async def found(who: Actor, text: str) -> list[str]:
        page = await office.do(who, customers.find, text=text)
        assert await office.do(who, customers.count, text=text) == len(page.customers)
        assert page.after is None
        return [one.name.split()[0] for one in page.customers]

    for text, by_ann, by_lead in (
        ("nut", ["Cy", "Eve"], ["Ada", "Bob", "Cy", "Dee", "Eve"]),
        ("nuts p2", [], ["Cy"]),
        ("ROW3", ["Dee"], ["Dee"]),
        ("p1", [], ["Bob"]),
        ("eve nuts row4", ["Eve"], ["Eve"]),
        ("", ["Ada", "Bob", "Cy", "Dee", "Eve"], ["Ada", "Bob", "Cy", "Dee", "Eve"]),
    ):
        assert await found(office.ann, text) == by_ann, text
        assert await found(office.lead, text) == by_lead, text
    first = await office.do(office.ann, customers.find, text="nuts", most=1)
    rest = await office.do(office.ann, customers.find, text="nuts", most=1, after=first.after)
    skipped = await office.do(office.ann, customers.find, text="nuts", most=1, skip=1)
    assert [one.name for one in first.customers] == ["Cy Nuts"]
    assert [one.name for one in rest.customers] == ["Eve Nuts"]
    assert rest.after is None
    assert skipped.customers == rest.customers
    monkeypatch.setattr("nowserving.actions.customer_search.LOOKED_AT_MOST", 4)
    monkeypatch.setattr("nowserving.actions.customer_search._AT_ONCE", 3)
    short = await office.do(office.ann, customers.find, text="nuts")
    assert [one.name for one in short.customers] == ["Cy Nuts"]
    rest = await office.do(office.ann, customers.find, text="nuts", after=short.after)
    assert [one.name for one in rest.customers] == ["Eve Nuts"]
    assert rest.after is None
    ids = [one.id for one in short.customers]
    assert await office.do(office.ann, customers.keys_of, ids) == {ids[0]: {}}
    assert await office.do(office.lead, customers.keys_of, ids) == {ids[0]: {"passport": "P2"}}
