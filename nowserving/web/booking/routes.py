"""The steps of a booking, each a page of its own: what, where, when, who, check."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from litestar import Response, Router, get, post
from litestar.exceptions import HTTPException
from litestar.params import FromPath

from nowserving.actions import bookings
from nowserving.actions.act import Act
from nowserving.actions.booking_order import Booked
from nowserving.actions.booking_times import admitted, first_of, offered, suits_of
from nowserving.actions.doorway import doorway
from nowserving.actions.replies import once
from nowserving.actions.ticket import link_of
from nowserving.actions.vacancies import bookable
from nowserving.bookings.appointment import Hold
from nowserving.bookings.calendar import HoldGone
from nowserving.kit.http import AnyRequest, Reply, answer, status_of
from nowserving.kit.ids import token
from nowserving.kit.problems import Blame, Invalid, Problem
from nowserving.places.hooks import HookRefused
from nowserving.places.needs import in_order
from nowserving.web.at import stand
from nowserving.web.booking.common import (
    HELD_FOR,
    LOST,
    Kept,
    form_of,
    kept,
    language_of,
    mistake_of,
    others_of,
    take_pace,
    time_of,
    times_of,
    tongues_of,
)
from nowserving.web.booking.draft import Draft, draft_in, drop_draft, keep_draft
from nowserving.web.booking.offers import (
    Choice,
    Slot,
    chosen,
    day_of,
    draft_of,
    home,
    id_of,
    needs_of,
    offers,
    places,
    request_of,
    slot_of,
    visitor_of,
)
from nowserving.web.pages import Page, page, same_origin, sorry, speech_for
from nowserving.web.patience import patiently
from nowserving.web.speech import Speech


@get("/{slug:str}/{number:int}")
async def start(request: AnyRequest, slug: FromPath[str], number: FromPath[int]) -> Page:
    """What can be booked."""
    here = await stand(request, slug, number)
    say = speech_for(request, country=here.organization.country)
    return page(
        request,
        "booking/start.html",
        speaks=say,
        here=here,
        home=home(here),
        tongues=tongues_of(here.organization),
        offers=offers(here.directory, here.unit.id),
    )


@get("/{slug:str}/{number:int}/{service:int}")
async def where(
    request: AnyRequest, slug: FromPath[str], number: FromPath[int], service: FromPath[int]
) -> Page:
    """Where it can be booked, with the first time of each place; skipped if it is one place."""
    choice, say = await _chosen(request, slug, number, service)
    found = places(choice)
    if len(found) == 1:
        return _to(f"{choice.address}/times?{choice.asked}")
    rows = []
    for unit, there in found:
        async with doorway(request).house.acting(visitor_of(choice, unit)) as act:
            asked = await bookable(act, there.service.id, there.kind.id, choice.needs)
            first = await first_of(act, asked)
        slot = None if first is None else Slot(first.calendar.id, first.start)
        time = (
            None
            if first is None or slot is None
            else time_of(say, slot, first.starts_at, unit.zone)
        )
        rows.append((unit, f"{there.address}/times?{there.asked}", time, suits_of(asked.plan)))
    earliest = min((time.at for _, _, time, _ in rows if time is not None), default=None)
    return _page(
        request,
        choice,
        say,
        "where",
        rows=[(*row, row[2] is not None and row[2].at == earliest) for row in rows],
        zones=len({unit.zone for unit, _ in found}),
        suits=in_order(need for _, _, _, suits in rows for need in suits),
    )


@get("/{slug:str}/{number:int}/{service:int}/times")
async def times(
    request: AnyRequest, slug: FromPath[str], number: FromPath[int], service: FromPath[int]
) -> Page:
    """The times, as radio buttons."""
    choice, say = await _chosen(request, slug, number, service)
    return await _times(request, choice, say)


@post("/{slug:str}/{number:int}/{service:int}/times")
async def choose(
    request: AnyRequest, slug: FromPath[str], number: FromPath[int], service: FromPath[int]
) -> Response[Any]:
    """Keep a time for a few minutes."""
    same_origin(request)
    form = await form_of(request)
    choice, say = await _chosen(request, slug, number, service)
    house, draft = doorway(request).house, draft_in(request)
    try:
        slot = slot_of(form.get("slot"))
        take_pace(request)
        next_page = "details" if draft is None else "check"

        async def hold(act: Act) -> Hold:
            return await _hold(act, choice, slot)

        def say_held(held: Hold) -> Reply:
            return Reply(303, "", {"Location": _at(choice, next_page, slot, held.id)})

        key = once(form.get("key") or None, choice.address, str(slot), choice.kind.number.__str__())
        reply = await patiently(lambda: house.perform(choice.visitor, hold, say_held, once=key))
    except Problem as problem:
        if not isinstance(problem, LOST) and type(problem) is not Invalid:
            raise
        return await _times(request, choice, say, problem)
    return answer(reply, "text/html")


@get("/{slug:str}/{number:int}/{service:int}/details")
async def details(
    request: AnyRequest, slug: FromPath[str], number: FromPath[int], service: FromPath[int]
) -> Page:
    """Who comes."""
    choice, say = await _chosen(request, slug, number, service)
    return await _details(request, choice, say, draft_in(request) or Draft())


@post("/{slug:str}/{number:int}/{service:int}/details")
async def tell(
    request: AnyRequest, slug: FromPath[str], number: FromPath[int], service: FromPath[int]
) -> Response[Any]:
    """Keep who comes, if it is good."""
    same_origin(request)
    form = await form_of(request)
    choice, say = await _chosen(request, slug, number, service)
    typed = Draft()
    try:
        typed = Draft(
            form.get("name", ""),
            form.get("phone", ""),
            form.get("email", ""),
            {f.slug: form.get(f"field-{f.slug}", "") for f in choice.offer.fields},
        )
        draft = draft_of(choice.offer, form)
        wanted = request_of(choice, draft, language_of(choice.here.organization, say))
        async with doorway(request).house.acting(choice.visitor) as act:
            await admitted(act, wanted)
        cookie = keep_draft(request, choice.home, draft)
    except Problem as problem:
        if problem.blame is not Blame.INPUT:
            raise
        return await _details(request, choice, say, typed, problem)
    slot, hold_id = _held_in(request)
    return _to(_at(choice, "check", slot, hold_id), cookie)


@post("/{slug:str}/{number:int}/{service:int}/longer")
async def longer(
    request: AnyRequest, slug: FromPath[str], number: FromPath[int], service: FromPath[int]
) -> Response[Any]:
    """Keep the time for longer."""
    same_origin(request)
    take_pace(request)
    form = await form_of(request)
    choice, _ = await _chosen(request, slug, number, service)
    slot, hold_id = _held_in(request)
    try:
        async with doorway(request).house.acting(choice.visitor) as act:
            await bookings.hold_longer(act, hold_id=hold_id, minutes=HELD_FOR)
    except HoldGone:
        pass  # the page they come from says so, and tries to have the time again
    if form.get("at") == "check":
        return _to(_at(choice, "check", slot, hold_id))
    cookie = keep_draft(request, choice.home, draft_of(choice.offer, form))
    return _to(_at(choice, "details", slot, hold_id), cookie)


@get("/{slug:str}/{number:int}/{service:int}/check")
async def check(
    request: AnyRequest, slug: FromPath[str], number: FromPath[int], service: FromPath[int]
) -> Page:
    """All of it once more."""
    choice, say = await _chosen(request, slug, number, service)
    return await _check(request, choice, say)


@post("/{slug:str}/{number:int}/{service:int}/check")
async def confirm(
    request: AnyRequest, slug: FromPath[str], number: FromPath[int], service: FromPath[int]
) -> Response[Any]:
    """Book it: once, however often it is pressed."""
    same_origin(request)
    choice, say = await _chosen(request, slug, number, service)
    slot, hold_id = _held_in(request)
    house, draft = doorway(request).house, draft_in(request)
    key = once(f"book-{hold_id}", choice.address, str(slot))
    wanted = request_of(choice, draft or Draft(), language_of(choice.here.organization, say))

    async def book(act: Act) -> Booked:
        return await bookings.book(
            act, wanted, calendar_id=slot.calendar_id, start=slot.start, hold_id=hold_id
        )

    def say_booked(booked: Booked) -> Reply:
        link = link_of(choice.here.organization, booked.link)
        return Reply(303, "", {"Location": f"/b/{link}"})

    try:
        take_pace(request)
        reply = await patiently(lambda: house.perform(choice.visitor, book, say_booked, once=key))
    except HoldGone:
        return await _again(request, choice, say, slot)
    except Problem as problem:
        if isinstance(problem, LOST):
            return await _times(request, choice, say, problem)
        if problem.blame is not Blame.INPUT and not isinstance(problem, HookRefused):
            raise
        return await _details(request, choice, say, draft or Draft(), problem)
    sent = answer(reply, "text/html")
    sent.cookies.append(drop_draft(request, choice.home))
    return sent


DOOR = Router(
    "/book",
    route_handlers=[start, where, times, choose, details, tell, longer, check, confirm],
    exception_handlers={Problem: sorry, HTTPException: sorry, Exception: sorry},
    include_in_schema=False,
)


async def _chosen(
    request: AnyRequest, slug: str, number: int, service: int
) -> tuple[Choice, Speech]:
    here = await stand(request, slug, number)
    say = speech_for(request, country=here.organization.country)
    return chosen(here, service, request.query_params.get("kind"), needs_of(request)), say


async def _hold(act: Act, choice: Choice, slot: Slot) -> Hold:
    return await bookings.hold(
        act,
        calendar_id=slot.calendar_id,
        type_id=choice.kind.id,
        start=slot.start,
        minutes=HELD_FOR,
        needs=choice.needs,
    )


async def _times(
    request: AnyRequest, choice: Choice, say: Speech, problem: Problem | None = None
) -> Page:
    """The times; of one that is lost, with the nearest others."""
    day = None
    try:
        day = day_of(request.query_params.get("day"))
    except Invalid as unreadable:
        problem = problem or unreadable
    async with doorway(request).house.acting(choice.visitor) as act:
        found = await offered(
            act,
            service_id=choice.service.id,
            type_id=choice.kind.id,
            day=day,
            needs=choice.needs,
        )
    zone = choice.here.unit.zone
    return _page(
        request,
        choice,
        say,
        "times",
        problem=problem,
        times=times_of(say, found, zone),
        others=others_of(say, problem, zone),
        key=token(),
    )


async def _details(
    request: AnyRequest,
    choice: Choice,
    say: Speech,
    draft: Draft,
    problem: Problem | None = None,
) -> Page:
    found = await _kept(request, choice, say)
    if not isinstance(found, Kept):
        return found
    return _page(request, choice, say, "details", problem=problem, kept=found, draft=draft)


async def _check(request: AnyRequest, choice: Choice, say: Speech) -> Page:
    found, draft = await _kept(request, choice, say), draft_in(request)
    if not isinstance(found, Kept):
        return found
    if draft is None:
        return await _details(request, choice, say, Draft())
    return _page(request, choice, say, "check", kept=found, draft=draft)


async def _kept(request: AnyRequest, choice: Choice, say: Speech) -> Kept | Page:
    """The time that is kept; kept anew if it is still free, else the nearest others."""
    slot, hold_id = _held_in(request)
    try:
        found = await kept(request, say, choice.visitor, hold_id, choice.here.unit.zone)
    except HoldGone:
        return await _again(request, choice, say, slot)
    if found.time.slot != slot or found.hold.type_id != choice.kind.id:
        return await _times(request, choice, say, HoldGone(hold=hold_id))
    return found if found.seconds else await _again(request, choice, say, slot)


async def _again(request: AnyRequest, choice: Choice, say: Speech, slot: Slot) -> Page:
    """Whoever took too long has the time again, if nobody has taken it."""
    take_pace(request)
    try:
        async with doorway(request).house.acting(choice.visitor) as act:
            held = await _hold(act, choice, slot)
    except LOST as problem:
        return await _times(request, choice, say, problem)
    return _to(_at(choice, "details" if draft_in(request) is None else "check", slot, held.id))


def _held_in(request: AnyRequest) -> tuple[Slot, Any]:
    return slot_of(request.query_params.get("slot")), id_of(request.query_params.get("hold"))


def _at(choice: Choice, step: str, slot: Slot, hold_id: Any) -> str:
    held = urlencode({"slot": slot, "hold": hold_id})
    return f"{choice.address}/{step}?{choice.asked}&{held}"


def _to(address: str, *cookies: Any) -> Page:
    headers = {"Location": address, "Cache-Control": "no-store"}
    return Response(b"", status_code=303, headers=headers, cookies=list(cookies))


def _page(
    request: AnyRequest,
    choice: Choice,
    say: Speech,
    name: str,
    *,
    problem: Problem | None = None,
    **context: Any,
) -> Page:
    query: Mapping[str, str] = {
        name: text for name, text in request.query_params.items() if name in ("slot", "hold")
    }
    return page(
        request,
        f"booking/{name}.html",
        status=status_of(problem) if problem else 200,
        speaks=say,
        headers={"X-Robots-Tag": "noindex"},
        choice=choice,
        here=choice.here,
        home=choice.home,
        tongues=tongues_of(choice.here.organization),
        mistake=mistake_of(say, problem),
        asked="&".join([choice.asked, *([urlencode(query)] if query else [])]),
        **context,
    )
