"""Setting up hooks over the API."""

import json
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select
from standardwebhooks.webhooks import Webhook

from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.dialects.cubu.hooks import cubu_endpoint
from nowserving.people.actor import system
from nowserving.places.hooks import HookKind
from nowserving.store import tables
from nowserving.store.engines import Statement
from tests.dialects.native.api import Api
from tests.dialects.native.conftest import Places, agent_of
from tests.hooks.asked import SECRET, add_hook, asked_far
from tests.hooks.far import Post

ADD = {"kind": "queue_up", "url": "https://crm.example/ask", "on_failure": "deny", "timeout": 1500}


@pytest.fixture
async def owner(client: httpx.AsyncClient, branch: Sample) -> Api:
    """Who manages integrations."""
    return await agent_of(client, branch, "eve")


async def test_who_changed_what_of_a_hook_is_written_down(owner: Api) -> None:
    made = await owner.post("/hooks", {**ADD, "headers": {"X-Key": "hush"}}, expect=201)
    at = f"/hooks/{made['hook']['id']}"
    await owner.patch(at, {"on_failure": "allow", "headers": {"X-Key": "hushed"}})
    await owner.post(f"{at}/roll-secret")
    await owner.patch(at, {"headers": {"X-Key": "hush hush"}})
    newest = await owner.get(f"{at}/changes?limit=3")
    assert [one["verb"] for one in newest["changes"]] == ["change", "roll_secret", "change"]
    assert newest["changes"][0]["after"] == {}
    change = newest["changes"][2]
    assert (change["before"], change["after"]) == (
        {"on_failure": "deny"},
        {"on_failure": "allow"},
    )
    assert change["actor"].startswith("agent:")
    eldest = await owner.get(f"{at}/changes?before={newest['next']}")
    assert ([one["verb"] for one in eldest["changes"]], eldest["next"]) == (["add"], None)
    assert eldest["changes"][0]["after"]["url"] == ADD["url"]
    written = json.dumps([newest, eldest])
    assert not any(secret in written for secret in ("hush", made["secret"]))


async def test_a_hook_is_set_up_changed_and_removed(
    owner: Api, house: House, places: Places
) -> None:
    made = await owner.post(
        "/hooks", {**ADD, "headers": {"X-Key": "hush"}, "name": "CRM"}, expect=201, key="once"
    )
    hook, secret = made["hook"], made["secret"]
    assert (hook["kind"], hook["timeout"], hook["headers"], hook["state"]) == (
        "queue_up",
        1500,
        ["X-Key"],
        "active",
    )
    assert secret.startswith("whsec_")
    again = await owner.post(
        "/hooks", {**ADD, "headers": {"X-Key": "hush"}, "name": "CRM"}, expect=201, key="once"
    )
    assert again == {"hook": hook, "secret": None}
    assert await owner.get("/hooks") == {"hooks": [hook]}
    changed = await owner.patch(
        f"/hooks/{hook['id']}",
        {"unit_ids": [places.unit["id"]], "state": "disabled", "on_failure": "allow"},
    )
    assert (changed["unit_ids"], changed["state"], changed["version"], changed["url"]) == (
        [places.unit["id"]],
        "disabled",
        2,
        ADD["url"],
    )
    assert (await owner.patch(f"/hooks/{hook['id']}", {"unit_ids": None}))["unit_ids"] is None
    rolled = await owner.post(f"/hooks/{hook['id']}/roll-secret")
    assert rolled["secret"] not in (secret, None)
    for stored in await _everything_stored(house):
        assert "hush" not in stored
        assert secret not in stored
    await owner.ask("POST", f"/hooks/{hook['id']}/remove", expect=204)
    await owner.get(f"/hooks/{hook['id']}", expect=404)


async def _everything_stored(house: House) -> list[str]:
    found = []
    async with house.engine.reading() as connection:
        for table in (tables.hooks, tables.idempotency_keys):
            found += await connection.all(Statement(select(*table.columns)))
    return [repr(row) for row in found]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"url": "https://127.0.0.1/ask"}, "url"),
        ({"url": "http://crm.example/ask"}, "url"),
        ({"url": "https://169.254.169.254/"}, "url"),
        ({"url": None}, "url"),
        ({"kind": "sms"}, "kind"),
        ({"timeout": 6000}, "timeout"),
        ({"headers": {"Webhook-Signature": "x"}}, "headers"),
        ({"headers": {"X": "a\r\nb: c"}}, "headers"),
        ({"settings": {"allowed": True}}, "settings"),
        ({"endpoint_id": "0198c0de-0000-7000-8000-000000000001"}, "endpoint_id"),
    ],
)
async def test_what_makes_no_sense_is_refused(
    owner: Api, wrong: dict[str, Any], field: str
) -> None:
    refused = await owner.post("/hooks", {**ADD, **wrong}, expect=422)
    assert refused["details"]["field"] == field
    assert await owner.get("/hooks") == {"hooks": []}


