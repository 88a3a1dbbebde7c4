"""Cases as wolkvox' customers insert and edit them: the checklist of the reference, and more."""

import json
from base64 import b64encode
from datetime import UTC, datetime
from uuid import UUID

import pytest

from nowserving.actions.api_tokens import create_token
from nowserving.actions.files import files_of
from nowserving.actions.house import House
from nowserving.cases.attachment import Attachment
from nowserving.dialects.wolkvox.ids import number_in, say_id
from nowserving.dialects.wolkvox.routes import PREFIX
from nowserving.people.actor import Actor
from tests.dialects.wolkvox.conftest import Crm

PNG = b64encode(b"\x89PNG\r\n\x1a\n" + bytes(30)).decode()
UPDATE = "/cases/updateCaseAttachment.php"


async def files(house: House, operator: Actor, crm: Crm, id: str) -> list[Attachment]:
    row = await crm.seen(id)
    async with house.acting(operator) as act:
        case = await act.look.case_lists.numbered(row["idCase"])
        return await files_of(act, case_id=case.id)


async def test_what_was_inserted_is_found_again(crm: Crm) -> None:
    id = await crm.inserted(form={"Reference": "R-1"}, priority="Alta")
    row = await crm.seen(id)
    told = {name: row[name] for name in ("type case", "status", "priority", "description", "form")}
    assert told == {
        "type case": "Request",
        "status": "Open",
        "priority": "High",
        "description": "The lamp is broken",
        "form": {"Reference": "R-1"},
    }
    assert row["responsible user"] == f"ann@{crm.operation}"
    assert row["owner user"] == f"dia@{crm.operation}"
    assert row["email contact"] == "grace@acme.example"
    assert row["company name"] == "Acme"


async def test_an_edit_needs_only_the_operation_and_the_id(crm: Crm) -> None:
    id = await crm.inserted()
    before = await crm.seen(id)
    answer = await crm.post(UPDATE, {"operation": crm.operation, "wolkvox-id": id})
    said = f'"msg": "Succesfully update record", "data": {{ "wolkvox_id": "{id}" }} }}'
    assert answer.text == f'{{ "code": 200, "error": "null", {said}'
    assert await crm.seen(id) == before


async def test_an_edit_takes_all_keys_of_the_sample(crm: Crm) -> None:
    id = await crm.inserted()
    changed = {
        **crm.case,
        "Wolkvox-id": id,
        "case-type": "Complaints",
        "responsible": f"bob@{crm.operation}",
        "description": "Two lamps are broken",
        "form": {"Reference": "R-2"},
        "status": "On hold",
        "priority": "High",
        "attachments": [],
    }
    assert (await crm.post(UPDATE, changed)).status_code == 200
    row = await crm.seen(id)
    assert (row["type case"], row["status"], row["priority"]) == ("Complaint", "On hold", "High")
    assert (row["responsible user"], row["form"]) == (f"bob@{crm.operation}", {"Reference": "R-2"})
    assert row["description"] == "Two lamps are broken"


async def test_nothing_found_is_said_with_the_words_of_the_vendor(crm: Crm) -> None:
    answer = await crm.ask("/cases/queryCases.php", field="idCase", value="4711")
    assert answer.json() == {
        "code": "200",
        "error": "null",
        "msg": "0 records were are found",
        "data": [],
        "Total records": 0,
    }


@pytest.mark.parametrize("form", [{"Reference": "R-3"}, '{"Reference": "R-3"}'], ids=type)
async def test_a_form_is_an_object_or_the_text_of_one(crm: Crm, form: object) -> None:
    assert (await crm.seen(await crm.inserted(form=form)))["form"] == {"Reference": "R-3"}


