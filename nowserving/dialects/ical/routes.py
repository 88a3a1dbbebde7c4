"""The door: a feed by its link, one appointment by the link of its ticket."""

import hashlib

from litestar import Response, Router, get
from litestar.exceptions import HTTPException

from nowserving.actions.bookings import see_appointment
from nowserving.actions.doorway import Doorway, doorway, problem_of
from nowserving.actions.feeds import feed_at
from nowserving.actions.ticket import holder_of
from nowserving.dialects.ical.say import calendar
from nowserving.kit.http import AnyRequest, status_of
from nowserving.kit.problems import NotFound, Problem

MEDIA_TYPE = "text/calendar"


@get("/{name:str}")
async def feed(request: AnyRequest) -> Response[bytes]:
    """The appointments of an agent or a service, for a calendar program that subscribes."""
    seen = await feed_at(doorway(request).house, _link(request))
    return _sent(request, calendar(seen.booked, seen.directory, name=seen.name))


@get("/appointments/{name:str}")
async def appointment(request: AnyRequest) -> Response[bytes]:
    """One appointment, for the calendar of whoever booked it."""
    here, link = doorway(request), _link(request)
    return _sent(request, await _one(here, link))


async def _one(here: Doorway, link: str) -> bytes:
    actor = await holder_of(here.house, link)
    assert actor.case_id is not None
    async with here.house.acting(actor) as act:
        seen = await see_appointment(act, case_id=actor.case_id)
    url = f"{here.base_url}/t/{link}"
    return calendar([(seen.appointment, seen.case)], seen.directory, url=url)


def _link(request: AnyRequest) -> str:
    name = str(request.path_params["name"])
    link, dot, kind = name.rpartition(".")
    if not dot or kind != "ics":
        raise NotFound(what="calendar", id=name)
    return link


def _sent(request: AnyRequest, said: bytes) -> Response[bytes]:
    etag = f'"{hashlib.sha256(said).hexdigest()[:32]}"'
    headers = {"Cache-Control": "no-cache, private", "ETag": etag, "Referrer-Policy": "no-referrer"}
    if request.headers.get("if-none-match") == etag:
        return Response(b"", status_code=304, headers=headers)
    return Response(said, headers=headers, media_type=MEDIA_TYPE)


def _refuse(_: AnyRequest, failure: Exception) -> Response[bytes]:
    problem = problem_of(failure)
    status = 500 if problem is None else status_of(problem)
    message = "Something went wrong on our side." if problem is None else problem.message()
    return Response(message.encode(), status_code=status, media_type="text/plain")


DOOR = Router(
    "/ical",
    route_handlers=[feed, appointment],
    exception_handlers={Problem: _refuse, HTTPException: _refuse, Exception: _refuse},
)
