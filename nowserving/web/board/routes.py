"""The board's addresses: the page, what changes in it, and the sign that it has."""

from typing import Any

from litestar import Router, get
from litestar.exceptions import HTTPException
from litestar.params import FromPath
from litestar.types import ASGIApp

from nowserving.actions.doorway import doorway
from nowserving.actions.views import board_view
from nowserving.kit.http import AnyRequest
from nowserving.kit.problems import Problem
from nowserving.web.at import Stand, stand
from nowserving.web.board.calls import line_of
from nowserving.web.live import stream
from nowserving.web.pages import Page, fragment, page, sorry
from nowserving.web.speech import Speech, base_of, speech


@get("/{slug:str}/{number:int}")
async def show(request: AnyRequest, slug: FromPath[str], number: FromPath[int]) -> Page:
    """The page on the wall."""
    here = await stand(request, slug, number)
    return page(request, "board/page.html", speaks=_speech(here), **await _calls(request, here))


@get("/{slug:str}/{number:int}/now")
async def now(request: AnyRequest, slug: FromPath[str], number: FromPath[int]) -> Page:
    """The calls."""
    here = await stand(request, slug, number)
    return fragment(request, "board/now.html", speaks=_speech(here), **await _calls(request, here))


@get("/{slug:str}/{number:int}/live")
async def live(request: AnyRequest, slug: FromPath[str], number: FromPath[int]) -> ASGIApp:
    """Tells that something changed in the unit."""
    here = await stand(request, slug, number)
    return stream(request, here.organization.id, [f"unit:{here.unit.id}"])


DOOR = Router(
    "/board",
    route_handlers=[show, now, live],
    exception_handlers={Problem: sorry, HTTPException: sorry, Exception: sorry},
    include_in_schema=False,
)


async def _calls(request: AnyRequest, here: Stand) -> dict[str, Any]:
    async with doorway(request).house.acting(here.visitor("board")) as act:
        view = await board_view(act, unit_id=here.unit.id)
    language = here.organization.language
    return {
        "unit": here.unit,
        "at": view.now,
        "lines": [line_of(call, language) for call in view.calls],
        "address": f"/board/{here.organization.slug}/{here.unit.number}",
    }


def _speech(here: Stand) -> Speech:
    """A wall speaks the language of the house, whoever looks at it."""
    return speech(base_of(here.organization.language), here.organization.country)
