"""Agent Impersonation: every error that is printed, with its number, and what is read oddly."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from nowserving.actions import attendance
from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.people.actor import system
from nowserving.places.organization import Desk, Unit
from nowserving.places.services import Workspace
from nowserving.store.engines import Looking
from nowserving.store.store import Store
from tests.dialects.cubu.conftest import Program


class Agents:
    """The application, acting for the agents of its organization."""

    def __init__(self, house: House, program: Program) -> None:
        self.house, self.program = house, program
        self.unit = program.things(Unit)[0]
        self.spaces = {one.name: one.id for one in program.things(Workspace)}
        self.desks: list[Desk] = program.things(Desk)

    def id(self, at: int) -> UUID:
        return self.program.made.beginning.agents[at].id

    async def ask(
        self, path: str, body: Any = None, *, agent: int = 0, method: str = ""
    ) -> httpx.Response:
        """One request for an agent; a GET unless there is a body."""
        own = f"/{self.program.made.client.application_id}/agents/{self.id(agent)}/{path}"
        how = method or ("GET" if body is None else "POST")
        headers = self.program.headers
        return await self.program.client.request(how, own, json=body, headers=headers)

    async def says(self, path: str, body: Any = None, *, agent: int = 0) -> tuple[int, int | None]:
        """Status and errorCode of a refusal."""
        answer = await self.ask(path, body, agent=agent)
        return answer.status_code, answer.json()["errorCode"]

    async def here(self, agent: int = 0, space: str | None = "Everything") -> None:
        """An agent works in the unit, and in a workspace."""
        await self.done("units/_current", {"unitId": str(self.unit.id)}, agent=agent)
        if space:
            body = {"workspaceId": str(self.spaces[space])}
            await self.done("workspaces/_current", body, agent=agent)

    async def done(self, path: str, body: Any, *, agent: int = 0) -> Any:
        """What an order answers that is done."""
        answer = await self.ask(path, body, agent=agent)
        assert answer.status_code == 200, answer.text
        return answer.json() if answer.content else None


@pytest.fixture
async def agents(house: House, demo: Program) -> Agents:
    """Nobody has chosen a unit yet."""
    return Agents(house, demo)


async def track(house: House, branch: Sample, *, tracked: bool) -> None:
    async with house.acting(system(branch.organization.id, "test")) as act:
        await attendance.track(act, tracked=tracked)


async def test_where_attendance_is_not_kept_all_of_it_is_403(
    agents: Agents, house: House, branch: Sample
) -> None:
    await track(house, branch, tracked=False)
    unit = {"unitId": str(agents.unit.id)}
    assert await agents.says("actions/clockIn", unit) == (403, None)
    assert await agents.says("actions/clockOut", {"clockOutReason": "EndOfShift"}) == (403, None)
    pause = {"unavailabilityReason": "Break"}
    assert await agents.says("actions/becomeUnavailable", pause) == (403, None)
    assert await agents.says("actions/becomeAvailable", {}) == (403, None)


async def test_a_unit_that_is_not_the_agents_is_403(
    agents: Agents, house: House, branch: Sample, other: Program
) -> None:
    await track(house, branch, tracked=True)
    village = Unit(branch.organization.id, uuid4(), 2, None, "Branch in the village", "UTC")
    async with house.acting(system(branch.organization.id, "test")) as act:
        await act.store.places.add([village])
    house.forget_directory(branch.organization.id)
    for id in (village.id, other.things(Unit)[0].id, uuid4()):
        for path in ("actions/clockIn", "units/_current"):
            assert await agents.says(path, {"unitId": str(id)}) == (403, None), (path, id)


async def test_going_and_pausing_have_their_numbers(
    agents: Agents, house: House, branch: Sample
) -> None:
    await track(house, branch, tracked=True)
    gone = {"clockOutReason": "endofshift"}
    assert await agents.says("actions/clockOut", gone) == (409, 3301)
    pause = {"unavailabilityReason": "BREAK"}
    assert await agents.says("actions/becomeUnavailable", pause) == (409, 3303)
    assert await agents.says("actions/becomeAvailable", {}) == (409, 3304)
    await agents.done("actions/clockIn", {"unitId": str(agents.unit.id)})
    assert await agents.says("actions/becomeAvailable", {}) == (409, 3304)
    long = {"unavailabilityReason": "Other", "unavailabilityDescription": "x" * 201}
    refused = await agents.ask("actions/becomeUnavailable", long)
    assert (refused.status_code, refused.json()["field"]) == (400, "unavailabilityDescription")
    back = {"unavailabilityReason": "BackOfficeWork"}
    refused = await agents.ask("actions/becomeUnavailable", back)
    assert (refused.status_code, refused.json()["field"]) == (400, "backOfficeTaskId")
    await agents.done("actions/becomeUnavailable", pause)
    why = {"clockOutReason": "Other", "clockOutDescription": ""}
    refused = await agents.ask("actions/clockOut", why)
    assert (refused.status_code, refused.json()["field"]) == (400, "clockOutDescription")
    await agents.done("actions/clockOut", gone)


async def test_no_unit_and_no_workspace_are_said_as_each_page_prints_it(agents: Agents) -> None:
    for path in ("workspaces", "workstations", "activeCases"):
        assert await agents.says(path) == (403, None), path
    assert await agents.says("inboxes") == (409, 1010)
    assert await agents.says("actions/startNext", {}) == (403, None)
    await agents.here(space=None)
    assert await agents.says("inboxes") == (409, 1011)
    assert await agents.says("activeCases") == (409, 1011)
    assert await agents.says("actions/startNext", {}) == (409, 1011)


async def test_a_workstation_has_one_user_and_a_user_several(
    agents: Agents, house: House, branch: Sample
) -> None:
    await agents.here()
    await agents.here(agent=1)
    first, second, third = agents.desks[:3]
    async with house.acting(system(branch.organization.id, "test")) as act:
        await act.store.places.add([replace(first, id=uuid4(), number=9, active=False)])
    house.forget_directory(branch.organization.id)
    listed = (await agents.ask("workstations")).json()
    (broken,) = [one["workstationId"] for one in listed if not one["isActive"]]
    sit = "workstations/{}/actions/occupy"
    assert await agents.says(sit.format(broken), {}) == (409, 1002)
    await agents.done(sit.format(first.id), {})
    await agents.done(sit.format(second.id), {"vacateOthers": "false"})
    assert await agents.says(sit.format(second.id), {}, agent=1) == (409, 1003)
    assert await occupied(agents) == {str(first.id): 0, str(second.id): 0}
    await agents.done(f"workstations%20/{third.id}/actions/occupy", {"vacateOthers": True})
    assert await occupied(agents) == {str(third.id): 0}
    assert await agents.says(sit.format(uuid4()), {}) == (404, None)
    await agents.done(f"workstations/{third.id}/actions/vacate", {}, agent=1)
    assert await occupied(agents) == {str(third.id): 0}
    await agents.done(f"workstations/{third.id}/actions/vacate", {})
    assert await occupied(agents) == {}


async def occupied(agents: Agents) -> dict[str, int]:
    """Which workstations are taken, by which agent."""
    ids = {str(agents.id(at)): at for at in range(4)}
    listed = (await agents.ask("workstations")).json()
    taken = [one for one in listed if one["user"]]
    assert all(one["status"] == "OccupiedOpen" for one in taken)
    assert all(one["status"] == "Empty" for one in listed if not one["user"])
    return {one["workstationId"]: ids[one["user"]["userId"]] for one in taken}


async def test_a_case_that_waits_for_somebody_else_is_resolved_by_nobody_else(
    agents: Agents, house: House, branch: Sample
) -> None:
    await agents.here()
    program = agents.program
    case_id = UUID((await program.queue_up(program.services[0])).json()["caseId"])
    async with house.engine.writing() as connection:
        store = Store(connection, branch.organization.id)
        case = await store.cases.get(case_id)
        await store.cases.replace(case, replace(case, version=2, assigned_to=agents.id(1)))
    path = f"cases/{case_id}/actions/resolve"
    assert await agents.says(path, {}) == (409, 1004)
    await agents.here(agent=1)
    assert list(await agents.done(path, {}, agent=1)) == ["caseTimestamp"]
    assert await agents.says(path, {}, agent=1) == (409, 1001)


async def test_who_is_called_is_served_at_once(
    agents: Agents, house: House, branch: Sample
) -> None:
    await agents.here()
    program, desk = agents.program, agents.desks[0]
    told = (await program.queue_up(program.services[0])).json()
    body = {"workstationId": str(desk.id), "silent": True}
    started = (await agents.ask("actions/startNext", body)).json()
    assert (started["caseId"], started["status"]) == (told["caseId"], "Active")
    assert started["ticket"]["number"] == 1
    look = Store(Looking(house.engine), branch.organization.id)
    facts = await look.journal.of(UUID(told["caseId"]))
    assert [fact.kind for fact in facts] == ["case.queued", "case.called", "case.started"]
    page = (await program.client.get(told["ticketUrl"])).text
    assert desk.name in page
    later = house.clock() + timedelta(minutes=1)
    house.clock = lambda: later
    again = await agents.ask(f"cases/{told['caseId']}/actions/callAgain", method="POST")
    assert (again.status_code, again.content) == (200, b"")
