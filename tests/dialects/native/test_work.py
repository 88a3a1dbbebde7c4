"""A letter comes in, is worked on and answered; a customer is known by a key."""

from collections.abc import Mapping
from typing import Any

from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.actions.sample_work import BackOffice
from nowserving.places.hooks import HookKind
from tests.dialects.native.api import Api
from tests.hooks.asked import add_hook, asked_far


async def test_a_complaint_from_the_letter_to_the_answer(api: Api, back_office: BackOffice) -> None:
    statuses = {one["name"]: one for one in (await api.get("/statuses"))["statuses"]}
    priorities = {one["name"]: one["id"] for one in (await api.get("/priorities"))["priorities"]}
    assert statuses["Closed"]["condition"] == "closed"
    opened = await api.post(
        "/cases/open",
        {
            "service_ext_ref": back_office.service.ext_ref,
            "type_id": str(back_office.types[1].id),
            "title": "Broken street lamp",
            "description": "Since Tuesday",
            "name": "Ada Lovelace",
            "email": "ada@example.org",
            "priority_id": priorities["High"],
            "due_at": "2027-01-01T12:00:00+01:00",
            "fields": {"reference": "R-7"},
        },
        expect=201,
    )
    case, id = opened["case"], opened["case"]["id"]
    assert (case["state"], case["lined"], case["ticket"]) == (
        "waiting",
        False,
        f"#{case['number']}",
    )
    assert (case["priority"], case["due_at"]) == (1, "2027-01-01T11:00:00Z")
    assert opened["contact"]["fields"] == {"reference": "R-7"}
    file = await api.get(f"/cases/{id}")
    assert (file["place"], "take-up" in file["moves"], "call" in file["moves"]) == (
        *(None, True, False),
    )
    found = await api.get("/cases?text=street lam&person=ada&condition=open&lined=false")
    assert ([one["case"]["id"] for one in found["cases"]], found["next"]) == ([id], None)

    assert (await api.post(f"/cases/{id}/take-up"))["state"] == "active"
    closed = {"status_id": statuses["Closed"]["id"]}
    refused = await api.post(f"/cases/{id}/status", closed, expect=422)
    assert refused["type"].endswith("#solution-required")
    done = await api.post(f"/cases/{id}/status", {**closed, "solution": "Mended."})
    assert (done["state"], done["status_id"]) == ("closed", statuses["Closed"]["id"])
    assert (await api.get(f"/cases/{id}"))["contact"]["solution"] == "Mended."
    again = await api.post(f"/cases/{id}/reopen")
    assert (again["state"], again["status_id"]) == ("waiting", None)
    kinds = [fact["kind"] for fact in (await api.get(f"/cases/{id}/history"))["facts"]]
    assert kinds == [
        *("case.opened", "case.taken_up", "case.corrected", "case.resolved", "case.closed"),
        "case.reopened",
    ]


async def test_pages_of_cases_are_asked_for_one_after_the_other(
    api: Api, back_office: BackOffice
) -> None:
    ids = []
    for day in (3, 1, 2):
        order = {
            "service_number": back_office.service.number,
            "title": "x",
            "due_at": f"2027-01-0{day}T00:00:00Z",
        }
        ids.append((await api.post("/cases/open", order, expect=201))["case"]["id"])
    for sorting, expected in (("newest", ids[::-1]), ("oldest", ids), ("due", ids[1:] + ids[:1])):
        seen, after = [], ""
        while True:
            page = await api.get(f"/cases?limit=2&order={sorting}{after}")
            seen += [one["case"]["id"] for one in page["cases"]]
            if page["next"] is None:
                break
            after = f"&after={page['next']}"
        assert seen == expected, sorting


async def test_what_is_refused(api: Api, back_office: BackOffice) -> None:
    for path, problem in (
        ("/cases", "stands-in-no-line"),
        ("/cases/open", ""),
    ):
        refused = await api.post(
            path,
            {"service_ext_ref": back_office.service.ext_ref},
            expect=201 if not problem else 409,
        )
        assert not problem or refused["type"].endswith(problem)
    lined = await api.post("/cases/open", {"service_ext_ref": "SVC-001"}, expect=409)
    assert lined["type"].endswith("stands-in-line")
    counted = {"service_ext_ref": "SVC-001", "counted_only": True}
    case = (await api.post("/cases/open", counted, expect=201))["case"]
    assert (case["state"], case["called_at"]) == ("closed", None)
    await api.get("/cases?after=1.2", expect=422)
    await api.get("/cases?order=sideways", expect=422)


