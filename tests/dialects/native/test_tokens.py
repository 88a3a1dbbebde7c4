"""Tokens of programs, made and taken back by our own API."""

import httpx
import pytest

from nowserving.actions.sample import Sample
from tests.dialects.native.api import Api
from tests.dialects.native.conftest import agent_of


@pytest.fixture
async def owner(client: httpx.AsyncClient, branch: Sample) -> Api:
    """Who manages integrations."""
    return await agent_of(client, branch, "eve")


async def test_a_token_is_shown_once(owner: Api) -> None:
    made = await owner.post("/api-tokens", {"name": "CRM", "daily_limit": 7}, expect=201)
    told = made["token"]
    assert made["secret"].startswith("1.")
    assert {name: told[name] for name in ("name", "kind", "daily_limit", "used_today")} == {
        "name": "CRM",
        "kind": "internal",
        "daily_limit": 7,
        "used_today": 0,
    }
    assert await owner.get("/api-tokens") == {"tokens": [told]}
    await owner.ask("POST", f"/api-tokens/{told['id']}/remove", expect=204)
    assert await owner.get("/api-tokens") == {"tokens": []}
    await owner.ask("POST", f"/api-tokens/{told['id']}/remove", expect=404)


async def test_an_external_token_needs_a_company(owner: Api) -> None:
    order = {"name": "Acme", "kind": "external"}
    await owner.post("/api-tokens", order, expect=422)
    await owner.post("/api-tokens", {**order, "customer_id": "no"}, expect=422)
