"""Checking in at the kiosk: with the code of the confirmation, or with a customer number.

A customer number is asked for where another system is told of it first (the hook
`appointments`, Cubu's Before Query Appointments): it may still make the appointment.
"""

from collections.abc import Awaitable, Callable, Mapping
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import FromPath

from nowserving.actions.act import Act
from nowserving.actions.arrivals import check_in_by_code
from nowserving.actions.doorway import doorway
from nowserving.actions.expecting import asks_for_customer, before_appointments, check_in_as
from nowserving.actions.house import House
from nowserving.actions.replies import Once, once
from nowserving.actions.views import ticket_view
from nowserving.bookings.rules import CheckInAtDesk, TooEarlyToCheckIn, TooLateToCheckIn
from nowserving.cases.case import Case, WrongState
from nowserving.kit.http import AnyRequest, Reply, address_of, status_of
from nowserving.kit.ids import token
from nowserving.kit.problems import Invalid, KeyReused, NotFound, Problem
from nowserving.people.actor import holder
from nowserving.places.hooks import HookRefused, NotConfirmed
from nowserving.web.at import Stand, stand
from nowserving.web.kiosk.drawing import home_of, kiosk_page, language_of, pace_of, speech_of
from nowserving.web.kiosk.mistakes import Mistake, mistake_of
from nowserving.web.pages import Page, same_origin
from nowserving.web.patience import patiently
from nowserving.web.place import before
from nowserving.web.speech import Speech
from nowserving.web.words import N_

TOLD: tuple[type[Problem], ...] = (
    NotFound,
    Invalid,
    KeyReused,
    WrongState,
    TooEarlyToCheckIn,
    TooLateToCheckIn,
    CheckInAtDesk,
    HookRefused,
    NotConfirmed,
)
"""What is told on the page itself; anything else is no business of whoever stands there."""

NOBODY = (
    N_("No appointment here today was found for this."),
    N_("Check what you typed, or ask at the reception."),
)
OVER = (
    N_("You are checked in already, or this appointment is over."),
    N_("Please ask at the reception."),
)


@get("/{slug:str}/{number:int}/check-in")
async def ask(request: AnyRequest, slug: FromPath[str], number: FromPath[int]) -> Page:
    """What to check in with."""
    here = await stand(request, slug, number)
    return _form(request, here, {"language": request.query_params.get("language", "")})


@post("/{slug:str}/{number:int}/check-in", status_code=200)
async def arrive(request: AnyRequest, slug: FromPath[str], number: FromPath[int]) -> Page:
    """Check in, and show the number to wait with."""
    same_origin(request)
    here = await stand(request, slug, number)
    house = doorway(request).house
    pace_of(request).take(address_of(request), house.clock())
    form = {name: str(value).replace("\0", "") for name, value in (await request.form()).items()}
    try:
        reply = await _check_in(house, here, form)
    except TOLD as problem:
        return _form(request, here, form, problem)
    return await _arrived(request, here, form, msgspec.json.decode(reply.body, type=UUID))


async def _check_in(house: House, here: Stand, form: Mapping[str, str]) -> Reply:
    typed, unit_id = form.get("code", "").strip(), here.unit.id
    if not typed:
        raise Invalid(field="code", reason="empty")
    key = once(form.get("key") or None, home_of(here), "check in", typed)
    try:
        return await _once(
            house, here, lambda act: check_in_by_code(act, unit_id=unit_id, code=typed), key
        )
    except NotFound:
        if not asks_for_customer(here.directory, unit_id):
            raise
    async with house.acting(here.visitor("kiosk")) as act:
        language = language_of(here, form.get("language"))
        await before_appointments(act, unit_id=unit_id, customer=typed, language=language)
    return await _once(house, here, lambda act: check_in_as(act, unit_id=unit_id, typed=typed), key)


async def _once(
    house: House, here: Stand, do: Callable[[Act], Awaitable[Case]], key: Once | None
) -> Reply:
    def say(case: Case) -> Reply:
        return Reply(200, msgspec.json.encode(case.id).decode())

    return await patiently(lambda: house.perform(here.visitor("kiosk"), do, say, once=key))


async def _arrived(
    request: AnyRequest, here: Stand, form: Mapping[str, str], case_id: UUID
) -> Page:
    theirs = holder(here.organization.id, here.unit.id, case_id)
    async with doorway(request).house.acting(theirs) as act:
        ticket = await ticket_view(act, case_id=case_id)
    language = language_of(here, form.get("language"))
    say = speech_of(here, language)
    return kiosk_page(
        request,
        here,
        "arrived",
        language,
        ticket=ticket,
        before=before(say, ticket.place) if ticket.place else "",
    )


def _form(
    request: AnyRequest, here: Stand, form: Mapping[str, str], problem: Problem | None = None
) -> Page:
    language = language_of(here, form.get("language"))
    return kiosk_page(
        request,
        here,
        "check_in",
        language,
        status=status_of(problem) if problem else 200,
        form=form,
        key=token(),
        customers=asks_for_customer(here.directory, here.unit.id),
        mistake=_mistake(speech_of(here, language), problem) if problem else None,
    )


def _mistake(say: Speech, problem: Problem) -> Mistake:
    for kinds, (what, advice) in (((NotFound, Invalid), NOBODY), ((WrongState,), OVER)):
        if isinstance(problem, kinds):
            return Mistake(say(what), say(advice), "code")
    told = mistake_of(say, problem)
    return Mistake(told.what, told.advice, "code")
