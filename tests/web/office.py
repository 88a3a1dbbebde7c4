"""What staff and others do while somebody looks at a public page: through actions, as in life."""

from dataclasses import dataclass
from uuid import UUID

from nowserving.actions import desk
from nowserving.actions.gather import Queued
from nowserving.actions.house import House
from nowserving.actions.queue_up import queue_up
from nowserving.actions.sample import Sample
from nowserving.actions.ticket import link_of
from nowserving.cases.admission import Request
from nowserving.cases.case import Case
from nowserving.people.actor import Actor


@dataclass(frozen=True, slots=True)
class Office:
    """The sample branch at work: Ann calls, the program sends people."""

    house: House
    branch: Sample
    ann: Actor
    program: Actor

    async def join(self, *, service: int = 1, language: str | None = None) -> Queued:
        """Somebody joins the line of a service."""
        directory = await self.house.directory(self.branch.organization.id)
        wanted = directory.services_of(directory.unit_numbered(1).id)[service - 1]
        phone = "+4930123456" if wanted.needs_phone else None
        async with self.house.acting(self.program) as act:
            return await queue_up(act, Request(wanted.id, language=language, phone=phone))

    async def call(self, *, counter: int = 1) -> Case:
        """Finish with whoever is at a counter, and call the next."""
        directory = await self.house.directory(self.branch.organization.id)
        unit = directory.unit_numbered(1)
        queues = [queue.id for queue in directory.queues_of(unit.id)]
        at = directory.desks_of(unit.id)[counter - 1].id
        async with self.house.acting(self.ann) as act:
            before = await act.look.lines.at_desk(at)
        if before is not None:
            await self.resolve(before.id)
        async with self.house.acting(self.ann) as act:
            case = await desk.call_next(act, unit_id=unit.id, queue_ids=queues, desk_id=at)
        assert case is not None
        return case

    async def resolve(self, case_id: UUID) -> None:
        """Finish with somebody."""
        async with self.house.acting(self.ann) as act:
            await desk.resolve(act, case_id=case_id)

    async def undo_call(self, case_id: UUID) -> None:
        """Take a call back."""
        async with self.house.acting(self.ann) as act:
            await desk.undo_call(act, case_id=case_id)

    async def miss(self, case_id: UUID) -> None:
        """Somebody did not come."""
        async with self.house.acting(self.ann) as act:
            await desk.miss(act, case_id=case_id)

    def link(self, queued: Queued) -> str:
        """The address of somebody's ticket page."""
        return f"/t/{link_of(self.branch.organization, queued.link)}"
