"""What a press of a button at the desk does: one action, once, and then the desk again."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from litestar import Response, post
from litestar.params import FromPath

from nowserving.actions import desk
from nowserving.actions.act import Act
from nowserving.actions.doorway import doorway
from nowserving.actions.drafts import finish_draft, keep_draft
from nowserving.actions.sign_in import SignedIn
from nowserving.cases import moves
from nowserving.cases.case import Case
from nowserving.kit.http import AnyRequest, NoSuchPage, Reply
from nowserving.kit.problems import Invalid, Problem
from nowserving.web.desk.place import Place, place_of
from nowserving.web.desk.screen import draw_desk
from nowserving.web.desk.session import Form, form_of, go, key_of, wants_part, who
from nowserving.web.pages import Page, speech_for
from nowserving.web.words import N_

Order = Callable[[Act, UUID, Form, Place], Awaitable[Any]]


def _desk(place: Place) -> UUID | None:
    return place.desk.id if place.desk else None


SAVED = N_("Saved %(at)s")


async def _note(act: Act, case_id: UUID, text: str) -> None:
    if await finish_draft(act, case_id=case_id, text=text) is None:
        raise Invalid(field="text", reason="empty")


def _next(text: str, now: datetime, zone: ZoneInfo) -> datetime:
    """The next moment at which the clocks of a place show this time of day."""
    try:
        wanted = time.fromisoformat(text)
    except ValueError:
        raise Invalid(field="back", reason="not a time of day") from None
    here = now.astimezone(zone)
    at = datetime.combine(here.date(), wanted.replace(tzinfo=None), zone)
    return at if at > here else datetime.combine(here.date() + timedelta(days=1), at.timetz())


def _chosen(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Invalid(reason="not an id") from None


ORDERS: Mapping[str, Order] = {
    "call": lambda act, id, form, place: desk.call(act, case_id=id, desk_id=_desk(place)),
    "call_again": lambda act, id, form, place: desk.call_again(act, case_id=id),
    "undo_call": lambda act, id, form, place: desk.undo_call(act, case_id=id),
    "start": lambda act, id, form, place: desk.start(act, case_id=id, desk_id=_desk(place)),
    "hold": lambda act, id, form, place: desk.hold(
        act,
        case_id=id,
        reason=form["reason"],
        back_at=_next(form["back"], act.now, place.unit.zone) if form["back"] else None,
    ),
    "return": lambda act, id, form, place: desk.return_to_line(act, case_id=id),
    "pend": lambda act, id, form, place: desk.pend(act, case_id=id),
    "resume": lambda act, id, form, place: desk.resume(act, case_id=id),
    "miss": lambda act, id, form, place: desk.miss(act, case_id=id),
    "reopen": lambda act, id, form, place: desk.reopen(act, case_id=id),
    "note": lambda act, id, form, place: _note(act, id, form["text"]),
    "transfer": lambda act, id, form, place: desk.transfer(
        act, case_id=id, queue_id=_chosen(form["queue"]), keep_place=form["place"] != "end"
    ),
    "resolve": lambda act, id, form, place: desk.resolve(
        act,
        case_id=id,
        outcome_id=_chosen(form["outcome"]) if form["outcome"] else None,
        solution=form["solution"].strip() or None,
    ),
}
"""The verbs a desk knows. Whether one may be done now, the case itself decides."""

PUT_AWAY = frozenset({"hold", "return", "pend", "miss", "transfer", "resolve"})
"""After these an agent has done with a case: what they were writing on it is a note then."""


@post("/next", status_code=200)
async def call_next(request: AnyRequest) -> Page | Response[None]:
    """Call whoever is next. The server chooses, under a lock."""

    async def do(act: Act, form: Form, place: Place) -> Case | None:
        return await desk.call_next(
            act,
            unit_id=place.unit.id,
            queue_ids=place.workspace.queue_ids,
            desk_id=_desk(place),
        )

    return await _perform(request, "call", do)


@post("/case/{id:uuid}/{verb:str}", status_code=200)
async def change(
    request: AnyRequest, id: FromPath[UUID], verb: FromPath[str]
) -> Page | Response[None]:
    """Do something to a case."""
    order = ORDERS.get(verb)
    if order is None:
        raise NoSuchPage()

    async def do(act: Act, form: Form, place: Place) -> UUID:
        draft = form.fields.get("draft")
        # Who is asked before a case is resolved is asked while nothing is held.
        asks = verb == moves.RESOLVE.verb
        if verb in PUT_AWAY and not asks:
            await finish_draft(act, case_id=id, text=draft)
        await order(act, id, form, place)
        if verb in PUT_AWAY and asks:
            await finish_draft(act, case_id=id, text=draft)
        return id

    return await _perform(request, verb, do, about=id)


@post("/case/{id:uuid}/draft", status_code=200)
async def save(request: AnyRequest, id: FromPath[UUID]) -> Response[str]:
    """Keep what is being written, and say when that was."""
    here = await who(request)
    form = await form_of(request, here)
    house = doorway(request).house
    place = await place_of(here, house)
    async with house.acting(here.actor) as act:
        await keep_draft(act, case_id=id, text=form["text"])
    directory = await house.directory(here.actor.organization_id)
    say = speech_for(request, country=directory.organization.country)
    saved = say(SAVED) % {"at": say.time(act.now, place.unit.zone)}
    return Response(saved if form["text"].strip() else "", media_type="text/plain")


ROUTES = [call_next, change, save]


async def _perform(
    request: AnyRequest,
    verb: str,
    do: Callable[[Act, Form, Place], Awaitable[Case | UUID | None]],
    about: UUID | None = None,
) -> Page | Response[None]:
    here = await who(request)
    form = await form_of(request, here)
    house = doorway(request).house
    place = await place_of(here, house)

    def say(done: Case | UUID | None) -> Reply:
        id = done.id if isinstance(done, Case) else done
        told = {"said": verb if id else "nobody", "case": str(id or "")}
        return Reply(200, msgspec.json.encode(told).decode())

    try:
        reply = await house.perform(
            here.actor, lambda act: do(act, form, place), say, once=key_of(request, form)
        )
    except Problem as problem:
        return await draw_desk(request, here, case_id=about, problem=problem)
    told = msgspec.json.decode(reply.body, type=dict[str, str])
    return await _then(request, here, told)


async def _then(
    request: AnyRequest, here: SignedIn, told: Mapping[str, str]
) -> Page | Response[None]:
    """Draw what has changed, or send a browser without our module back to the desk."""
    if not wants_part(request):
        return go("/desk", **told)
    case_id = UUID(told["case"]) if told["case"] else None
    return await draw_desk(request, here, said=told["said"], case_id=case_id)
