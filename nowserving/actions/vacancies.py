"""Times that can be booked: in one calendar, in all of a service, and near one that is gone."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from nowserving.actions.act import Act
from nowserving.actions.calendars import planned
from nowserving.bookings.calendar import ALTERNATIVES, Calendar, CalendarClosed, Day, SlotTaken
from nowserving.bookings.rules import NotYourCalendar, OutsideWindow, Plan
from nowserving.bookings.wall import instant_at
from nowserving.bookings.wish import Wish, other
from nowserving.kit.problems import NotFound, Problem
from nowserving.people.permissions import Permission
from nowserving.places.directory import Directory
from nowserving.places.needs import Need, must_suit
from nowserving.places.services import Service, ServiceType, TypeNotOffered

DAYS_AROUND = 7
"""So many days on each side are looked through for other times than one that is taken."""


@dataclass(frozen=True, slots=True)
class Vacancy:
    """A time that can be booked."""

    calendar: Calendar
    start: int
    minutes: int
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class Bookable:
    """A service and type, and by what rules this actor books it. `needs`: what it must suit."""

    service: Service
    kind: ServiceType
    plan: Plan
    directory: Directory
    needs: tuple[Need, ...] = ()

    def wish(self, *starts: int, forced: bool = False) -> Wish:
        """What is asked of a calendar: the first of some starts."""
        zone = self.directory.unit(self.service.unit_id).zone
        return Wish(self.kind, self.plan.rules, zone, starts, forced)


async def vacancies_in(act: Act, *, calendar_id: UUID, type_id: UUID | None) -> list[Vacancy]:
    """What can be booked in one calendar, in order. Raises why nothing can by this actor."""
    calendar, plan = await known(act, calendar_id)
    directory = await act.directory()
    service = directory.service(calendar.service_id)
    asked = Bookable(service, kind_of(directory, service, type_id), plan, directory)
    check_may_book(act, calendar, plan, directory)
    return vacant(act, asked, await act.look.calendars.day(calendar_id, act.now))


async def vacancies(
    act: Act,
    *,
    service_id: UUID,
    type_id: UUID | None,
    first: date | None,
    days: int,
    weekdays: Sequence[int] = (),
    needs: tuple[Need, ...] = (),
    most: int,
    behind: tuple[datetime, UUID] | None = None,
) -> list[Vacancy]:
    """What can be booked of a service from a day on, in order of time.

    `weekdays`: Monday is 0; none: every day. `needs`: only what suits them all. `behind`: only
    what comes after this time and calendar.
    """
    asked = await bookable(act, service_id, type_id, needs)
    found: list[Vacancy] = []
    async for _, of_day in days_with_vacancies(act, asked, first, days, weekdays):
        found += [
            one for one in of_day if behind is None or (one.starts_at, one.calendar.id) > behind
        ]
        if len(found) >= most:
            break
    return found[:most]


async def days_with_vacancies(
    act: Act, asked: Bookable, first: date | None, days: int, weekdays: Sequence[int] = ()
) -> AsyncIterator[tuple[date, list[Vacancy]]]:
    """Day by day what can be booked, in order of time; days without anything are left out."""
    today = act.now.astimezone(asked.directory.unit(asked.service.unit_id).zone).date()
    window = asked.plan.rules.window(public=act.actor.public)
    begin = max(first or today, today + timedelta(days=window.first_day))
    end = min((first or today) + timedelta(days=days - 1), today + timedelta(days=window.last_day))
    by_day: dict[date, list[Calendar]] = {}
    for calendar in await act.look.calendars.of(asked.service.id, begin, end):
        if _may_book(act, calendar, asked):
            by_day.setdefault(calendar.day, []).append(calendar)
    for day, calendars in by_day.items():
        if weekdays and day.weekday() not in weekdays:
            continue
        found = [
            one
            for whole in await act.look.calendars.days(calendars, act.now)
            for one in vacant(act, asked, whole)
        ]
        if found:
            found.sort(key=lambda one: (one.starts_at, one.calendar.id))
            yield day, found


async def with_alternatives(act: Act, taken: SlotTaken, asked: Bookable) -> SlotTaken:
    """The problem with three other times, from other calendars too where one is not enough."""
    there = list(taken.details["alternatives"])  # type: ignore[call-overload]
    if len(there) >= ALTERNATIVES:
        return taken
    calendar_id, start = UUID(str(taken.details["calendar_id"])), int(str(taken.details["start"]))

    async def look() -> list[dict[str, object]]:
        return await _around(act, asked, calendar_id, start)

    if act.wrote:
        around = await look()
    else:
        seen_by = (act.actor.public, act.actor.id, act.actor.principal)
        wanted = (calendar_id, start, asked.kind.id, asked.needs, seen_by)
        around = await act.house.bookings.alternatives(act.actor.organization_id, wanted, look)
    told = {(one["calendar_id"], one["start"]) for one in there}
    more = [one for one in around if (one["calendar_id"], one["start"]) not in told]
    return SlotTaken(**{**taken.details, "alternatives": (there + more)[:ALTERNATIVES]})


async def _around(
    act: Act, asked: Bookable, calendar_id: UUID, start: int
) -> list[dict[str, object]]:
    """Other times around one, of the whole service, the nearest first."""
    calendar, _ = await known(act, calendar_id)
    at = instant_at(calendar.day, start, asked.directory.unit(calendar.unit_id).zone)
    found: list[Vacancy] = []
    first = calendar.day - timedelta(days=DAYS_AROUND)
    async for _, of_day in days_with_vacancies(act, asked, first, 2 * DAYS_AROUND + 1):
        found += of_day
    found.sort(key=lambda one: (abs(one.starts_at - at), one.calendar.id))
    return [
        other(one.calendar, one.start, one.starts_at)
        for one in found
        if (one.calendar.id, one.start) != (calendar_id, start)
    ][: 2 * ALTERNATIVES]


async def bookable(
    act: Act, service_id: UUID, type_id: UUID | None, needs: tuple[Need, ...] = ()
) -> Bookable:
    """A service that this actor may book, and its rules."""
    directory = await act.directory()
    service = directory.service(service_id)
    act.must(Permission.BOOK, at=service.unit_id, case=act.actor.case_id)
    plan = await planned(act, service)
    return Bookable(service, kind_of(directory, service, type_id), plan, directory, needs)


def kind_of(directory: Directory, service: Service, type_id: UUID | None) -> ServiceType:
    """The service type that is asked for; left out, the service's first."""
    for kind in directory.types_of(service):
        if type_id in (None, kind.id):
            return kind
    raise TypeNotOffered(field="type_id", type=type_id)