async def test_a_hook_of_cubu_stands_below_its_endpoint(owner: Api, house: House) -> None:
    [organization] = await house.organizations()
    endpoint_id = await cubu_endpoint_of(house, organization.id, "https://crm.example/hooks")
    order = {"kind": "resolve", "dialect": "cubu", "endpoint_id": str(endpoint_id)}
    named = {"actions": {"beforeResolved": "beforeResolve"}}
    made = await owner.post("/hooks", {**order, "settings": named}, expect=201)
    assert (made["secret"], made["hook"]["url"], made["hook"]["settings"]) == (None, None, named)
    await owner.post("/hooks", {**order, "url": "https://crm.example/"}, expect=422)
    await owner.post("/hooks", {**order, "settings": {"actions": {"a": "../b"}}}, expect=422)
    path = f"/hooks/{made['hook']['id']}"
    await owner.post(f"{path}/roll-secret", expect=422)
    await owner.ask("DELETE", f"/endpoints/{endpoint_id}", expect=204)
    disabled = await owner.patch(path, {"state": "disabled"})
    assert (disabled["state"], disabled["endpoint_id"]) == ("disabled", str(endpoint_id))
    await owner.ask("PATCH", path, {"endpoint_id": str(UUID(int=7))}, expect=404)


async def cubu_endpoint_of(house: House, organization_id: Any, url: str, **more: Any) -> Any:
    async with house.acting(system(organization_id, "test")) as act:
        endpoint = cubu_endpoint(
            organization_id,
            act.new_id(),
            url,
            secret="s3cret",
            vault=house.vault,
            now=act.now,
            **more,
        )
        await act.store.endpoints.add(endpoint)
    return endpoint.id


async def test_a_hook_can_be_tried_out(owner: Api, house: House, branch: Sample) -> None:
    def answer(post: Post) -> Any:
        return {"allow": False, "message": "A test."}

    async with asked_far(answer) as far:
        hook = await add_hook(house, branch.organization.id, HookKind.RESOLVE, far.url)
        tried = await owner.post(f"/hooks/{hook.id}/test")
        assert (tried["allows"], tried["reason"], tried["status"]) == (False, "A test.", 200)
        [post] = far.posts
        assert json.loads(post.body)["dry_run"] is True
        assert post.headers["Nowserving-Dry-Run"] == "true"
        rolled = await owner.patch(f"/hooks/{hook.id}", {"timeout": 300})
        assert rolled["timeout"] == 300
    tried = await owner.post(f"/hooks/{hook.id}/test")
    assert tried["allows"] is None
    assert "connect" in tried["error"]


async def test_a_trial_asks_about_something_like_what_will_be_asked(
    owner: Api, house: House, branch: Sample
) -> None:
    kinds = [HookKind.QUEUE_UP, HookKind.BOOK, HookKind.MOVE, HookKind.CHECK_IN, HookKind.RESOLVE]
    async with asked_far() as far:
        for kind in kinds:
            hook = await add_hook(house, branch.organization.id, kind, far.url)
            await owner.post(f"/hooks/{hook.id}/test")
    cases = [one["case"] for one in far.said]
    assert [one["state"] for one in cases] == ["waiting", "planned", "planned", "planned", "active"]
    assert all(one["lined"] for one in cases)
    times = [one["appointment"] and one["appointment"]["starts_at"] for one in far.said]
    assert times == [one["appointment_at"] for one in cases]
    assert [one is not None for one in times] == [False, True, True, True, False]
    before = [one["appointment_before"] is not None for one in far.said]
    assert before == [False, False, True, False, False]


async def test_while_a_secret_rolls_both_sign(owner: Api, house: House, branch: Sample) -> None:
    async with asked_far() as far:
        hook = await add_hook(house, branch.organization.id, HookKind.RESOLVE, far.url)
        new = (await owner.post(f"/hooks/{hook.id}/roll-secret"))["secret"]
        await owner.post(f"/hooks/{hook.id}/test")
        [post] = far.posts
    for secret in (SECRET, new):
        assert Webhook(secret).verify(post.body, post.headers)["type"] == "before.resolve"


async def test_what_was_answered_can_be_looked_at(
    owner: Api, api: Api, house: House, branch: Sample
) -> None:
    async with asked_far(lambda post: {"changes": {"name": "Grace", "channel": "chat"}}) as far:
        hook = await add_hook(house, branch.organization.id, HookKind.QUEUE_UP, far.url)
        case = (await api.post("/cases", {"service_number": 1}, expect=201))["case"]
    await house.asks.written()  # type: ignore[attr-defined]
    [asking] = (await owner.get(f"/hooks/{hook.id}/askings"))["askings"]
    assert (asking["case_id"], asking["outcome"], asking["dropped"]) == (
        case["id"],
        "changed",
        ["channel"],
    )
