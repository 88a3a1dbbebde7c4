"""Calendars and who has a seat in them: looking, and taking seats one writer at a time.

Whoever takes or gives a seat holds the calendar's row first, so what is decided on is what
is written over. The counters of the slots are written by a conditional update and guarded by
a constraint besides: were the decision wrong, the database would refuse it.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, bindparam, delete, func, select, text, tuple_, update

from nowserving.bookings.appointment import Appointment, Block, Feed, Hold
from nowserving.bookings.calendar import AlreadyOpen, Calendar, Day, Slot
from nowserving.bookings.rules import Plan
from nowserving.cases.case import Case
from nowserving.cases.moves import State
from nowserving.kit.problems import NotFound, Stale
from nowserving.people.actor import Units
from nowserving.store.engines import Connection, Statement
from nowserving.store.rows import columns_for, row_maker
from nowserving.store.tables import (
    appointments,
    blocks,
    calendar_feeds,
    calendars,
    cases,
    holds,
    plans,
    slots,
)
from nowserving.store.types import Day as DayType
from nowserving.store.types import Id, Instant

_CALENDAR = columns_for(Calendar, calendars)
_SLOT = columns_for(Slot, slots)
_APPOINTMENT = columns_for(Appointment, appointments)
_HOLD = columns_for(Hold, holds)
_BLOCK = columns_for(Block, blocks)
_FEED = columns_for(Feed, calendar_feeds)
_CASE = columns_for(Case, cases)


def _ours(table: Any) -> Any:
    return table.c.organization_id == bindparam("organization")


_PLAN = Statement(
    select(*columns_for(Plan, plans)).where(
        _ours(plans), plans.c.service_id == bindparam("service")
    )
)
_PLANS = Statement(select(*columns_for(Plan, plans)).where(_ours(plans)))
_DROP_PLAN = Statement(
    delete(plans).where(_ours(plans), plans.c.service_id == bindparam("service"))
)
_GET = select(*_CALENDAR).where(_ours(calendars), calendars.c.id == bindparam("id"))
_GET_CALENDAR = Statement(_GET)
_HOLD_CALENDAR = Statement(_GET, postgresql=_GET.with_for_update())
_CALENDAR_AT = Statement(
    select(*_CALENDAR).where(
        _ours(calendars),
        calendars.c.service_id == bindparam("service"),
        calendars.c.day == bindparam("day"),
        calendars.c.index == bindparam("place"),
    )
)
_CALENDARS = Statement(
    select(*_CALENDAR)
    .where(
        _ours(calendars),
        calendars.c.service_id == bindparam("service"),
        calendars.c.day.between(
            bindparam("first", type_=DayType), bindparam("last", type_=DayType)
        ),
    )
    .order_by(calendars.c.day, calendars.c.index)
)
_OPEN_DAYS = Statement(
    select(calendars.c.day, calendars.c.index).where(
        _ours(calendars),
        calendars.c.service_id == bindparam("service"),
        calendars.c.day >= bindparam("first", type_=DayType),
    )
)
_BUSY_AGENTS = Statement(
    select(calendars.c.agent_id, calendars.c.day).where(
        _ours(calendars),
        calendars.c.agent_id.isnot(None),
        calendars.c.day >= bindparam("first", type_=DayType),
    )
)
_SLOTS = Statement(
    select(*_SLOT)
    .where(_ours(slots), slots.c.calendar_id == bindparam("calendar"))
    .order_by(slots.c.tick)
)
_SET_CALENDAR = Statement(
    update(calendars)
    .where(_ours(calendars), calendars.c.id == bindparam("calendar"))
    .values(
        {
            name: bindparam(name)
            for name in (
                *("agent_id", "appointments", "minutes", "compensated", "overbooked"),
                *("agents_active", "public_active", "closed", "changed_at", "suits"),
            )
        }
    )
)
_CHANGES = ("agent_id", "appointments", "minutes", "compensated", "overbooked")
_SWITCHES = ("agents_active", "public_active", "closed", "changed_at", "suits")

# Take and give back seats in some ticks of a calendar whose row is held. Nothing is written
# where there is no seat: then fewer rows come back than were asked for.
_SEAT = """
update slots set taken = slots.taken + {taken}, forced = slots.forced + {forced}
{source}
where slots.organization_id = :organization and slots.calendar_id = :calendar
  and slots.tick = {tick} and slots.taken + {taken} <= slots.capacity + slots.spare
