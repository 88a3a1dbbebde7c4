"""What those who have booked are told: written with what they are told of, sent afterwards.

A row says that, and when, somebody is told; how they are reached and what they read is found
out when it is sent (docs/decisions/0029).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from nowserving.bookings.appointment import Appointment
from nowserving.bookings.notice import Notice, Occasion, reminders, told_at_once
from nowserving.cases.case import Case, Details
from nowserving.cases.moves import State
from nowserving.kit.problems import NotFound
from nowserving.store.store import Store


@dataclass(frozen=True, slots=True)
class Written:
    """A notice in words: a mail as text and as a page, and a text message."""

    subject: str
    text: str
    page: str
    sms: str


def of_bookings(booked: Sequence[tuple[Appointment, Details]], now: datetime) -> list[Notice]:
    """What is told to those who have just booked and can be reached."""
    return [
        notice
        for seat, details in booked
        if _can_be_reached(details)
        for notice in (told_at_once(seat, Occasion.BOOKED, now), *reminders(seat, now))
    ]


async def of_move(store: Store, seat: Appointment, now: datetime) -> None:
    """An appointment has another time: that is told, and nothing of the old one."""
    await store.notices.drop(seat.case_id)
    if _can_be_reached(await store.cases.details(seat.case_id)):
        moved = told_at_once(seat, Occasion.MOVED, now)
        await store.notices.add([moved, *reminders(seat, now)])


async def of_leaving(store: Store, case: Case, now: datetime) -> None:
    """Somebody is not expected any more; where it was called off in time, they are told."""
    await store.notices.drop(case.id)
    if case.state is not State.CANCELED:
        return
    try:
        seat = await store.appointments.get(case.id)
    except NotFound:
        return
    if seat.starts_at > now and _can_be_reached(await store.cases.details(case.id)):
        await store.notices.add([told_at_once(seat, Occasion.CALLED_OFF, now)])


def _can_be_reached(details: Details) -> bool:
    return bool(details.email or details.phone)
