"""Desks taken and left, the next one started, and who works here, over the API."""

import httpx
import pytest

from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.people.actor import system
from nowserving.places.organization import BackOfficeTask
from tests.dialects.native.api import Api
from tests.dialects.native.conftest import agent_of, places_of, queued


@pytest.fixture
async def bob(client: httpx.AsyncClient, branch: Sample) -> Api:
    """A colleague of Ann's."""
    return await agent_of(client, branch, "bob")


async def test_one_desk_has_one_agent_and_an_agent_several(agent: Api, bob: Api) -> None:
    places = await places_of(agent)
    first, second = (desk["id"] for desk in places.desks[:2])

    async def seats() -> dict[str, str]:
        found = await agent.get(f"/units/{places.unit['id']}/seats")
        return {one["desk_id"]: one["name"] for one in found["seats"]}

    await agent.post(f"/desks/{first}/sit-down")
    await agent.post(f"/desks/{second}/sit-down", {"keep_others": True})
    assert await seats() == {first: "Ann Example", second: "Ann Example"}
    await bob.post(f"/desks/{second}/sit-down", expect=409)
    await bob.post(f"/desks/{second}/leave")
    assert len(await seats()) == 2
    await agent.post(f"/desks/{second}/leave")
    assert await seats() == {first: "Ann Example"}
    await bob.post(f"/desks/{first}/sit-down", {"take_over": True})
    assert await seats() == {first: "Bob Sample"}


async def test_the_next_one_is_started_and_the_one_at_hand_settled(agent: Api, api: Api) -> None:
    places = await places_of(agent)
    space = next(one for one in places.workspaces if one["name"] == "Reception")
    assert space["start_next"] != "add_tab"
    desk, unit = places.desks[0]["id"], places.unit["id"]
    path, order = f"/units/{unit}/start-next", {"workspace_id": space["id"], "desk_id": desk}
    await agent.post(path, {**order, "settle_first": True}, expect=204)
    first, second = [await queued(api) for _ in range(2)]
    begun = await agent.post(path, order)
    assert (begun["id"], begun["state"]) == (first, "active")
    begun = await agent.post(path, {**order, "settle_first": True})
    assert (begun["id"], begun["state"]) == (second, "active")
    assert (await agent.get(f"/cases/{first}"))["case"]["state"] == "resolved"
    await agent.post(path, {**order, "settle_first": True}, expect=204)
    assert (await agent.get(f"/cases/{second}"))["case"]["state"] == "active"
    for wrong in ({"workspace_id": unit}, {"queue_id": unit}, {"desk_id": unit}):
        await agent.post(path, {**order, **wrong}, expect=404)


async def test_who_works_here_and_what_the_back_office_does(
    api: Api, house: House, branch: Sample
) -> None:
    async with house.acting(system(branch.organization.id, "test")) as act:
        task = BackOfficeTask(branch.organization.id, act.new_id(), "Filing")
        await act.store.places.add([task])
    names = [one["name"] for one in (await api.get("/agents"))["agents"]]
    assert names == [one.name for one in branch.beginning.agents]
    tasks = await api.get("/back-office-tasks")
    assert tasks == {"tasks": [{"id": str(task.id), "name": "Filing"}]}
