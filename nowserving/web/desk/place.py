"""Sitting down: unit, desk, and the queues to serve."""

from dataclasses import dataclass
from uuid import UUID

from litestar import Response, get, post

from nowserving.actions import attendance, desk_posts
from nowserving.actions.act import Act
from nowserving.actions.doorway import doorway
from nowserving.actions.house import House
from nowserving.actions.sign_in import SignedIn, settle
from nowserving.actions.views import taken_desks
from nowserving.cases.case import DeskTaken
from nowserving.kit.http import AnyRequest, Reply, status_of
from nowserving.kit.problems import Forbidden, NotFound, Problem
from nowserving.people.attendance import Presence
from nowserving.people.permissions import Permission
from nowserving.places.directory import Directory
from nowserving.places.organization import Desk, Unit
from nowserving.places.services import Workspace
from nowserving.web.desk.session import Form, NoPlaceYet, form_of, go, who
from nowserving.web.pages import Page, page, speech_for


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody sits, and whom they serve."""

    unit: Unit
    desk: Desk | None
    workspace: Workspace


async def place_of(here: SignedIn, house: House) -> Place:
    """Where an agent sits; NoPlaceYet if nowhere, where they may not be any more, or where a
    colleague sits by now."""
    place = _chosen(here, await house.directory(here.actor.organization_id))
    if place.desk is not None:
        async with house.acting(here.actor) as act:
            post = await act.look.posts.at(place.desk.id)
        if post is None or post.agent_id != here.agent.id:
            raise NoPlaceYet()
    return place


def _chosen(here: SignedIn, directory: Directory) -> Place:
    session = here.session
    try:
        unit = directory.unit(session.unit_id or UUID(int=0))
        workspace = directory.workspace(session.workspace_id or UUID(int=0))
        desk = directory.desk(session.desk_id) if session.desk_id else None
    except NotFound:
        raise NoPlaceYet() from None
    theirs = {workspace.unit_id, desk.unit_id if desk else unit.id}
    if theirs != {unit.id} or not here.actor.may(Permission.SERVE, at=unit.id):
        raise NoPlaceYet()
    return Place(unit, desk, workspace)


@get("/place")
async def show(request: AnyRequest) -> Page:
    """The form for choosing a unit, a desk and a workspace."""
    here = await who(request)
    return await _form(request, here, Form(dict(request.query_params.items())))


@post("/place", status_code=200)
async def choose(request: AnyRequest) -> Page | Response[None]:
    """Sit down."""
    here = await who(request)
    form = await form_of(request, here)
    try:
        await _sit_down(request, here, form)
    except Problem as problem:
        return await _form(request, here, form, problem)
    return go("/desk")


ROUTES = [show, choose]


async def _sit_down(request: AnyRequest, here: SignedIn, form: Form) -> None:
    house = doorway(request).house
    directory = await house.directory(here.actor.organization_id)
    unit = directory.unit(_id(form["unit"]))
    workspace = directory.workspace(_id(form["workspace"]))
    wanted = form["take_over"] or form["desk"]
    desk = directory.desk(_id(wanted)) if wanted else None
    if not here.actor.may(Permission.SERVE, at=unit.id):
        raise Forbidden(unit=unit.id)
    if workspace.unit_id != unit.id or (desk is not None and desk.unit_id != unit.id):
        raise NotFound(what="place")

    async def sit_down(act: Act) -> None:
        await _be_there(act, unit, workspace)
        if desk is None:
            await desk_posts.get_up(act)
        else:
            await desk_posts.sit_down(act, desk_id=desk.id, take_over=bool(form["take_over"]))

    await house.perform(here.actor, sit_down, lambda _: Reply(200, ""))
    await settle(
        house,
        here,
        unit_id=unit.id,
        desk_id=desk.id if desk else None,
        workspace_id=workspace.id,
    )


async def _be_there(act: Act, unit: Unit, workspace: Workspace) -> None:
    """Whoever sits down is at work here, where attendance is kept."""
    if not (await act.directory()).organization.tracks_attendance:
        return
    if (await attendance.presence(act)).presence is Presence.AWAY:
        await attendance.clock_in(act, unit_id=unit.id)
    await attendance.choose_unit(act, unit_id=unit.id)
    if (await attendance.presence(act)).attendance.workspace_id != workspace.id:
        await attendance.choose_workspace(act, workspace_id=workspace.id)


async def _form(
    request: AnyRequest, here: SignedIn, form: Form, problem: Problem | None = None
) -> Page:
    house = doorway(request).house
    directory = await house.directory(here.actor.organization_id)
    units = [
        unit
        for unit in sorted(directory.units.values(), key=lambda unit: unit.number)
        if not unit.archived and here.actor.may(Permission.SERVE, at=unit.id)
    ]
    asked = form["unit"] or str(here.session.unit_id)
    unit = next((one for one in units if str(one.id) == asked), units[0] if units else None)
    async with house.acting(here.actor) as act:
        taken = await taken_desks(act, unit_id=unit.id) if unit else {}
        tracked = directory.organization.tracks_attendance
        away = tracked and (await attendance.presence(act)).presence is Presence.AWAY
    return page(
        request,
        "desk/place.html",
        status=status_of(problem) if problem else 200,
        speaks=speech_for(request, country=directory.organization.country),
        here=here,
        directory=directory,
        units=units,
        unit=unit,
        serves=_serves(here, directory, unit, form) if unit else "",
        taken=taken,
        away=away,
        form=form,
        problem=problem,
        asks=form["desk"] if isinstance(problem, DeskTaken) else "",
    )


def _serves(here: SignedIn, directory: Directory, unit: Unit, form: Form) -> str:
    """The workspace to offer: the one asked for, that of last time, else the widest."""
    spaces = directory.workspaces_of(unit.id)
    ids = {str(space.id) for space in spaces}
    for wish in (form["workspace"], str(here.session.workspace_id)):
        if wish in ids:
            return wish
    widest = max(spaces, key=lambda space: len(space.queue_ids), default=None)
    return str(widest.id) if widest else ""


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(what="place", id=text[:40]) from None
