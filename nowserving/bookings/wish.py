"""What somebody wants of a calendar, and whether they can have it."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from nowserving.bookings.calendar import (
    ALTERNATIVES,
    Calendar,
    Day,
    SlotTaken,
    Taking,
    starts_from,
)
from nowserving.bookings.rules import Rules
from nowserving.bookings.wall import instant_at
from nowserving.places.services import ServiceType


@dataclass(frozen=True, slots=True)
class Wish:
    """The first of some starts that can be had. `forced`: whatever others have there."""

    kind: ServiceType
    rules: Rules
    zone: ZoneInfo
    starts: tuple[int, ...]
    forced: bool = False

    def seat(self, day: Day, now: datetime) -> Taking:
        """The seat for it; SlotTaken with the nearest others if there is none."""
        kind, step = self.kind, self.rules.step
        for start in self.starts:
            seat = day.taking(start, kind.minutes, kind.no_show_percent, step, forced=self.forced)
            if seat is not None:
                return seat
        raise self.taken(day, now)

    def taken(self, day: Day, now: datetime) -> SlotTaken:
        """What to say to whoever comes too late: the nearest times in the same calendar."""
        wanted = self.starts[0] if self.starts else 0
        nearest = sorted(self.vacant(day, now), key=lambda start: (abs(start - wanted), start))
        return SlotTaken(
            calendar_id=day.calendar.id,
            start=wanted,
            alternatives=[
                other(day.calendar, start, instant_at(day.calendar.day, start, self.zone))
                for start in nearest[:ALTERNATIVES]
            ],
        )

    def vacant(self, day: Day, now: datetime) -> list[int]:
        """The vacancies of a calendar that are not too near, in order."""
        calendar, kind = day.calendar, self.kind
        same_day = calendar.day == now.astimezone(self.zone).date()
        earliest = self.rules.earliest(now, same_day=same_day)
        starts = day.vacancies(kind.minutes, kind.no_show_percent, self.rules.step)
        return starts_from(calendar.day, starts, self.zone, earliest)


def other(calendar: Calendar, start: int, starts_at: datetime) -> dict[str, object]:
    """Another time, as a problem tells it."""
    return {
        "calendar_id": calendar.id,
        "day": calendar.day,
        "index": calendar.index,
        "start": start,
        "starts_at": starts_at,
    }