def vacant(act: Act, asked: Bookable, day: Day) -> list[Vacancy]:
    """The vacancies of a calendar that are not too near."""
    calendar, wish = day.calendar, asked.wish()
    return [
        Vacancy(calendar, start, asked.kind.minutes, instant_at(calendar.day, start, wish.zone))
        for start in wish.vacant(day, act.now)
    ]


async def known(act: Act, calendar_id: UUID) -> tuple[Calendar, Plan]:
    """A calendar and the plan of its service; NotFound if the actor does not see its unit."""
    within = act.store if act.wrote else None
    calendar, plan = await act.house.bookings.known(
        act.actor.organization_id, calendar_id, within=within
    )
    if act.actor.sees is not None and calendar.unit_id not in act.actor.sees:
        raise NotFound(what="calendar", id=calendar_id)
    return calendar, plan


def check_may_book(act: Act, calendar: Calendar, plan: Plan, directory: Directory) -> None:
    """A Problem unless this actor may book in this calendar at this moment."""
    act.must(Permission.BOOK, at=calendar.unit_id, case=act.actor.case_id)
    if calendar.closed:
        raise CalendarClosed(calendar=calendar.id)
    today = act.now.astimezone(directory.unit(calendar.unit_id).zone).date()
    public = act.actor.public
    plan.rules.check_day(calendar.day, today, public=public)
    if not (calendar.public_active if public else calendar.agents_active):
        raise OutsideWindow(day=calendar.day)
    check_is_theirs(act, calendar, plan)


def check_is_theirs(act: Act, calendar: Calendar, plan: Plan) -> None:
    """NotYourCalendar for an agent who may book only in their own calendars."""
    if act.actor.public or act.actor.may(Permission.BOOK_FOR_OTHERS, at=calendar.unit_id):
        return
    if calendar.agent_id is None and plan.rules.anonymous:
        return
    if calendar.agent_id != act.actor.id:
        raise NotYourCalendar(calendar=calendar.id)


def _may_book(act: Act, calendar: Calendar, asked: Bookable) -> bool:
    try:
        must_suit(asked.needs, calendar.suits)
        check_may_book(act, calendar, asked.plan, asked.directory)
    except Problem:
        return False
    return True
