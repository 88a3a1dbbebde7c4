"""From what days a service opens calendars: weekday hours, breaks, holidays, exceptions."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from nowserving.bookings.spans import DAY, Span, without
from nowserving.bookings.wall import shown
from nowserving.kit.problems import Invalid
from nowserving.places.needs import Need

OPENED_AHEAD_AT_MOST = 730
"""Days."""


@dataclass(frozen=True, slots=True)
class Hours:
    """When there is work on a day, and the breaks in it. No `open` at all: closed."""

    open: tuple[Span, ...] = ()
    breaks: tuple[Span, ...] = ()

    @property
    def spans(self) -> tuple[Span, ...]:
        """The hours less the breaks."""
        return without(self.open, self.breaks)


@dataclass(frozen=True, slots=True)
class Holiday:
    """A day on which nobody works, once or each year."""

    day: date
    name: str = ""
    every_year: bool = False

    def falls_on(self, day: date) -> bool:
        """Is this day the holiday?"""
        if self.every_year:
            return (self.day.month, self.day.day) == (day.month, day.day)
        return self.day == day


@dataclass(frozen=True, slots=True)
class Exceptional:
    """A single day with hours of its own; it counts more than a holiday."""

    day: date
    hours: Hours


@dataclass(frozen=True, slots=True)
class Seat:
    """One calendar of a day: whose it is (None: nobody's), and how many at the same time.

    `suits`: what its room, or whoever is there, has for those who need it.
    """

    agent_id: UUID | None = None
    capacity: int = 1
    suits: tuple[Need, ...] = ()


@dataclass(frozen=True, slots=True)
class Template:
    """How the days of a service look. `weekdays` begin with Monday.

    `seats`: the calendars of each day, in the order of their index. `opened_ahead`: so many
    days from today on are opened by themselves; 0: by hand.
    """

    weekdays: tuple[Hours, ...] = (Hours(),) * 7
    holidays: tuple[Holiday, ...] = ()
    exceptions: tuple[Exceptional, ...] = ()
    seats: tuple[Seat, ...] = field(default=(Seat(),))
    opened_ahead: int = 0

    def __post_init__(self) -> None:
        """Invalid unless there are hours for seven weekdays and somebody to see."""
        if len(self.weekdays) != 7:
            raise Invalid(field="weekdays", reason="hours for seven days, Monday first")
        if any(not 1 <= seat.capacity <= 100_000 for seat in self.seats):
            raise Invalid(field="seats", reason="a calendar has room for 1 to 100000 at once")
        if not 0 <= self.opened_ahead <= OPENED_AHEAD_AT_MOST:
            raise Invalid(field="opened_ahead", reason=f"0 to {OPENED_AHEAD_AT_MOST} days")

    def hours_on(self, day: date, zone: ZoneInfo) -> tuple[Span, ...]:
        """When there is work on a day, as far as the wall shows those hours."""
        return as_shown(self._planned(day).spans, day, zone)

    def _planned(self, day: date) -> Hours:
        for exception in self.exceptions:
            if exception.day == day:
                return exception.hours
        if any(holiday.falls_on(day) for holiday in self.holidays):
            return Hours()
        return self.weekdays[day.weekday()]


def as_shown(hours: Iterable[Span], day: date, zone: ZoneInfo) -> tuple[Span, ...]:
    """Some hours, as far as the wall of a unit shows them on a day."""
    return without(hours, without([Span(0, DAY)], shown(day, zone)))
