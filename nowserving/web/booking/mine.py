"""One's own appointment, at a link nobody guesses: look, move, call off. No account is needed."""

import asyncio
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.exceptions import HTTPException
from litestar.params import FromPath

from nowserving.actions import bookings
from nowserving.actions.act import Act
from nowserving.actions.booking_order import Booked
from nowserving.actions.booking_times import offered
from nowserving.actions.doorway import doorway
from nowserving.actions.replies import once
from nowserving.actions.ticket import holder_of
from nowserving.bookings.appointment import Hold
from nowserving.bookings.calendar import HoldGone
from nowserving.cases.case import Case
from nowserving.cases.moves import State
from nowserving.kit.http import AnyRequest, Reply, answer, as_problem, status_of
from nowserving.kit.ids import token
from nowserving.kit.problems import Blame, Invalid, NotFound, Problem
from nowserving.people.actor import Actor
from nowserving.places.hooks import HookRefused
from nowserving.web.at import Stand
from nowserving.web.booking.common import (
    HELD_FOR,
    LOST,
    form_of,
    kept,
    mistake_of,
    others_of,
    take_pace,
    time_of,
    times_of,
    tongues_of,
)
from nowserving.web.booking.offers import Slot, day_of, home, id_of, slot_of
from nowserving.web.pages import Page, page, same_origin, sorry, speech_for
from nowserving.web.patience import patiently
from nowserving.web.qr import qr
from nowserving.web.speech import Speech

SECRET = {
    "Cache-Control": "private, no-store",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}
"""A page that belongs to one person, at an address nobody else may learn."""

ALIKE = 0.05
"""Seconds after which a link that opens nothing is answered, whatever is wrong with it."""


class Mine:
    """Somebody's appointment, and how the page speaks to them."""

    def __init__(self, request: AnyRequest, link: str, holder: Actor, booked: Booked) -> None:
        self.link = link
        self.holder = holder
        self.booked = booked
        self.address = f"/b/{link}"
        directory = booked.directory
        self.unit = directory.unit(booked.case.unit_id)
        self.service = directory.service(booked.case.service_id)
        self.kind = directory.types[booked.case.type_id]
        self.here = Stand(directory.organization, directory, self.unit)
        self.say: Speech = speech_for(
            request, booked.case.language, country=directory.organization.country
        )
        seat = booked.appointment
        slot = Slot(seat.calendar_id, seat.start)
        self.time = time_of(self.say, slot, seat.starts_at, self.unit.zone)
        now = doorway(request).house.clock()
        self.canceled = booked.case.state is State.CANCELED
        self.changeable = seat.awaited and seat.starts_at > now


@get("/{link:str}")
async def show(request: AnyRequest, link: FromPath[str]) -> Page:
    """The appointment, as it stands."""
    return _shown(request, await _mine(request, link))


@get("/{link:str}/cancel")
async def ask_to_cancel(request: AnyRequest, link: FromPath[str]) -> Page:
    """What is called off, and a button that does it: no robot that follows links presses it."""
    mine = await _mine(request, link)
    return _page(request, mine, "cancel") if mine.changeable else _shown(request, mine)


@post("/{link:str}/cancel")
async def cancel(request: AnyRequest, link: FromPath[str]) -> Response[Any]:
    """Call it off."""
    same_origin(request)
    take_pace(request)
    mine = await _mine(request, link)
    house, case_id = doorway(request).house, mine.booked.case.id

    async def call_off(act: Act) -> Case:
        return await bookings.cancel(act, case_id=case_id)

    key, done = once("cancel", mine.address), Reply(303, "", {"Location": mine.address})
    try:
        await patiently(lambda: house.perform(mine.holder, call_off, lambda _: done, once=key))
    except Problem as problem:
        if problem.blame is not Blame.CONFLICT and not isinstance(problem, HookRefused):
            raise
        return _shown(request, await _mine(request, link), problem)
    return answer(done, "text/html")


