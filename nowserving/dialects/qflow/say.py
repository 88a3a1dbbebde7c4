"""Cases and appointments in Q-Flow's words (reference/qflow.md 2.3, 2.4)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from nowserving.actions.act import Act
from nowserving.actions.case_lists import named_in
from nowserving.actions.customers import keys_of, seen_by
from nowserving.actions.rebooking import REBOOKED_AS
from nowserving.bookings.appointment import Appointment
from nowserving.cases.case import Case, Details
from nowserving.cases.moves import State
from nowserving.dialects.qflow.binding import say_date
from nowserving.dialects.qflow.kept import kept_of
from nowserving.dialects.qflow.people import say_customer
from nowserving.dialects.qflow.words import (
    ACTION_OF,
    ACTIVE,
    CLOSED,
    OTHER_ACTION,
    PROCESS_PENDING,
    RESCHEDULED,
    RESOLUTION_OF,
    STATUS_OF,
    Numbered,
)
from nowserving.people.customers import Customer
from nowserving.people.permissions import Permission
from nowserving.people.staff import Agent
from nowserving.places.directory import Directory
from nowserving.places.organization import Unit


@dataclass(frozen=True, slots=True)
class Sight:
    """A case with all that Q-Flow says of it."""

    case: Case
    details: Details
    directory: Directory
    customer: Customer | None
    keys: Mapping[str, str]
    agent: Agent | None
    last_fact: tuple[str, datetime] | None

    @property
    def unit(self) -> Unit:
        """Where the case is."""
        return self.directory.units[self.case.unit_id]


async def sight_of(act: Act, case: Case) -> Sight:
    """A case with all that belongs to it, for whoever may see the line."""
    act.must(Permission.SEE_LINE, at=case.unit_id, case=case.id)
    ids = [case.customer_id] if case.customer_id else []
    facts = await act.look.journal.of(case.id, after=case.version - 1, most=1)
    named = await named_in(act.look, [case])
    customers = await seen_by(act, list((await act.look.case_lists.whole_customers(ids)).values()))
    agent_id = case.agent_id or case.assigned_to
    return Sight(
        case=case,
        details=await act.look.cases.details(case.id),
        directory=await act.directory(),
        customer=next(iter(customers), None),
        keys=next(iter((await keys_of(act, ids)).values()), {}),
        agent=named.agents.get(agent_id) if agent_id else None,
        last_fact=(facts[-1].kind, facts[-1].at) if facts else None,
    )


def say_case(sight: Sight) -> dict[str, Any]:
    """A CaseDetail. Behind EntityStatus stands what is ours."""
    case, service = sight.case, sight.directory.services[sight.case.service_id]
    zone, server = sight.unit.zone, sight.directory.organization.zone
    status, process = _closed(case)
    action = ACTION_OF.get(sight.last_fact[0], OTHER_ACTION) if sight.last_fact else OTHER_ACTION
    entity = STATUS_OF[case.state]
    kept = kept_of(case)
    return {
        "CaseId": case.number,
        "ProcessId": case.number,
        "ProcessGuid": str(case.id),
        "Ticket": ticket_of(case),
        "CaseDateCreated": say_at(case.opened_at, server),
        "ReferenceDate": say_at(case.reference_at, zone),
        "ArrivalTime": say_at(None if case.state is State.PLANNED else case.joined_at, zone),
        "LastUpdated": say_at(sight.last_fact[1] if sight.last_fact else case.state_at, server),
        "TimeZoneOffset": offset_of(case.reference_at, zone, server),
        "CaseStatus": status.number,
        "CaseStatusDesc": status.name,
        "ProcessStatus": process.number,
        "ProcessStatusDesc": process.name,
        "Subject": _cut(sight.details.title, 150),
        "ExtRef": _ext_ref(sight),
        "Customer": say_person(sight),
        **_say_agent(sight),
        "ServiceId": service.number,
        "ServiceName": _cut(service.name, 50),
        "ServiceDesc": _cut(service.name, 50),
        "Action": action.number,
        "ActionDesc": action.name,
        "EntityStatus": entity.number,
        "EntityStatusDesc": entity.name,
        "UnitId": sight.unit.number,
        "UnitName": _cut(sight.unit.name, 50),
        "Notes": sight.details.description,
        "Classifications": kept.get("classifications", []),
        "ProcedureExtRef": kept.get("procedure"),
        "ProcedureOptionExtRef": kept.get("option"),
        "CustomProperties": say_properties(sight.directory, sight.details),
    }


def say_appointment(sight: Sight, seat: Appointment) -> dict[str, Any]:
    """An Appointment."""
    case, unit, directory = sight.case, sight.unit, sight.directory
    service, kind = directory.services[case.service_id], directory.types[case.type_id]
    server = directory.organization.zone
    resolution = _resolution(case)
    status = STATUS_OF[case.state]
    return {
        "AppointmentId": case.number,
        "CaseId": case.number,
        "ProcessId": case.number,
        "ProcessGuid": str(case.id),
        "CreatedDate": say_at(case.opened_at, server),
        "AppointmentDate": say_at(seat.starts_at, unit.zone),
        "ArrivalDate": say_at(seat.arrived_at, unit.zone),
        "TimeZoneOffset": offset_of(seat.starts_at, unit.zone, server),
        "AppointmentTypeId": kind.number,
        "AppointmentTypeName": _cut(kind.name, 50),
        "Duration": seat.minutes,
        "AppointmentTypeExtRef": str(kind.number),
        "CaseExtRef": _ext_ref(sight),
        "Subject": _cut(sight.details.title, 150),
        "CurrentEntityStatus": status.number,
        "CurrentEntityStatusDesc": status.name,
        "Resolution": resolution.number if resolution else None,
        "ResolutionDesc": resolution.name if resolution else None,
        "ServiceId": service.number,
        "ServiceName": _cut(service.name, 50),
        "ServiceExtRef": service.ext_ref or None,
        "UnitId": unit.number,
        "UnitName": _cut(unit.name, 50),
        "UnitPath": path_of(directory, unit)[:150],
        "UnitExtRef": unit.ext_ref or None,
        "UnitAddress": _cut(unit.address, 250),
        "Customer": say_person(sight),
        "Notes": sight.details.description,
        "Classifications": kept_of(case).get("classifications", []),
        "CustomProperties": say_properties(directory, sight.details),
    }


def say_person(sight: Sight) -> dict[str, Any] | None:
    """The customer of a case, if there is one."""
    if sight.customer is None:
        return None
    return say_customer(sight.directory, sight.customer, sight.keys)


def say_properties(directory: Directory, details: Details) -> dict[str, str]:
    """The fields of a case by their names, alphabetically."""
    names = {str(field.id): field.name for field in directory.fields.values()}
    said = {names[id]: str(value) for id, value in details.fields.items() if id in names}
    return dict(sorted(said.items()))


def ticket_of(case: Case) -> str:
    """The number called out; what stands in no line has none."""
    return str(case.ticket)[:20] if case.lined else ""


def path_of(directory: Directory, unit: Unit) -> str:
    """The names from the root to a unit, each behind a backslash."""
    names, above = [unit.name], unit.parent_id
    while above is not None and len(names) < 50:
        names.append(directory.units[above].name)
        above = directory.units[above].parent_id
    return "".join(f"\\{name}" for name in reversed(names))


def say_at(at: datetime | None, zone: ZoneInfo) -> str | None:
    """An instant on the clock of a zone."""
    return None if at is None else say_date(at.astimezone(zone))


def offset_of(at: datetime, zone: ZoneInfo, server: ZoneInfo) -> int:
    """Minutes by which a unit's clock is before the server's."""
    here, there = at.astimezone(zone).utcoffset(), at.astimezone(server).utcoffset()
    assert here is not None
    assert there is not None
    return int((here - there).total_seconds()) // 60


def _closed(case: Case) -> tuple[Numbered, Numbered]:
    if case.state.over:
        return CLOSED, CLOSED
    return ACTIVE, PROCESS_PENDING if case.state is State.PENDING else ACTIVE


def _resolution(case: Case) -> Numbered | None:
    if case.state is State.CANCELED and REBOOKED_AS in case.extras:
        return RESCHEDULED
    return RESOLUTION_OF.get(case.state)


def _say_agent(sight: Sight) -> dict[str, str | None]:
    if sight.agent is None:
        names = ("UserName", "UserFirstName", "UserLastName", "UserServedName")
        return dict.fromkeys(names)
    first, _, last = sight.agent.name.rpartition(" ")
    return {
        "UserName": sight.agent.login[:250],
        "UserFirstName": first[:25] or None,
        "UserLastName": last[:25],
        "UserServedName": sight.agent.name[:51] if sight.case.started_at else None,
    }


def _ext_ref(sight: Sight) -> str | None:
    reference: str | None = kept_of(sight.case).get("ext_ref")
    return reference


def _cut(text: str | None, most: int) -> str | None:
    return None if text is None else text[:most]
