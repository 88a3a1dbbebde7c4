"""Calendars: planned, opened, closed, allocated, blocked. For whoever manages appointments."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from nowserving.actions.act import Act
from nowserving.actions.noting import note, note_added, note_change, note_changed
from nowserving.actions.setting_up import alone
from nowserving.bookings.appointment import Block
from nowserving.bookings.calendar import AgentTwice, Calendar, Day, opened
from nowserving.bookings.rules import Plan, Rules
from nowserving.bookings.spans import Span
from nowserving.bookings.template import OPENED_AHEAD_AT_MOST, Seat, Template, as_shown
from nowserving.kit.problems import Forbidden, Invalid, NotFound
from nowserving.kit.texts import kept
from nowserving.people.permissions import Permission
from nowserving.places.directory import Directory
from nowserving.places.needs import Need, in_order
from nowserving.places.services import EntryMode, Merge, NotByAppointment, Queue, Service
from nowserving.store.appointments import Booked as Seated

DAYS_AT_ONCE = 370
"""So many days can be looked at, or opened, in one act."""

SLOTS_AT_ONCE = 200_000
"""So many slots can be made in one act."""

REASON_AT_MOST = 4000


@dataclass(frozen=True, slots=True)
class CalendarSight:
    """A calendar as somebody sees it who may book: whether they may now, and what is blocked."""

    calendar: Calendar
    directory: Directory
    rules: Rules
    today: date
    blocks: list[Block]

    @property
    def in_agents_window(self) -> bool:
        """Does its day lie in the agents' window?"""
        return self.rules.agents.reaches(self.calendar.day, self.today)

    @property
    def in_public_window(self) -> bool:
        """Does its day lie in the public's window?"""
        return self.rules.public.reaches(self.calendar.day, self.today)

    @property
    def past(self) -> bool:
        """Is its day over?"""
        return self.calendar.day < self.today


async def set_plan(act: Act, *, service_id: UUID, template: Template, rules: Rules) -> Plan:
    """Say how times of a service are booked. Days that are open already stay as they are."""
    directory = await act.directory()
    service = directory.service(service_id)
    act.must(Permission.MANAGE_CALENDARS, at=service.unit_id)
    if service.entry_mode is not EntryMode.APPOINTMENT:
        raise NotByAppointment(service=service_id)
    agents = [seat.agent_id for seat in template.seats if seat.agent_id is not None]
    if len(set(agents)) != len(agents):
        raise AgentTwice()
    await _check_agents(act, agents)
    seen = await act.store.plans.of(service_id)
    plan = Plan(act.actor.organization_id, service_id, template, rules, act.now)
    await act.store.plans.keep(plan)
    await _note_plan(act, seen, plan)
    act.house.bookings.forget_all()
    return plan


async def plan_of(act: Act, *, service_id: UUID) -> Plan:
    """How times of a service are booked."""
    service = (await act.directory()).service(service_id)
    act.must(Permission.BOOK, at=service.unit_id)
    return await planned(act, service)


async def plans(act: Act) -> list[Plan]:
    """How times are booked, of every service whose times are; for whoever manages all of them."""
    if not act.actor.may_everywhere(Permission.MANAGE_CALENDARS):
        raise Forbidden(permission=Permission.MANAGE_CALENDARS)
    directory = await act.directory()
    return [one for one in await act.look.plans.all() if one.service_id in directory.services]


async def planned(act: Act, service: Service) -> Plan:
    """The plan of a service; NotByAppointment if it has none."""
    plan = await act.look.plans.of(service.id)
    if plan is None or service.entry_mode is not EntryMode.APPOINTMENT:
        raise NotByAppointment(service=service.id)
    return plan


