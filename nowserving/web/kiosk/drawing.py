"""A page of the kiosk: its unit, the language that was chosen, and how fast one may touch."""

from datetime import timedelta
from typing import Any

from nowserving.kit.http import AnyRequest
from nowserving.kit.pace import Pace
from nowserving.web.at import Stand
from nowserving.web.pages import Page, page
from nowserving.web.speech import Speech, base_of, speech

TICKETS_A_MINUTE = 60
"""How many tickets one address may take: a kiosk is one, and so is a waiting room's network."""


def kiosk_page(
    request: AnyRequest, here: Stand, name: str, language: str, *, status: int = 200, **context: Any
) -> Page:
    """A page of the kiosk, in the language chosen at the kiosk and no other."""
    return page(
        request,
        f"kiosk/{name}.html",
        status=status,
        speaks=speech_of(here, language),
        here=here,
        home=home_of(here),
        language=language,
        tongues=[(tag, speech(tag)) for tag in here.organization.languages],
        **context,
    )


def language_of(here: Stand, wanted: str | None) -> str:
    """The language asked for, if the organization works in it; else its own."""
    offered = here.organization.languages
    return wanted if wanted in offered else offered[0]


def speech_of(here: Stand, language: str) -> Speech:
    return speech(base_of(language), here.organization.country)


def home_of(here: Stand) -> str:
    return f"/kiosk/{here.organization.slug}/{here.unit.number}"


def pace_of(request: AnyRequest) -> Pace:
    """How fast one address may take tickets, in this application."""
    state = request.app.state
    if "kiosk_pace" not in state:
        every = timedelta(minutes=1) / TICKETS_A_MINUTE
        state.kiosk_pace = Pace(burst=TICKETS_A_MINUTE, every=every)
    pace: Pace = state.kiosk_pace
    return pace
