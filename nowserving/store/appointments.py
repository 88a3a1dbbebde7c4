"""Appointments: who has a seat when, looked for from all sides, and what becomes of the seat."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, bindparam, func, select, tuple_, update

from nowserving.bookings.appointment import Appointment
from nowserving.bookings.calendar import Calendar
from nowserving.cases.case import Case
from nowserving.cases.moves import State
from nowserving.kit.problems import NotFound
from nowserving.people.actor import Units
from nowserving.store.calendars import Calendars
from nowserving.store.engines import Connection, Statement
from nowserving.store.rows import columns_for, row_maker
from nowserving.store.tables import appointments, calendars, cases
from nowserving.store.types import Day as DayType
from nowserving.store.types import Id, Instant

Booked = tuple[Appointment, Case]
"""An appointment with its case."""

_APPOINTMENT = columns_for(Appointment, appointments)
_CASE = columns_for(Case, cases)
_WIDTH = len(_APPOINTMENT)
_appointment_row = row_maker(appointments)
_OURS = appointments.c.organization_id == bindparam("organization")
_GET_APPOINTMENT = Statement(
    select(*_APPOINTMENT).where(_OURS, appointments.c.case_id == bindparam("id"))
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
        _OURS,
        appointments.c.calendar_id == bindparam("calendar"),
        appointments.c.released_at.is_(None),
    ).order_by(appointments.c.start, appointments.c.case_id)
)
_AT_UNIT = Statement(
    _BOTH.where(
        _OURS,
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
        _OURS,
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
        _OURS,
        appointments.c.unit_id == bindparam("unit"),
        appointments.c.day == bindparam("day"),
        appointments.c.code_hash == bindparam("code"),
    )
)
_OF_AGENT = Statement(
    _BOTH.where(
        _OURS,
        appointments.c.agent_id == bindparam("agent"),
        appointments.c.starts_at >= bindparam("since", type_=Instant),
    )
    .order_by(appointments.c.starts_at)
    .limit(bindparam("most", type_=Integer))
)
_OF_SERVICE = Statement(
    _BOTH.join(calendars, _IN_ITS_CALENDAR)
    .where(
        calendars.c.organization_id == bindparam("organization"),
        calendars.c.service_id == bindparam("service"),
        calendars.c.day >= bindparam("first", type_=DayType),
        func.coalesce(bindparam("place", type_=Integer), calendars.c.index) == calendars.c.index,
    )
    .order_by(appointments.c.starts_at)
    .limit(bindparam("most", type_=Integer))
)
_OF_SERIES = Statement(
    select(*_APPOINTMENT)
    .where(_OURS, appointments.c.series_id == bindparam("id"))
    .order_by(appointments.c.starts_at, appointments.c.case_id)
)
_OF_GROUP = Statement(
    select(*_APPOINTMENT)
    .where(_OURS, appointments.c.group_id == bindparam("id"))
    .order_by(appointments.c.starts_at, appointments.c.case_id)
)
_OVERDUE = Statement(
    select(*_APPOINTMENT)
    .join_from(appointments, calendars, _IN_ITS_CALENDAR)
    .where(
        _OURS,
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
    .where(_OURS, appointments.c.case_id == bindparam("case"))
    .values({name: bindparam(name) for name in _CHANGEABLE})
)
_SET_AGENT = Statement(
    update(appointments)
    .where(_OURS, appointments.c.calendar_id == bindparam("calendar"))
    .values(agent_id=bindparam("agent"))
)


class Appointments:
    """The appointments of one organization, as far as somebody may see."""

    def __init__(self, connection: Connection, organization_id: UUID, sees: Units) -> None:
        self._connection = connection
        self._organization = organization_id
        self._sees = sees
        self._calendars = Calendars(connection, organization_id, sees)

    async def get(self, case: UUID) -> Appointment:
        """The appointment of a case; NotFound if it has none that may be seen."""
        row = await self._first(_GET_APPOINTMENT, id=case)
        found = None if row is None else Appointment(*row)
        if found is None or (self._sees is not None and found.unit_id not in self._sees):
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
        day = await self._calendars.hold_any(seen.calendar_id)
        await self.replace(replace(seen, awaited=False, released_at=now))
        if day is not None and seen.released_at is None:
            await self._calendars.write_day(day, day.taken(seen.seat, -1), now)
        return seen.calendar_id

    async def rise(self, seen: Appointment, now: datetime) -> None:
        """Let somebody stand whose other seat follows (`replace`); their calendar is held.

        The database lets no counter say less than there are people in its slot.
        """
        await self.replace(replace(seen, released_at=now))

    async def set_agent(self, calendar: Calendar) -> None:
        """Let the appointments of a calendar be with the agent it is allocated to."""
        await self._connection.run(
            _SET_AGENT,
            organization=self._organization,
            calendar=calendar.id,
            agent=calendar.agent_id,
        )

    async def _first(self, statement: Statement, **values: Any) -> tuple[Any, ...] | None:
        return await self._connection.first(statement, organization=self._organization, **values)

    async def _all(self, statement: Statement, **values: Any) -> list[tuple[Any, ...]]:
        return await self._connection.all(statement, organization=self._organization, **values)


def _both(rows: Sequence[tuple[Any, ...]]) -> list[Booked]:
    return [(Appointment(*row[:_WIDTH]), Case(*row[_WIDTH:])) for row in rows]
