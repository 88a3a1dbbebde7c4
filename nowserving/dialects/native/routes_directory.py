"""What an organization is made of."""

from collections.abc import Iterable
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from msgspec import UNSET

from nowserving.actions import case_places
from nowserving.actions.act import Act
from nowserving.actions.directory import seen_directory
from nowserving.dialects.native import orders, orders_directory, say, shapes, shapes_work
from nowserving.dialects.native.operations import Chapter
from nowserving.kit.problems import NotFound
from nowserving.places.directory import Directory

CHAPTER = Chapter(
    "The directory",
    "What the organization is made of. It changes a few times a month: ask with "
    "`If-None-Match` and keep what you have. Only units that the caller was given are shown.",
)
Thing = TypeVar("Thing")


@CHAPTER.get("/organization")
async def get_organization(act: Act) -> shapes.Organization:
    """The organization, its languages and its time zone."""
    organization = (await seen_directory(act)).organization
    return say.like(organization, shapes.Organization)


@CHAPTER.get("/units")
async def get_units(act: Act) -> shapes.Units:
    """All units."""
    units = (unit for unit in (await seen_directory(act)).units.values() if not unit.archived)
    ordered = sorted(units, key=lambda unit: unit.number)
    return shapes.Units([say.like(unit, shapes.Unit) for unit in ordered])


@CHAPTER.get("/units/{unit_id}")
async def get_unit(act: Act, unit_id: UUID) -> shapes.Unit:
    """One unit."""
    return say.like((await seen_directory(act)).unit(unit_id), shapes.Unit)


@CHAPTER.get("/services", raises=(NotFound,))
async def get_services(act: Act, query: orders.AtUnit) -> shapes.Services:
    """What is offered, with types and fields."""
    directory = await seen_directory(act)
    offered = (one for one in directory.services.values() if not one.archived)
    ordered = sorted(_at(directory, offered, query), key=lambda one: one.number)
    return shapes.Services(say.services(directory, ordered))


@CHAPTER.get("/services/{service_id}")
async def get_service(act: Act, service_id: UUID) -> shapes.Service:
    """One service, with types and fields."""
    directory = await seen_directory(act)
    return say.service(directory, directory.service(service_id))


@CHAPTER.get("/queues", raises=(NotFound,))
async def get_queues(act: Act, query: orders.AtUnit) -> shapes.Queues:
    """The lines, and where their cases may be sent."""
    directory = await seen_directory(act)
    open_ones = (one for one in directory.queues.values() if not one.archived)
    ordered = sorted(_at(directory, open_ones, query), key=lambda one: (one.position, one.name))
    return shapes.Queues([say.queue(directory, one) for one in ordered])


@CHAPTER.get("/statuses")
async def get_statuses(act: Act) -> shapes_work.CaseStatuses:
    """The organization's own names for where a case stands; each stands on a state."""
    found = [one for one in (await seen_directory(act)).statuses.values() if not one.archived]
    ordered = sorted(found, key=lambda one: (one.position, one.name))
    return shapes_work.CaseStatuses([say.like(one, shapes_work.CaseStatus) for one in ordered])


@CHAPTER.get("/priorities")
async def get_priorities(act: Act) -> shapes_work.CasePriorities:
    """The organization's own names for how urgent a case is."""
    offered = (await seen_directory(act)).offered_priorities()
    return shapes_work.CasePriorities([say.like(one, shapes_work.CasePriority) for one in offered])


@CHAPTER.get("/queues/{queue_id}")
async def get_queue(act: Act, queue_id: UUID) -> shapes.Queue:
    """One line, and where its cases may be sent."""
    directory = await seen_directory(act)
    return say.queue(directory, directory.queue(queue_id))


@CHAPTER.get("/desks", raises=(NotFound,))
async def get_desks(act: Act, query: orders.AtUnit) -> shapes.Desks:
    """The desks."""
    directory = await seen_directory(act)
    ordered = sorted(_at(directory, directory.desks.values(), query), key=lambda one: one.number)
    return shapes.Desks([say.like(one, shapes.Desk) for one in ordered])


@CHAPTER.get("/desks/{desk_id}")
async def get_desk(act: Act, desk_id: UUID) -> shapes.Desk:
    """One desk."""
    return say.like((await seen_directory(act)).desk(desk_id), shapes.Desk)