@get("/{link:str}/move")
async def other_times(request: AnyRequest, link: FromPath[str]) -> Page:
    """Other times, as radio buttons. The one that is booked stays booked meanwhile."""
    mine = await _mine(request, link)
    return await _times(request, mine) if mine.changeable else _shown(request, mine)


@post("/{link:str}/move")
async def choose_other(request: AnyRequest, link: FromPath[str]) -> Response[Any]:
    """Keep another time for a few minutes."""
    same_origin(request)
    take_pace(request)
    form, mine = await form_of(request), await _mine(request, link)
    house = doorway(request).house
    try:
        slot = slot_of(form.get("slot"))

        async def hold(act: Act) -> Hold:
            return await _hold(act, mine, slot)

        def say_held(held: Hold) -> Reply:
            return Reply(303, "", {"Location": _at(mine, slot, held.id)})

        key = once(form.get("key") or None, mine.address, str(slot))
        reply = await patiently(lambda: house.perform(mine.holder, hold, say_held, once=key))
    except Problem as problem:
        if not isinstance(problem, LOST) and type(problem) is not Invalid:
            raise
        return await _times(request, mine, problem)
    return answer(reply, "text/html")


@get("/{link:str}/move/check")
async def check(request: AnyRequest, link: FromPath[str]) -> Page:
    """From what time to what time."""
    mine = await _mine(request, link)
    if not mine.changeable:
        return _shown(request, mine)
    slot, hold_id = _held_in(request)
    try:
        found = await kept(request, mine.say, mine.holder, hold_id, mine.unit.zone)
    except HoldGone:
        return await _again(request, mine, slot)
    if not found.seconds or found.time.slot != slot:
        return await _again(request, mine, slot)
    return _page(request, mine, "moving", kept=found)


@post("/{link:str}/move/longer")
async def longer(request: AnyRequest, link: FromPath[str]) -> Response[Any]:
    """Keep the other time for longer."""
    same_origin(request)
    take_pace(request)
    mine = await _mine(request, link)
    slot, hold_id = _held_in(request)
    try:
        async with doorway(request).house.acting(mine.holder) as act:
            await bookings.hold_longer(act, hold_id=hold_id, minutes=HELD_FOR)
    except HoldGone:
        pass  # the page they come from says so, and tries to have the time again
    return _to(_at(mine, slot, hold_id))


@post("/{link:str}/move/check")
async def move(request: AnyRequest, link: FromPath[str]) -> Response[Any]:
    """Have the other time, and only then let the first one go."""
    same_origin(request)
    take_pace(request)
    mine = await _mine(request, link)
    slot, hold_id = _held_in(request)
    return await _move(request, mine, slot, hold_id, f"move-{hold_id}")


@post("/{link:str}/move/now")
async def move_now(request: AnyRequest, link: FromPath[str]) -> Response[Any]:
    """Have a time at once that the button names: there is nothing more to be checked."""
    same_origin(request)
    take_pace(request)
    form, mine = await form_of(request), await _mine(request, link)
    try:
        slot = slot_of(form.get("slot"))
    except Invalid as problem:
        return await _times(request, mine, problem)
    return await _move(request, mine, slot, None, form.get("key") or token())


def lost(request: AnyRequest, failure: Exception) -> Page:
    """A link that opens nothing: a friendly page that tells nothing."""
    problem = as_problem(failure)
    if problem is None or problem.blame is not Blame.MISSING:
        return sorry(request, failure)
    return page(request, "booking/lost.html", status=404, headers=SECRET)


MINE = Router(
    "/b",
    route_handlers=[
        *(show, ask_to_cancel, cancel, other_times, choose_other, check, longer, move, move_now),
    ],
    exception_handlers={Problem: lost, HTTPException: lost, Exception: lost},
    include_in_schema=False,
)