async def open_days(act: Act, *, service_id: UUID, first: date, last: date) -> list[Calendar]:
    """Open what is not open yet of some days, from the service's template.

    A seat whose agent has a calendar of another service on that day is left out.
    """
    if not timedelta(0) <= last - first < timedelta(days=DAYS_AT_ONCE):
        raise Invalid(field="last", reason=f"1 to {DAYS_AT_ONCE} days from the first")
    directory = await act.directory()
    service = directory.service(service_id)
    act.must(Permission.MANAGE_CALENDARS, at=service.unit_id)
    plan = await planned(act, service)
    there = await act.store.calendars.open_from(service_id, first)
    busy = await act.store.calendars.agents_from(first)
    days = []
    for at in range((last - first).days + 1):
        day = first + timedelta(days=at)
        hours = plan.template.hours_on(day, directory.unit(service.unit_id).zone)
        for index, seat in enumerate(plan.template.seats if hours else ()):
            if (day, index) in there or (seat.agent_id, day) in busy:
                continue
            days.append(_opened(act, directory, plan, day, index, hours, seat))
    if sum(len(day.slots) for day in days) > SLOTS_AT_ONCE:
        raise Invalid(field="last", reason="too many slots at once; open fewer days")
    await act.store.calendars.add_days(days)
    return [day.calendar for day in days]


async def open_calendar(
    act: Act,
    *,
    service_id: UUID,
    day: date,
    index: int,
    hours: tuple[Span, ...] | None = None,
    capacity: int = 1,
    agent_id: UUID | None = None,
    suits: tuple[Need, ...] = (),
) -> Calendar:
    """Open one calendar by hand; without hours, with those of the template.

    Raises AlreadyOpen, and AgentTwice for an agent who has a calendar on that day.
    """
    directory = await act.directory()
    service = directory.service(service_id)
    act.must(Permission.MANAGE_CALENDARS, at=service.unit_id)
    plan = await planned(act, service)
    if not 0 <= index < 1000 or not 1 <= capacity <= 100_000:
        raise Invalid(reason="an index from 0 to 999, a capacity from 1 to 100000")
    await _check_agents(act, [agent_id] if agent_id is not None else [])
    await act.store.calendars.must_be_shut(service_id, day, index)
    if (agent_id, day) in await act.store.calendars.agents_from(day):
        raise AgentTwice(agent=agent_id, day=day)
    zone = directory.unit(service.unit_id).zone
    hours = plan.template.hours_on(day, zone) if hours is None else as_shown(hours, day, zone)
    made = _opened(act, directory, plan, day, index, hours, Seat(agent_id, capacity, suits))
    await act.store.calendars.add_days([made])
    await note_added(act, made.calendar)
    return made.calendar


async def set_suits(act: Act, *, service_id: UUID, suits: Mapping[int, Collection[Need]]) -> Plan:
    """Say what rooms of a service, or whoever is there, have for those who need it, by index.

    From now on: calendars of today and later that are open already have it, too. Appointments
    that need something keep their time.
    """
    directory = await act.directory()
    service = directory.service(service_id)
    act.must(Permission.MANAGE_CALENDARS, at=service.unit_id)
    await alone(act)  # who says it of another room at this moment is not written over
    plan = await planned(act, service)
    seats = dict(enumerate(plan.template.seats))
    for index, has in suits.items():
        if index not in seats:
            raise NotFound(what="seat", id=index)
        seats[index] = replace(seats[index], suits=in_order(has))
    template = replace(plan.template, seats=tuple(seats.values()))
    seen, plan = plan, replace(plan, template=template, changed_at=act.now)
    await act.store.plans.keep(plan)
    await _note_plan(act, seen, plan)
    today = act.now.astimezone(directory.unit(service.unit_id).zone).date()
    last = today + timedelta(days=OPENED_AHEAD_AT_MOST)
    for one in await act.store.calendars.of(service_id, today, last):
        if one.index in suits and one.suits != seats[one.index].suits:
            day = await act.store.calendars.hold_day(one.id, act.now)
            has = seats[one.index].suits
            await _change(act, day.calendar, replace(day.calendar, suits=has, changed_at=act.now))
    act.house.forget_directory(act.actor.organization_id)
    act.house.bookings.forget_all()
    return plan