async def test_a_customer_is_known_by_a_key_and_merged(api: Api) -> None:
    order = {"kind": "personal-id", "value": "S-1", "name": "Ada", "phone": "030 123456"}
    first = await api.post("/customers/upsert", order)
    again = await api.post("/customers/upsert", {**order, "value": "s-1", "name": "Augusta"})
    assert (first["created"], again["created"]) == (True, False)
    assert again["customer"]["name"] == "Augusta"
    other = await api.post("/customers", {"name": "Countess", "keys": {"card": "7"}}, expect=201)
    taken = await api.post("/customers", {"name": "X", "keys": {"card": "7"}}, expect=409)
    assert taken["type"].endswith("#key-taken")
    id, into = first["customer"]["id"], other["customer"]["id"]
    merged = await api.post(f"/customers/{id}/merge", {"into_id": into})
    assert merged["keys"] == {"card": "7", "personal-id": "s-1"}
    assert merged["customer"]["phone"] == "+4930123456"
    known = await api.get("/customers/by-key?kind=personal-id&value=S-1")
    assert known["customer"]["id"] == into
    gone = await api.get(f"/customers/{id}")
    assert (gone["customer"]["archived"], gone["customer"]["merged_into_id"]) == (True, into)
    page = await api.get("/customers?text=count")
    assert ([one["id"] for one in page["customers"]], page["next"]) == ([into], None)
    changed = await api.patch(f"/customers/{into}", {"phone": None, "fields": {"city": "Bern"}})
    assert (changed["customer"]["phone"], changed["customer"]["fields"]) == (
        None,
        {"city": "Bern"},
    )


async def test_filters_are_kept_under_a_name(api: Api) -> None:
    order = {"name": "Overdue", "escalated": True, "condition": "open", "order": "due"}
    kept = await api.post("/case-filters", order, expect=201)
    assert kept["filter"]["escalated"] is True
    assert (await api.get("/case-filters"))["filters"] == [kept]
    await api.ask("DELETE", f"/case-filters/{kept['id']}", expect=204)
    assert (await api.get("/case-filters"))["filters"] == []


async def test_a_status_settles_a_case_only_if_those_agree_who_are_asked_before(
    api: Api, house: House, branch: Sample, back_office: BackOffice
) -> None:
    statuses = {one.name: str(one.id) for one in back_office.statuses}
    answers: list[Mapping[str, Any]] = [{"allow": False, "message": "Pay first."}]
    async with asked_far(lambda post: answers[0]) as far:
        await add_hook(house, branch.organization.id, HookKind.RESOLVE, far.url)
        order = {"service_id": str(back_office.service.id), "name": "Ada", "title": "The lamp"}
        case = (await api.post("/cases/open", order, expect=201))["case"]
        path = f"/cases/{case['id']}"
        await api.post(f"{path}/status", {"status_id": statuses["In progress"]})
        seen = await api.get(path)
        closing = {"status_id": statuses["Closed"], "solution": "Mended."}
        await api.post(f"{path}/status", {**closing, "solution": None}, expect=422)
        assert far.posts == []
        refused = await api.post(f"{path}/status", closing, expect=409)
        assert (refused["type"], refused["detail"]) == ("/api/v1/docs#hook-refused", "Pay first.")
        assert await api.get(path) == seen
        answers[0] = {"changes": {"name": "Grace", "customer_id": None}}
        closed = await api.post(f"{path}/status", closing)
    assert (closed["state"], closed["status_id"]) == ("closed", statuses["Closed"])
    assert [one["case"]["state"] for one in far.said] == ["active", "active"]
    assert (await api.get(path))["contact"]["name"] == "Grace"
    assert [len((await api.get(f"/cases?text={name}"))["cases"]) for name in ("ada", "grace")] == [
        0,
        1,
    ]
