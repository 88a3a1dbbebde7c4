"""Records added to a project, and what became of them."""

from typing import Any

import pytest

from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.cases.case import Case, Details
from nowserving.store.store import Store
from tests.dialects.vcc.conftest import Program


async def kept(house: House, branch: Sample, number: int) -> tuple[Case, Details]:
    async with house.engine.reading() as connection:
        store = Store(connection, branch.organization.id)
        case = await store.case_lists.numbered(number)
        return case, await store.cases.details(case.id)


async def test_a_record_stands_in_the_line_of_its_project(
    house: House, branch: Sample, vcc: Program
) -> None:
    form = {"name": "Ada", "phone2": "030 123456", "email": "ada@example.com", "Company": "Engines"}
    answer = await vcc.post(
        "/projects/3/records", {"form": form, "phone_field": "phone2", "premium": 1}
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["errors"] == []
    case, details = await kept(house, branch, answer.json()["response"])
    assert (case.state, case.priority) == ("waiting", 1)
    assert (details.name, details.phone, details.email) == ("Ada", "+4930123456", "ada@example.com")
    assert list(details.fields.values()) == ["Engines"]


async def test_where_the_form_is_silent_the_first_contact_speaks(
    house: House, branch: Sample, vcc: Program
) -> None:
    body = {"form": {"name": "Ada"}, "contacts": [{"name": "Bo", "phone1": "+4930123456"}]}
    answer = await vcc.post("/projects/3/records", body)
    _, details = await kept(house, branch, answer.json()["response"])
    assert (details.name, details.phone) == ("Ada", "+4930123456")


async def test_the_same_request_again_adds_no_second_record(vcc: Program) -> None:
    key = {"Idempotency-Key": "again"}
    body = {"form": {"name": "Ada"}}
    first = await vcc.post("/projects/2/records", body, **key)
    again = await vcc.post("/projects/2/records", body, **key)
    assert first.json() == again.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert (await vcc.rows(2))[1] == 1


async def test_a_disposition_ends_the_case_for_that_user(
    house: House, branch: Sample, vcc: Program
) -> None:
    number = (await vcc.post("/projects/2/records", {"form": {"name": "Ada"}})).json()["response"]
    said = {"dispositionid": 2, "userid": 1, "description": "No photograph.", "avoid_in_call": 1}
    answer = await vcc.post(f"/projects/2/records/{number}/dispositions", said)
    assert answer.json() == {"response": True, "errors": []}
    case, details = await kept(house, branch, number)
    outcome = (await house.directory(branch.organization.id)).outcomes[case.outcome_id]  # type: ignore[index]
    assert (case.state, outcome.name, details.solution) == (
        "resolved",
        "Papers missing",
        "No photograph.",
    )
    async with house.engine.reading() as connection:
        facts = await Store(connection, branch.organization.id).journal.of(case.id)
    assert facts[-1].actor == f"agent:{branch.beginning.agents[0].id}"
    again = await vcc.post(f"/projects/2/records/{number}/dispositions", said)
    assert (again.status_code, again.json()["errors"][0]["errormessage"]) == (
        409,
        "error.wrong_status",
    )


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/projects/2/records", {}, 417, "error.required"),
        ("/projects/3/records", {"form": {"name": "Ada"}}, 417, "error.required"),
        ("/projects/2/records", {"form": []}, 417, "error.required"),
        ("/projects/2/records", {"form": [1]}, 417, "error.bad_arguments"),
        ("/projects/2/records", {"form": {"shoe": 1}}, 417, "error.bad_arguments"),
        ("/projects/2/records", {"form": {"name": {}}}, 417, "error.bad_arguments"),
        ("/projects/2/records", [], 417, "error.bad_arguments"),
        ("/projects/2/records", {"form": {"a": 1}, "disposition": 1}, 417, "error.bad_arguments"),
        ("/projects/9/records", {"form": {"name": "A"}}, 404, "error.not_found"),
        ("/projects/2/records/99/dispositions", {}, 404, "error.not_found"),
        ("/projects/2/records/x/dispositions", {}, 404, "error.not_found"),
    ],
    ids=str,
)
async def test_what_makes_no_sense_is_said_in_this_form(
    vcc: Program, path: str, body: Any, status: int, code: str
) -> None:
    answer = await vcc.post(path, body)
    assert answer.status_code == status, answer.text
    assert answer.json()["response"] is None
    assert [one["errormessage"] for one in answer.json()["errors"]] == [code]


@pytest.mark.parametrize(
    "body",
    [
        {"userid": 1},
        {"dispositionid": 1},
        {"dispositionid": 9, "userid": 1},
        {"dispositionid": 1, "userid": 9},
        {"dispositionid": 1, "userid": 1, "next_calldate": "2030-01-01 10:00:00"},
    ],
    ids=str,
)
async def test_a_disposition_that_makes_no_sense_changes_nothing(vcc: Program, body: Any) -> None:
    number = (await vcc.post("/projects/2/records", {"form": {"name": "Ada"}})).json()["response"]
    answer = await vcc.post(f"/projects/2/records/{number}/dispositions", body)
    assert answer.status_code == 417, answer.text
    assert (await vcc.rows(2))[0][0]["status"] == "park"


async def test_a_record_of_another_project_is_not_found(vcc: Program) -> None:
    number = (await vcc.post("/projects/1/records", {"form": {"name": "Ada"}})).json()["response"]
    said = {"dispositionid": 1, "userid": 1}
    answer = await vcc.post(f"/projects/2/records/{number}/dispositions", said)
    assert answer.status_code == 404
