"""Appointments Management: the calendars of a service, and what can be booked in one."""

from datetime import date
from typing import Any
from uuid import UUID

from litestar import get
from litestar.types import ASGIApp

from nowserving.actions import calendars
from nowserving.actions.act import Act
from nowserving.actions.calendars import CalendarSight
from nowserving.actions.vacancies import kind_of, vacancies_in
from nowserving.bookings.calendar import Stats
from nowserving.dialects.cubu.caller import caller, id_in_path
from nowserving.dialects.cubu.consoles import say_user
from nowserving.dialects.cubu.doing import shown
from nowserving.dialects.cubu.wire import guid, say_day, say_instant
from nowserving.kit.http import AnyRequest
from nowserving.kit.problems import Invalid, NotFound
from nowserving.people.staff import Agent
from nowserving.places.data_tables import Contact

DAY = "/{application_id:str}/calendars/{service_id:str}/{day:str}"
CALENDAR = f"{DAY}/{{cu_index:str}}"


@get(DAY)
async def list_calendars(request: AnyRequest) -> ASGIApp:
    """List Calendars of a Service."""
    actor = await caller(request)
    service_id, day = id_in_path(request, "service_id"), day_in_path(request)

    async def ask(act: Act) -> list[dict[str, Any]]:
        found = await calendars.calendars_of(act, service_id=service_id, first=day, last=day)
        people = {one.id: one for one in await act.look.people.everyone()}
        return [_say(sight, people) for sight in found]

    return await shown(request, actor, ask)


@get(f"{CALENDAR}/vacancies")
async def list_vacancies(request: AnyRequest) -> ASGIApp:
    """List Vacancies in a Calendar."""
    actor = await caller(request)
    place = place_in_path(request)
    type_id = in_query(request, "serviceTypeId")
    if type_id is None:
        raise Invalid(field="serviceTypeId", reason="serviceTypeId is missing")

    async def ask(act: Act) -> dict[str, Any]:
        calendar = (await calendar_in(act, place)).calendar
        directory = await act.directory()
        kind = kind_of(directory, directory.service(calendar.service_id), type_id)
        found = await vacancies_in(act, calendar_id=calendar.id, type_id=type_id)
        return {
            "serviceTypeId": kind.id,
            "serviceTypeName": kind.name,
            "duration": kind.minutes,
            "slots": [one.start for one in found],
        }

    return await shown(request, actor, ask)


async def calendar_in(act: Act, place: tuple[UUID, date, int]) -> CalendarSight:
    """The calendar with a key; NotFound if there is none."""
    service_id, day, index = place
    return await calendars.calendar_at(act, service_id=service_id, day=day, index=index)


def place_in_path(request: AnyRequest) -> tuple[UUID, date, int]:
    """The key of a calendar in the address: service, day and capacity unit index."""
    index = request.path_params["cu_index"]
    if not (index.isascii() and index.isdigit() and len(index) <= 4):
        raise NotFound(what="calendar")
    return id_in_path(request, "service_id"), day_in_path(request), int(index)


def day_in_path(request: AnyRequest) -> date:
    """A day in the address, as YYYY-MM-DD; NotFound if it is none."""
    text = request.path_params["day"]
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise NotFound(what="day") from None
    if day.isoformat() != text:
        raise NotFound(what="day")
    return day


def in_query(request: AnyRequest, name: str) -> UUID | None:
    """A GUID in the query, its name in any case; Invalid if it is none."""
    for given, text in request.query_params.multi_items():
        if given.lower() == name.lower() and text:
            id = guid(text)
            if id is None:
                raise Invalid(field=name, reason=f"{name} must be a GUID")
            return id
    return None


def _say(sight: CalendarSight, people: dict[UUID, Agent]) -> dict[str, Any]:
    calendar, directory = sight.calendar, sight.directory
    service = directory.services[calendar.service_id]
    table, queue = directory.customers, directory.queue(service.queue_id)
    return {
        "serviceId": calendar.service_id,
        "date": say_day(calendar.day),
        "cuIndex": calendar.index,
        "calendarTimestamp": say_instant(calendar.changed_at),
        "serviceName": service.name,
        "serviceCategoryId": service.category_id,
        "serviceCategoryName": directory.categories[service.category_id].name,
        "isCustomerRequired": service.needs_customer,
        "customersDataTableId": table.id,
        "isPhoneNumberRequired": service.needs_phone,
        "phoneNumberFieldTypeId": table.contact(Contact.PHONE).id,
        "isEmailRequired": service.needs_email,
        "emailFieldTypeId": table.contact(Contact.EMAIL).id,
        "workingHours": [{"start": span.start, "end": span.end} for span in calendar.hours],
        "user": say_user(people.get(calendar.agent_id or calendar.id)),
        "allowAnonymousAgentBooking": sight.rules.anonymous,
        "inboxId": queue.id,
        "inboxName": queue.name,
        "isInAgentsBookingWindow": sight.in_agents_window,
        "agentsBookingActive": _open(sight, calendar.agents_active, sight.rules.agents.active),
        "isInSelfBookingWindow": sight.in_public_window,
        "selfBookingActive": _open(sight, calendar.public_active, sight.rules.public.active),
        "stats": _say_stats(calendar.stats),
        "isPastDate": sight.past,
        "issues": [],
    }


def _open(sight: CalendarSight, switched_on: bool, window_on: bool) -> bool:
    return switched_on and window_on and not sight.calendar.closed


def _say_stats(stats: Stats) -> dict[str, Any]:
    return {
        "appointmentCount": stats.appointments,
        "capacityMinutes": stats.capacity_minutes,
        "minutesBooked": stats.minutes,
        "bookingRate": say_number(stats.booking_rate),
        "compMinutesBooked": say_number(stats.compensated_minutes),
        "compBookingRate": say_number(stats.compensated_rate),
        "isFullyBooked": stats.full,
    }


def say_number(number: float) -> int | float:
    """A number without a point where it needs none: 12, and 12.5."""
    return int(number) if number == int(number) else round(number, 12)