async def close_calendar(act: Act, *, calendar_id: UUID) -> Calendar:
    """Take no more appointments in a calendar; those it has stay."""
    return await _switch(act, calendar_id, closed=True)


async def reopen_calendar(act: Act, *, calendar_id: UUID) -> Calendar:
    """Take appointments again."""
    return await _switch(act, calendar_id, closed=False)


async def switch_booking(
    act: Act, *, calendar_id: UUID, agents: bool | None = None, public: bool | None = None
) -> Calendar:
    """Let agents, or the public, book in a calendar or not; None leaves it as it is."""
    changes = {"agents_active": agents, "public_active": public}
    return await _switch(
        act, calendar_id, **{name: to for name, to in changes.items() if to is not None}
    )


async def allocate(act: Act, *, calendar_id: UUID, agent_id: UUID | None) -> Calendar:
    """Give a calendar, with its appointments, to an agent, or to nobody."""
    day = await _held(act, calendar_id)
    calendar = day.calendar
    if agent_id is not None and agent_id != calendar.agent_id:
        await _check_agents(act, [agent_id])
        if (agent_id, calendar.day) in await act.store.calendars.agents_from(calendar.day):
            raise AgentTwice(agent=agent_id, day=calendar.day)
    calendar = replace(calendar, agent_id=agent_id, changed_at=act.now)
    await _change(act, day.calendar, calendar)
    await act.store.appointments.set_agent(calendar)
    return calendar


async def block(act: Act, *, calendar_id: UUID, span: Span, reason: str) -> Block:
    """Let nobody book a stretch of a calendar. Appointments that are there stay there."""
    day = await _held(act, calendar_id)
    stretch = Block(
        organization_id=act.actor.organization_id,
        id=act.new_id(),
        calendar_id=calendar_id,
        start=span.start,
        end=span.end,
        reason=kept(reason.strip(), field="reason", at_most=REASON_AT_MOST),
        by=act.actor.principal,
        at=act.now,
    )
    await act.store.blocks.add(stretch)
    ticks = _ticks(day, stretch)
    await act.store.calendars.set_blocked(calendar_id, ticks, blocked=True)
    await note(act, "calendar", calendar_id, verb="block", after=_told(stretch))
    return stretch


async def lift_block(act: Act, *, block_id: UUID) -> None:
    """Let a stretch be booked again, as far as no other block lies on it."""
    stretch = await act.look.blocks.get(block_id)
    day = await _held(act, stretch.calendar_id)
    await act.store.blocks.lift(block_id)
    await note(act, "calendar", day.calendar.id, verb="lift_block", before=_told(stretch))
    await act.store.calendars.set_blocked(day.calendar.id, _ticks(day, stretch), blocked=False)
    for other in await act.store.blocks.of(day.calendar.id):
        await act.store.calendars.set_blocked(day.calendar.id, _ticks(day, other), blocked=True)


async def calendars_of(
    act: Act, *, service_id: UUID, first: date, last: date
) -> list[CalendarSight]:
    """The calendars of a service on some days, in order."""
    if not timedelta(0) <= last - first < timedelta(days=DAYS_AT_ONCE):
        raise Invalid(field="last", reason=f"1 to {DAYS_AT_ONCE} days from the first")
    service = (await act.directory()).service(service_id)
    act.must(Permission.BOOK, at=service.unit_id)
    plan = await planned(act, service)
    found = await act.look.calendars.of(service_id, first, last)
    return [await _sight(act, calendar, plan) for calendar in found]


async def see_calendar(act: Act, *, calendar_id: UUID) -> CalendarSight:
    """One calendar."""
    calendar = await act.look.calendars.get(calendar_id)
    act.must(Permission.BOOK, at=calendar.unit_id)
    service = (await act.directory()).service(calendar.service_id)
    return await _sight(act, calendar, await planned(act, service))