returning slots.tick
"""
_TAKE_SEATS = Statement(
    text(_SEAT.format(taken=":taken", forced=":forced", tick=":tick", source=""))
    .bindparams(bindparam("organization", type_=Id), bindparam("calendar", type_=Id))
    .columns(slots.c.tick),
    postgresql=text(
        _SEAT.format(
            taken="d.taken",
            forced="d.forced",
            tick="d.tick",
            source="from unnest(cast(:ticks as int[]), cast(:takens as int[]), "
            "cast(:forceds as int[])) as d(tick, taken, forced)",
        )
    )
    .bindparams(bindparam("organization", type_=Id), bindparam("calendar", type_=Id))
    .columns(slots.c.tick),
)
_BLOCK_SLOTS = Statement(
    update(slots)
    .where(
        _ours(slots),
        slots.c.calendar_id == bindparam("calendar"),
        slots.c.tick >= bindparam("first", type_=Integer),
        slots.c.tick < bindparam("last", type_=Integer),
    )
    .values(blocked=bindparam("blocked"))
)
_RUN_OUT = holds.c.until <= bindparam("now", type_=Instant)
_FREED = Statement(
    select(*_HOLD).where(_ours(holds), holds.c.calendar_id == bindparam("calendar"), _RUN_OUT)
)
_FREE = Statement(
    delete(holds)
    .where(_ours(holds), holds.c.calendar_id == bindparam("calendar"), _RUN_OUT)
    .returning(*_HOLD)
)
_LET_GO = Statement(
    delete(holds).where(_ours(holds), holds.c.id == bindparam("id")).returning(*_HOLD)
)
_GET_HOLD = Statement(select(*_HOLD).where(_ours(holds), holds.c.id == bindparam("id")))
_SET_HOLD = Statement(
    update(holds)
    .where(_ours(holds), holds.c.id == bindparam("hold"))
    .values(until=bindparam("until"))
)
_HOLD_NUMBERED = Statement(
    select(*_HOLD).where(_ours(holds), holds.c.number == bindparam("number", type_=Integer))
)
_GET_BLOCK = Statement(select(*_BLOCK).where(_ours(blocks), blocks.c.id == bindparam("id")))
_BLOCKS = Statement(
    select(*_BLOCK)
    .where(_ours(blocks), blocks.c.calendar_id == bindparam("calendar"))
    .order_by(blocks.c.start, blocks.c.id)
)
_LIFT = Statement(delete(blocks).where(_ours(blocks), blocks.c.id == bindparam("id")))

_GET_APPOINTMENT = Statement(
    select(*_APPOINTMENT).where(_ours(appointments), appointments.c.case_id == bindparam("id"))
)
_OF_CASE = (cases.c.organization_id == appointments.c.organization_id) & (
    cases.c.id == appointments.c.case_id
)
_IN_ITS_CALENDAR = (calendars.c.organization_id == appointments.c.organization_id) & (
    calendars.c.id == appointments.c.calendar_id
)
_BOTH = select(*_APPOINTMENT, *_CASE).join_from(appointments, cases, _OF_CASE)
_IN_CALENDAR = Statement(
    _BOTH.where(
        _ours(appointments),
        appointments.c.calendar_id == bindparam("calendar"),
        appointments.c.released_at.is_(None),
    ).order_by(appointments.c.start, appointments.c.case_id)
)
_AT_UNIT = Statement(
    _BOTH.where(
        _ours(appointments),
        appointments.c.unit_id == bindparam("unit"),
        appointments.c.starts_at < bindparam("until", type_=Instant),
        tuple_(appointments.c.starts_at, appointments.c.case_id)
        > tuple_(bindparam("since", type_=Instant), bindparam("behind", type_=Id)),
    )
    .order_by(appointments.c.starts_at, appointments.c.case_id)
    .limit(bindparam("most", type_=Integer))
)
_OF_CUSTOMER = Statement(
    _BOTH.where(
        _ours(appointments),
        appointments.c.unit_id == bindparam("unit"),
        appointments.c.starts_at.between(
            bindparam("since", type_=Instant), bindparam("until", type_=Instant)
        ),
        cases.c.customer_id == bindparam("customer", type_=Id),
        appointments.c.released_at.is_(None),
    ).order_by(appointments.c.starts_at)
)
_BY_CODE = Statement(
    select(*_APPOINTMENT).where(
        _ours(appointments),
        appointments.c.unit_id == bindparam("unit"),
        appointments.c.day == bindparam("day"),
        appointments.c.code_hash == bindparam("code"),
    )
)
_OF_AGENT = Statement(
    _BOTH.where(
        _ours(appointments),
        appointments.c.agent_id == bindparam("agent"),
        appointments.c.starts_at >= bindparam("since", type_=Instant),
    )
    .order_by(appointments.c.starts_at)
    .limit(bindparam("most", type_=Integer))
)
_OF_SERVICE = Statement(
    _BOTH.join(calendars, _IN_ITS_CALENDAR)
    .where(
        _ours(calendars),
        calendars.c.service_id == bindparam("service"),
        calendars.c.day >= bindparam("first", type_=DayType),
        func.coalesce(bindparam("place", type_=Integer), calendars.c.index) == calendars.c.index,
    )
    .order_by(appointments.c.starts_at)
    .limit(bindparam("most", type_=Integer))
)
_OF_SERIES = Statement(
    select(*_APPOINTMENT)
    .where(_ours(appointments), appointments.c.series_id == bindparam("id"))
    .order_by(appointments.c.starts_at, appointments.c.case_id)
)
_OF_GROUP = Statement(
    select(*_APPOINTMENT)
    .where(_ours(appointments), appointments.c.group_id == bindparam("id"))
    .order_by(appointments.c.starts_at, appointments.c.case_id)
)
_OVERDUE = Statement(
    select(*_APPOINTMENT)
    .join_from(appointments, calendars, _IN_ITS_CALENDAR)
    .where(
        _ours(appointments),
        calendars.c.service_id == bindparam("service"),
        appointments.c.awaited,
        appointments.c.starts_at <= bindparam("before", type_=Instant),
    )
    .order_by(appointments.c.starts_at)
    .limit(bindparam("most", type_=Integer))
)
_CHANGEABLE = (
    *("calendar_id", "unit_id", "day", "start", "minutes", "starts_at", "ends_at", "agent_id"),
    *("no_show_percent", "overbooked", "forced", "awaited", "arrived_at", "released_at"),
)
_SET_APPOINTMENT = Statement(
    update(appointments)
    .where(_ours(appointments), appointments.c.case_id == bindparam("case"))
    .values({name: bindparam(name) for name in _CHANGEABLE})
)
_SET_AGENT = Statement(
    update(appointments)
    .where(_ours(appointments), appointments.c.calendar_id == bindparam("calendar"))
    .values(agent_id=bindparam("agent"))
)
_FEED_BY_TOKEN = Statement(
    select(*_FEED).where(_ours(calendar_feeds), calendar_feeds.c.token_hash == bindparam("token"))
)
_REVOKE = Statement(
    update(calendar_feeds)
    .where(_ours(calendar_feeds), calendar_feeds.c.id == bindparam("id"))
    .values(revoked_at=bindparam("now"))
)
_GET_FEED = Statement(
    select(*_FEED).where(_ours(calendar_feeds), calendar_feeds.c.id == bindparam("id"))
)

Booked = tuple[Appointment, Case]
"""An appointment with its case."""


class Bookings:
    """The calendars and appointments of one organization, as far as somebody may see."""

    def __init__(self, connection: Connection, organization_id: UUID, sees: Units) -> None:
        self._connection = connection
        self._organization = organization_id
        self._sees = sees

    async def _first(self, statement: Statement, **values: Any) -> tuple[Any, ...] | None:
        return await self._connection.first(statement, organization=self._organization, **values)

    async def _all(self, statement: Statement, **values: Any) -> list[tuple[Any, ...]]:
        return await self._connection.all(statement, organization=self._organization, **values)

    # --- plans ------------------------------------------------------------------------------

    async def plan(self, service: UUID) -> Plan | None:
        """How times of a service are booked; None if they are not."""
        row = await self._first(_PLAN, service=service)
        return None if row is None else Plan(*row)

    async def plans(self) -> list[Plan]:
        """The plans of all services."""
        return [Plan(*row) for row in await self._all(_PLANS)]

    async def set_plan(self, plan: Plan) -> None:
        """Keep a plan in the place of the one before."""
        await self._connection.run(
            _DROP_PLAN, organization=self._organization, service=plan.service_id
        )
        await self._connection.insert(plans, [_plan_row(plan)])

    # --- calendars --------------------------------------------------------------------------

    async def calendar(self, id: UUID) -> Calendar:
        """The calendar with this id; NotFound if there is none that may be seen."""
        return self._shown(await self._first(_GET_CALENDAR, id=id), id)

    async def calendar_at(self, service: UUID, day: date, index: int) -> Calendar:
        """The calendar of a service on a day at an index."""
        row = await self._first(_CALENDAR_AT, service=service, day=day, place=index)
        return self._shown(row, f"{day}/{index}")

    async def calendars(self, service: UUID, first: date, last: date) -> list[Calendar]:
        """The calendars of a service on some days, in order."""
        rows = await self._all(_CALENDARS, service=service, first=first, last=last)
        return [Calendar(*row) for row in rows]

    async def open_from(self, service: UUID, first: date) -> set[tuple[date, int]]:
        """Which days and indices of a service are open, from a day on."""
        rows = await self._all(_OPEN_DAYS, service=service, first=first)
        return {(day, index) for day, index in rows}

    async def agents_from(self, first: date) -> set[tuple[UUID, date]]:
        """Which agents have a calendar on which days, from a day on."""
        rows = await self._all(_BUSY_AGENTS, first=first)
        return {(agent, day) for agent, day in rows}

    async def day(self, id: UUID, now: datetime) -> Day:
        """A calendar with its slots, as it is now: holds that have run out do not count."""
        return await self._freed(await self.calendar(id), now)

    async def days(self, calendars: Sequence[Calendar], now: datetime) -> list[Day]:
        """Some calendars with their slots, as they are now."""
        return [await self._freed(calendar, now) for calendar in calendars]

    async def hold_day(self, id: UUID, now: datetime) -> Day:
        """A calendar with its slots, kept from everybody else's hands until the transaction ends.

        Seats whose hold has run out are given back first.
        """
        calendar = self._shown(await self._first(_HOLD_CALENDAR, id=id), id)
        day = Day(calendar, await self._slots(id))
        gone = [Hold(*row) for row in await self._all(_FREE, calendar=id, now=now)]
        if not gone:
            return day
        freed = day
        for hold in gone:
            freed = freed.taken(hold.seat, -1)
        await self.write_day(day, freed, now)
        return freed

    async def write_day(self, seen: Day, to: Day, now: datetime) -> None:
        """Write what became of a day that is held; Stale where there was no seat after all."""
        await self._seat(seen, to)
        if seen.calendar != to.calendar or seen.slots != to.slots:
            await self.set_calendar(replace(to.calendar, changed_at=now))

    async def set_calendar(self, calendar: Calendar) -> None:
        """Write what can change about a calendar that is held."""
        await self._connection.run(
            _SET_CALENDAR,
            organization=self._organization,
            calendar=calendar.id,
            **{name: getattr(calendar, name) for name in (*_CHANGES, *_SWITCHES)},
        )

    async def set_agent(self, calendar: Calendar) -> None:
        """Let the appointments of a calendar be with the agent it is allocated to."""
        await self._connection.run(
            _SET_AGENT,
            organization=self._organization,
            calendar=calendar.id,
            agent=calendar.agent_id,
        )

    async def add_days(self, days: Sequence[Day]) -> None:
        """Open calendars. Raises Clash, now or later, if one of them is open already."""
        await self._connection.insert(calendars, [_calendar_row(day.calendar) for day in days])
        await self._connection.insert(
            slots,
            [
                (self._organization, day.calendar.id, *_slot_row(slot))
                for day in days
                for slot in day.slots.values()
            ],
        )

    async def must_be_shut(self, service: UUID, day: date, index: int) -> None:
        """AlreadyOpen if there is a calendar at this place."""
        if await self._first(_CALENDAR_AT, service=service, day=day, place=index) is not None:
            raise AlreadyOpen(day=day, index=index)

    # --- holds and blocks -------------------------------------------------------------------

    async def held(self, id: UUID) -> Hold | None:
        """The hold with this id, if there is one."""
        row = await self._first(_GET_HOLD, id=id)
        return None if row is None else Hold(*row)

    async def held_as(self, number: int) -> Hold | None:
        """The hold with this number, if there is one."""
        row = await self._first(_HOLD_NUMBERED, number=number)
        return None if row is None else Hold(*row)

    async def add_hold(self, hold: Hold) -> None:
        """Keep a hold whose seat is taken."""
        await self._connection.insert(holds, [_hold_row(hold)])

    async def set_hold(self, hold: Hold) -> None:
        """Write until when a time is held; its calendar is held."""
        await self._connection.run(
            _SET_HOLD, organization=self._organization, hold=hold.id, until=hold.until
        )

    async def let_go(self, id: UUID) -> Hold | None:
        """Take a hold away; its calendar is held. The seat is still to be given back."""
        row = await self._first(_LET_GO, id=id)
        return None if row is None else Hold(*row)

    async def blocks(self, calendar: UUID) -> list[Block]:
        """The stretches of a calendar that nobody can book, in order."""
        return [Block(*row) for row in await self._all(_BLOCKS, calendar=calendar)]

    async def block(self, id: UUID) -> Block:
        """The block with this id."""
        row = await self._first(_GET_BLOCK, id=id)
        if row is None:
            raise NotFound(what="block", id=id)
        return Block(*row)

    async def add_block(self, block: Block) -> None:
        """Block a stretch of a calendar that is held."""
        await self._connection.insert(blocks, [_block_row(block)])

    async def lift(self, id: UUID) -> None:
        """Take a block away."""
        await self._connection.run(_LIFT, organization=self._organization, id=id)

    async def set_blocked(self, calendar: UUID, ticks: range, *, blocked: bool) -> None:
        """Close some ticks of a calendar that is held, or open them again."""
        await self._connection.run(
            _BLOCK_SLOTS,
            organization=self._organization,
            calendar=calendar,
            first=ticks.start,
            last=ticks.stop,
            blocked=blocked,
        )

    # --- appointments -----------------------------------------------------------------------

    async def appointment(self, case: UUID) -> Appointment:
        """The appointment of a case; NotFound if it has none that may be seen."""
        row = await self._first(_GET_APPOINTMENT, id=case)
        found = None if row is None else Appointment(*row)
        if found is None or not self._may_see(found.unit_id):
            raise NotFound(what="appointment", id=case)
        return found

    async def in_calendar(self, calendar: UUID) -> list[Booked]:
        """The appointments of a calendar that were not called off, in order."""
        return _both(await self._all(_IN_CALENDAR, calendar=calendar))

    async def at_unit(
        self, unit: UUID, since: datetime, until: datetime, *, behind: UUID, most: int
    ) -> list[Booked]:
        """The appointments of a unit behind an instant and case, in order, at most so many."""
        rows = await self._all(
            _AT_UNIT, unit=unit, since=since, until=until, behind=behind, most=most
        )
        return _both(rows)

    async def of_customer(
        self, unit: UUID, customer: UUID, since: datetime, until: datetime
    ) -> list[Booked]:
        """A customer's appointments at a unit in some time, in order."""
        rows = await self._all(_OF_CUSTOMER, unit=unit, customer=customer, since=since, until=until)
        return _both(rows)

    async def by_code(self, unit: UUID, days: Collection[date], code: bytes) -> Appointment | None:
        """The appointment at a unit on one of some days that is checked in with this code."""
        for day in days:
            row = await self._first(_BY_CODE, unit=unit, day=day, code=code)
            if row is not None:
                return Appointment(*row)
        return None

    async def of_agent(self, agent: UUID, since: datetime, most: int) -> list[Booked]:
        """An agent's appointments from an instant on, in order."""
        return _both(await self._all(_OF_AGENT, agent=agent, since=since, most=most))

    async def of_service(
        self, service: UUID, index: int | None, first: date, most: int
    ) -> list[Booked]:
        """The appointments of a service, perhaps at one index, from a day on, in order."""
        rows = await self._all(_OF_SERVICE, service=service, place=index, first=first, most=most)
        return _both(rows)

    async def of_series(self, id: UUID) -> list[Appointment]:
        """The appointments of a series, in order."""
        return [Appointment(*row) for row in await self._all(_OF_SERIES, id=id)]

    async def of_group(self, id: UUID) -> list[Appointment]:
        """The appointments of a group, in order."""
        return [Appointment(*row) for row in await self._all(_OF_GROUP, id=id)]

    async def overdue(self, service: UUID, before: datetime, most: int) -> list[Appointment]:
        """Whom a service expected by an instant and who has not arrived, the earliest first."""
        rows = await self._all(_OVERDUE, service=service, before=before, most=most)
        return [Appointment(*row) for row in rows]

    async def add(self, new: Sequence[Appointment]) -> None:
        """Add appointments whose seats are taken."""
        await self._connection.insert(appointments, [_appointment_row(one) for one in new])

    async def replace(self, new: Appointment) -> None:
        """Write what can change about an appointment whose case is held."""
        await self._connection.run(
            _SET_APPOINTMENT,
            organization=self._organization,
            case=new.case_id,
            **{name: getattr(new, name) for name in _CHANGEABLE},
        )

    async def settle(self, case: Case, now: datetime) -> UUID | None:
        """What becomes of the seat of a case that was planned and is so no longer.

        Whoever calls off gives it back; its calendar's id is answered then.
        """
        row = await self._first(_GET_APPOINTMENT, id=case.id)
        if row is None:
            return None
        seen = Appointment(*row)
        if not case.state.over:
            await self.replace(replace(seen, awaited=False, arrived_at=now))
            return None
        if case.state is not State.CANCELED:
            await self.replace(replace(seen, awaited=False))
            return None
        row = await self._first(_HOLD_CALENDAR, id=seen.calendar_id)
        await self.replace(replace(seen, awaited=False, released_at=now))
        if row is not None and seen.released_at is None:
            day = Day(Calendar(*row), await self._slots(seen.calendar_id))
            await self.write_day(day, day.taken(seen.seat, -1), now)
        return seen.calendar_id

    async def rise(self, seen: Appointment, now: datetime) -> None:
        """Let somebody stand whose other seat follows (`replace`); their calendar is held.

        The database lets no counter say less than there are people in its slot.
        """
        await self.replace(replace(seen, released_at=now))

    # --- feeds ------------------------------------------------------------------------------

    async def add_feed(self, feed: Feed) -> None:
        """Keep a feed."""
        await self._connection.insert(calendar_feeds, [_feed_row(feed)])

    async def feed(self, id: UUID) -> Feed:
        """The feed with this id."""
        row = await self._first(_GET_FEED, id=id)
        if row is None:
            raise NotFound(what="feed", id=id)
        return Feed(*row)

    async def feed_by(self, token: bytes) -> Feed | None:
        """The feed that an address opens, given its hash."""
        row = await self._first(_FEED_BY_TOKEN, token=token)
        return None if row is None else Feed(*row)

    async def revoke_feed(self, id: UUID, now: datetime) -> None:
        """Let an address open nothing any more."""
        await self._connection.run(_REVOKE, organization=self._organization, id=id, now=now)

    # ----------------------------------------------------------------------------------------

    async def _slots(self, calendar: UUID) -> dict[int, Slot]:
        rows = await self._all(_SLOTS, calendar=calendar)
        return {row[0]: Slot(*row) for row in rows}

    async def _freed(self, calendar: Calendar, now: datetime) -> Day:
        day = Day(calendar, await self._slots(calendar.id))
        for row in await self._all(_FREED, calendar=calendar.id, now=now):
            day = day.taken(Hold(*row).seat, -1)
        return day

    async def _seat(self, seen: Day, to: Day) -> None:
        changes = [
            (tick, new.taken - old.taken, new.forced - old.forced)
            for tick, old in sorted(seen.slots.items())
            for new in (to.slots[tick],)
            if (new.taken, new.forced) != (old.taken, old.forced)
        ]
        if not changes:
            return
        if self._connection.dialect == "postgresql":
            rows = await self._all(
                _TAKE_SEATS,
                calendar=seen.calendar.id,
                ticks=[tick for tick, _, _ in changes],
                takens=[taken for _, taken, _ in changes],
                forceds=[forced for _, _, forced in changes],
            )
        else:
            rows = await self._connection.each(
                _TAKE_SEATS,
                [
                    {
                        "organization": self._organization,
                        "calendar": seen.calendar.id,
                        "tick": tick,
                        "taken": taken,
                        "forced": forced,
                    }
                    for tick, taken, forced in changes
                ],
            )
        if len(rows) != len(changes):
            raise Stale(calendar=seen.calendar.id)

    def _shown(self, row: tuple[Any, ...] | None, id: object) -> Calendar:
        calendar = None if row is None else Calendar(*row)
        if calendar is None or not self._may_see(calendar.unit_id):
            raise NotFound(what="calendar", id=id)
        return calendar

    def _may_see(self, unit: UUID) -> bool:
        return self._sees is None or unit in self._sees


def _both(rows: Sequence[tuple[Any, ...]]) -> list[Booked]:
    return [(Appointment(*row[:_WIDTH]), Case(*row[_WIDTH:])) for row in rows]


_WIDTH = len(_APPOINTMENT)
_plan_row = row_maker(plans)
_calendar_row = row_maker(calendars)
_appointment_row = row_maker(appointments)
_hold_row = row_maker(holds)
_block_row = row_maker(blocks)
_feed_row = row_maker(calendar_feeds)


def _slot_row(slot: Slot) -> tuple[Any, ...]:
    return (slot.tick, slot.capacity, slot.spare, slot.taken, slot.forced, slot.blocked)
