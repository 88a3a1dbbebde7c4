"""A notice: what somebody who has booked is told, once for each appointment and occasion."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from nowserving.bookings.appointment import Appointment


class Occasion(StrEnum):
    """Why somebody is told."""

    BOOKED = "booked"
    MOVED = "moved"
    CALLED_OFF = "called_off"
    DAY_BEFORE = "day_before"
    HOURS_BEFORE = "hours_before"


BEFORE = {
    Occasion.DAY_BEFORE: timedelta(hours=24),
    Occasion.HOURS_BEFORE: timedelta(hours=2),
}
"""How long before the time somebody is reminded of it."""

AGAIN = timedelta(minutes=1)
AGAIN_AT_MOST = timedelta(hours=1)
TRIES_AT_MOST = 20


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to tell about one appointment.

    `starts_at`: the time it tells of; one of another time tells nothing. `due`: when it is to
    be told, never earlier; None: it is settled. `mailed`, `texted`: nothing is left to do by
    mail, by text.
    """

    organization_id: UUID
    case_id: UUID
    occasion: Occasion
    starts_at: datetime
    made_at: datetime
    due: datetime | None
    tries: int = 0
    mailed: bool = False
    texted: bool = False

    def tried(self, now: datetime, *, mailed: bool, texted: bool) -> "Notice":
        """The notice after a try: settled, or due again in a while."""
        tries = self.tries + 1
        over = (mailed and texted) or tries >= TRIES_AT_MOST
        wait = min(AGAIN * 2 ** min(tries - 1, 10), AGAIN_AT_MOST)
        due = None if over else now + wait
        return replace(self, due=due, tries=tries, mailed=mailed, texted=texted)


def told_at_once(seat: Appointment, occasion: Occasion, now: datetime) -> Notice:
    """What is told as soon as it has happened."""
    return Notice(seat.organization_id, seat.case_id, occasion, seat.starts_at, now, now)


def reminders(seat: Appointment, now: datetime) -> Iterable[Notice]:
    """Those whose moment is still to come."""
    for occasion, before in BEFORE.items():
        if seat.starts_at - before > now:
            due = seat.starts_at - before
            yield Notice(seat.organization_id, seat.case_id, occasion, seat.starts_at, now, due)
