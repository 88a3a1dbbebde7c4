"""Rooms for appointments, and which of them suit people who need something."""

from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from nowserving.actions import calendars
from nowserving.actions.act import Act
from nowserving.actions.doorway import doorway
from nowserving.kit.http import AnyRequest, Reply
from nowserving.people.permissions import Permission
from nowserving.places.needs import Need
from nowserving.web.desk.session import go
from nowserving.web.office.frame import office_page, who_may
from nowserving.web.office.session import entered
from nowserving.web.pages import Page
from nowserving.web.words import N_

PATH = "/office/set-up/rooms"


@get("/set-up/rooms")
async def show(request: AnyRequest) -> Page:
    """Every room of every service that has appointments."""
    here = await who_may(request, Permission.MANAGE_CALENDARS)
    house = doorway(request).house
    directory = await house.directory(here.actor.organization_id)
    async with house.acting(here.actor) as act:
        plans = [(one, directory.service(one.service_id)) for one in await calendars.plans(act)]
        agents = {seat.agent_id for one, _ in plans for seat in one.template.seats}
        names = await act.look.people.names({one for one in agents if one is not None})
    return await office_page(
        request,
        "office/rooms.html",
        here,
        plans=sorted(plans, key=lambda one: one[1].number),
        names=names,
        needs=list(Need),
        said=N_("Saved.") if request.query_params.get("said") else "",
    )


@post("/set-up/rooms/{service_id:uuid}", status_code=200)
async def change(request: AnyRequest, service_id: FromPath[UUID]) -> Response[None]:
    """Say what the rooms of a service have."""
    here = await who_may(request, Permission.MANAGE_CALENDARS)
    form = await entered(request, here)

    ticked = {index: set(form.all(f"suits-{index}")) for index in form.all("room")}
    suits = {
        int(index): [need for need in Need if need in these]
        for index, these in ticked.items()
        if index.isascii() and index.isdecimal() and len(index) < 4
    }

    async def do(act: Act) -> None:
        await calendars.set_suits(act, service_id=service_id, suits=suits)

    await doorway(request).house.perform(here.actor, do, lambda _: Reply(200, ""))
    return go(PATH, said="change")


ROUTES = [show, change]
