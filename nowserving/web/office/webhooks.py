"""Endpoints: the list of them, one of them, and what can be done to it."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from nowserving.actions import endpoints
from nowserving.actions.act import Act
from nowserving.actions.doorway import doorway
from nowserving.actions.endpoint_terms import discreet
from nowserving.actions.endpoints import Shown
from nowserving.actions.sign_in import SignedIn
from nowserving.kit.http import AnyRequest, NoSuchPage, Reply
from nowserving.kit.problems import Problem
from nowserving.people.permissions import Permission
from nowserving.web.desk.session import go
from nowserving.web.office.frame import CHANGES_SHOWN, names_behind, office_page, who_may
from nowserving.web.office.said import SAID
from nowserving.web.office.session import Entered, entered
from nowserving.web.pages import Page

PATH = "/office/webhooks"
ON_A_PAGE = 50

Do = Callable[[Act, UUID, Entered], Awaitable[Shown | None]]


async def _roll(act: Act, id: UUID, form: Entered) -> Shown:
    hours = form["both_for_hours"]
    both_for = timedelta(hours=int(hours)) if hours.isdecimal() else None
    return await endpoints.roll_secret(act, endpoint_id=id, both_for=both_for)


DO: Mapping[str, Do] = {
    "pause": lambda act, id, form: endpoints.pause(act, endpoint_id=id),
    "resume": lambda act, id, form: endpoints.resume(act, endpoint_id=id),
    "challenge": lambda act, id, form: endpoints.ask_again(act, endpoint_id=id),
    "delete": lambda act, id, form: endpoints.remove(act, endpoint_id=id),
    "roll": _roll,
}
"""What a button does to an endpoint."""


@get("/webhooks")
async def show_all(request: AnyRequest) -> Page:
    """All endpoints, and how they fare."""
    here = await who_may(request, Permission.MANAGE_INTEGRATIONS)
    after = _id(request.query_params.get("after", ""))
    async with doorway(request).house.acting(here.actor) as act:
        found = await endpoints.page(act, after=after, most=ON_A_PAGE + 1)
    return await office_page(
        request,
        "office/webhooks.html",
        here,
        found=found[:ON_A_PAGE],
        more=len(found) > ON_A_PAGE,
        discreet=discreet,
        said=SAID.get(request.query_params.get("said", "")),
    )


@get("/webhooks/{id:uuid}")
async def show_one(request: AnyRequest, id: FromPath[UUID]) -> Page:
    """One endpoint: what it is told, how it fares, and who changed it."""
    here = await who_may(request, Permission.MANAGE_INTEGRATIONS)
    return await draw_endpoint(request, here, id, said=request.query_params.get("said", ""))


@post("/webhooks/{id:uuid}/{verb:str}", status_code=200)
async def change(
    request: AnyRequest, id: FromPath[UUID], verb: FromPath[str]
) -> Page | Response[None]:
    """Do something to an endpoint."""
    here = await who_may(request, Permission.MANAGE_INTEGRATIONS)
    form = await entered(request, here)
    if verb not in DO:
        raise NoSuchPage()
    made: list[str] = []

    async def do(act: Act) -> None:
        shown = await DO[verb](act, id, form)
        made[:] = [shown.secret] if shown is not None and shown.secret else []

    try:
        await doorway(request).house.perform(here.actor, do, lambda _: Reply(200, ""))
    except Problem as problem:
        return await draw_endpoint(request, here, id, problem=problem)
    if made:
        return await draw_endpoint(request, here, id, said=verb, secret=made[0])
    return go(PATH if verb == "delete" else f"{PATH}/{id}", said=verb)


ROUTES = [show_all, show_one, change]


async def draw_endpoint(
    request: AnyRequest,
    here: SignedIn,
    id: UUID,
    *,
    said: str = "",
    secret: str | None = None,
    problem: Problem | None = None,
) -> Page:
    """The page of an endpoint. `secret`: made just now, and shown this once."""
    house = doorway(request).house
    async with house.acting(here.actor) as act:
        one = await endpoints.show(act, endpoint_id=id)
        changes = await endpoints.history(act, endpoint_id=id, most=CHANGES_SHOWN)
        behind = await names_behind(act, changes)
        now = act.now
    return await office_page(
        request,
        "office/webhook.html",
        here,
        one=one,
        endpoint=one.shown.endpoint,
        language=house.outside.language(one.shown.endpoint.dialect),
        changes=changes,
        who=behind,
        now=now,
        secret=secret,
        said=SAID.get(said),
        problem=problem,
    )


def _id(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