@CHAPTER.get("/workspaces", raises=(NotFound,))
async def get_workspaces(act: Act, query: orders.AtUnit) -> shapes.Workspaces:
    """The queues that agents serve together."""
    directory = await seen_directory(act)
    found = _at(directory, directory.workspaces.values(), query)
    ordered = sorted(found, key=lambda one: one.name)
    return shapes.Workspaces([say.like(one, shapes.Workspace) for one in ordered])


@CHAPTER.get("/workspaces/{workspace_id}")
async def get_workspace(act: Act, workspace_id: UUID) -> shapes.Workspace:
    """One workspace."""
    return say.like((await seen_directory(act)).workspace(workspace_id), shapes.Workspace)


@CHAPTER.get("/outcomes")
async def get_outcomes(act: Act) -> shapes.Outcomes:
    """How a case can end."""
    outcomes = (await seen_directory(act)).outcomes.values()
    ordered = sorted(outcomes, key=lambda one: one.position)
    return shapes.Outcomes([say.like(one, shapes.Outcome) for one in ordered])


@CHAPTER.get("/tags")
async def get_tags(act: Act) -> shapes.Tags:
    """The labels people put on cases."""
    ordered = sorted((await seen_directory(act)).tags.values(), key=lambda one: one.name)
    return shapes.Tags([say.like(one, shapes.Tag) for one in ordered])


_ID = "0198c0de-0000-7000-8000-000000000005"


@CHAPTER.post(
    "/statuses",
    status=201,
    raises=(NotFound,),
    example={"name": "Waiting for parts", "state": "on_hold", "condition": "open"},
)
async def add_status(act: Act, order: orders_directory.AddStatus) -> shapes_work.CaseStatus:
    """Add a status."""
    made = await case_places.add_status(act, **msgspec.structs.asdict(order))
    return say.like(made, shapes_work.CaseStatus)


@CHAPTER.patch("/statuses/{status_id}", example={"name": "Waiting", "archived": False})
async def change_status(
    act: Act, status_id: UUID, order: orders_directory.ChangeLabel
) -> shapes_work.CaseStatus:
    """Rename, move or archive a status. Its state stays, for cases stand on it."""
    changed = await case_places.change_status(act, status_id=status_id, to=_given(order))
    return say.like(changed, shapes_work.CaseStatus)


@CHAPTER.post("/priorities", status=201, example={"name": "Urgent", "level": 2})
async def add_priority(act: Act, order: orders_directory.AddPriority) -> shapes_work.CasePriority:
    """Add a priority."""
    made = await case_places.add_priority(act, **msgspec.structs.asdict(order))
    return say.like(made, shapes_work.CasePriority)


@CHAPTER.patch("/priorities/{priority_id}", example={"position": 3})
async def change_priority(
    act: Act, priority_id: UUID, order: orders_directory.ChangeLabel
) -> shapes_work.CasePriority:
    """Rename, move or archive a priority. Its level stays."""
    changed = await case_places.change_priority(act, priority_id=priority_id, to=_given(order))
    return say.like(changed, shapes_work.CasePriority)


@CHAPTER.post(
    "/inboxes", status=201, raises=(NotFound,), example={"unit_id": _ID, "name": "Complaints"}
)
async def add_inbox(act: Act, order: orders_directory.AddInbox) -> shapes.Queue:
    """Add an inbox to a unit."""
    made = await case_places.add_inbox(act, **msgspec.structs.asdict(order))
    return say.queue(await act.directory(), made)


@CHAPTER.patch("/inboxes/{queue_id}", example={"name": "Letters"})
async def change_inbox(
    act: Act, queue_id: UUID, order: orders_directory.ChangeInbox
) -> shapes.Queue:
    """Rename, color, move or archive an inbox."""
    changed = await case_places.change_inbox(act, queue_id=queue_id, to=_given(order))
    return say.queue(await act.directory(), changed)


def _given(order: msgspec.Struct) -> dict[str, Any]:
    said = msgspec.structs.asdict(order)
    return {name: value for name, value in said.items() if value is not UNSET}


def _at(directory: Directory, things: Iterable[Any], query: orders.AtUnit) -> list[Any]:
    if query.unit_id is UNSET:
        return list(things)
    unit = directory.unit(query.unit_id)
    return [one for one in things if one.unit_id == unit.id]
