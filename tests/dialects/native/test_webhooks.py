"""Endpoints over the API: added, changed, paused, rolled, deleted; secrets shown once."""

from typing import Any

import httpx
import pytest

from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.journal.catalogue import CATALOGUE
from nowserving.store.engines import Looking
from nowserving.store.store import Store
from tests.dialects.native.api import Api
from tests.dialects.native.conftest import endpoint_of

ORDER = {"dialect": "native", "url": "https://localhost/hooks", "kinds": ["case.*"]}


async def test_an_endpoint_is_added_and_found_again(api: Api) -> None:
    answer = await api.ask("POST", "/endpoints", {**ORDER, "name": "CRM"}, expect=201)
    added = answer.json()
    assert answer.headers["location"] == f"/api/v1/endpoints/{added['id']}"
    assert added.pop("secret").startswith("whsec_")
    found = await api.get(f"/endpoints/{added['id']}")
    health = {"waiting": 0, "failing_since": None, "last_attempt": None}
    assert found == {**added, "health": health}
    assert (found["state"], found["confirmed"], found["has_secret"]) == ("active", False, True)
    assert (await api.get("/endpoints"))["endpoints"] == [found]


async def test_a_repeated_request_adds_once_and_shows_no_secret_again(
    api: Api, house: House, branch: Sample
) -> None:
    first = await api.post("/endpoints", ORDER, key="k", expect=201)
    again = await api.ask("POST", "/endpoints", ORDER, key="k", expect=201)
    assert again.headers["idempotency-replayed"] == "true"
    assert again.json() == {**first, "secret": None}
    assert len((await api.get("/endpoints"))["endpoints"]) == 1
    store = Store(Looking(house.engine), branch.organization.id)
    client = branch.client
    kept = await store.requests.kept(f"client:{client.id}", "k")
    assert kept is not None
    assert first["secret"] not in kept.body


async def test_a_change_needs_the_version_that_was_seen(api: Api) -> None:
    id = await endpoint_of(api)
    to = await api.patch(f"/endpoints/{id}", {"version": 1, "name": "New", "rate": 5})
    assert (to["version"], to["name"], to["rate"], to["secret"]) == (2, "New", 5, None)
    refused = (await api.ask("PATCH", f"/endpoints/{id}", {"version": 1}, expect=409)).json()
    assert refused["type"] == "/api/v1/docs#stale"
    none = await api.patch(f"/endpoints/{id}", {"version": 2, "rate": None})
    assert (none["rate"], none["name"]) == (None, "New")


async def test_pause_resume_and_delete(api: Api) -> None:
    id = await endpoint_of(api)
    paused = await api.post(f"/endpoints/{id}/pause")
    assert (paused["state"], paused["why"]) == ("disabled", "paused")
    assert (await api.post(f"/endpoints/{id}/resume"))["state"] == "active"
    await api.ask("DELETE", f"/endpoints/{id}", expect=204)
    await api.get(f"/endpoints/{id}", expect=404)
    assert (await api.get("/endpoints"))["endpoints"] == []


async def test_a_secret_is_rolled(api: Api) -> None:
    id = await endpoint_of(api)
    rolled = await api.post(f"/endpoints/{id}/roll-secret", {"both_for_hours": 1}, key="r")
    assert rolled["secret"].startswith("whsec_")
    assert rolled["old_secret_until"] is not None
    again = await api.post(f"/endpoints/{id}/roll-secret", {"both_for_hours": 1}, key="r")
    assert again == {**rolled, "secret": None}
    await api.post(f"/endpoints/{id}/roll-secret", {"both_for_hours": 169}, expect=422)
    cubu = await endpoint_of(api, dialect="cubu")
    await api.post(f"/endpoints/{cubu}/roll-secret", {"both_for_hours": 1}, expect=422)


async def test_who_changed_what_is_told_without_secrets(api: Api) -> None:
    id = await endpoint_of(api, headers={"X-Key": "hush"})
    await api.patch(f"/endpoints/{id}", {"version": 1, "name": "New"})
    await api.post(f"/endpoints/{id}/roll-secret", {})
    told = await api.get(f"/endpoints/{id}/changes?limit=2")
    assert [one["verb"] for one in told["changes"]] == ["roll_secret", "change"]
    assert told["changes"][1]["before"] == {"name": ""}
    rest = await api.get(f"/endpoints/{id}/changes?before={told['next']}")
    assert [one["verb"] for one in rest["changes"]] == ["add"]
    assert rest["changes"][0]["after"]["headers"] == ["X-Key"]
    assert rest["next"] is None
    assert "hush" not in str(rest)


async def test_endpoints_come_in_pages(api: Api) -> None:
    ids = [await endpoint_of(api) for _ in range(5)]
    found: list[str] = []
    path: str | None = "/endpoints?limit=2"
    while path:
        part = await api.get(path)
        found += [one["id"] for one in part["endpoints"]]
        path = part["next"] and f"/endpoints?limit=2&after={part['next']}"
    assert found == ids


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "http://r.example/"},
        {"url": "https://169.254.169.254/"},
        {"url": "https://[::ffff:127.0.0.1]/"},
        {"kinds": ["case.flew"]},
        {"unit_ids": []},
        {"headers": {"Host": "x"}},
        {"headers": {f"X-{at}": "x" for at in range(21)}},
        {"settings": {"allowed": True}},
        {"settings": {"x": 1}},
        {"concurrency": 64},
        {"trusted": True},
    ],
)
async def test_what_cannot_be_is_refused(api: Api, wrong: dict[str, Any]) -> None:
    await api.post("/endpoints", {**ORDER, **wrong}, expect=422)


async def test_an_agent_may_not(agent: Api) -> None:
    await agent.get("/endpoints", expect=403)
    await agent.post("/endpoints", ORDER, expect=403)


async def test_the_catalogue_is_told(api: Api, client: httpx.AsyncClient) -> None:
    kinds = (await api.get("/facts/kinds"))["kinds"]
    assert {one["kind"] for one in kinds} == set(CATALOGUE)
    queued = next(one for one in kinds if one["kind"] == "case.queued")
    assert (queued["subject"], queued["beside"]) == ("case", [])
    await Api(client).get("/facts/kinds", expect=401)
