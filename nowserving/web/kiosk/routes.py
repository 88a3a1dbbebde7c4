"""The kiosk's addresses: choose, tell what is needed, take the number, read it."""

from collections.abc import Mapping

from litestar import Response, Router, get, post
from litestar.exceptions import HTTPException
from litestar.params import FromPath

from nowserving.actions.doorway import doorway
from nowserving.actions.ticket import holder_of
from nowserving.actions.views import ticket_view
from nowserving.kit.http import AnyRequest, address_of, answer, status_of
from nowserving.kit.ids import token
from nowserving.kit.problems import Blame, NotFound, Problem
from nowserving.places.hooks import HookRefused
from nowserving.web import words
from nowserving.web.at import Stand, stand
from nowserving.web.kiosk import arriving
from nowserving.web.kiosk.drawing import home_of, kiosk_page, language_of, pace_of, speech_of
from nowserving.web.kiosk.mistakes import mistake_of
from nowserving.web.kiosk.offers import Offer, books, offer_numbered, offers, request_of
from nowserving.web.kiosk.taking import take_number
from nowserving.web.pages import Page, same_origin, sorry
from nowserving.web.place import before
from nowserving.web.qr import qr


@get("/{slug:str}/{number:int}")
async def start(request: AnyRequest, slug: FromPath[str], number: FromPath[int]) -> Page:
    """The services, to be touched."""
    here = await stand(request, slug, number)
    return kiosk_page(
        request,
        here,
        "start",
        language_of(here, request.query_params.get("language")),
        offers=offers(here.directory, here.unit.id),
        booked=books(here.directory, here.unit.id),
        key=token(),
    )


@get("/{slug:str}/{number:int}/{service:int}")
async def ask(
    request: AnyRequest, slug: FromPath[str], number: FromPath[int], service: FromPath[int]
) -> Page:
    """What a service needs to know first."""
    here = await stand(request, slug, number)
    offer = offer_numbered(here.directory, here.unit.id, service)
    return _ask(request, here, offer, {"language": request.query_params.get("language", "")})


@post("/{slug:str}/{number:int}")
async def take(request: AnyRequest, slug: FromPath[str], number: FromPath[int]) -> Response[bytes]:
    """Take a number."""
    same_origin(request)
    here = await stand(request, slug, number)
    house = doorway(request).house
    pace_of(request).take(address_of(request), house.clock())
    form = {name: str(value).replace("\0", "") for name, value in (await request.form()).items()}
    offer = offer_numbered(here.directory, here.unit.id, form.get("service"))
    try:
        wanted = request_of(offer, form, language_of(here, form.get("language")))
        taken = await take_number(house, here, wanted, home=home_of(here), form=form)
    except Problem as problem:
        if problem.blame is not Blame.INPUT and not isinstance(problem, HookRefused):
            raise
        return _ask(request, here, offer, form, problem)
    return answer(taken, "text/html")


@get("/{slug:str}/{number:int}/ticket/{link:str}")
async def taken(
    request: AnyRequest, slug: FromPath[str], number: FromPath[int], link: FromPath[str]
) -> Page:
    """The ticket, in the language it was taken in."""
    here = await stand(request, slug, number)
    holder = await holder_of(doorway(request).house, link)
    if holder.organization_id != here.organization.id or holder.case_id is None:
        raise NotFound(what="ticket", id="link")
    async with doorway(request).house.acting(holder) as act:
        ticket = await ticket_view(act, case_id=holder.case_id)
    language, address = ticket.case.language, f"{doorway(request).base_url}/t/{link}"
    say = speech_of(here, language)
    return kiosk_page(
        request,
        here,
        "taken",
        language,
        headers={"X-Robots-Tag": "noindex"},
        ticket=ticket,
        before=before(say, ticket.place) if ticket.place else words.state(say, ticket.case.state),
        address=address,
        code=qr(address, say("The code to follow your ticket on a phone")),
    )


DOOR = Router(
    "/kiosk",
    route_handlers=[start, ask, take, taken, arriving.ask, arriving.arrive],
    exception_handlers={Problem: sorry, HTTPException: sorry, Exception: sorry},
    include_in_schema=False,
)


def _ask(
    request: AnyRequest,
    here: Stand,
    offer: Offer,
    form: Mapping[str, str],
    problem: Problem | None = None,
) -> Page:
    language = language_of(here, form.get("language"))
    return kiosk_page(
        request,
        here,
        "ask",
        language,
        status=status_of(problem) if problem else 200,
        offer=offer,
        form=form,
        key=token(),
        mistake=mistake_of(speech_of(here, language), problem) if problem else None,
    )
