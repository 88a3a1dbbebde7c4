"""The kiosk's addresses: choose, tell what is needed, take the number, read it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

from litestar import Response, Router, get, post
from litestar.exceptions import HTTPException
from litestar.params import FromPath

from nowserving.actions.act import Act
from nowserving.actions.doorway import doorway
from nowserving.actions.gather import Queued
from nowserving.actions.queue_up import queue_up
from nowserving.actions.replies import once
from nowserving.actions.ticket import holder_of, link_of
from nowserving.actions.views import ticket_view
from nowserving.kit.http import AnyRequest, Reply, answer
from nowserving.kit.ids import token
from nowserving.kit.pace import Pace
from nowserving.kit.problems import Blame, NotFound, Problem, StillRunning
from nowserving.places.services import FieldRequired
from nowserving.web import words
from nowserving.web.at import Stand, stand
from nowserving.web.kiosk.offers import Offer, offer_numbered, offers, request_of
from nowserving.web.place import before
from nowserving.web.pages import Page, page, same_origin, sorry
from nowserving.web.qr import qr
from nowserving.web.speech import Speech, base_of, speech

TICKETS_A_MINUTE = 60
"""How many tickets one address may take: a kiosk is one address, and so is a waiting room's net."""

PATIENCE = 60
"""How often we ask again, 50 ms apart, while the first touch of a tile is being worked on."""


@get("/{slug:str}/{number:int}")
async def start(request: AnyRequest, slug: FromPath[str], number: FromPath[int]) -> Page:
    """The services, to be touched."""
    here = await stand(request, slug, number)
    return _page(
        request,
        here,
        "start",
        _language(here, request.query_params.get("language")),
        offers=offers(here.directory, here.unit.id),
        key=token(),
    )


@get("/{slug:str}/{number:int}/{service:int}")
async def ask(request: AnyRequest, slug: FromPath[str], number: FromPath[int], service: FromPath[int]) -> Page:
    """What a service needs to know first."""
    here = await stand(request, slug, number)
    offer = offer_numbered(here.directory, here.unit.id, service)
    return _ask(request, here, offer, {"key": token(), **request.query_params})


@post("/{slug:str}/{number:int}")
async def take(request: AnyRequest, slug: FromPath[str], number: FromPath[int]) -> Response[bytes]:
    """Take a number: once, however often the tile is touched."""
    same_origin(request)
    here = await stand(request, slug, number)
    _pace(request).keep(_address(request), doorway(request).house.clock())
    form = {name: str(value) for name, value in (await request.form()).items()}
    offer = offer_numbered(here.directory, here.unit.id, form.get("service"))
    try:
        return answer(await _take(request, here, offer, form), "text/html")
    except Problem as problem:
        if problem.blame is not Blame.INPUT:
            raise
        return _ask(request, here, offer, {**form, "key": token()}, problem)


@get("/{slug:str}/{number:int}/ticket/{link:str}")
async def taken(request: AnyRequest, slug: FromPath[str], number: FromPath[int], link: FromPath[str]) -> Page:
    """The ticket, large enough to be read from the wheelchair behind."""
    here = await stand(request, slug, number)
    house = doorway(request).house
    actor = await holder_of(house, link)
    if actor.organization_id != here.organization.id or actor.case_id is None:
        raise NotFound(what="ticket", id="link")
    async with house.acting(actor) as act:
        ticket = await ticket_view(act, case_id=actor.case_id)
    address = f"{doorway(request).base_url}/t/{link}"
    language = ticket.case.language
    say = _speech(here, language)
    return _page(
        request,
        here,
        "taken",
        language,
        ticket=ticket,
        before=before(say, ticket.place) if ticket.place else words.state(say, ticket.case.state),
        address=address,
        code=qr(address, say("The code to follow your ticket on a phone")),
    )


DOOR = Router(
    "/kiosk",
    route_handlers=[start, ask, take, taken],
    exception_handlers={Problem: sorry, HTTPException: sorry, Exception: sorry},
    include_in_schema=False,
)


async def _take(request: AnyRequest, here: Stand, offer: Offer, form: Mapping[str, str]) -> Reply:
    wanted = request_of(offer, form, _language(here, form.get("language")))

    def say(queued: Queued) -> Reply:
        ticket = link_of(here.organization, queued.link)
        return Reply(303, "", {"Location": f"{_home(here)}/ticket/{ticket}"})

    async def join(act: Act) -> Queued:
        return await queue_up(act, wanted)

    asked = "\n".join(f"{name}={form[name]}" for name in sorted(form))
    key = once(form.get("key"), _home(here), asked)
    house = doorway(request).house
    return await _patiently(lambda: house.perform(here.visitor("kiosk"), join, say, once=key))


async def _patiently(do: Callable[[], Awaitable[Reply]]) -> Reply:
    """The browser shows the answer to the last of two touches: it waits for that to the first."""
    for _ in range(PATIENCE):
        try:
            return await do()
        except StillRunning:
            await asyncio.sleep(0.05)
    return await do()


def _ask(
    request: AnyRequest,
    here: Stand,
    offer: Offer,
    form: Mapping[str, Any],
    problem: Problem | None = None,
) -> Page:
    language = _language(here, form.get("language"))
    return _page(
        request,
        here,
        "ask",
        language,
        status=400 if problem else 200,
        offer=offer,
        form=form,
        problem=problem,
        wrong=_wrong(problem),
    )


def _page(
    request: AnyRequest, here: Stand, name: str, language: str, *, status: int = 200, **context: Any
) -> Page:
    """A page of the kiosk, in the language chosen at the kiosk and no other."""
    return page(
        request,
        f"kiosk/{name}.html",
        status=status,
        speaks=_speech(here, language),
        here=here,
        home=_home(here),
        language=language,
        tongues=[(tag, speech(tag)) for tag in here.organization.languages],
        **context,
    )


def _wrong(problem: Problem | None) -> str:
    """The name of the input that a problem is about."""
    field = str(problem.details.get("field", "")) if problem else ""
    return f"field-{field}" if isinstance(problem, FieldRequired) else field


def _language(here: Stand, wanted: str | None) -> str:
    """The language asked for, if the organization works in it; else its own."""
    offered = here.organization.languages
    return wanted if wanted in offered else offered[0]


def _speech(here: Stand, language: str) -> Speech:
    return speech(base_of(language), here.organization.country)


def _home(here: Stand) -> str:
    return f"/kiosk/{here.organization.slug}/{here.unit.number}"


def _pace(request: AnyRequest) -> Pace:
    """The application's measure for kiosks."""
    state = request.app.state
    if "kiosk_pace" not in state:
        state.kiosk_pace = Pace(TICKETS_A_MINUTE, timedelta(minutes=1))
    pace: Pace = state.kiosk_pace
    return pace


def _address(request: AnyRequest) -> str:
    return request.client.host if request.client else ""
