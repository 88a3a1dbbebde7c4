"""Appointments Management: booking, listing and canceling appointments.

The page of Cancel was never seen: both of its addresses are ours.
"""

from functools import partial
from typing import Any
from uuid import UUID

from litestar import delete, get, post
from litestar.types import ASGIApp

from nowserving.actions import bookings, calendars
from nowserving.actions.act import Act
from nowserving.actions.booking_order import Booked
from nowserving.actions.customer_records import title_of
from nowserving.actions.doorway import Doorway, doorway
from nowserving.bookings.appointment import Appointment
from nowserving.bookings.calendar import Calendar
from nowserving.cases.admission import Request
from nowserving.cases.case import NO_NUMBER, Case
from nowserving.dialects.cubu.calendars import (
    CALENDAR,
    calendar_in,
    in_query,
    place_in_path,
    say_number,
)
from nowserving.dialects.cubu.caller import caller
from nowserving.dialects.cubu.cases import read_request
from nowserving.dialects.cubu.consoles import say_user
from nowserving.dialects.cubu.doing import done, in_path, nothing, said, shown, wire_of
from nowserving.dialects.cubu.failures import words_here
from nowserving.dialects.cubu.serving import say_customer, say_ticket
from nowserving.dialects.cubu.wire import Wire, say_day, say_instant, say_local, say_second
from nowserving.dialects.cubu.words import CHANNEL_OF, STATUS_OF
from nowserving.dialects.cubu.zones import windows_name
from nowserving.kit.http import AnyRequest, Reply
from nowserving.kit.problems import Invalid, NotFound
from nowserving.people.staff import Agent
from nowserving.places.directory import Directory

APPOINTMENT = f"{CALENDAR}/appointments/{{case_id:str}}"
_FIELDS = {"start": "startTime"}


@post(f"{CALENDAR}/appointments")
async def book_appointment(request: AnyRequest) -> ASGIApp:
    """Book Appointment."""
    actor = await caller(request)
    words_here(request, {}, _FIELDS)
    place = place_in_path(request)
    wire, body = await wire_of(request)
    asked, start = read_request(wire, place[0]), _start(wire)
    words_here(request, {}, {**_FIELDS, "language": wire.called("language", "locale")})
    bypass, staff_only = wire.flag("bypassTimeslotCheck"), wire.flag("preventSelfCheckIn")

    async def do(act: Act) -> Booked:
        calendar = (await calendar_in(act, place)).calendar
        return await _book(act, asked, calendar, start, bypass=bypass, staff_only=staff_only)

    return await done(request, actor, do, partial(_say_booked, doorway(request)), body)


@get(f"{CALENDAR}/appointments")
async def list_appointments(request: AnyRequest) -> ASGIApp:
    """List Appointments in Calendar."""
    actor = await caller(request)
    place = place_in_path(request)
    customer_id = in_query(request, "customerRecordId")

    async def ask(act: Act) -> list[dict[str, Any]]:
        sight = await calendar_in(act, place)
        found = await calendars.appointments_in(act, calendar_id=sight.calendar.id)
        people = {one.id: one for one in await act.look.people.everyone()}
        return [
            await _say_case(act, sight.calendar, appointment, case, people)
            for appointment, case in found
            if customer_id in (None, case.customer_id)
        ]

    return await shown(request, actor, ask)


@delete(APPOINTMENT, status_code=200)
async def delete_appointment(request: AnyRequest) -> ASGIApp:
    """Cancel Appointment, at an address of ours."""
    return await _cancel(request)


@post(f"{APPOINTMENT}/actions/cancel")
async def cancel_appointment(request: AnyRequest) -> ASGIApp:
    """Cancel Appointment, at another address of ours."""
    return await _cancel(request)


async def _cancel(request: AnyRequest) -> ASGIApp:
    actor = await caller(request)
    place, case_id = place_in_path(request), in_path(request, "case_id")
    _, body = await wire_of(request)

    async def do(act: Act) -> Case:
        calendar = (await calendar_in(act, place)).calendar
        booked = await bookings.see_appointment(act, case_id=case_id)
        if booked.calendar.id != calendar.id:
            raise NotFound(what="appointment", id=case_id)
        return await bookings.cancel(act, case_id=case_id)

    return await done(request, actor, do, nothing, body)


