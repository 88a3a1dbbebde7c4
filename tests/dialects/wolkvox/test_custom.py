"""The generic calls: cases by another way, contacts, activities, deletion."""

from datetime import timedelta

from nowserving.actions.cases import see
from nowserving.actions.house import House
from nowserving.cases.moves import State
from nowserving.people.actor import Actor
from tests.dialects.wolkvox.conftest import Crm


async def test_a_case_without_a_module_is_inserted(crm: Crm) -> None:
    answer = await crm.post("/custom/insert.php", crm.case)
    assert answer.status_code == 200
    assert (await crm.seen(answer.json()["data"]["wolkvox_id"]))["type case"] == "Request"


async def test_cases_are_records_too(house: House, crm: Crm) -> None:
    fields = {name: value for name, value in crm.case.items() if name != "operation"}
    made = await crm.ask("/custom/insertMany.php", module="cases", fields=[fields, fields])
    first, second = (one["wolkvox_id"] for one in made.json()["data"])
    changed = [
        {"wolkvox-id": first, "status": "Solved"},
        {"wolkvox_id": second, "priority": "High"},
    ]
    answer = await crm.client.put(
        "/server/API/v2/custom/updateMany.php",
        json={"operation": crm.operation, "module": "cases", "fields": changed},
        headers={"Wolkvox-Token": crm.token},
    )
    assert answer.status_code == 200, answer.text
    assert (await crm.seen(first))["status"] == "Solved"
    assert (await crm.seen(second))["priority"] == "High"
    now = house.clock()
    form = "%Y-%m-%d %H:%M"
    asked = {
        "date": True,
        "from": (now - timedelta(days=2)).strftime(form),
        "to": (now + timedelta(days=2)).strftime(form),
    }
    dated = await crm.ask("/custom/queryDates.php", module="cases", **asked)
    assert {row["wolkvox_id"] for row in dated.json()["data"]} == {second, first}
    people = await crm.ask("/custom/queryDates.php", module="contacts", **asked)
    assert [row["namecontact"] for row in people.json()["data"]] == ["Grace Sample"]


async def test_many_are_written_all_or_none(crm: Crm) -> None:
    fields = {name: value for name, value in crm.case.items() if name != "operation"}
    wrong = {**fields, "status": "Lost"}
    made = await crm.ask("/custom/insertMany.php", module="cases", fields=[fields, wrong])
    assert made.status_code == 412
    found = await crm.ask("/cases/queryCases.php", field="type case", value="Request")
    assert found.json()["data"] == []


async def test_a_deleted_case_is_called_off_emptied_and_found_no_more(
    house: House, operator: Actor, crm: Crm
) -> None:
    id = await crm.inserted()
    number = (await crm.seen(id))["idCase"]
    gone = await crm.ask("/custom/delete.php", module="cases", **{"wolkvox-id": id})
    assert gone.json()["msg"] == "Succesfully delete record"
    again = await crm.ask("/custom/delete.php", module="cases", **{"wolkvox-id": id})
    assert again.status_code == 404
    for field, value in (("wolkvox-id", id), ("type case", "Request")):
        found = await crm.ask("/cases/queryCases.php", field=field, value=value)
        assert found.json()["data"] == []
    async with house.acting(operator) as act:
        case = await act.look.case_lists.numbered(number)
        sight = await see(act, case_id=case.id)
    assert (case.state, sight.details.description) == (State.CANCELED, None)


async def test_an_activity_is_a_case_below_its_case(
    house: House, operator: Actor, crm: Crm
) -> None:
    id = await crm.inserted()
    fields = {
        "status": "created",
        "name": "Call Grace back",
        "priority": "high",
        "name_module": "cases",
        "completion_date": "2034-05-06 07:08:09",
        "description": "About the lamp",
        "id_record": id,
        "wolkvox_owner": f"bob@{crm.operation}",
    }
    answer = await crm.ask(
        "/custom/insert.php", module="wolkvox_activities", type="task", fields=fields
    )
    assert answer.status_code == 200, answer.text
    row = await crm.seen(answer.json()["data"]["wolkvox_id"])
    assert (row["owner user"], row["priority"]) == (f"bob@{crm.operation}", "High")
    parent = (await crm.seen(id))["idCase"]
    async with house.acting(operator) as act:
        above = await act.look.case_lists.numbered(parent)
        below = await act.look.case_lists.numbered(row["idCase"])
        zone = (await act.directory()).units[below.unit_id].zone
    assert below.parent_id == above.id
    assert below.due_at is not None
    assert f"{below.due_at.astimezone(zone):%Y-%m-%d %H:%M:%S}" == "2034-05-06 07:08:09"
