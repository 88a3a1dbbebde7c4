"""What is answered about calendars and appointments."""

from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from nowserving.bookings.rules import Numbering
from nowserving.dialects.native.shapes import Case, Contact, Instant
from nowserving.places.needs import Need


class Span(msgspec.Struct):
    """From one minute after midnight to another."""

    start: int
    end: int


class Hours(msgspec.Struct):
    """When there is work on a day, and the breaks in it."""

    open: list[Span]
    breaks: list[Span]


class Holiday(msgspec.Struct):
    """A day on which nobody works."""

    day: date
    name: str
    every_year: bool


class ExceptionalDay(msgspec.Struct):
    """A single day with hours of its own."""

    day: date
    hours: Hours


class Seat(msgspec.Struct):
    """A calendar of each day, and what it suits."""

    agent_id: UUID | None
    capacity: int
    suits: list[Need]


class Template(msgspec.Struct):
    """How the days of a service look, Monday first."""

    weekdays: list[Hours]
    holidays: list[Holiday]
    exceptions: list[ExceptionalDay]
    seats: list[Seat]
    opened_ahead: int


class Window(msgspec.Struct):
    """How many days ahead may be booked, from the first to the last."""

    active: bool
    first_day: int
    last_day: int


class Rules(msgspec.Struct):
    """The rules for booking and arriving."""

    agents: Window
    public: Window
    notice: int
    step: int | None
    early: int
    late: int
    too_late: int
    no_show: int | None
    compensates: bool
    overbooked: int
    anonymous: bool
    held_for: int
    numbering: Numbering


class BookingPlan(msgspec.Struct):
    """How times of a service are booked."""

    service_id: UUID
    template: Template
    rules: Rules
    changed_at: Instant


class Stats(msgspec.Struct):
    """How full a calendar is; compensated: an appointment counts by the share that comes."""

    appointments: int
    capacity_minutes: int
    minutes: int
    booking_rate: float
    compensated_minutes: float
    compensated_rate: float
    full: bool


class Block(msgspec.Struct):
    """A stretch of a calendar that nobody can book."""

    id: UUID
    calendar_id: UUID
    start: int
    end: int
    reason: str


class Calendar(msgspec.Struct):
    """A day of a service at one index."""

    id: UUID
    service_id: UUID
    unit_id: UUID
    day: date
    index: int
    agent_id: UUID | None
    capacity: int
    hours: list[Span]
    closed: bool
    agents_active: bool
    public_active: bool
    changed_at: Instant
    suits: Annotated[list[Need], Meta(description="What there is for those who need it.")]
    stats: Stats


class CalendarFile(msgspec.Struct):
    """A calendar, whether its day can be booked now, and what is blocked in it."""

    calendar: Calendar
    in_agents_window: bool
    in_public_window: bool
    past: bool
    blocks: list[Block]


class Calendars(msgspec.Struct):
    """Calendars, by day and index."""

    calendars: list[CalendarFile]


class OpenedCalendars(msgspec.Struct):
    """The calendars that were opened; those that were open already are not among them."""

    calendars: list[Calendar]


class Vacancy(msgspec.Struct):
    """A time that can be booked."""

    calendar_id: UUID
    day: date
    index: int
    agent_id: UUID | None
    start: Annotated[int, Meta(description="Minutes after midnight at the unit.")]
    minutes: int
    starts_at: Instant
    suits: list[Need]


class Vacancies(msgspec.Struct):
    """Times in order. Ask again with `next` as `after` unless it is null."""

    vacancies: list[Vacancy]
    next: str | None


class HeldTime(msgspec.Struct):
    """A time that is kept until an instant. Book it with `hold_id`."""

    id: UUID
    calendar_id: UUID
    type_id: UUID
    start: int
    minutes: int
    until: Instant


class Appointment(msgspec.Struct):
    """A case with a booked time. `awaited`: nobody has arrived, and it was not called off."""

    case: Case
    calendar_id: UUID
    day: date
    start: Annotated[int, Meta(description="Minutes after midnight at the unit.")]
    minutes: int
    starts_at: Instant
    ends_at: Instant
    agent_id: UUID | None
    overbooked: bool
    forced: bool
    staff_only: bool
    series_id: UUID | None
    group_id: UUID | None
    awaited: bool
    arrived_at: Instant | None


class AppointmentFile(msgspec.Struct):
    """An appointment with what is personal in it, and the code for checking in."""

    appointment: Appointment
    contact: Contact
    code: str


class BookedAppointment(msgspec.Struct):
    """A booked time: the code for checking in, and where the customer finds it again."""

    appointment: Appointment
    code: str
    ticket_url: str
    ics_url: str


class BookedAppointments(msgspec.Struct):
    """Times that were booked together."""

    appointments: list[BookedAppointment]


class Appointments(msgspec.Struct):
    """Appointments by time. Ask again with `next` as `after` unless it is null."""

    appointments: list[Appointment]
    next: str | None


class Cases(msgspec.Struct):
    """Cases that the same was done to."""

    cases: list[Case]


class CalendarFeed(msgspec.Struct):
    """An address for calendar programs (iCalendar). It is told this once."""

    id: UUID
    url: str