async def test_closing_demands_a_solution_and_nothing_else_does(crm: Crm) -> None:
    id = await crm.inserted()
    edit = {"operation": crm.operation, "wolkvox-id": id}
    for status in ("In progress", "On hold", "Solved", "open"):
        assert (await crm.post(UPDATE, {**edit, "status": status})).status_code == 200, status
    refused = await crm.post(UPDATE, {**edit, "status": "closed"})
    assert refused.json() == {
        "code": 412,
        "error": "PRECONDITION FAILED",
        "msg": "THE SOLUTION IS REQUIRED TO CLOSE THE CASE",
        "data": [],
    }
    assert (await crm.seen(id))["status"] == "Open"
    answer = await crm.post(UPDATE, {**edit, "status": "Cerrado", "solution": "Refunded"})
    assert answer.status_code == 200
    row = await crm.seen(id)
    assert (row["status"], row["solution"], row["condition"]) == ("Closed", "Refunded", "closed")


async def test_a_case_may_be_inserted_closed_with_its_solution(crm: Crm) -> None:
    closed = {**crm.case, "status": "Closed"}
    refused = await crm.post("/cases/insertAttach.php", closed)
    assert refused.status_code == 412
    id = await crm.inserted(status="Closed", solution="Done")
    assert (await crm.seen(id))["status"] == "Closed"


async def test_files_are_added_and_an_empty_list_leaves_them(
    house: House, operator: Actor, crm: Crm
) -> None:
    id = await crm.inserted(attachments=[PNG, f"data:image/png;base64,{PNG}"])
    named = [one.name for one in await files(house, operator, crm, id)]
    assert named == ["attachment-1.png", "attachment-2.png"]
    edit = {"operation": crm.operation, "wolkvox-id": id}
    for attachments in ([], [PNG[:20] + "\n " + PNG[20:].rstrip("=")], []):
        answer = await crm.post(UPDATE, {**edit, "attachments": attachments})
        assert answer.status_code == 200, answer.text
    kept = await files(house, operator, crm, id)
    assert [one.name for one in kept] == [*named, "attachment-3.png"]
    assert len({one.sha256 for one in kept}) == 1


async def test_a_large_file_streams_by(house: House, operator: Actor, crm: Crm) -> None:
    large = bytes(range(256)) * 4000
    id = await crm.inserted(attachments=[PNG, b64encode(large).decode()])
    kept = await files(house, operator, crm, id)
    assert {one.name: one.size for one in kept} == {
        "attachment-1.png": 38,
        "attachment-2.bin": len(large),
    }


async def test_what_is_not_base64_is_refused_and_nothing_is_done(
    house: House, operator: Actor, crm: Crm
) -> None:
    for wrong in ("!!!", "ab$=", "a", "", 7, "é" * 9, "*" * 70_000):
        answer = await crm.post(
            "/cases/insertAttach.php", {**crm.case, "attachments": [PNG, wrong]}
        )
        assert answer.status_code == 400, wrong
        assert answer.json()["error"] == "BAD REQUEST"
    found = await crm.ask("/cases/queryCases.php", field="type case", value="Request")
    assert found.json()["data"] == []


async def test_an_integrator_may_have_files_replaced(
    house: House, operator: Actor, crm: Crm
) -> None:
    async with house.acting(operator) as act:
        _, replacing = await create_token(act, name="replacing", replaces_files=True)
    id = await crm.inserted(attachments=[PNG, PNG])
    edit = {"operation": crm.operation, "wolkvox-id": id}
    crm.token = replacing
    assert (await crm.post(UPDATE, {**edit, "attachments": []})).status_code == 200
    assert len(await files(house, operator, crm, id)) == 2
    new = b64encode(b"hello").decode()
    assert (await crm.post(UPDATE, {**edit, "attachments": [new]})).status_code == 200
    assert [one.size for one in await files(house, operator, crm, id)] == [5]