async def _mine(request: AnyRequest, link: str) -> Mine:
    """The appointment of a link. What opens nothing is refused after the same time."""
    answer_at = asyncio.get_running_loop().time() + ALIKE
    house = doorway(request).house
    try:
        holder = await holder_of(house, link)
        assert holder.case_id is not None
        async with house.acting(holder) as act:
            booked = await bookings.see_appointment(act, case_id=holder.case_id)
    except NotFound:
        await asyncio.sleep(answer_at - asyncio.get_running_loop().time())
        raise
    return Mine(request, link, holder, booked)


def _shown(request: AnyRequest, mine: Mine, problem: Problem | None = None) -> Page:
    address = f"{doorway(request).base_url}{mine.address}"
    code = qr(address, mine.say("The code to find your appointment on a phone"))
    return _page(request, mine, "mine", problem=problem, address=address, code=code)


async def _hold(act: Act, mine: Mine, slot: Slot) -> Hold:
    return await bookings.hold(
        act,
        calendar_id=slot.calendar_id,
        type_id=mine.kind.id,
        start=slot.start,
        minutes=HELD_FOR,
        needs=mine.booked.details.needs,
    )


async def _move(
    request: AnyRequest, mine: Mine, slot: Slot, hold_id: UUID | None, once_for: str
) -> Response[Any]:
    house, case_id = doorway(request).house, mine.booked.case.id

    async def moving(act: Act) -> Booked:
        return await bookings.move(
            act,
            case_id=case_id,
            calendar_id=slot.calendar_id,
            start=slot.start,
            hold_id=hold_id,
        )

    key = once(once_for, mine.address, str(slot))
    done = Reply(303, "", {"Location": mine.address})
    try:
        await patiently(lambda: house.perform(mine.holder, moving, lambda _: done, once=key))
    except HoldGone:
        return await _again(request, mine, slot)
    except Problem as problem:
        if isinstance(problem, LOST):
            return await _times(request, mine, problem)
        if problem.blame is not Blame.CONFLICT and not isinstance(problem, HookRefused):
            raise
        return _shown(request, await _mine(request, mine.link), problem)
    return answer(done, "text/html")


async def _times(request: AnyRequest, mine: Mine, problem: Problem | None = None) -> Page:
    day = None
    try:
        day = day_of(request.query_params.get("day"))
    except Invalid as unreadable:
        problem = problem or unreadable
    async with doorway(request).house.acting(mine.holder) as act:
        found = await offered(
            act,
            service_id=mine.service.id,
            type_id=mine.kind.id,
            day=day,
            needs=mine.booked.details.needs,
        )
    return _page(
        request,
        mine,
        "other",
        problem=problem,
        times=times_of(mine.say, found, mine.unit.zone),
        others=others_of(mine.say, problem, mine.unit.zone),
        key=token(),
    )


async def _again(request: AnyRequest, mine: Mine, slot: Slot) -> Page:
    """Whoever took too long has the time again, if nobody has taken it."""
    take_pace(request)
    try:
        async with doorway(request).house.acting(mine.holder) as act:
            held = await _hold(act, mine, slot)
    except LOST as problem:
        return await _times(request, mine, problem)
    return _to(_at(mine, slot, held.id))


def _held_in(request: AnyRequest) -> tuple[Slot, Any]:
    return slot_of(request.query_params.get("slot")), id_of(request.query_params.get("hold"))


def _at(mine: Mine, slot: Slot, hold_id: Any) -> str:
    return f"{mine.address}/move/check?{urlencode({'slot': slot, 'hold': hold_id})}"


def _to(address: str) -> Page:
    return Response(b"", status_code=303, headers={"Location": address, **SECRET})


def _page(
    request: AnyRequest, mine: Mine, name: str, *, problem: Problem | None = None, **context: Any
) -> Page:
    query = {n: text for n, text in request.query_params.items() if n in ("slot", "hold")}
    return page(
        request,
        f"booking/{name}.html",
        status=status_of(problem) if problem else 200,
        speaks=mine.say,
        headers=SECRET,
        mine=mine,
        here=mine.here,
        home=home(mine.here),
        tongues=tongues_of(mine.here.organization),
        mistake=mistake_of(mine.say, problem),
        asked=urlencode(query),
        **context,
    )
