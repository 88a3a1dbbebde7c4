"""Appointments: seen, made, moved, called off, checked in for (reference 2.4, 3.4, 3.5)."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from nowserving.actions import bookings
from nowserving.actions.act import Act
from nowserving.actions.arriving import arrive, next_called, next_of_customer
from nowserving.actions.booking_order import Booked
from nowserving.actions.case_lists import case_numbered
from nowserving.actions.rebooking import rebook, time_at
from nowserving.cases.admission import Request
from nowserving.dialects.qflow.ask import Ask
from nowserving.dialects.qflow.binding import Bound, invalid
from nowserving.dialects.qflow.cases import case_of
from nowserving.dialects.qflow.kept import NAME, classified, kept_of, properties
from nowserving.dialects.qflow.looking import (
    customer_numbered,
    customer_of,
    customer_with,
    kind_of,
    needed_date,
    reason_of,
    service_of,
)
from nowserving.dialects.qflow.models import (
    APPOINTMENT_CANCEL,
    APPOINTMENT_CREATION,
    APPOINTMENT_ENQUEUE,
    APPOINTMENT_EXT_REF_ENQUEUE,
    APPOINTMENT_RESCHEDULE,
    APPOINTMENTS_QUERY,
)
from nowserving.dialects.qflow.paging import page_of
from nowserving.dialects.qflow.say import say_appointment, say_at, say_case, sight_of
from nowserving.dialects.qflow.words import ENQUEUED_AS
from nowserving.people.permissions import Permission

DAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")
DAYS_TO_SEARCH = 30
"""Where a client does not say how far to look."""


async def see_appointment(ask: Ask) -> Any:
    """An appointment by its process id."""
    async with ask.acting() as act:
        case = await case_numbered(act, number=ask.number())
        booked = await bookings.see_appointment(act, case_id=case.id)
        return say_appointment(await sight_of(act, booked.case), booked.appointment)


async def find_appointments(ask: Ask) -> Any:
    """Ours: the appointments of a customer in some time, a page of them."""
    given = ask.query(APPOINTMENTS_QUERY)
    async with ask.acting() as act:
        customer = await customer_numbered(act, given, given.integer("CustomerId"))
        since = _utc(given.instant("From")) or act.now
        until = _utc(given.instant("To")) or since + timedelta(days=366)
        found = []
        for unit in (await act.directory()).units.values():
            if act.actor.may(Permission.SEE_LINE, at=unit.id):
                found += await act.look.appointments.of_customer(unit.id, customer.id, since, until)
        found.sort(key=lambda one: (one[0].starts_at, one[0].case_id))
        page = page_of(given, len(found))
        said = [
            say_appointment(await sight_of(act, case), seat)
            for seat, case in found[page.skip : page.skip + page.limit]
        ]
        return page.envelope("appointmentResults", said)


async def create(ask: Ask) -> Any:
    """Book a time or, with BookFirstAvailable, the first there is."""
    given = ask.body(APPOINTMENT_CREATION)
    at = needed_date(given, "AppointmentDateTime")

    async def do(act: Act) -> Booked:
        return await _book(act, given, at)

    return await ask.do(do, lambda booked: _say_creation(given, booked))


async def reschedule(ask: Ask) -> Any:
    """Book an appointment anew at another time; it has a new process, and the old one ends."""
    given = ask.body(APPOINTMENT_RESCHEDULE)
    at = needed_date(given, "AppointmentDateTime")

    async def do(act: Act) -> dict[str, Any]:
        return await _reschedule(act, given, at)

    return await ask.do(do)


async def cancel(ask: Ask) -> Any:
    """Call an appointment off; its time is free again."""
    given = ask.body_or_query(APPOINTMENT_CANCEL)

    async def do(act: Act) -> dict[str, Any]:
        case = await case_of(act, given)
        reason = reason_of(await act.directory(), given)
        await bookings.cancel(act, case_id=case.id, reason=reason)
        return {
            "ProcessId": case.number,
            "UserId": given.integer("UserId"),
            "CancellationReasonId": given.integer("CancellationReasonId"),
            "CancellationReasonExtRef": given.text("CancellationReasonExtRef"),
            "CancellationComment": given.text("CancellationComment"),
        }

    return await ask.do(do)


async def check_in(ask: Ask) -> Any:
    """Somebody is here: by process, else by case, else by personal id for the next of today."""
    given = ask.body(APPOINTMENT_ENQUEUE)

    async def do(act: Act) -> dict[str, Any]:
        personal_id = given.text("PersonalId")
        if personal_id and not (given.maybe("ProcessId") or given.maybe("CaseId")):
            customer_id = await customer_with(act, personal_id, 0, None)
            case_id = await next_of_customer(act, customer_id=customer_id)
        else:
            case_id = (await case_of(act, given)).id
        return await _arrive(act, given, case_id)

    return await ask.do(do)


async def check_in_ext_ref(ask: Ask) -> Any:
    """Somebody is here: by the external reference of the case, else by personal id."""
    given = ask.body(APPOINTMENT_EXT_REF_ENQUEUE)

    async def do(act: Act) -> dict[str, Any]:
        if reference := given.text("ExtRef"):
            case_id = await next_called(act, reference=reference)
        elif personal_id := given.text("PersonalId"):
            kind = given.text("PersonalIdTypeExtRef")
            customer_id = await customer_with(act, personal_id, 0, kind)
            case_id = await next_of_customer(act, customer_id=customer_id)
        else:
            raise invalid(given.model, "ExtRef", "ExtRef or PersonalId is required.")
        return await _arrive(act, given, case_id)

    return await ask.do(do)


async def _arrive(act: Act, given: Bound, case_id: UUID) -> dict[str, Any]:
    arrived = await arrive(act, case_id=case_id, override=given.flag("ForceEarlyLate"))
    said = say_case(await sight_of(act, arrived.case))
    return {**said, "AppointmentEnqueueResult": ENQUEUED_AS[arrived.punctuality]}


async def _book(act: Act, given: Bound, at: datetime) -> Booked:
    directory, service = await service_of(act, given)
    customer_id = await customer_of(act, given)
    if customer_id is None:
        raise invalid(given.model, "CustomerId", "The CustomerId field is required.")
    kept: dict[str, Any] = {}
    if codes := classified(directory, given.texts("Classifications"), "Classifications"):
        kept["classifications"] = codes
    if reference := given.text("ExtRef"):
        kept["ext_ref"] = reference
    request = Request(
        service_id=service.id,
        type_id=kind_of(directory, service, given).id,
        language=given.text("LanguageCode"),
        customer_id=customer_id,
        fields=properties(directory, service, given),
        title=given.text("Subject"),
        description=given.text("Notes"),
        reference=given.text("ExtRef"),
        extras={NAME: kept} if kept else {},
    )
    if given.flag("BookFirstAvailable"):
        zone = directory.unit(service.unit_id).zone
        return await bookings.book_first_available(
            act,
            request,
            first=(at.astimezone(zone) if at.tzinfo else at).date(),
            days=given.integer("DaysToSearch") or DAYS_TO_SEARCH,
            weekdays=[n for n, day in enumerate(DAYS) if given.flag(f"BookFirstAvail{day}")],
        )
    time = await time_at(
        act,
        service_id=service.id,
        type_id=request.type_id,
        at=at,
        hold_number=_slot(given),
    )
    return await bookings.book(
        act, request, calendar_id=time.calendar_id, start=time.start, hold_id=time.hold_id
    )


async def _reschedule(act: Act, given: Bound, at: datetime) -> dict[str, Any]:
    case = await case_of(act, _named(given, "OriginalProcessId"))
    directory = await act.directory()
    service = directory.services[case.service_id]
    if given.integer("ServiceId"):
        directory, service = await service_of(act, given)
    type_id = case.type_id if service.id == case.service_id else None
    if given.integer("AppointmentTypeId") or type_id is None:
        type_id = kind_of(directory, service, given).id
    changes: dict[str, Any] = {
        "service_id": service.id,
        "type_id": type_id,
        "description": given.text("Notes"),
    }
    if subject := given.text("Subject"):
        changes["title"] = subject
    if reference := given.text("ExtRef"):
        changes["reference"] = reference
        changes["extras"] = {**case.extras, NAME: {**kept_of(case), "ext_ref": reference}}
    time = await time_at(
        act, service_id=service.id, type_id=type_id, at=at, hold_number=_slot(given)
    )
    reason = reason_of(directory, given)
    booked = await rebook(act, case_id=case.id, time=time, changes=changes, reason=reason)
    new = booked.case
    return {
        "OriginalProcessId": case.number,
        "CancellationReasonId": given.integer("CancellationReasonId"),
        "CancellationComment": given.text("CancellationComment"),
        "ProcessId": new.number,
        "CaseId": new.number,
        "AppointmentDateTime": say_at(booked.appointment.starts_at, _zone(booked)),
        "ServiceId": service.number,
        "AppointmentTypeId": directory.types[type_id].number,
        "Subject": booked.details.title,
        "Notes": booked.details.description,
        "ExtRef": kept_of(new).get("ext_ref"),
        "ReservedSlotId": given.integer("ReservedSlotId"),
        "UserId": given.integer("UserId"),
    }


def _say_creation(given: Bound, booked: Booked) -> dict[str, Any]:
    case, directory = booked.case, booked.directory
    return {
        "ProcessId": case.number,
        "CaseId": case.number,
        "ServiceId": directory.services[case.service_id].number,
        "AppointmentDateTime": say_at(booked.appointment.starts_at, _zone(booked)),
        "CustomerId": given.integer("CustomerId"),
        "AppointmentTypeId": directory.types[case.type_id].number,
        "Subject": given.text("Subject"),
        "Notes": given.text("Notes"),
        "ExtRef": given.text("ExtRef"),
        "Classifications": given.texts("Classifications"),
        "LanguageCode": given.text("LanguageCode"),
        "ReservedSlotId": given.integer("ReservedSlotId"),
        "UserId": given.integer("UserId"),
        "BookFirstAvailable": given.flag("BookFirstAvailable"),
        "DaysToSearch": given.integer("DaysToSearch"),
        **{f"BookFirstAvail{day}": given.flag(f"BookFirstAvail{day}") for day in DAYS},
        "CustomProperties": given.properties("CustomProperties") or None,
    }


def _slot(given: Bound) -> int | None:
    return given.integer("ReservedSlotId") or None


def _named(given: Bound, member: str) -> Bound:
    """The body, with the number of the original where the process stands elsewhere."""
    return Bound(given.model, {"ProcessId": given.integer(member)}, given.given)


def _zone(booked: Booked) -> ZoneInfo:
    return booked.directory.units[booked.case.unit_id].zone


def _utc(at: datetime | None) -> datetime | None:
    """An instant of a query; without an offset it is in UTC."""
    if at is None or not 1900 <= at.year <= 9000:
        return None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
