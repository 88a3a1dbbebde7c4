"""Times that can be booked: of a week day by day, in one list, held (reference 2.6, 2.10)."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from nowserving.actions.act import Act
from nowserving.actions.bookings import hold
from nowserving.actions.directory import seen_directory
from nowserving.actions.rebooking import time_at
from nowserving.actions.vacancies import Vacancy, bookable, days_with_vacancies
from nowserving.bookings.calendar import Calendar
from nowserving.dialects.qflow.ask import Ask
from nowserving.dialects.qflow.binding import Bound, invalid
from nowserving.dialects.qflow.looking import (
    kind_of,
    kind_referred,
    needed_date,
    service_of,
    service_referred,
)
from nowserving.dialects.qflow.models import RESERVATION, TIMES_QUERY
from nowserving.dialects.qflow.say import say_at
from nowserving.places.directory import Directory
from nowserving.places.services import Service, ServiceType

DAYS = 7
TIMES_AT_MOST = 5000
_WHOLE = ("UnitExtRef", "ServiceExtRef", "AppointmentTypeExtRef")


async def week_times(ask: Ask) -> Any:
    """The calendars of the week in which a day lies, with what is free in each."""
    given = ask.query(TIMES_QUERY)
    async with ask.acting() as act:
        directory, service, kind = await _asked(act, given)
        first = _first(act, given, directory, service)
        first -= timedelta(days=first.weekday())
        free = await _free(act, service, kind, first, DAYS)
        last = first + timedelta(days=DAYS - 1)
        calendars = await act.look.calendars.of(service.id, first, last)
        return [_say_day(one, free.get(one.id, []), kind) for one in calendars]


async def times(ask: Ask) -> Any:
    """What is free from a day on, in one list in order of time."""
    given = ask.query(TIMES_QUERY)
    async with ask.acting() as act:
        directory, service, kind = await _asked(act, given)
        first = _first(act, given, directory, service)
        days = given.maybe("Days") or DAYS
        if (end := given.instant("EndDate")) is not None:
            days = (end.date() - first).days + 1
            if not 1 <= days <= 366:
                raise invalid(given.model, "EndDate", "The field EndDate is out of range.")
        free = await _free(act, service, kind, first, days)
        zone = directory.unit(service.unit_id).zone
        ordered = sorted(
            (one for found in free.values() for one in found),
            key=lambda one: (one.starts_at, one.calendar.index),
        )
        return [
            {
                "CalendarId": _number(one.calendar),
                "AppointmentDateTime": say_at(one.starts_at, zone),
                "StartTime": one.start,
                "Duration": one.minutes,
                "ServiceId": service.number,
                "AppointmentTypeId": kind.number,
            }
            for one in ordered[:TIMES_AT_MOST]
        ]


async def reserve(ask: Ask) -> Any:
    """Ours: hold a time for somebody who is still filling in a form."""
    given = ask.body(RESERVATION)
    at = needed_date(given, "AppointmentDateTime")

    async def do(act: Act) -> dict[str, Any]:
        directory, service = await service_of(act, given)
        kind = kind_of(directory, service, given)
        time = await time_at(act, service_id=service.id, type_id=kind.id, at=at)
        held = await hold(
            act,
            calendar_id=time.calendar_id,
            type_id=kind.id,
            start=time.start,
            numbered=True,
        )
        zone = directory.unit(service.unit_id).zone
        return {
            "ReservedSlotId": held.number,
            "ServiceId": service.number,
            "AppointmentTypeId": kind.number,
            "StartTime": held.start,
            "Duration": held.minutes,
            "ReservedUntil": say_at(held.until, zone),
        }

    return await ask.do(do)


async def _asked(act: Act, given: Bound) -> tuple[Directory, Service, ServiceType]:
    """By ids or by external references, as the query has them."""
    if given.integer("ServiceId") == 0 and given.given & set(_WHOLE):
        directory = await seen_directory(act)
        service = service_referred(directory, given)
        return directory, service, kind_referred(directory, service, given)
    if given.instant("StartDate") is None:
        raise invalid(given.model, "StartDate", "The StartDate field is required.")
    directory, service = await service_of(act, given)
    return directory, service, kind_of(directory, service, given)


def _first(act: Act, given: Bound, directory: Directory, service: Service) -> date:
    zone = directory.unit(service.unit_id).zone
    if given.instant("StartDate") is None:
        return act.now.astimezone(zone).date()
    at: datetime = needed_date(given, "StartDate")
    return (at.astimezone(zone) if at.tzinfo else at).date()


async def _free(
    act: Act, service: Service, kind: ServiceType, first: date, days: int
) -> Mapping[Any, list[Vacancy]]:
    asked = await bookable(act, service.id, kind.id)
    found: dict[Any, list[Vacancy]] = {}
    async for _, of_day in days_with_vacancies(act, asked, first, days):
        for one in of_day:
            found.setdefault(one.calendar.id, []).append(one)
    return found


def _say_day(calendar: Calendar, free: list[Vacancy], kind: ServiceType) -> dict[str, Any]:
    opens = min((span.start for span in calendar.hours), default=0)
    closes = max((span.end for span in calendar.hours), default=0)
    return {
        "BookingsReservationsAndLocks": None,
        "Date": say_day(calendar.day),
        "StartTimeForDay": _clock(opens),
        "EndTimeForDay": _clock(closes),
        "DefaultAppointmentDuration": kind.minutes,
        "CalendarId": _number(calendar),
        "DaySlots": {
            "SlotItems": [
                {
                    "StartTime": one.start,
                    "Duration": one.minutes,
                    "Status": "Vacant",
                    "OrdinalNumber": at,
                }
                for at, one in enumerate(free, 1)
            ]
        },
        "MaxSimultaneousAppointments": calendar.capacity,
    }


def say_day(day: date) -> str:
    """A day as the framework says it: midnight without an offset."""
    return f"{day:%Y-%m-%d}T00:00:00"


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _number(calendar: Calendar) -> int:
    """A number for a calendar, that nothing is asked by: its day and its index in it."""
    return calendar.day.toordinal() * 1000 + calendar.index % 1000
