"""The desk itself: the page, the part of it that changes, and the stream that says when."""

from typing import Any
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath
from litestar.types import ASGIApp

from nowserving.actions.act import Act
from nowserving.actions.attendance import presence
from nowserving.actions.deliveries import in_trouble
from nowserving.actions.doorway import doorway
from nowserving.actions.drafts import draft_of
from nowserving.actions.sign_in import SignedIn, signed_in
from nowserving.actions.views import DeskView, case_file, desk_view
from nowserving.cases.case import Case
from nowserving.kit.http import AnyRequest, status_of
from nowserving.kit.ids import token
from nowserving.kit.problems import NotFound, Problem
from nowserving.people.staff import UnknownCaller
from nowserving.places.directory import Directory
from nowserving.store.engines import Unavailable
from nowserving.web.desk.place import place_of
from nowserving.web.desk.said import ALONE, SAID, Gone, Own, Said
from nowserving.web.desk.session import NoPlaceYet, go, secret_of, wants_part, who
from nowserving.web.live import stream
from nowserving.web.pages import Page, fragment, page, speech_for


@get("/")
async def show(request: AnyRequest) -> Page:
    """The whole desk; `said` and `case` tell what was done just before."""
    return await draw_desk(request, await who(request), said=request.query_params.get("said", ""))


@get("/now")
async def now(request: AnyRequest) -> Page:
    """The desk as it is at this moment; `case` is the one the page shows."""
    return await draw_desk(request, await who(request), part=True)


@get("/live")
async def live(request: AnyRequest) -> ASGIApp:
    """Says when something has changed at the unit, until the session ends."""
    here = await who(request)
    house = doorway(request).house
    place = await place_of(here, house)
    topics = [
        f"agent:{here.agent.id}",
        f"unit:{place.unit.id}",
        *(f"queue:{id}" for id in place.workspace.queue_ids),
    ]

    async def still() -> bool:
        try:
            return await place_of(await signed_in(house, secret_of(request)), house) == place
        except (UnknownCaller, NoPlaceYet):
            return False
        except Unavailable:
            return True  # nobody is signed out by an outage; at the next beat we ask again

    return stream(request, here.actor.organization_id, topics, still=still)


@get("/case/{id:uuid}")
async def show_case(id: FromPath[UUID]) -> Response[None]:
    """Its page is among the cases; where it was before stands in people's bookmarks."""
    return go(f"/cases/{id}")


ROUTES = [show, now, live, show_case]


async def draw_desk(
    request: AnyRequest,
    here: SignedIn,
    *,
    said: str = "",
    case_id: UUID | None = None,
    problem: Problem | None = None,
    part: bool = False,
) -> Page:
    """Draw the desk: all of it, or what changes."""
    part = part or wants_part(request)
    case_id = case_id or _id(request.query_params.get("case"))
    house = doorway(request).house
    directory = await house.directory(here.actor.organization_id)
    place = await place_of(here, house)
    async with house.acting(here.actor) as act:
        view = await desk_view(
            act,
            unit_id=place.unit.id,
            desk_id=place.desk.id if place.desk else None,
            queue_ids=place.workspace.queue_ids,
        )
        current = view.current.case.id if view.current else None
        me = await _own(act, directory)
        draft = await draft_of(act, case_id=current) if current else None
        told = await _said(act, said, case_id)
        gone = await _gone(act, view, case_id) if part and not said else None
        trouble = [] if part else await in_trouble(act)
    drawing = fragment if part else page
    context: dict[str, Any] = {
        "here": here,
        "place": place,
        "view": view,
        "me": me,
        "draft": draft,
        "said": told,
        "gone": gone,
        "problem": problem,
        "trouble": trouble,
        "key": "" if part else token(),
        "found": _found(view, request.query_params.get("q", "")),
        "asked": request.query_params.get("q", ""),
    }
    return drawing(
        request,
        "desk/part.html" if part else "desk/desk.html",
        status=status_of(problem) if problem else 200,
        speaks=speech_for(request, country=directory.organization.country),
        **context,
    )


async def _said(act: Act, said: str, case_id: UUID | None) -> Said | None:
    if said not in SAID:
        return None
    if said in ALONE:
        return Said(said)
    case = await _seen(act, case_id)
    return Said(said, case) if case else None


async def _own(act: Act, directory: Directory) -> Own | None:
    """How whoever sits here shows to others, where that is kept."""
    tracked = directory.organization.tracks_attendance
    return Own(await presence(act)) if tracked else None


async def _gone(act: Act, view: DeskView, shown: UUID | None) -> Gone | None:
    """What a colleague did to the case that the page still shows."""
    if view.current is not None and view.current.case.id == shown:
        return None
    case = await _seen(act, shown)
    if case is None:
        return None
    file = await case_file(act, case_id=case.id)
    last = file.history[-1]
    if last.actor == act.actor.principal:
        return None
    return Gone(case.id, str(case.ticket), last.kind, file.names.get(last.actor, ""))


async def _seen(act: Act, case_id: UUID | None) -> Case | None:
    if case_id is None:
        return None
    try:
        return await act.look.cases.get(case_id)
    except NotFound:
        return None


def _found(view: DeskView, wanted: str) -> list[Case]:
    """The cases around this desk whose ticket has these letters and digits."""
    wanted = "".join(wanted.split()).lower()
    if not wanted:
        return []
    around = [*view.waiting, *view.served, *view.on_hold, *view.pending, *view.missed]
    return [case for case in around if wanted in str(case.ticket).lower()][:10]


def _id(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
