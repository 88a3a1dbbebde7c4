"""Organization API: who works here, and their back office tasks. Addresses and shapes are ours."""

from typing import Any

from litestar import get
from litestar.types import ASGIApp

from nowserving.actions.act import Act
from nowserving.actions.directory import everyone, seen_directory
from nowserving.dialects.cubu.caller import caller
from nowserving.dialects.cubu.consoles import say_user
from nowserving.dialects.cubu.doing import shown
from nowserving.kit.http import AnyRequest
from nowserving.people.staff import Agent


@get("/{application_id:str}/users")
async def list_users(request: AnyRequest) -> ASGIApp:
    """List Users."""
    actor = await caller(request)

    async def ask(act: Act) -> list[dict[str, Any]]:
        return [_say(agent) for agent in await everyone(act)]

    return await shown(request, actor, ask)


@get("/{application_id:str}/backOfficeTasks")
async def list_back_office_tasks(request: AnyRequest) -> ASGIApp:
    """List Back-office tasks."""
    actor = await caller(request)

    async def ask(act: Act) -> list[dict[str, Any]]:
        tasks = (await seen_directory(act)).tasks.values()
        kept = sorted((one for one in tasks if not one.archived), key=lambda one: one.name)
        return [{"backOfficeTaskId": one.id, "name": one.name} for one in kept]

    return await shown(request, actor, ask)


def _say(agent: Agent) -> dict[str, Any]:
    said = say_user(agent) or {}
    return {
        "userId": said["userId"],
        "displayName": said["displayName"],
        "email": agent.email,
        "initials": said["initials"],
        "picture": said["picture"],
    }
