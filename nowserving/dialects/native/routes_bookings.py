"""Appointments: holding and booking a time, moving and calling it off, arriving."""

from datetime import timedelta
from uuid import UUID

from msgspec import UNSET

from nowserving.actions import arrivals, bookings
from nowserving.actions.act import Act
from nowserving.actions.booking_order import Booked
from nowserving.actions.vacancies import known
from nowserving.bookings.calendar import CalendarClosed, HoldGone, SlotTaken
from nowserving.bookings.rules import (
    CheckInAtDesk,
    NotYourCalendar,
    OutsideWindow,
    TooEarlyToCheckIn,
    TooLateToCheckIn,
    TooShortNotice,
)
from nowserving.bookings.wall import instant_at
from nowserving.cases.admission import Request
from nowserving.cases.case import WrongState
from nowserving.dialects.native import orders as plain
from nowserving.dialects.native import orders_bookings as orders
from nowserving.dialects.native import say, shapes
from nowserving.dialects.native import say_bookings as saying
from nowserving.dialects.native import shapes_bookings as told
from nowserving.dialects.native.given import by_id
from nowserving.dialects.native.operations import Chapter
from nowserving.kit.problems import NotFound
from nowserving.places.hooks import HookRefused, NotConfirmed
from nowserving.places.needs import NotSuited, in_order
from nowserving.places.services import (
    ChannelNotOffered,
    CustomerRequired,
    EmailRequired,
    FieldRequired,
    LanguageNotOffered,
    NotByAppointment,
    PhoneRequired,
    TypeNotOffered,
)

CHAPTER = Chapter(
    "Appointments",
    "An appointment is a case with a booked time. No time is sold twice: whoever comes too late "
    "is answered `slot-taken` with the three nearest other times. Send an `Idempotency-Key`, "
    "so that a request that is repeated books once.",
)
_ID = "0198c0de-0000-7000-8000-000000000009"
_TIME = {"calendar_id": _ID, "start": 600}
_ASKED = (
    NotFound,
    NotByAppointment,
    TypeNotOffered,
    ChannelNotOffered,
    LanguageNotOffered,
    CustomerRequired,
    PhoneRequired,
    EmailRequired,
    FieldRequired,
    HookRefused,
    NotConfirmed,
)
_TAKEN = (
    SlotTaken,
    CalendarClosed,
    OutsideWindow,
    TooShortNotice,
    NotYourCalendar,
    NotSuited,
)
_MOVING = (WrongState, NotByAppointment, TypeNotOffered, HoldGone, HookRefused, NotConfirmed)
_ARRIVING = (
    NotFound,
    WrongState,
    NotByAppointment,
    TooEarlyToCheckIn,
    TooLateToCheckIn,
    CheckInAtDesk,
    HookRefused,
    NotConfirmed,
)


@CHAPTER.post(
    "/calendars/{calendar_id}/holds",
    status=201,
    raises=(*_TAKEN, NotByAppointment, TypeNotOffered),
    example={"start": 600},
)
async def hold_time(act: Act, calendar_id: UUID, order: orders.HoldTime) -> told.HeldTime:
    """Keep a time for somebody who is still filling in a form."""
    held = await bookings.hold(
        act,
        calendar_id=calendar_id,
        type_id=order.type_id,
        start=order.start,
        needs=in_order(order.needs),
    )
    return say.like(held, told.HeldTime)


@CHAPTER.post("/holds/{hold_id}/longer", raises=(HoldGone,), example={"minutes": 5})
async def hold_longer(act: Act, hold_id: UUID, order: orders.HoldLonger) -> told.HeldTime:
    """Keep a time that is held for longer."""
    held = await bookings.hold_longer(act, hold_id=hold_id, minutes=order.minutes)
    return say.like(held, told.HeldTime)


@CHAPTER.post("/holds/{hold_id}/release", raises=(HoldGone,))
async def release_hold(act: Act, hold_id: UUID) -> None:
    """Give a time back that was held."""
    await bookings.release(act, hold_id=hold_id)


@CHAPTER.post(
    "/appointments",
    say=saying.booked,
    status=201,
    at=lambda booked: f"/appointments/{booked.case.id}",
    raises=(*_ASKED, *_TAKEN, HoldGone),
    example={**_TIME, "name": "Ada"},
)
async def book(act: Act, order: orders.Book) -> Booked:
    """Book a time in a calendar."""
    return await bookings.book(
        act,
        await _at(act, order.calendar_id, order),
        calendar_id=order.calendar_id,
        start=order.start,
        hold_id=order.hold_id,
        bypass=order.bypass,
        staff_only=order.staff_only,
    )


@CHAPTER.post(
    "/appointments/first-available",
    say=saying.booked,
    status=201,
    at=lambda booked: f"/appointments/{booked.case.id}",
    raises=(*_ASKED, SlotTaken),
    example={"service_id": _ID, "days": 14, "weekdays": [0, 2], "name": "Ada"},
)
async def book_first_available(act: Act, order: orders.BookFirst) -> Booked:
    """Book the earliest time there is; of calendars alike, in the emptiest."""
    return await bookings.book_first_available(
        act,
        await _of(act, order.service_id, order),
        first=order.first,
        days=order.days,
        weekdays=order.weekdays,
        staff_only=order.staff_only,
    )


@CHAPTER.post(
    "/appointments/series",
    say=saying.all_booked,
    status=201,
    raises=(*_ASKED, *_TAKEN),
    example={"times": [_TIME, _TIME], "name": "Ada"},
)
async def book_series(act: Act, order: orders.BookSeries) -> list[Booked]:
    """Book several times for one customer, all or none."""
    times = [(time.calendar_id, time.start) for time in order.times]
    return await bookings.book_series(
        act,
        await _at(act, order.times[0].calendar_id, order),
        times=times,
        staff_only=order.staff_only,
    )


