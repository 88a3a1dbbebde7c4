"""Customer Management: every form in which fields may come, and what a record is."""

from base64 import b64decode
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from nowserving.actions.data_tables import WantedField, WantedTable, set_customers_table
from nowserving.actions.house import House
from nowserving.dialects.cubu.customers import hash_of
from nowserving.dialects.cubu.words import DATA_TYPE_OF
from nowserving.people.actor import system
from nowserving.places.data_tables import Contact, DataTable, DataType
from tests.dialects.cubu.conftest import Program
from tests.dialects.cubu.test_queue_up import refusal


class Records:
    """The application, and the table it writes to."""

    def __init__(self, program: Program, table: DataTable) -> None:
        self.program, self.table = program, table
        self.address = f"/{program.made.client.application_id}/customers"

    def id(self, slug: str) -> str:
        field = self.table.field(slug)
        assert field is not None
        return str(field.id)

    async def create(self, fields: Any) -> httpx.Response:
        body, headers = {"fields": fields}, self.program.headers
        return await self.program.client.post(self.address, json=body, headers=headers)

    async def update(self, id: str, fields: Any) -> httpx.Response:
        body, headers = {"fields": fields}, self.program.headers
        return await self.program.client.patch(f"{self.address}/{id}", json=body, headers=headers)

    async def find(self, **body: Any) -> httpx.Response:
        headers = self.program.headers
        return await self.program.client.post(f"{self.address}/query", json=body, headers=headers)

    async def values(self, id: str) -> dict[str, Any]:
        headers = self.program.headers
        answer = await self.program.client.get(f"{self.address}/{id}", headers=headers)
        return {one["slug"]: one["value"] for one in answer.json()["fields"]}


@pytest.fixture
async def records(house: House, demo: Program) -> Records:
    """A table with a field of each kind."""
    wanted = WantedTable(
        name="Customers",
        singular="Customer",
        plural="Customers",
        slug="customers",
        title="{{last-name}} #{{personal-id}}",
        fields=[
            WantedField("Personal ID", "personal-id", key=True),
            WantedField("Card", "card-number", key=True),
            WantedField("Last name", "last-name", required=True, contact=Contact.NAME),
            WantedField("Phone", "customer-phone", contact=Contact.PHONE),
            WantedField("E-mail", "customer-email", contact=Contact.EMAIL),
            WantedField("Children", "children", DataType.NUMBER),
            WantedField("Birthday", "birthday", DataType.DATE),
            WantedField("Member", "member", DataType.YES_NO),
            WantedField("Remark", "remark"),
        ],
    )
    async with house.acting(system(demo.made.organization.id, "test")) as act:
        table = await set_customers_table(act, wanted=wanted)
    return Records(demo, table)


ADA = {"last-name": "Lovelace", "personal-id": "S-1"}


def unified(records: Records, form: str, values: dict[str, Any]) -> Any:
    """Some values in one of the forms."""
    match form:
        case "dictionary":
            return {records.id(slug): value for slug, value in values.items()}
        case "dictionary of slugs":
            return values
        case "by id":
            return [
                {"fieldTypeId": records.id(slug).upper(), "value": value}
                for slug, value in values.items()
            ]
        case "by slug":
            return [{"slug": slug, "Value": value} for slug, value in values.items()]
        case _:
            return [
                {
                    "fieldTypeId": records.id(slug),
                    "dataType": "Text",
                    "slug": slug,
                    "data": {"displayText": value, "text": value},
                    "value": None,
                }
                for slug, value in values.items()
            ]


FORMS = ("dictionary", "dictionary of slugs", "by id", "by slug", "as answered")


@pytest.mark.parametrize("form", FORMS)
async def test_fields_come_in_every_form_in_both(records: Records, form: str) -> None:
    made = await records.create(unified(records, form, ADA))
    assert (made.status_code, list(made.json())) == (201, ["recordId"])
    id = made.json()["recordId"]
    changed = await records.update(id, unified(records, form, {"remark": "Comes on Mondays"}))
    assert (changed.status_code, changed.content) == (200, b"")
    values = await records.values(id)
    assert {slug: value for slug, value in values.items() if value is not None} == {
        **ADA,
        "remark": "Comes on Mondays",
    }


