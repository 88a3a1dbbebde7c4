"""What other systems were told: the list, one delivery with its attempts, and trying again."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Response, get, post
from litestar.params import FromPath

from nowserving.actions import deliveries
from nowserving.actions.act import Act
from nowserving.actions.deliveries import Delivery
from nowserving.actions.doorway import doorway
from nowserving.actions.sign_in import SignedIn
from nowserving.kit.http import AnyRequest
from nowserving.kit.problems import NotFound, Problem
from nowserving.people.permissions import Permission
from nowserving.places.endpoints import Endpoint
from nowserving.store.deliveries import Wanted
from nowserving.web.desk.session import form_of, go
from nowserving.web.office.frame import office_page, who_may
from nowserving.web.pages import Page
from nowserving.web.words import FACTS

HOME = "/office/deliveries"
A_PAGE = 50
ENDPOINTS_SHOWN = 500


@dataclass(frozen=True, slots=True)
class Filters:
    """What somebody has entered to find deliveries; what cannot be read is left out."""

    endpoint: str = ""
    kind: str = ""
    status: str = ""
    outcome: str = ""
    case: str = ""
    fact: str = ""
    since: str = ""
    until: str = ""

    @classmethod
    def of(cls, request: AnyRequest) -> "Filters":
        """What stands in the address."""
        given = request.query_params
        return cls(**{name: given.get(name, "").strip() for name in cls.__dataclass_fields__})

    def wanted(self, zone: ZoneInfo) -> Wanted:
        """What is looked for."""
        return Wanted(
            endpoint_id=an_id(self.endpoint),
            subject_id=an_id(self.case),
            kind=self.kind if self.kind in FACTS else None,
            status=int(self.status) if self.status.isdigit() and len(self.status) < 4 else None,
            taken={"taken": True, "failed": False}.get(self.outcome),
            since=an_instant(self.since, zone),
            until=an_instant(self.until, zone),
        )

    def address(self, **other: str) -> str:
        """The list with these filters, or some others."""
        given = {name: getattr(self, name) for name in self.__dataclass_fields__} | other
        query = {name: value for name, value in given.items() if value}
        return f"{HOME}?{urlencode(query)}" if query else HOME


@get("/deliveries")
async def show(request: AnyRequest) -> Page:
    """The list, newest first."""
    here = await who_may(request, Permission.MANAGE_INTEGRATIONS)
    house = doorway(request).house
    zone = (await house.directory(here.actor.organization_id)).organization.zone
    filters = Filters.of(request)
    async with house.acting(here.actor) as act:
        endpoints = await _endpoints(act)
        problem, found = None, []
        try:
            found = await deliveries.search(
                act,
                wanted=filters.wanted(zone),
                fact_id=an_id(filters.fact),
                before=an_id(request.query_params.get("before", "")),
                most=A_PAGE + 1,
            )
        except Problem as wrong:
            problem = wrong
        parked = await act.look.lanes.parked_counts()
    shown = found[:A_PAGE]
    older = filters.address(before=str(shown[-1].id)) if len(found) > len(shown) else None
    return await office_page(
        request,
        "office/deliveries.html",
        here,
        problem=problem,
        filters=filters,
        endpoints=endpoints,
        attempts=shown,
        older=older,
        parked=sum(parked.values()),
        kinds=FACTS,
        moment=moment,
    )


@get("/deliveries/{endpoint_id:uuid}/{attempt_id:uuid}")
async def show_one(
    request: AnyRequest, endpoint_id: FromPath[UUID], attempt_id: FromPath[UUID]
) -> Page:
    """One delivery with its attempts, and what was said and answered in one of them."""
    here = await who_may(request, Permission.MANAGE_INTEGRATIONS)
    return await _draw(request, here, endpoint_id, attempt_id)


@post("/deliveries/{endpoint_id:uuid}/{attempt_id:uuid}", status_code=200)
async def repair(
    request: AnyRequest, endpoint_id: FromPath[UUID], attempt_id: FromPath[UUID]
) -> Page | Response[None]:
    """Tell it once more, or try again what is parked."""
    here = await who_may(request, Permission.MANAGE_INTEGRATIONS)
    form = await form_of(request, here)
    try:
        async with doorway(request).house.acting(here.actor) as act:
            found = await deliveries.show(act, endpoint_id=endpoint_id, attempt_id=attempt_id)
            if form["do"] == "resume":
                await deliveries.resume(
                    act, endpoint_id=endpoint_id, subject_id=found.attempt.subject_id
                )
                return go(f"{HOME}/{endpoint_id}/{attempt_id}", said="resumed")
            asked = await deliveries.replay(
                act,
                endpoint_id=endpoint_id,
                subject_id=found.attempt.subject_id,
                version=found.attempt.version,
            )
    except Problem as problem:
        return await _draw(request, here, endpoint_id, attempt_id, problem)
    return go(f"/office/replays/{asked.id}")


@get("/deliveries/parked")
async def show_parked(request: AnyRequest) -> Page:
    """Cases that an endpoint does not take, and that nobody tries any more."""
    here = await who_may(request, Permission.MANAGE_INTEGRATIONS)
    async with doorway(request).house.acting(here.actor) as act:
        endpoints = {one.id: one for one in await _endpoints(act)}
        parked = await deliveries.parked(act, most=A_PAGE)
        tickets = await _tickets(act, {one.subject_id for one in parked})
    return await office_page(
        request,
        "office/parked.html",
        here,
        parked=parked,
        endpoints=endpoints,
        tickets=tickets,
        host=host_of,
    )


@post("/deliveries/parked", status_code=200)
async def resume_parked(request: AnyRequest) -> Page | Response[None]:
    """Try one of them again."""
    here = await who_may(request, Permission.MANAGE_INTEGRATIONS)
    form = await form_of(request, here)
    endpoint_id, subject_id = an_id(form["endpoint"]), an_id(form["subject"])
    if endpoint_id is not None and subject_id is not None:
        async with doorway(request).house.acting(here.actor) as act:
            await deliveries.resume(act, endpoint_id=endpoint_id, subject_id=subject_id)
    return go(f"{HOME}/parked", said="resumed")


ROUTES = [show, show_parked, resume_parked, show_one, repair]


async def _draw(
    request: AnyRequest,
    here: SignedIn,
    endpoint_id: UUID,
    attempt_id: UUID,
    problem: Problem | None = None,
) -> Page:
    async with doorway(request).house.acting(here.actor) as act:
        found = await deliveries.show(act, endpoint_id=endpoint_id, attempt_id=attempt_id)
    return await office_page(
        request,
        "office/delivery.html",
        here,
        problem=problem,
        delivery=found,
        said=said_of(found),
        answer=text_of(found.answer),
        moment=moment,
        host=host_of,
        resumed=request.query_params.get("said") == "resumed",
    )


async def _endpoints(act: Act) -> list[Endpoint]:
    found = await act.look.endpoints.all()
    return sorted(found, key=lambda one: (one.name or host_of(one)).lower())[:ENDPOINTS_SHOWN]


async def _tickets(act: Act, subjects: Iterable[UUID]) -> dict[UUID, str]:
    """The tickets of those subjects that are cases."""
    tickets = {}
    for id in subjects:
        with suppress(NotFound):
            tickets[id] = str((await act.look.cases.get(id)).ticket)
    return tickets


def said_of(delivery: Delivery) -> str | None:
    """What was sent, as it went over the wire; without what is secret."""
    spoken = delivery.spoken
    if spoken is None:
        return None
    head = "".join(f"{name}: {value}\n" for name, value in spoken.headers.items())
    return f"{spoken.method} {spoken.url}\n{head}\n{text_of(spoken.body)}"


def text_of(body: bytes | None) -> str | None:
    """Bytes as people can read them."""
    return None if body is None else body.decode(errors="replace")


def host_of(endpoint: Endpoint) -> str:
    """What an endpoint is called that has no name: where it is."""
    return endpoint.url.partition("://")[2].partition("/")[0].rpartition("@")[2]


def moment(say: Any, at: datetime, zone: ZoneInfo) -> str:
    """Day and time of day at a place, to the second."""
    local = at.astimezone(zone)
    return f"{local:%Y-%m-%d} {local:%H:%M:%S}"


def an_id(text: str) -> UUID | None:
    """An id, if it is one."""
    try:
        return UUID(text)
    except ValueError:
        return None


def an_instant(text: str, zone: ZoneInfo) -> datetime | None:
    """What stands in a field for day and time, at a place."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=zone) if text else None
    except ValueError:
        return None