@CHAPTER.post(
    "/appointments/groups",
    say=saying.all_booked,
    status=201,
    raises=(*_ASKED, *_TAKEN),
    example={**_TIME, "people": [{"name": "Ada"}, {"name": "Bo"}]},
)
async def book_group(act: Act, order: orders.BookGroup) -> list[Booked]:
    """Book for several people one after the other, all or none."""
    return await bookings.book_group(
        act,
        [await _at(act, order.calendar_id, person) for person in order.people],
        calendar_id=order.calendar_id,
        start=order.start,
    )


@CHAPTER.get("/units/{unit_id}/appointments")
async def get_appointments(
    act: Act, unit_id: UUID, query: orders.AppointmentPage
) -> told.Appointments:
    """The appointments of a unit on some days, those that were called off among them."""
    zone = (await act.directory()).unit(unit_id).zone
    since, behind = instant_at(query.first, 0, zone), UUID(int=0)
    if query.after is not UNSET:
        since, behind = saying.place(query.after)
    found = await bookings.appointments(
        act,
        unit_id=unit_id,
        since=since,
        until=instant_at(query.last + timedelta(days=1), 0, zone),
        behind=behind,
        most=query.limit + 1,
    )
    return saying.appointments(found, query.limit)


@CHAPTER.get("/appointments/{case_id}")
async def get_appointment(act: Act, case_id: UUID) -> told.AppointmentFile:
    """One appointment, by the id of its case."""
    return saying.file(await bookings.see_appointment(act, case_id=case_id))


@CHAPTER.post(
    "/cases/{case_id}/reschedule",
    say=saying.booked,
    raises=(*_TAKEN, *_MOVING),
    example=_TIME,
)
async def reschedule(act: Act, case_id: UUID, order: orders.Reschedule) -> Booked:
    """Move an appointment to another time: it has the new one before it loses the old."""
    return await bookings.move(
        act,
        case_id=case_id,
        calendar_id=order.calendar_id,
        start=order.start,
        hold_id=order.hold_id,
        bypass=order.bypass,
    )


@CHAPTER.post(
    "/cases/{case_id}/call-off",
    raises=(WrongState, NotByAppointment, NotYourCalendar),
    example={"reason": "Has a cold."},
)
async def call_off(act: Act, case_id: UUID, order: plain.Because) -> shapes.Case:
    """Call an appointment off: its time is free again."""
    return say.case(await bookings.cancel(act, case_id=case_id, reason=order.reason))


@CHAPTER.post(
    "/appointment-series/{series_id}/call-off",
    raises=(NotByAppointment, NotYourCalendar),
    example={"reason": ""},
)
async def call_off_series(act: Act, series_id: UUID, order: plain.Because) -> told.Cases:
    """Call off all that is still to come of a series."""
    found = await bookings.cancel_series(act, series_id=series_id, reason=order.reason)
    return told.Cases([say.case(one) for one in found])


@CHAPTER.post(
    "/appointment-groups/{group_id}/call-off",
    raises=(NotByAppointment, NotYourCalendar),
    example={"reason": ""},
)
async def call_off_group(act: Act, group_id: UUID, order: plain.Because) -> told.Cases:
    """Call off all that is still to come of a group."""
    found = await bookings.cancel_group(act, group_id=group_id, reason=order.reason)
    return told.Cases([say.case(one) for one in found])


@CHAPTER.post("/cases/{case_id}/check-in", raises=_ARRIVING, example={"override": False})
async def check_in(act: Act, case_id: UUID, order: orders.CheckIn) -> shapes.Case:
    """Somebody is here for their appointment: they stand in line."""
    return say.case(await arrivals.check_in(act, case_id=case_id, override=order.override))


@CHAPTER.post("/units/{unit_id}/check-in", raises=_ARRIVING, example={"code": "7K2M9QXA"})
async def check_in_by(act: Act, unit_id: UUID, order: orders.CheckInBy) -> shapes.Case:
    """Check in by the code of the confirmation, or by the customer."""
    override = order.override
    if order.code is not None:
        case = await arrivals.check_in_by_code(
            act, unit_id=unit_id, code=order.code, override=override
        )
    else:
        assert order.customer_id is not None
        case = await arrivals.check_in_by_customer(
            act, unit_id=unit_id, customer_id=order.customer_id, override=override
        )
    return say.case(case)


@CHAPTER.get("/units/{unit_id}/expected")
async def get_expected(act: Act, unit_id: UUID, query: orders.OfCustomer) -> told.Appointments:
    """The appointments of a customer around now that they have not come to yet."""
    found = await arrivals.expected(act, unit_id=unit_id, customer_id=query.customer_id)
    return saying.appointments(found)


@CHAPTER.post(
    "/calendars/{calendar_id}/walk-ins",
    say=saying.booked,
    status=201,
    raises=(*_ASKED, *_TAKEN),
    example={"name": "Bo"},
)
async def put_into_calendar(act: Act, calendar_id: UUID, order: orders.Person) -> Booked:
    """Put somebody who is here without an appointment straight into a calendar of today."""
    request = await _at(act, calendar_id, order)
    return await arrivals.walk_in(act, request, calendar_id=calendar_id)


async def _at(act: Act, calendar_id: UUID, person: orders.Person) -> Request:
    """What a person asks for in a calendar: its service."""
    calendar, _ = await known(act, calendar_id)
    return await _of(act, calendar.service_id, person)


async def _of(act: Act, service_id: UUID, person: orders.Person) -> Request:
    directory = await act.directory()
    service = directory.service(service_id)
    fields = by_id(directory, service, person.fields)
    return saying.request_of(service_id, person, fields)