async def test_a_form_with_files(house: House, operator: Actor, crm: Crm) -> None:
    fields = {**crm.case, "form": json.dumps({"Reference": "R-9"})}
    parts = [
        ("file", ("a.txt", b"one", "text/plain")),
        ("file", ("b.txt", b"two", "text/plain")),
        ("file[]", ("c.txt", b"three", "text/plain")),
    ]
    header = {"wolkvox-token": crm.token}
    answer = await crm.client.post(
        f"{crm.client.base_url}/{PREFIX}/cases/insert.php", data=fields, files=parts, headers=header
    )
    assert answer.status_code == 200, answer.text
    id = answer.json()["data"]["wolkvox_id"]
    assert (await crm.seen(id))["form"] == {"Reference": "R-9"}
    kept = await files(house, operator, crm, id)
    assert [one.name for one in kept] == ["a.txt", "b.txt", "c.txt"]
    edit = {"operation": crm.operation, "wolkvox_id": id, "status": "Solved"}
    answer = await crm.client.post(
        f"{PREFIX}/cases/update.php", data=edit, files=[("file", ("", b""))], headers=header
    )
    assert answer.status_code == 200, answer.text
    assert (await crm.seen(id))["status"] == "Solved"
    assert len(await files(house, operator, crm, id)) == 3


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("responsible", "nobody@demo", "RESPONSIBLE: THE USER DOES NOT EXIST"),
        ("owner", "ann@elsewhere", "OWNER: THE USER DOES NOT EXIST"),
        ("contact", "who@example.org", "CONTACT: THE CONTACT DOES NOT EXIST"),
        ("case-type", "Praise", "CASE-TYPE: THE CASE TYPE DOES NOT EXIST"),
        ("status", "Lost", "STATUS: THE STATUS DOES NOT EXIST FOR THE CASE TYPE"),
        ("priority", "whenever", "PRIORITY: THE PRIORITY DOES NOT EXIST"),
        ("form", {"Shoe size": 43}, "FORM: THERE IS NO FIELD SHOE SIZE"),
    ],
)
async def test_what_is_not_there_is_412(crm: Crm, field: str, value: object, says: str) -> None:
    answer = await crm.post("/cases/insertAttach.php", {**crm.case, field: value})
    assert answer.json() == {
        "code": 412,
        "error": "PRECONDITION FAILED",
        "msg": says,
        "data": [],
    }


async def test_what_is_missing_is_400(crm: Crm) -> None:
    for name in crm.case:
        if name == "form":
            continue
        rest = {key: value for key, value in crm.case.items() if key != name}
        answer = await crm.post("/cases/insertAttach.php", rest)
        assert (answer.status_code, answer.json()["msg"]) == (400, "SOME PARAMETERS ARE REQUIRED")


async def test_an_id_is_checked_as_a_whole(crm: Crm) -> None:
    id = await crm.inserted()
    number = number_in(id)
    assert number is not None
    for wrong in (f"{0:08x}{id[8:]}", f"{id[:8]}{number + 1:016x}", "64cb", "x" * 24):
        answer = await crm.post(UPDATE, {"operation": crm.operation, "wolkvox-id": wrong})
        assert (answer.status_code, answer.json()["error"]) == (404, "NOT FOUND")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("status", "abierto"),
        ("priority", "baja"),
        ("email contact", "grace@ACME.example"),
        ("name contact", "Grace Sample"),
        ("contact identification", "cc-77"),
        ("contact phone", "030 5551234"),
        ("description", "lamp"),
        ("companyName", "acme"),
        ("company name", "Acme"),
        ("prefix", "#"),
        ("reopened", "false"),
        ("responsible user", "ann@demo"),
        ("owner user", "dia@demo"),
        ("type case", "requests"),
        ("case-type", "Request"),
        ("case expired", "false"),
    ],
)
async def test_a_case_is_found_by_every_field(crm: Crm, field: str, value: str) -> None:
    id = await crm.inserted()
    value = value.replace("@demo", f"@{crm.operation}")
    answer = await crm.ask("/cases/queryCases.php", field=field, value=value, limit="2")
    assert answer.json()["msg"] == "1 records were are found", answer.text
    assert answer.json()["data"][0]["wolkvox_id"] == id


def test_ids_say_when_and_which() -> None:
    at = datetime(2026, 1, 2, 3, 4, 5, 678, UTC)
    assert say_id(at, 77) == "695735a5000000000000004d"
    assert number_in("695735a5000000000000004d") == 77
    assert number_in("695735a5000000000000000") is None
    assert number_in(str(UUID(int=5))) is None
