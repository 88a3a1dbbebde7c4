"""The table of customers and registered applications, over the API."""

import asyncio
from typing import Any

import httpx
import pytest

from nowserving.actions.sample import Sample
from tests.dialects.native.api import Api
from tests.dialects.native.conftest import agent_of
from tests.dialects.native.test_tenants import CUSTOMERS_TABLE

BADGE = {"name": "Badge", "slug": "badge-number", "key": True}


@pytest.fixture
async def eve(client: httpx.AsyncClient, branch: Sample) -> Api:
    """Who leads, and owns the organization."""
    return await agent_of(client, branch, "eve")


def _table(*more: dict[str, Any], **changes: Any) -> dict[str, Any]:
    fields: list[Any] = CUSTOMERS_TABLE["fields"]  # type: ignore[assignment]
    return {**CUSTOMERS_TABLE, "fields": [*fields, *more], **changes}


async def test_the_table_is_there_and_a_field_stays_itself(eve: Api, api: Api) -> None:
    first = await api.get("/customers-table")
    assert [field["slug"] for field in first["fields"] if field["key"]] == ["customer-id"]
    more = {"name": "Shoe size", "slug": "shoe-size", "data_type": "number"}
    second = await eve.post("/customers-table", _table(BADGE, more, title="{{badge-number}}"))
    assert second["fields"][:4] == first["fields"]
    assert await api.get("/customers-table") == second
    renamed = {**more, "name": "Size of shoes"}
    third = await eve.post("/customers-table", _table(BADGE, renamed))
    assert [one["id"] for one in third["fields"]] == [one["id"] for one in second["fields"]]


@pytest.mark.parametrize(
    "changes",
    [
        {"fields": []},
        {"title": "{{nobody-here}}"},
        {"slug": "abc"},
        {"fields": [{"name": "ID", "slug": "customer-id"}]},
    ],
)
async def test_a_table_that_could_not_work_is_refused(eve: Api, changes: dict[str, Any]) -> None:
    await eve.post("/customers-table", _table(**changes), expect=422)


async def test_a_key_stays_a_key(eve: Api) -> None:
    await eve.post("/customers-table", _table(BADGE))
    await eve.post("/customers-table", _table({**BADGE, "key": False}), expect=422)


async def test_only_who_manages_places_changes_the_table(api: Api, agent: Api) -> None:
    await api.post("/customers-table", _table(), expect=403)
    await agent.post("/customers-table", _table(), expect=403)


async def test_a_sixth_application_is_refused_even_at_the_same_moment(eve: Api) -> None:
    order = {"name": "Booking site", "roles": ["appointments_manager"]}

    async def one() -> int:
        answer = await eve.asking.post(
            "/api/v1/applications", json=order, headers={"Authorization": f"Bearer {eve.token}"}
        )
        return answer.status_code

    answers = await asyncio.gather(*(one() for _ in range(7)))
    assert sorted(answers) == [201] * 4 + [422] * 3


async def test_an_application_gets_no_more_than_its_maker_may(
    client: httpx.AsyncClient, branch: Sample, api: Api, agent: Api
) -> None:
    order = {"name": "Own", "roles": ["owner"]}
    await api.post("/applications", order, expect=403)
    await agent.post("/applications", {**order, "roles": ["agent"]}, expect=403)
    made = await api.post("/applications", {"name": "Own", "roles": ["agent"]}, expect=201)
    credentials = {
        "grant_type": "client_credentials",
        "client_id": made["client_id"],
        "client_secret": made["secret"],
        "organization": branch.organization.slug,
    }
    assert (await Api(client).post("/token", credentials))["access_token"]
