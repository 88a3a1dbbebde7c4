"""Database API: the tickets of a project."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from litestar import Response, get

from nowserving.actions.act import Act
from nowserving.actions.case_lists import CaseList, cases_of_service
from nowserving.actions.directory import everyone
from nowserving.actions.doorway import doorway
from nowserving.cases.case import Case, Details
from nowserving.dialects.vcc.answering import answered, sent
from nowserving.dialects.vcc.caller import caller
from nowserving.dialects.vcc.projects import project_in_path
from nowserving.dialects.vcc.ticket import Ticket, number_in, say_ticket, say_time, zone_of
from nowserving.dialects.vcc.wire import Given, since, until
from nowserving.kit.http import AnyRequest
from nowserving.kit.problems import Invalid
from nowserving.people.actor import ActorKind
from nowserving.places.directory import Directory
from nowserving.places.services import Service
from nowserving.store.case_lists import Between, Moment, Wanted

LIMIT, LIMIT_AT_MOST = 100, 1000

MOMENTS: Mapping[str, Moment | None] = {
    "firstOpenTime": Moment.OPENED,
    "softDeadline": Moment.DUE,
    "lastCloseTime": Moment.ENDED,
    "firstSentTime": None,
    "lastSentTime": None,
    "firstReceivedTime": None,
    "lastReceivedTime": None,
}
"""The names of `dateField`; None: of e-mails, which our cases do not have."""

_DATES = ("dateFrom", "dateTo", "dateField")
_OURS = re.compile(r"([0-9]{1,9})-([0-9]{8})-([0-9]{6,12})")


@get("/projects/{project_id:str}/tickets")
async def list_tickets(request: AnyRequest) -> Response[bytes]:
    """The tickets that are asked for, oldest first."""
    actor = await caller(request)
    given = Given.query(request)
    start = given.number("start") or 0
    limit = given.number("limit")
    most = LIMIT if limit is None else min(limit, LIMIT_AT_MOST)
    async with doorway(request).house.acting(actor) as act:
        directory, service = await project_in_path(act, request)
        try:
            wanted = await _wanted(act, given, directory, service)
        except _NoSuchTicket:
            return sent(answered({"rows": [], "totalCount": 0}, messages=[]))
        found = await cases_of_service(act, wanted=wanted, start=start, most=most)
    rows = [_row(found, case) for case in found.cases]
    asked = given.text("ticketNo")
    if any(row["ticketNo"] != asked for row in rows if asked):  # the day is another one
        return sent(answered({"rows": [], "totalCount": 0}, messages=[]))
    return sent(answered({"rows": rows, "totalCount": found.total}, messages=[]))


class _NoSuchTicket(Exception):
    """What is asked for can be no ticket of this project."""


async def _wanted(act: Act, given: Given, directory: Directory, service: Service) -> Wanted:
    """What is asked for; Invalid where it makes no sense."""
    between = _between(given, directory, service)
    assignee = await _agent(act, given.number("userId"))
    creator = await _agent(act, given.number("createdBy"))
    return Wanted(
        service_id=service.id,
        agent_id=assignee,
        opened_by=None if creator is None else f"{ActorKind.AGENT}:{creator}",
        **_numbered(given.text("ticketNo"), service),
        between=between,
    )


async def _agent(act: Act, number: int | None) -> UUID | None:
    if number is None:
        return None
    for agent in await everyone(act):
        if agent.number == number:
            return agent.id
    raise _NoSuchTicket


def _between(given: Given, directory: Directory, service: Service) -> Between | None:
    """The date triple: all three or none; Invalid otherwise."""
    texts = [given.text(name) for name in _DATES]
    missing = [name for name, text in zip(_DATES, texts, strict=True) if text is None]
    if len(missing) == len(_DATES):
        return None
    if missing:
        raise Invalid(field=missing[0], reason="dateFrom, dateTo and dateField go together")
    first, last, field = (text or "" for text in texts)
    if field not in MOMENTS:
        raise Invalid(field="dateField", reason=f"one of {', '.join(MOMENTS)}")
    zone = zone_of(directory, service)
    bounds = since("dateFrom", first, zone), until("dateTo", last, zone)
    moment = MOMENTS[field]
    if moment is None:
        raise _NoSuchTicket
    return Between(moment, *bounds)


def _numbered(text: str | None, service: Service) -> dict[str, Any]:
    """Which case a ticket's number means; one that is not of this project is nobody's."""
    if text is None:
        return {}
    ours = _OURS.fullmatch(text)
    if ours is None or int(ours[1]) != service.number:
        raise _NoSuchTicket
    try:
        day, number = date.fromisoformat(ours[2]), number_in(ours[3])
    except ValueError:
        raise _NoSuchTicket from None
    return {"number": number} if number is not None else {"series": (day, int(ours[3]))}


def _row(found: CaseList, case: Case) -> Ticket:
    details = found.details.get(case.id) or Details(case.organization_id, case.id)
    said = say_ticket(
        case,
        details,
        found.directory,
        found.named,
        actor="",
        opened_again=found.opened_again.get(case.id),
    )
    zone = zone_of(found.directory, found.directory.services[case.service_id])
    first = {name: said[name] for name in ("ticketId", "ticketNo", "type")}
    mails = {name: None for name, moment in MOMENTS.items() if moment is None}
    closed = say_time(case.ended_at, zone)
    return {**first, **said, "cc": details.cc, **mails, "lastCloseTime": closed}