async def calendar_at(act: Act, *, service_id: UUID, day: date, index: int) -> CalendarSight:
    """The calendar of a service on a day at an index."""
    calendar = await act.look.calendars.at(service_id, day, index)
    return await see_calendar(act, calendar_id=calendar.id)


async def appointments_in(act: Act, *, calendar_id: UUID) -> list[Seated]:
    """The appointments of a calendar that were not called off, in order."""
    calendar = await act.look.calendars.get(calendar_id)
    act.must(Permission.SEE_LINE, at=calendar.unit_id)
    return await act.look.appointments.in_calendar(calendar_id)


async def set_merge(act: Act, *, queue_id: UUID, merge: Merge) -> Queue:
    """Say how a queue merges people with an appointment and without, from now on."""
    queue = (await act.directory()).queue(queue_id)
    act.must(Permission.MANAGE_CALENDARS, at=queue.unit_id)
    await act.store.places.set_merge(queue_id, merge)
    await note_changed(act, queue, to := replace(queue, merge=merge))
    act.house.forget_directory(act.actor.organization_id)
    return to


def _opened(  # noqa: PLR0917  what a calendar is, in the order in which people say it
    act: Act,
    directory: Directory,
    plan: Plan,
    day: date,
    index: int,
    hours: tuple[Span, ...],
    seat: Seat,
) -> Day:
    service, rules = directory.services[plan.service_id], plan.rules
    lengths = [kind.minutes for kind in directory.types_of(service)]
    return opened(
        organization_id=act.actor.organization_id,
        id=act.new_id(),
        service_id=service.id,
        unit_id=service.unit_id,
        day=day,
        index=index,
        agent_id=seat.agent_id,
        capacity=seat.capacity,
        hours=hours,
        lengths=lengths if rules.step is None else [*lengths, rules.step],
        overbooked_at_most=rules.overbooked if rules.compensates else None,
        now=act.now,
        suits=in_order(seat.suits),
    )


async def _sight(act: Act, calendar: Calendar, plan: Plan) -> CalendarSight:
    directory = await act.directory()
    return CalendarSight(
        calendar=calendar,
        directory=directory,
        rules=plan.rules,
        today=act.now.astimezone(directory.unit(calendar.unit_id).zone).date(),
        blocks=await act.look.blocks.of(calendar.id),
    )


async def _switch(act: Act, calendar_id: UUID, **to: bool) -> Calendar:
    day = await _held(act, calendar_id)
    calendar = replace(day.calendar, **to, changed_at=act.now)  # type: ignore[arg-type]
    await _change(act, day.calendar, calendar)
    return calendar


async def _change(act: Act, seen: Calendar, to: Calendar) -> None:
    await act.store.calendars.replace(to)
    await note_changed(act, seen, to)


async def _note_plan(act: Act, seen: Plan | None, to: Plan) -> None:
    """Who planned otherwise; a service's plan goes by the service's id."""
    before = {} if seen is None else {**asdict(seen.template), **asdict(seen.rules)}
    after = {**asdict(to.template), **asdict(to.rules)}
    await note_change(act, "plan", to.service_id, before, after)


def _told(stretch: Block) -> dict[str, int]:
    """What the audit tells of a block. Why may be somebody's own business."""
    return {"start": stretch.start, "end": stretch.end}


async def _held(act: Act, calendar_id: UUID) -> Day:
    """A calendar, held for a change by whoever may make it."""
    day = await act.store.calendars.hold_day(calendar_id, act.now)
    act.must(Permission.MANAGE_CALENDARS, at=day.calendar.unit_id)
    act.house.bookings.forget(act.actor.organization_id, calendar_id)
    return day


async def _check_agents(act: Act, agents: list[UUID]) -> None:
    known = await act.look.people.names(set(agents))
    for agent in agents:
        if agent not in known:
            raise NotFound(what="agent", id=agent)


def _ticks(day: Day, stretch: Block) -> range:
    grain = day.calendar.grain
    return range(stretch.start - stretch.start % grain, stretch.end, grain)
