"""A calendar: one day of one service, numbered by an index; its slots and who fits into them.

The day is cut into ticks of the calendar's grain, the greatest length that divides all that
is cut. An appointment takes one seat in each tick that it touches, so appointments of
different lengths share one calendar and the count in each tick is the whole truth.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from math import gcd
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from nowserving.bookings.spans import Span, minutes_in
from nowserving.bookings.wall import instant_at
from nowserving.kit.problems import Blame, Invalid, Problem
from nowserving.places.needs import Need

ALTERNATIVES = 3
"""So many other times are offered to whoever comes too late for one."""


class SlotTaken(Problem):
    """This time is taken; here are the nearest that are not."""


class CalendarClosed(Problem):
    """This calendar takes no appointments."""


class AlreadyOpen(Problem):
    """This day is open already."""


class AgentTwice(Problem):
    """An agent can have one calendar a day only."""


class HoldGone(Problem):
    """This hold is no more: it was released, used, or its time has run out."""

    blame = Blame.MISSING


@dataclass(frozen=True, slots=True)
class Stats:
    """How full a calendar is. Rates are shares of the capacity, in minutes.

    Compensated: an appointment counts as its duration x (1 - the share that does not come).
    """

    appointments: int
    capacity_minutes: int
    minutes: int
    booking_rate: float
    compensated_minutes: float
    compensated_rate: float
    full: bool


@dataclass(frozen=True, slots=True)
class Calendar:
    """A day of a service at one index; `capacity` people at the same time.

    `spare`: so many more at the same time by compensation for no-shows, at most
    `overbooked_at_most` in the whole day. `compensated` counts hundredths of minutes. `suits`:
    what there is for those who need it.
    """

    organization_id: UUID
    id: UUID
    service_id: UUID
    unit_id: UUID
    day: date
    index: int
    agent_id: UUID | None
    capacity: int
    spare: int
    grain: int
    hours: tuple[Span, ...]
    capacity_minutes: int
    compensates: bool
    overbooked_at_most: int
    appointments: int
    minutes: int
    compensated: int
    overbooked: int
    agents_active: bool
    public_active: bool
    closed: bool
    changed_at: datetime
    suits: tuple[Need, ...] = ()

    @property
    def stats(self) -> Stats:
        """How full it is."""
        capacity = self.capacity_minutes
        compensated = self.compensated / 100
        counted = compensated if self.compensates else self.minutes
        return Stats(
            appointments=self.appointments,
            capacity_minutes=capacity,
            minutes=self.minutes,
            booking_rate=self.minutes / capacity if capacity else 0.0,
            compensated_minutes=compensated,
            compensated_rate=compensated / capacity if capacity else 0.0,
            full=counted >= capacity,
        )

    def ticks(self, start: int, minutes: int) -> range:
        """The ticks that an appointment touches."""
        return range(start - start % self.grain, start + minutes, self.grain)


@dataclass(frozen=True, slots=True)
class Slot:
    """One tick of a calendar. `forced` people came on top, by the word of somebody who may."""

    tick: int
    capacity: int
    spare: int = 0
    taken: int = 0
    forced: int = 0
    blocked: bool = False

    @property
    def free(self) -> bool:
        """Is there a seat?"""
        return not self.blocked and self.taken + self.forced < self.capacity

    @property
    def spared(self) -> bool:
        """Is there a seat, if we count on somebody not coming?"""
        return not self.blocked and self.taken + self.forced < self.capacity + self.spare


@dataclass(frozen=True, slots=True)
class Taking:
    """A seat taken from a start for so many minutes; `overbooked` and `forced` say how.

    `held`: it is only kept for somebody for the moment, and is no appointment yet.
    """

    start: int
    minutes: int
    no_show_percent: int = 0
    overbooked: bool = False
    forced: bool = False
    held: bool = False

    @property
    def compensated(self) -> int:
        """What it counts by the share that does not come, in hundredths of minutes."""
        return self.minutes * (100 - self.no_show_percent)


@dataclass(frozen=True, slots=True)
class Day:
    """A calendar with its slots, at one moment."""

    calendar: Calendar
    slots: Mapping[int, Slot]

    def vacancies(self, minutes: int, no_show_percent: int, step: int | None) -> list[int]:
        """The starts that can be had for so many minutes, in order.

        Only when nothing fits any more, those that can be had by counting on no-shows.
        """
        if self.calendar.closed:
            return []
        wanted = Taking(0, minutes, no_show_percent)
        if not self._within_the_day(wanted):
            return []
        free = [*self._starts(minutes, step, lambda slot: slot.free)]
        if free or not self._may_overbook:
            return free
        return [*self._starts(minutes, step, lambda slot: slot.spared)]

    def taking(
        self, start: int, minutes: int, no_show_percent: int, step: int | None, *, forced: bool
    ) -> Taking | None:
        """How a seat can be had at a start; None if it cannot.

        A start is good if it is offered, or would be on an empty day. `forced`: whatever
        others have; but within the hours, and the day must not be fuller than it is long.
        """
        ticks = self.calendar.ticks(start, minutes)
        plain = Taking(start, minutes, no_show_percent, forced=forced)
        if not (self._reaches(ticks) and self._within_the_day(plain)):
            return None
        if forced:
            return None if any(self.slots[tick].blocked for tick in ticks) else plain
        if not self._offered(start, minutes, no_show_percent, step):
            return None
        if all(self.slots[tick].free for tick in ticks):
            return plain
        spared = self._may_overbook and all(self.slots[tick].spared for tick in ticks)
        return replace(plain, overbooked=True) if spared else None

    def _reaches(self, ticks: range) -> bool:
        """Is it open, and are all of these ticks within its hours?"""
        return not self.calendar.closed and all(tick in self.slots for tick in ticks)

    def taken(self, seat: Taking, by: int = 1) -> "Day":
        """The day with a seat taken, or (`by` -1) given back."""
        slots = dict(self.slots)
        for tick in self.calendar.ticks(seat.start, seat.minutes):
            slot = slots.get(tick)
            if slot is not None:
                slots[tick] = _with(slot, seat, by)
        calendar = replace(
            self.calendar,
            appointments=self.calendar.appointments + by * (not seat.held),
            minutes=self.calendar.minutes + by * seat.minutes,
            compensated=self.calendar.compensated + by * seat.compensated,
            overbooked=self.calendar.overbooked + by * seat.overbooked,
        )
        return Day(calendar, slots)

    def blocked(self, span: Span, *, blocked: bool = True) -> "Day":
        """The day with a stretch that nobody can book, or can again."""
        slots = {
            tick: replace(slot, blocked=blocked)
            if span.start < tick + self.calendar.grain and tick < span.end
            else slot
            for tick, slot in self.slots.items()
        }
        return Day(self.calendar, slots)

    @property
    def _may_overbook(self) -> bool:
        calendar = self.calendar
        return calendar.compensates and calendar.overbooked < calendar.overbooked_at_most

    def _within_the_day(self, seat: Taking) -> bool:
        calendar = self.calendar
        if calendar.compensates:
            return calendar.compensated + seat.compensated <= calendar.capacity_minutes * 100
        return calendar.minutes + seat.minutes <= calendar.capacity_minutes

    def _offered(self, start: int, minutes: int, percent: int, step: int | None) -> bool:
        every = step or minutes
        if any(
            span.start <= start and start + minutes <= span.end and not (start - span.start) % every
            for span in self.calendar.hours
        ):
            return True
        return start in self.vacancies(minutes, percent, step)

    def _starts(self, minutes: int, step: int | None, fits: Any) -> Iterator[int]:
        for span in self._runs(fits):
            first, every = span.start, step or minutes
            if step is not None:
                hours = next(h for h in self.calendar.hours if h.start <= span.start < h.end)
                first += (hours.start - span.start) % step
            yield from range(first, span.end - minutes + 1, every)

    def _runs(self, fits: Any) -> Iterator[Span]:
        """Stretches of ticks that have what is asked for; none reaches over a break."""
        grain = self.calendar.grain
        for hours in self.calendar.hours:
            start: int | None = None
            for tick in range(hours.start, hours.end + 1, grain):
                slot = self.slots.get(tick) if tick < hours.end else None
                if slot is not None and fits(slot):
                    start = tick if start is None else start
                elif start is not None:
                    yield Span(start, tick)
                    start = None


def _with(slot: Slot, seat: Taking, by: int) -> Slot:
    if seat.forced:
        return replace(slot, forced=slot.forced + by)
    return replace(slot, taken=slot.taken + by)


def grain_of(hours: Iterable[Span], lengths: Iterable[int]) -> int:
    """The greatest number of minutes that divides the bounds of the hours and all lengths."""
    bounds = [bound for span in hours for bound in (span.start, span.end)]
    return gcd(*bounds, *lengths) or 1


def opened(
    *,
    organization_id: UUID,
    id: UUID,
    service_id: UUID,
    unit_id: UUID,
    day: date,
    index: int,
    agent_id: UUID | None,
    capacity: int,
    hours: tuple[Span, ...],
    lengths: Iterable[int],
    overbooked_at_most: int | None,
    now: datetime,
    suits: tuple[Need, ...] = (),
) -> Day:
    """A new calendar and its empty slots. `overbooked_at_most` None: no compensation."""
    if not hours:
        raise Invalid(field="hours", reason="there is no work on this day")
    grain = grain_of(hours, lengths)
    spare = 0 if overbooked_at_most is None else capacity
    calendar = Calendar(
        organization_id=organization_id,
        id=id,
        service_id=service_id,
        unit_id=unit_id,
        day=day,
        index=index,
        agent_id=agent_id,
        capacity=capacity,
        spare=spare,
        grain=grain,
        hours=hours,
        capacity_minutes=minutes_in(hours) * capacity,
        compensates=overbooked_at_most is not None,
        overbooked_at_most=overbooked_at_most or 0,
        appointments=0,
        minutes=0,
        compensated=0,
        overbooked=0,
        agents_active=True,
        public_active=True,
        closed=False,
        changed_at=now,
        suits=suits,
    )
    ticks = (tick for span in hours for tick in range(span.start, span.end, grain))
    return Day(calendar, {tick: Slot(tick, capacity, spare) for tick in ticks})


def starts_from(day: date, starts: Iterable[int], zone: ZoneInfo, earliest: datetime) -> list[int]:
    """Of some starts, those that are not before an instant."""
    return [start for start in starts if instant_at(day, start, zone) >= earliest]
