"""Agent Impersonation: workspaces, workstations and inboxes, as the Agent Console shows them."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.types import ASGIApp

from nowserving.actions import attendance, desk_posts
from nowserving.actions.act import Act
from nowserving.actions.console import Console, console
from nowserving.cases.case import DeskTaken
from nowserving.cases.moves import State
from nowserving.dialects.cubu.agents import AGENT
from nowserving.dialects.cubu.doing import done, impersonating, in_path, nothing, shown, wire_of
from nowserving.dialects.cubu.failures import words_here
from nowserving.dialects.cubu.wire import say_instant
from nowserving.dialects.cubu.words import Word
from nowserving.kit.http import AnyRequest
from nowserving.kit.problems import NotFound
from nowserving.people.attendance import NoUnitChosen, NoWorkspaceChosen
from nowserving.people.staff import Agent
from nowserving.places.organization import Desk
from nowserving.places.services import StartNext

START_NEXT_OF: Mapping[StartNext, str] = {
    StartNext.AUTO: "Auto",
    StartNext.CLOSE_ACTIVE_TABS: "CloseActiveTabs",
    StartNext.ADD_TAB: "AddTab",
}


def say_user(agent: Agent | None) -> dict[str, Any] | None:
    """User Data: an agent as other things mention them."""
    if agent is None:
        return None
    initials = "".join(word[0] for word in agent.name.split()[:2]).upper()
    return {
        "userId": agent.id,
        "displayName": agent.name,
        "initials": initials,
        "picture": None,
    }


@get(f"{AGENT}/workspaces")
async def list_workspaces(request: AnyRequest) -> ASGIApp:
    """List Workspaces of the current unit."""
    actor = await impersonating(request)
    words_here(request, {NoUnitChosen: Word(403)})

    async def ask(act: Act) -> list[dict[str, Any]]:
        unit_id = await attendance.unit_of(act)
        return [
            {
                "workspaceId": one.id,
                "workspaceName": one.name,
                "description": None,
                "startNextBehavior": START_NEXT_OF[one.start_next],
            }
            for one in (await act.directory()).workspaces_of(unit_id)
        ]

    return await shown(request, actor, ask)


@get(f"{AGENT}/workstations")
async def list_workstations(request: AnyRequest) -> ASGIApp:
    """List Workstations of the current unit."""
    actor = await impersonating(request)
    words_here(request, {NoUnitChosen: Word(403)})

    async def ask(act: Act) -> list[dict[str, Any]]:
        unit_id = await attendance.unit_of(act)
        sits = await desk_posts.who_sits_where(act, unit_id=unit_id)
        desks = (await act.directory()).desks_of(unit_id)
        return [_workstation(one, sits.get(one.id)) for one in desks]

    return await shown(request, actor, ask)


_OCCUPY = "/{workstation_id:str}/actions/occupy"


@post([f"{AGENT}/workstations{_OCCUPY}", f"{AGENT}/workstations {_OCCUPY}"])
async def occupy(request: AnyRequest) -> ASGIApp:
    """Occupy a Workstation of the current unit. Its page prints a blank in the address."""
    actor = await impersonating(request)
    words_here(request, {DeskTaken: Word(409, 1003), NoUnitChosen: Word(404)})
    desk_id = in_path(request, "workstation_id")
    wire, body = await wire_of(request)
    vacate_others = wire.flag("vacateOthers")

    async def do(act: Act) -> Desk:
        await _must_be_here(act, desk_id)
        return await desk_posts.sit_down(act, desk_id=desk_id, leave_others=vacate_others)

    return await done(request, actor, do, nothing, body)


@post(f"{AGENT}/workstations/{{workstation_id:str}}/actions/vacate")
async def vacate(request: AnyRequest) -> ASGIApp:
    """Vacate a Workstation; by analogy."""
    actor = await impersonating(request)
    words_here(request, {NoUnitChosen: Word(404)})
    desk_id = in_path(request, "workstation_id")
    _, body = await wire_of(request)

    async def do(act: Act) -> Desk:
        await _must_be_here(act, desk_id)
        return await desk_posts.leave_desk(act, desk_id=desk_id)

    return await done(request, actor, do, nothing, body)


@get(f"{AGENT}/inboxes")
async def list_inboxes(request: AnyRequest) -> ASGIApp:
    """List Inboxes of the current workspace."""
    actor = await impersonating(request)
    words_here(request, {NoUnitChosen: Word(409, 1010), NoWorkspaceChosen: Word(409, 1011)})

    async def ask(act: Act) -> list[dict[str, Any]]:
        shown = await console(act)
        return [_inbox(shown, act, id) for id in shown.workspace.queue_ids]

    return await shown(request, actor, ask)


def _workstation(one: Desk, agent: Agent | None) -> dict[str, Any]:
    return {
        "workstationId": one.id,
        "workstationName": one.name,
        "description": None,
        "isActive": one.active,
        "status": "Empty" if agent is None else "OccupiedOpen",
        "user": say_user(agent),
    }


def _inbox(shown: Console, act: Act, id: UUID) -> dict[str, Any]:
    queue = shown.directory.queue(id)
    pending = (State.PENDING, State.ON_HOLD)
    return {
        "inboxId": queue.id,
        "inboxName": queue.name,
        "type": "Process",
        "position": queue.position,
        "priorities": {"defaultPriority": 1, "boosters": []},
        "queueTimestamp": say_instant(act.now),
        "waitingCount": shown.lengths[id],
        "pendingCount": sum(one.queue_id == id and one.state in pending for one in shown.in_hand),
        "colorCode": queue.color,
        "recordState": "Archived" if queue.archived else "Active",
        "canAccess": True,
    }


async def _must_be_here(act: Act, desk_id: UUID) -> None:
    found = (await act.directory()).desk(desk_id)
    if found.unit_id != await attendance.unit_of(act):
        raise NotFound(what="desk", id=desk_id)