@pytest.mark.parametrize(
    "fields",
    [
        None,
        "text",
        [1],
        [{"value": 1}],
        [{"slug": "remark"}],
        [{"slug": "remark", "value": {}}],
        [{"slug": "remark", "value": "a"}, {"slug": "remark", "value": "b"}],
        {str(uuid4()): "x"},
        {"no-such-field": "x"},
        {"children": "many"},
        {"children": 2**70},
        {"birthday": "yesterday"},
        {"member": "perhaps"},
        {"last-name": None},
    ],
)
async def test_what_does_not_fit_is_refused(records: Records, fields: Any) -> None:
    id = (await records.create(ADA)).json()["recordId"]
    before = await records.values(id)
    assert refusal(await records.update(id, fields)) == (400, "fields")
    assert await records.values(id) == before


async def test_each_kind_of_value_is_kept_and_said(records: Records) -> None:
    said = {"children": "2", "birthday": "1815-12-10T00:00:00", "member": "true"}
    id = (await records.create({**ADA, **said})).json()["recordId"]
    answer = (await records.find(queryType="recordid", recordId=id)).json()
    found = {one["slug"]: one for one in answer["fields"]}
    assert answer["displayName"] == "Lovelace #S-1"
    assert [one["position"] for one in answer["fields"]] == list(range(1, 10))
    assert (found["children"]["dataType"], found["children"]["data"]) == (
        "Number",
        {"displayText": "2", "number": 2},
    )
    assert (found["birthday"]["dataType"], found["birthday"]["value"]) == ("Date", "1815-12-10")
    assert (found["member"]["dataType"], found["member"]["value"]) == ("Boolean", True)


async def test_each_key_finds_by_itself_and_is_one_persons(records: Records) -> None:
    ada = (await records.create({**ADA, "card-number": "77"})).json()["recordId"]
    for slug, value in (("personal-id", "s-1"), ("CARD-NUMBER", "77")):
        found = await records.find(queryType="KeyField", fieldSlug=slug, fieldValue=value)
        assert found.json()["recordId"] == ada
    assert refusal(await records.create(ADA)) == (409, "fields")
    bob = (await records.create({"last-name": "Bob"})).json()["recordId"]
    assert refusal(await records.update(bob, {"card-number": "77"})) == (409, "fields")


async def test_the_parameter_list_of_find_counts_and_not_its_prose(records: Records) -> None:
    assert refusal(await records.find()) == (400, "queryType")
    assert refusal(await records.find(queryType="Name")) == (400, "queryType")
    by_key = await records.find(queryType="KeyField", recordId=str(uuid4()))
    assert refusal(by_key) == (400, "fieldSlug")
    by_id = await records.find(queryType="RecordId", fieldSlug="personal-id", fieldValue="S-1")
    assert refusal(by_id) == (400, "recordId")
    assert refusal(await records.find(queryType="RecordId", recordId=str(uuid4()))) == (404, None)


async def test_a_hash_is_sixteen_bytes_and_the_value_s(records: Records) -> None:
    assert len(b64decode(hash_of("Ada"))) == 16
    assert hash_of("Ada") == hash_of("Ada")
    assert len({hash_of(value) for value in (None, "Ada", "1", 1, True, "true")}) == 6


async def test_a_record_of_nobody_is_not_found(records: Records, other: Program) -> None:
    id = (await records.create(ADA)).json()["recordId"]
    assert refusal(await records.update(str(UUID(int=1)), {"remark": "x"})) == (404, None)
    theirs = Records(other, records.table)
    answer = await other.client.get(f"{theirs.address}/{id}", headers=other.headers)
    assert refusal(answer) == (404, None)


def test_every_kind_of_value_has_a_word() -> None:
    assert set(DATA_TYPE_OF) == set(DataType)
    assert len(set(DATA_TYPE_OF.values())) == len(DataType)
