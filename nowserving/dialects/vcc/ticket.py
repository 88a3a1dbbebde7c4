"""A case as VCC Live tells a ticket: in the webhook, and in the rows of its Database API."""

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from nowserving.actions.case_lists import Named
from nowserving.cases.case import Case, Details
from nowserving.dialects.vcc.words import standing
from nowserving.people.actor import agent_named
from nowserving.people.staff import Agent
from nowserving.places.directory import Directory
from nowserving.places.services import Service

Ticket = dict[str, Any]

ALWAYS = ("ticketId", "ticketNo", "projectId", "projectName")
"""What an update says whatever has changed."""

BESIDE, PLACES = "9", 6
"""What stands before a case's number where it has no place in a series; digits of a place."""

PERSONAL = ("title", "description", "cc")
"""What is not in facts: of these it is only known that they were changed."""


def assigned(case: Case) -> UUID | None:
    """Whose ticket it is: who serves it, else who is to serve it, else who owns it."""
    return case.agent_id or case.assigned_to or case.owner_id


def say_ticket(
    case: Case,
    details: Details,
    directory: Directory,
    named: Named,
    *,
    actor: str,
    opened_again: datetime | None,
) -> Ticket:
    """A ticket with all documented keys; `cc`, which only some have, if it is set.

    `actor` is who did what is told; `opened_again` when the case was last taken up again.
    """
    service = directory.services[case.service_id]
    zone = zone_of(directory, service)
    agent = _agent(named, assigned(case))
    acting = agent or _agent(named, agent_named(actor))
    creator = _agent(named, agent_named(case.opened_by))
    outcome = directory.outcomes.get(case.outcome_id) if case.outcome_id else None
    stands = standing(case.state, successful=outcome.successful if outcome else None)
    customer = named.customers.get(case.customer_id) if case.customer_id else None
    said: Ticket = {
        "ticketId": case.number,
        "entityId": customer,
        "contactId": customer,
        "ticketNo": ticket_no(case, service, zone),
        "title": details.title,
        "type": directory.types[case.type_id].name,
        "description": details.description,
        "firstOpenTime": say_time(case.opened_at, zone),
        "lastOpenTime": say_time(opened_again or case.opened_at, zone),
        "softDeadline": say_time(case.due_at, zone),
        "status": stands.status,
        "subStatus": stands.sub_status,
        "createdUserId": creator and creator.number,
        "createdUserName": creator.name if creator else named.creators.get(case.opened_by),
        "projectId": service.number,
        "projectName": service.name,
        "agentName": agent and agent.name,
        "agentUserName": agent and agent.login,
        "userId": acting and acting.number,
    }
    return {**said, "cc": details.cc} if details.cc else said


def changes(before: Ticket, after: Ticket, corrected: frozenset[str]) -> Ticket:
    """What an update says; empty if nothing of a ticket has changed.

    `corrected`: the personal things that a correction says it has changed.
    """
    changed = {
        name: value
        for name, value in after.items()
        if (name in corrected if name in PERSONAL else value != before[name])
    }
    if "cc" in corrected and "cc" not in after:
        changed["cc"] = None
    return {**{name: after[name] for name in ALWAYS}, **changed} if changed else {}


def ticket_no(case: Case, service: Service, zone: ZoneInfo) -> str:
    """The number people quote, the same for the whole life of a case.

    A walk-in has service, day, and the place in that day's series. A case that began without
    such a place, a planned one or one that stands in no line, has the day on which it was
    opened, and 9 with the case's number.
    """
    if case.sequence > 0 and case.appointment_at is None:
        return f"{service.number}-{case.day:%Y%m%d}-{case.sequence:06d}"
    opened = case.opened_at.astimezone(zone)
    return f"{service.number}-{opened:%Y%m%d}-{BESIDE}{case.number:06d}"


def number_in(place: str) -> int | None:
    """The number of a case that began without a place, by the last part of its ticket's number."""
    return int(place[1:]) if len(place) > PLACES and place.startswith(BESIDE) else None


def zone_of(directory: Directory, service: Service) -> ZoneInfo:
    """The time zone of a project: that of the unit which offers the service."""
    return directory.units[service.unit_id].zone


def say_time(at: datetime | None, zone: ZoneInfo) -> str | None:
    """An instant by the clock of the project: 2024-02-15T15:46:46+01:00."""
    return None if at is None else at.astimezone(zone).isoformat(timespec="seconds")


def _agent(named: Named, id: UUID | None) -> Agent | None:
    return None if id is None else named.agents.get(id)
