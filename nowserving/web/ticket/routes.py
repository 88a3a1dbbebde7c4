"""The addresses of a ticket's holder. The link is a secret, so nothing of it stays anywhere."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.exceptions import HTTPException
from litestar.params import FromPath
from litestar.types import ASGIApp

from nowserving.actions.act import Act
from nowserving.actions.doorway import doorway
from nowserving.actions.replies import once
from nowserving.actions.ticket import come_back, holder_of, leave
from nowserving.actions.views import ticket_view
from nowserving.cases.case import Case
from nowserving.kit.http import AnyRequest, Reply, as_problem
from nowserving.kit.problems import Blame, NotFound, Problem
from nowserving.people.actor import Actor
from nowserving.places.organization import Organization
from nowserving.web.live import stream
from nowserving.web.pages import STRICT, Page, fragment, page, same_origin, sorry, speech_for
from nowserving.web.qr import qr_file
from nowserving.web.speech import LANGUAGES, Speech, base_of
from nowserving.web.ticket.saying import Saying

SECRET = {
    "Cache-Control": "private, no-store",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}
"""A page that belongs to one person, at an address nobody else may learn."""

ALIKE = 0.05
"""Seconds after which a link that opens nothing is answered, whatever is wrong with it."""


@get("/{link:str}")
async def show(request: AnyRequest, link: FromPath[str]) -> Page:
    """The page."""
    return await _page(request, await _ticket(request, link))


@get("/{link:str}/now")
async def now(request: AnyRequest, link: FromPath[str]) -> Page:
    """What changes in it."""
    return await _part(request, await _ticket(request, link))


@get("/{link:str}/live")
async def live(request: AnyRequest, link: FromPath[str]) -> ASGIApp:
    """Tells that the case or its line changed."""
    ticket = await _ticket(request, link)
    async with doorway(request).house.acting(ticket.holder) as act:
        case = (await ticket_view(act, case_id=ticket.case_id)).case
    topics = (f"case:{case.id}", f"queue:{case.queue_id}")
    return stream(request, case.organization_id, topics)


@post("/{link:str}/leave")
async def leave_line(request: AnyRequest, link: FromPath[str]) -> Response[Any]:
    """Leave the line."""
    return await _do(request, link, leave)


@post("/{link:str}/back")
async def back(request: AnyRequest, link: FromPath[str]) -> Response[Any]:
    """Take that back."""
    return await _do(request, link, come_back)


@get("/{link:str}/qr.svg")
async def code(request: AnyRequest, link: FromPath[str]) -> Response[bytes]:
    """The ticket's own address, to be scanned from the screen."""
    await _ticket(request, link)
    return Response(
        qr_file(f"{doorway(request).base_url}/t/{link}"),
        headers={**STRICT, **SECRET},
        media_type="image/svg+xml",
    )


def lost(request: AnyRequest, failure: Exception) -> Page:
    """A link that opens nothing: a friendly page that tells nothing."""
    problem = as_problem(failure)
    if problem is None or problem.blame is not Blame.MISSING:
        return sorry(request, failure)
    return page(request, "ticket/lost.html", status=404, headers=SECRET)


DOOR = Router(
    "/t",
    route_handlers=[show, now, live, leave_line, back, code],
    exception_handlers={Problem: lost, HTTPException: lost, Exception: lost},
    include_in_schema=False,
)


@dataclass(frozen=True, slots=True)
class _Ticket:
    link: str
    holder: Actor
    case_id: UUID


async def _ticket(request: AnyRequest, link: str) -> _Ticket:
    """Who holds this link. One that opens nothing is refused after the same time, whatever is
    wrong with it."""
    answer_at = asyncio.get_running_loop().time() + ALIKE
    try:
        holder = await holder_of(doorway(request).house, link)
    except NotFound:
        await asyncio.sleep(answer_at - asyncio.get_running_loop().time())
        raise
    assert holder.case_id is not None
    return _Ticket(link, holder, holder.case_id)


async def _do(
    request: AnyRequest, link: str, action: Callable[..., Awaitable[Case]]
) -> Response[Any]:
    same_origin(request)
    ticket = await _ticket(request, link)
    key = once(str((await request.form()).get("key") or "") or None, request.url.path)

    async def do(act: Act) -> Case:
        return await action(act, case_id=ticket.case_id)

    try:
        await doorway(request).house.perform(ticket.holder, do, lambda _: Reply(204, ""), once=key)
    except Problem as problem:
        if problem.blame is not Blame.CONFLICT:
            raise
        return await _answer(request, ticket, problem)
    return await _answer(request, ticket, None)


async def _answer(request: AnyRequest, ticket: _Ticket, problem: Problem | None) -> Response[Any]:
    """How things stand now; a browser without our module is sent to the page."""
    if "x-fragment" in request.headers:
        return await _part(request, ticket, problem)
    if problem is not None:
        return await _page(request, ticket, problem)
    return Response(
        None, status_code=303, headers={"Location": f"/t/{ticket.link}{_asked(request)}", **SECRET}
    )


async def _page(request: AnyRequest, ticket: _Ticket, problem: Problem | None = None) -> Page:
    status = 409 if problem else 200
    speaks, context = await _context(request, ticket, problem)
    return page(
        request, "ticket/page.html", status=status, speaks=speaks, headers=SECRET, **context
    )


async def _part(request: AnyRequest, ticket: _Ticket, problem: Problem | None = None) -> Page:
    speaks, context = await _context(request, ticket, problem)
    return fragment(request, "ticket/now.html", speaks=speaks, headers=SECRET, **context)


async def _context(
    request: AnyRequest, ticket: _Ticket, problem: Problem | None
) -> tuple[Speech, dict[str, Any]]:
    house = doorway(request).house
    async with house.acting(ticket.holder) as act:
        view = await ticket_view(act, case_id=ticket.case_id)
    organization = await house.organization(ticket.holder.organization_id)
    speaks = speech_for(request, view.case.language, country=organization.country)
    return speaks, {
        "ticket": Saying(speaks, view),
        "view": view,
        "address": f"/t/{ticket.link}",
        "asked": _asked(request),
        "tongues": _tongues(organization),
        "problem": problem,
    }


def _asked(request: AnyRequest) -> str:
    """The language asked for in the address, for the addresses that follow."""
    asked = base_of(request.query_params.get("lang") or "")
    return f"?lang={asked}" if asked in LANGUAGES else ""


def _tongues(organization: Organization) -> list[str]:
    """The languages of the organization that our pages speak."""
    ours = dict.fromkeys(base_of(tag) for tag in organization.languages)
    return [tag for tag in ours if tag in LANGUAGES]