async def _book(
    act: Act, asked: Request, calendar: Calendar, start: int, *, bypass: bool, staff_only: bool
) -> Booked:
    return await bookings.book(
        act,
        asked,
        calendar_id=calendar.id,
        start=start,
        bypass=bypass,
        staff_only=staff_only,
    )


def _start(wire: Wire) -> int:
    start = wire.number("startTime")
    if start is None:
        raise Invalid(field="startTime", reason="startTime is missing")
    return start


def _say_booked(here: Doorway, booked: Booked) -> Reply:
    """The 201, whose form was never seen: that of Queue Up, and the appointment."""
    case, directory = booked.case, booked.directory
    return said(
        201,
        {
            "caseId": case.id,
            "status": STATUS_OF[case.state],
            "referenceDate": say_instant(case.reference_at),
            "inboxId": case.queue_id,
            "inboxName": directory.queue(case.queue_id).name,
            "channel": CHANNEL_OF[case.channel],
            "language": case.language,
            "ticket": _say_ticket(case),
            "queueTimestamp": say_instant(case.joined_at),
            "position": None,
            "calendarTimestamp": say_instant(booked.calendar.changed_at),
            "ticketUrl": here.ticket_url(directory.organization, case, booked.link),
            "appointment": _say_seat(directory, booked.calendar, booked.appointment),
        },
    )


def _say_seat(directory: Directory, calendar: Calendar, seat: Appointment) -> dict[str, Any]:
    unit = directory.unit(seat.unit_id)
    return {
        "serviceId": calendar.service_id,
        "date": say_day(seat.day),
        "cuIndex": calendar.index,
        "start": seat.start,
        "timeLocal": say_local(seat.starts_at.astimezone(unit.zone)),
        "timeUtc": say_second(seat.starts_at),
        "timeZoneId": windows_name(unit.time_zone),
        "duration": seat.minutes,
        "noShowProbability": say_number(seat.no_show_percent / 100),
        "reservationToken": None,
        "reservationExpiryDate": None,
    }


def _say_ticket(case: Case) -> dict[str, Any] | None:
    return None if case.ticket_number == NO_NUMBER else say_ticket(case)


async def _say_case(
    act: Act, calendar: Calendar, seat: Appointment, case: Case, people: dict[UUID, Agent]
) -> dict[str, Any]:
    directory, kind = await act.directory(), (await act.directory()).types[case.type_id]
    details = await act.look.cases.details(case.id)
    customer = await act.look.people.customer(case.customer_id) if case.customer_id else None
    title = await title_of(act, customer) if customer else ""
    return {
        "caseId": case.id,
        "appointment": _say_seat(directory, calendar, seat),
        "ticket": _say_ticket(case),
        "serviceCategoryId": case.category_id,
        "serviceCategoryName": directory.categories[case.category_id].name,
        "serviceTypeId": case.type_id,
        "serviceTypeName": kind.name,
        "serviceTypeColorCode": kind.color,
        "status": STATUS_OF[case.state],
        "statusDate": say_instant(case.state_at),
        "referenceDate": say_second(case.reference_at),
        "dateOpened": say_instant(case.opened_at),
        "dateClosed": case.ended_at and say_instant(case.ended_at),
        "assignedTo": say_user(people.get(case.assigned_to or case.id)),
        "lockedBy": say_user(people.get(case.agent_id or case.id)),
        "customer": customer and say_customer(directory, customer, title),
        "onlineMeeting": None,
        "channel": CHANNEL_OF[case.channel],
        "language": case.language,
        "contactPhoneNumber": details.phone,
        "contactEmail": details.email,
        "fields": details.fields,
        "tags": list(case.tag_ids),
        "preventSelfCheckIn": seat.staff_only,
    }
