"""An organization sets up its statuses, priorities and inboxes; mail and tables of cases."""

import csv
import io

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


async def test_statuses_are_added_changed_and_archived(owner: Api, back_office: BackOffice) -> None:
    asked = {"name": " Waiting for parts ", "state": "on_hold", "condition": "open", "position": 9}
    made = await owner.post("/statuses", asked, expect=201)
    assert made == {**made, **asked, "name": "Waiting for parts", "type_id": None}
    address = f"/statuses/{made['id']}"
    renamed = await owner.patch(address, {"name": "Parts are ordered"})
    assert renamed == {**made, "name": "Parts are ordered"}
    assert renamed in (await owner.get("/statuses"))["statuses"]
    await owner.patch(address, {"archived": True})
    assert renamed not in (await owner.get("/statuses"))["statuses"]
    await owner.post("/statuses", {**asked, "condition": "closed"}, expect=422)
    await owner.post("/statuses", {**asked, "name": "  "}, expect=422)
    await owner.post("/statuses", {**asked, "type_id": NOBODY}, expect=404)
    await owner.patch(f"/statuses/{NOBODY}", {"name": "x"}, expect=404)


async def test_priorities_are_added_changed_and_archived(
    owner: Api, back_office: BackOffice
) -> None:
    made = await owner.post("/priorities", {"name": "At once", "level": 2}, expect=201)
    assert made in (await owner.get("/priorities"))["priorities"]
    moved = await owner.patch(f"/priorities/{made['id']}", {"position": 7})
    assert moved == {**made, "position": 7}
    await owner.patch(f"/priorities/{made['id']}", {"archived": True})
    assert moved not in (await owner.get("/priorities"))["priorities"]
    await owner.post("/priorities", {"name": "x", "level": 3}, expect=422)
    await owner.patch(f"/priorities/{NOBODY}", {}, expect=404)


async def test_inboxes_are_added_changed_and_archived(owner: Api, back_office: BackOffice) -> None:
    asked = {"unit_id": str(back_office.unit.id), "name": "Complaints"}
    made = await owner.post("/inboxes", asked, expect=201)
    assert (made["inbox"], made["name"], made["transfers_to"]) == (True, "Complaints", [])
    changed = await owner.patch(f"/inboxes/{made['id']}", {"color": "#112233", "name": "Praise"})
    assert changed == {**made, "color": "#112233", "name": "Praise"}
    assert changed in (await owner.get("/queues"))["queues"]
    await owner.patch(f"/inboxes/{made['id']}", {"archived": True})
    assert changed not in (await owner.get("/queues"))["queues"]
    queues = (await owner.get("/queues"))["queues"]
    used = next(one["id"] for one in queues if one["inbox"])
    line = next(one["id"] for one in queues if not one["inbox"])
    await owner.patch(f"/inboxes/{used}", {"archived": True}, expect=422)
    await owner.patch(f"/inboxes/{line}", {"name": "x"}, expect=404)
    await owner.post("/inboxes", {**asked, "unit_id": NOBODY}, expect=404)


async def test_only_who_manages_places_sets_anything_up(
    api: Api, branch: Sample, back_office: BackOffice
) -> None:
    agent = await agent_of(api.asking, branch)
    status = {"name": "x", "state": "waiting", "condition": "open"}
    await agent.post("/statuses", status, expect=403)
    await agent.patch(f"/statuses/{back_office.statuses[0].id}", {"name": "x"}, expect=403)
    await agent.post("/priorities", {"name": "x", "level": 1}, expect=403)
    await agent.patch(f"/priorities/{back_office.priorities[0].id}", {"name": "x"}, expect=403)
    inbox = {"unit_id": str(back_office.unit.id), "name": "x"}
    await agent.post("/inboxes", inbox, expect=403)
    await agent.patch(f"/inboxes/{back_office.service.queue_id}", {"name": "x"}, expect=403)


async def test_mail_of_a_case_is_told_and_the_cases_are_a_table(
    api: Api, back_office: BackOffice
) -> None:
    asked = {
        "service_ext_ref": back_office.service.ext_ref,
        "title": "=Lamp",
        "name": "Ada",
        "email": "ada@example.org",
        "phone": "+41791234567",
    }
    id = (await api.post("/cases/open", asked, expect=201))["case"]["id"]
    await api.post(f"/cases/{id}/messages", {"text": "Hello"}, expect=201)
    [letter] = (await api.get(f"/cases/{id}/messages"))["letters"]
    assert (letter["to"], letter["state"], letter["attempts"]) == ("ada@example.org", "waiting", 0)
    await api.post(f"/cases/{id}/messages/{letter['id']}/again", expect=409)
    await api.post(f"/cases/{id}/messages/{NOBODY}/again", expect=404)
    answer = await api.ask("GET", "/cases.csv?lined=false")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    head, row = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    found = dict(zip(head, row, strict=True))
    assert (found["title"], found["phone"], found["name"]) == ("'=Lamp", "'+41791234567", "Ada")
