"""Calendars and appointments, said in our own shapes; and orders about them, understood."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from nowserving.actions.booking_order import Booked
from nowserving.actions.calendars import CalendarSight
from nowserving.actions.doorway import Doorway
from nowserving.actions.feeds import MadeFeed
from nowserving.actions.vacancies import Vacancy
from nowserving.bookings import appointment as nouns
from nowserving.bookings.calendar import Calendar
from nowserving.bookings.rules import Plan, Rules, Window
from nowserving.bookings.spans import Span
from nowserving.bookings.template import Exceptional, Holiday, Hours, Seat, Template
from nowserving.cases.admission import Request
from nowserving.cases.case import Case
from nowserving.dialects.native import orders_bookings as orders
from nowserving.dialects.native import say
from nowserving.dialects.native import shapes_bookings as shapes
from nowserving.dialects.native.say import like
from nowserving.kit.clock import instant, micros
from nowserving.places.needs import in_order
from nowserving.places.organization import Organization

# --- out ------------------------------------------------------------------------------------


def plan(one: Plan) -> shapes.BookingPlan:
    """How times of a service are booked."""
    return like(one, shapes.BookingPlan)


def calendar(one: Calendar) -> shapes.Calendar:
    """A calendar."""
    return like(one, shapes.Calendar)


def sight(one: CalendarSight) -> shapes.CalendarFile:
    """A calendar as whoever may book sees it."""
    return shapes.CalendarFile(
        calendar=calendar(one.calendar),
        in_agents_window=one.in_agents_window,
        in_public_window=one.in_public_window,
        past=one.past,
        blocks=[like(block, shapes.Block) for block in one.blocks],
    )


def vacancies(found: Sequence[Vacancy], most: int) -> shapes.Vacancies:
    """At most so many times, and where to go on."""
    shown = found[:most]
    more = len(found) > most
    return shapes.Vacancies(
        [vacancy(one) for one in shown],
        cursor(shown[-1].starts_at, shown[-1].calendar.id) if more else None,
    )


def vacancy(one: Vacancy) -> shapes.Vacancy:
    """A time that can be booked."""
    return shapes.Vacancy(
        calendar_id=one.calendar.id,
        day=one.calendar.day,
        index=one.calendar.index,
        agent_id=one.calendar.agent_id,
        start=one.start,
        minutes=one.minutes,
        starts_at=one.starts_at,
        suits=list(one.calendar.suits),
    )


def appointment(one: nouns.Appointment, case: Case) -> shapes.Appointment:
    """A case with its time."""
    plain = {name: getattr(one, name) for name in _PLAIN}
    return shapes.Appointment(case=say.case(case), **plain)


def appointments(
    found: Sequence[tuple[nouns.Appointment, Case]], most: int | None = None
) -> shapes.Appointments:
    """Appointments, and where to go on."""
    shown = found if most is None else found[:most]
    more = len(found) > len(shown)
    last = shown[-1][0] if shown else None
    return shapes.Appointments(
        [appointment(*one) for one in shown],
        cursor(last.starts_at, last.case_id) if more and last else None,
    )


def file(one: Booked) -> shapes.AppointmentFile:
    """An appointment with what is personal in it."""
    contact = say.contact(one.directory, one.case, one.details)
    return shapes.AppointmentFile(appointment(one.appointment, one.case), contact, one.code)


def booked(here: Doorway, organization: Organization, one: Booked) -> shapes.BookedAppointment:
    """A new appointment, or one that moved."""
    url = here.ticket_url(organization, one.case, one.link)
    return shapes.BookedAppointment(
        appointment=appointment(one.appointment, one.case),
        code=one.code,
        ticket_url=url,
        ics_url=f"{here.base_url}/ical/appointments/{url.rpartition('/')[2]}.ics",
    )


def all_booked(
    here: Doorway, organization: Organization, found: Sequence[Booked]
) -> shapes.BookedAppointments:
    """Appointments that were made together."""
    return shapes.BookedAppointments([booked(here, organization, one) for one in found])


def feed(here: Doorway, _: Organization, made: MadeFeed) -> shapes.CalendarFeed:
    """A new feed."""
    return shapes.CalendarFeed(made.feed.id, f"{here.base_url}/ical/{made.link}.ics")


def cursor(at: datetime, id: UUID) -> str:
    """A place in a list that is sorted by time."""
    return f"{micros(at)}.{id}"


# --- in -------------------------------------------------------------------------------------


def place(cursor: str) -> tuple[datetime, UUID]:
    """The place that a cursor names."""
    at, _, id = cursor.partition(".")
    return instant(min(int(at), 10**17)), UUID(id)


def template_of(order: orders.GivenTemplate) -> Template:
    """A template as it was given."""
    return Template(
        weekdays=tuple(hours_of(hours) for hours in order.weekdays),
        holidays=tuple(Holiday(one.day, one.name, one.every_year) for one in order.holidays),
        exceptions=tuple(Exceptional(one.day, hours_of(one.hours)) for one in order.exceptions),
        seats=tuple(Seat(one.agent_id, one.capacity, in_order(one.suits)) for one in order.seats),
        opened_ahead=order.opened_ahead,
    )


def hours_of(order: orders.GivenHours) -> Hours:
    """Hours as they were given."""
    return Hours(spans_of(order.open), spans_of(order.breaks))


def spans_of(given: Sequence[orders.GivenSpan]) -> tuple[Span, ...]:
    """Stretches of a day as they were given."""
    return tuple(Span(one.start, one.end) for one in given)


def rules_of(order: orders.GivenRules) -> Rules:
    """Rules as they were given."""
    plain = {name: getattr(order, name) for name in order.__struct_fields__}
    return Rules(**{**plain, "agents": window_of(order.agents), "public": window_of(order.public)})


def window_of(order: orders.GivenWindow) -> Window:
    """A window as it was given."""
    return Window(order.active, order.first_day, order.last_day)


def request_of(service_id: UUID, order: orders.Person, fields: dict[UUID, object]) -> Request:
    """Who comes, for a service."""
    return Request(
        service_id=service_id,
        type_id=order.type_id,
        channel=order.channel,
        language=order.language,
        customer_id=order.customer_id,
        use_customer_contact=order.use_customer_contact,
        name=order.name,
        phone=order.phone,
        email=order.email,
        fields=fields,
        tag_ids=tuple(order.tag_ids),
        priority=order.priority,
        ask_required_fields=True,
        needs=in_order(order.needs),
    )


_PLAIN = [name for name in shapes.Appointment.__struct_fields__ if name != "case"]
