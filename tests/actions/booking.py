"""A service that is booked, with a calendar, for the stories about appointments."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from nowserving.actions import bookings, calendars
from nowserving.actions.act import Act
from nowserving.actions.booking_order import Booked
from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.bookings.calendar import Calendar, SlotTaken
from nowserving.bookings.rules import Rules
from nowserving.cases.admission import Request
from nowserving.kit.http import Reply
from nowserving.people.actor import Actor
from nowserving.places.organization import Unit
from nowserving.places.services import Service, ServiceType
from nowserving.store.engines import Looking
from nowserving.store.store import Store

MONDAY = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
"""Eight in the morning in Berlin."""


@dataclass
class Surgery:
    """The sample branch's service by appointment, and a clock that stands still."""

    house: House
    program: Actor
    service: Service
    kinds: list[ServiceType]
    unit: Unit
    now: datetime

    @classmethod
    async def of(cls, house: House, branch: Sample, program: Actor) -> "Surgery":
        directory = await house.directory(branch.organization.id)
        unit = directory.unit_numbered(1)
        service = directory.services_of(unit.id)[3]
        made = cls(house, program, service, directory.types_of(service), unit, MONDAY)
        house.clock = lambda: made.now
        house.forget_directory(branch.organization.id)
        return made

    async def do(
        self, action: Callable[..., Awaitable[Any]], actor: Actor | None = None, **asked: Any
    ) -> Any:
        """Act once."""
        async with self.house.acting(actor or self.program) as act:
            return await action(act, **asked)

    async def rules(self, **changes: Any) -> Rules:
        """The service with other rules."""
        plan = await self.do(calendars.plan_of, service_id=self.service.id)
        rules = replace(plan.rules, **changes)
        await self.do(
            calendars.set_plan, service_id=self.service.id, template=plan.template, rules=rules
        )
        return rules

    async def opened(self, day: date | None = None, index: int = 0, **more: Any) -> Calendar:
        """A calendar, by hand."""
        return await self.do(
            calendars.open_calendar,
            service_id=self.service.id,
            day=day or (self.now + timedelta(days=1)).date(),
            index=index,
            **more,
        )

    def request(self, **more: Any) -> Request:
        """What somebody asks for."""
        return Request(service_id=self.service.id, **more)

    async def book(self, calendar: Calendar, start: int, **more: Any) -> Booked:
        """One booking."""

        async def booking(act: Act) -> Booked:
            asked = {n: more.pop(n) for n in list(more) if n in ("type_id", "name", "customer_id")}
            return await bookings.book(
                act, self.request(**asked), calendar_id=calendar.id, start=start, **more
            )

        actor = more.pop("actor", None)
        return await self.do(booking, actor)

    async def crowd(self, calendar: Calendar, start: int, size: int) -> list[Booked | SlotTaken]:
        """Many who want the same time at the same moment."""

        async def one() -> Booked | SlotTaken:
            try:
                return await self.book(calendar, start)
            except SlotTaken as gone:
                return gone

        return await asyncio.gather(*(one() for _ in range(size)))

    async def day(self, calendar: Calendar) -> Any:
        """The calendar as it stands in the database."""
        store = Store(Looking(self.house.engine), self.program.organization_id)
        return await store.calendars.day(calendar.id, self.now)

    async def case(self, id: UUID) -> Any:
        """A case as it stands in the database."""
        return await Store(Looking(self.house.engine), self.program.organization_id).cases.get(id)


def nothing(_: object) -> Reply:
    return Reply(200, "")
