"""Database API: projects, which are our services, and users."""

from typing import Any

from litestar import Response, get

from nowserving.actions.act import Act
from nowserving.actions.directory import everyone, seen_directory
from nowserving.actions.doorway import doorway
from nowserving.dialects.vcc.answering import answered, sent
from nowserving.dialects.vcc.caller import caller
from nowserving.dialects.vcc.wire import number_in_path
from nowserving.kit.http import AnyRequest
from nowserving.kit.problems import NotFound
from nowserving.people.staff import Agent
from nowserving.places.directory import Directory
from nowserving.places.services import Field, Outcome, Service


@get("/projects")
async def list_projects(request: AnyRequest) -> Response[bytes]:
    """All projects, by number. A folder is a unit."""
    actor = await caller(request)
    async with doorway(request).house.acting(actor) as act:
        directory = await seen_directory(act)
    ordered = sorted(directory.services.values(), key=lambda service: service.number)
    return sent(answered([_say_project(directory, one) for one in ordered]))


@get("/projects/{project_id:str}")
async def get_project(request: AnyRequest) -> Response[bytes]:
    """A project with its dispositions and fields."""
    actor = await caller(request)
    async with doorway(request).house.acting(actor) as act:
        directory, service = await project_in_path(act, request)
    said = {
        **_say_project(directory, service),
        "dispositions": [
            say_disposition(number, outcome) for number, outcome in outcomes_of(directory).items()
        ],
        "fields": [_say_field(field) for field in directory.fields_of(service.category_id)],
    }
    return sent(answered(said))


@get("/users")
async def list_users(request: AnyRequest) -> Response[bytes]:
    """All who work here, by number."""
    actor = await caller(request)
    async with doorway(request).house.acting(actor) as act:
        directory = await seen_directory(act)
        agents = await everyone(act)
    numbers = sorted(one.number for one in directory.services.values() if not one.archived)
    return sent(answered([_say_user(agent, numbers) for agent in agents]))


async def project_in_path(act: Act, request: AnyRequest) -> tuple[Directory, Service]:
    """The project in the address, with all that may be seen; NotFound if there is none."""
    number = number_in_path(request, "project_id")
    directory = await seen_directory(act)
    for service in directory.services.values():
        if service.number == number:
            return directory, service
    raise NotFound(what="project", id=number)


def outcomes_of(directory: Directory) -> dict[int, Outcome]:
    """How a case can end, by the number that dispositions have here: their place in order."""
    ordered = sorted(directory.outcomes.values(), key=lambda one: (one.position, one.id))
    return dict(enumerate(ordered, 1))


def say_disposition(number: int, outcome: Outcome) -> dict[str, Any]:
    """An outcome; `assesment` is spelled as the vendor does."""
    return {
        "dispositionid": number,
        "name": outcome.name,
        "assesment": "success" if outcome.successful else "failed",
    }


def _say_project(directory: Directory, service: Service) -> dict[str, Any]:
    unit = directory.units[service.unit_id]
    return {
        "projectid": service.number,
        "name": service.name,
        "status": "inactive" if service.archived else "active",
        "folderid": unit.number,
        "container": None,
        "folder": unit.name,
    }


def _say_field(field: Field) -> dict[str, Any]:
    return {
        "fieldid": field.position,
        "name": field.slug,
        "label": field.name,
        "type": "text",
        "indexed": "no",
        "customised": "yes",
        "values": [],
    }


def _say_user(agent: Agent, projects: list[int]) -> dict[str, Any]:
    return {
        "userid": agent.number,
        "username": agent.login,
        "name": agent.name,
        "status": "inactive" if agent.archived else "active",
        "is_agent": True,
        "groupid": None,
        "group_name": None,
        "teams_name": [],
        "projectIds": projects,
        "extension": None,
        "hourly": None,
        "custom_data": [],
    }
