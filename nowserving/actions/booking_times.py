"""What somebody who chooses a time is shown: the first there is, a week, and one day of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from nowserving.actions.act import Act
from nowserving.actions.vacancies import Bookable, Vacancy, bookable, days_with_vacancies
from nowserving.bookings.rules import Plan
from nowserving.cases.admission import Admitted, Request, admit
from nowserving.places.needs import Need, in_order
from nowserving.places.services import EntryMode

WEEK = 7


@dataclass(frozen=True, slots=True)
class Offered:
    """What can be booked of a service.

    `earliest`: the first time there is. `days`: the seven from Monday on in which `day` lies,
    each with what can be booked, one time for each start. `first_day` to `last_day`: what may
    be booked at all.
    """

    asked: Bookable
    earliest: Vacancy | None
    day: date
    days: Sequence[tuple[date, Sequence[Vacancy]]]
    first_day: date
    last_day: date

    @property
    def suits(self) -> tuple[Need, ...]:
        """What can be met at all, by how the days of the service are planned."""
        return suits_of(self.asked.plan)

    @property
    def times(self) -> Sequence[Vacancy]:
        """What can be booked on the day."""
        return next(times for day, times in self.days if day == self.day)


def suits_of(plan: Plan) -> tuple[Need, ...]:
    """What can be met of what somebody may need, by how the days are planned."""
    return in_order(one for seat in plan.template.seats for one in seat.suits)


async def offered(
    act: Act,
    *,
    service_id: UUID,
    type_id: UUID,
    day: date | None,
    needs: tuple[Need, ...] = (),
) -> Offered:
    """What can be booked around a day; left out, around the first day on which there is any.

    `needs`: only what suits them all.
    """
    asked = await bookable(act, service_id, type_id, needs)
    today = act.now.astimezone(asked.directory.unit(asked.service.unit_id).zone).date()
    window = asked.plan.rules.window(public=act.actor.public)
    first = today + timedelta(days=window.first_day)
    last = today + timedelta(days=window.last_day)
    earliest = await first_of(act, asked)
    if day is None:
        day = first if earliest is None else earliest.calendar.day
    day = min(max(day, first), last)
    monday = day - timedelta(days=day.weekday())
    found = {one: times async for one, times in days_with_vacancies(act, asked, monday, WEEK)}
    week = [monday + timedelta(days=at) for at in range(WEEK)]
    days = [(one, _each_start_once(found.get(one, []))) for one in week]
    return Offered(asked, earliest, day, days, first, last)


async def first_of(act: Act, asked: Bookable) -> Vacancy | None:
    """The first time there is."""
    last = asked.plan.rules.window(public=act.actor.public).last_day
    async for _, found in days_with_vacancies(act, asked, None, last + 1):
        return min(found, key=lambda one: (one.starts_at, *_spared(one)))
    return None


async def admitted(act: Act, request: Request) -> Admitted:
    """A request by somebody unknown that meets the rules of its service; else a Problem."""
    return admit(request, await act.directory(), None, EntryMode.APPOINTMENT)


def _each_start_once(found: Sequence[Vacancy]) -> list[Vacancy]:
    """Of times that begin alike, the one that others need least, in the emptiest calendar."""
    by_start: dict[int, Vacancy] = {}
    for one in sorted(found, key=_spared):
        by_start.setdefault(one.start, one)
    return [by_start[start] for start in sorted(by_start)]


def _spared(one: Vacancy) -> tuple[int, int, int]:
    """Rooms that suit somebody are kept for them as long as there is another."""
    return len(one.calendar.suits), one.calendar.minutes, one.calendar.index
