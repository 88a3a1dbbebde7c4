"""Calendars, their slots and the seats in them, which are taken by one writer at a time.

Whoever takes or gives a seat holds the calendar's row first, so what is decided on is what
is written over. The counters of the slots are written by a conditional update and guarded by
a constraint besides: were the decision wrong, the database would refuse it.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, bindparam, delete, select, text, update

from nowserving.bookings.appointment import Hold
from nowserving.bookings.calendar import AlreadyOpen, Calendar, Day, Slot
from nowserving.kit.problems import NotFound, Stale
from nowserving.people.actor import Units
from nowserving.store.engines import Connection, Statement
from nowserving.store.rows import columns_for, row_maker
from nowserving.store.tables import calendars, holds, slots
from nowserving.store.types import Day as DayType
from nowserving.store.types import Id, Instant

_CALENDAR = columns_for(Calendar, calendars)
_SLOT = columns_for(Slot, slots)
_HOLD = columns_for(Hold, holds)
_calendar_row = row_maker(calendars)
_OURS = calendars.c.organization_id == bindparam("organization")
_OUR_SLOTS = (
    slots.c.organization_id == bindparam("organization"),
    slots.c.calendar_id == bindparam("calendar"),
)
_RUN_OUT = (
    holds.c.organization_id == bindparam("organization"),
    holds.c.calendar_id == bindparam("calendar"),
    holds.c.until <= bindparam("now", type_=Instant),
)

_GET = select(*_CALENDAR).where(_OURS, calendars.c.id == bindparam("id"))
_GET_CALENDAR = Statement(_GET)
_HOLD_CALENDAR = Statement(_GET, postgresql=_GET.with_for_update())
_CALENDAR_AT = Statement(
    select(*_CALENDAR).where(
        _OURS,
        calendars.c.service_id == bindparam("service"),
        calendars.c.day == bindparam("day"),
        calendars.c.index == bindparam("place"),
    )
)
_CALENDARS = Statement(
    select(*_CALENDAR)
    .where(
        _OURS,
        calendars.c.service_id == bindparam("service"),
        calendars.c.day.between(
            bindparam("first", type_=DayType), bindparam("last", type_=DayType)
        ),
    )
    .order_by(calendars.c.day, calendars.c.index)
)
_OPEN_DAYS = Statement(
    select(calendars.c.day, calendars.c.index).where(
        _OURS,
        calendars.c.service_id == bindparam("service"),
        calendars.c.day >= bindparam("first", type_=DayType),
    )
)
_BUSY_AGENTS = Statement(
    select(calendars.c.agent_id, calendars.c.day).where(
        _OURS,
        calendars.c.agent_id.isnot(None),
        calendars.c.day >= bindparam("first", type_=DayType),
    )
)
_SLOTS = Statement(select(*_SLOT).where(*_OUR_SLOTS).order_by(slots.c.tick))
_CHANGEABLE = (
    *("agent_id", "appointments", "minutes", "compensated", "overbooked"),
    *("agents_active", "public_active", "closed", "changed_at", "suits"),
)
_SET_CALENDAR = Statement(
    update(calendars)
    .where(_OURS, calendars.c.id == bindparam("calendar"))
    .values({name: bindparam(name) for name in _CHANGEABLE})
)

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
        *_OUR_SLOTS,
        slots.c.tick >= bindparam("first", type_=Integer),
        slots.c.tick < bindparam("last", type_=Integer),
    )
    .values(blocked=bindparam("blocked"))
)
_FREED = Statement(select(*_HOLD).where(*_RUN_OUT))
_FREE = Statement(delete(holds).where(*_RUN_OUT).returning(*_HOLD))


class Calendars:
    """The calendars of one organization, as far as somebody may see."""

    def __init__(self, connection: Connection, organization_id: UUID, sees: Units) -> None:
        self._connection = connection
        self._organization = organization_id
        self._sees = sees

    async def get(self, id: UUID) -> Calendar:
        """The calendar with this id; NotFound if there is none that may be seen."""
        return self._shown(await self._first(_GET_CALENDAR, id=id), id)

    async def at(self, service: UUID, day: date, index: int) -> Calendar:
        """The calendar of a service on a day at an index."""
        row = await self._first(_CALENDAR_AT, service=service, day=day, place=index)
        return self._shown(row, f"{day}/{index}")

    async def of(self, service: UUID, first: date, last: date) -> list[Calendar]:
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
        return await self._freed(await self.get(id), now)

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

    async def hold_any(self, id: UUID) -> Day | None:
        """A day, held, also where the actor may not see it: what they change is not seen there."""
        row = await self._first(_HOLD_CALENDAR, id=id)
        return None if row is None else Day(Calendar(*row), await self._slots(id))

    async def write_day(self, seen: Day, to: Day, now: datetime) -> None:
        """Write what became of a day that is held; Stale where there was no seat after all."""
        await self._seat(seen, to)
        if seen.calendar != to.calendar or seen.slots != to.slots:
            await self.replace(replace(to.calendar, changed_at=now))

    async def replace(self, calendar: Calendar) -> None:
        """Write what can change about a calendar that is held."""
        await self._connection.run(
            _SET_CALENDAR,
            organization=self._organization,
            calendar=calendar.id,
            **{name: getattr(calendar, name) for name in _CHANGEABLE},
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
        if calendar is None or (self._sees is not None and calendar.unit_id not in self._sees):
            raise NotFound(what="calendar", id=id)
        return calendar

    async def _first(self, statement: Statement, **values: Any) -> tuple[Any, ...] | None:
        return await self._connection.first(statement, organization=self._organization, **values)

    async def _all(self, statement: Statement, **values: Any) -> list[tuple[Any, ...]]:
        return await self._connection.all(statement, organization=self._organization, **values)


def _slot_row(slot: Slot) -> tuple[Any, ...]:
    return (slot.tick, slot.capacity, slot.spare, slot.taken, slot.forced, slot.blocked)
