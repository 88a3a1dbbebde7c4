"""When and where somebody has an appointment, as those hear it who are asked or told."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from nowserving.actions.asking import Seat
from nowserving.bookings.appointment import Appointment
from nowserving.bookings.calendar import Calendar
from nowserving.kit.problems import NotFound
from nowserving.store.store import Store


class _Case(Protocol):
    @property
    def id(self) -> UUID: ...
    @property
    def appointment_at(self) -> datetime | None: ...


async def seat_of(store: Store, case: _Case) -> Seat | None:
    """The time of a case's appointment; None of a walk-in."""
    if case.appointment_at is None:
        return None
    try:
        appointment = await store.appointments.get(case.id)
        calendar = await store.calendars.get(appointment.calendar_id)
    except NotFound:
        return None
    return seat_in(appointment, calendar)


def seat_in(appointment: Appointment, calendar: Calendar) -> Seat:
    """The time of an appointment in its calendar."""
    return Seat(
        day=appointment.day,
        index=calendar.index,
        start=appointment.start,
        minutes=appointment.minutes,
        starts_at=appointment.starts_at,
        staff_only=appointment.staff_only,
    )
