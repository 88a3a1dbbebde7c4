"""Who planned otherwise, and changed a calendar, stands in the audit."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from nowserving.actions import calendars
from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.bookings.spans import Span
from nowserving.people.actor import Actor
from nowserving.places.needs import Need
from nowserving.places.services import Merge
from nowserving.store.engines import Looking
from nowserving.store.store import Store
from tests.actions.booking import Surgery


async def test_who_plans_otherwise_and_changes_a_calendar_is_written_down(
    house: House, branch: Sample, program: Actor, ann: Actor
) -> None:
    surgery = await Surgery.of(house, branch, program)
    id = surgery.service.id

    async def at_another_time(action: Callable[..., Awaitable[Any]], **asked: Any) -> Any:
        surgery.now += timedelta(seconds=1)
        return await surgery.do(action, **asked)

    await surgery.rules(notice=45)
    await surgery.rules(notice=45)
    await at_another_time(calendars.set_suits, service_id=id, suits={0: []})
    calendar = await surgery.opened(suits=(Need.INTERPRETER,))
    await at_another_time(calendars.allocate, calendar_id=calendar.id, agent_id=ann.id)
    await at_another_time(calendars.close_calendar, calendar_id=calendar.id)
    blocked = await at_another_time(
        calendars.block, calendar_id=calendar.id, span=Span(480, 560), reason="Eve is ill"
    )
    await at_another_time(calendars.lift_block, block_id=blocked.id)
    queue = surgery.service.queue_id
    await at_another_time(calendars.set_merge, queue_id=queue, merge=Merge.INTERLEAVED)
    look = Store(Looking(surgery.house.engine), surgery.program.organization_id)

    async def told(subject: UUID) -> list[tuple[str, str, set[str]]]:
        found = reversed(await look.audit.of(subject))
        return [(one.subject_kind, one.verb, set(one.before) | set(one.after)) for one in found]

    assert await told(id) == [
        ("plan", "change", {"notice"}),
        ("plan", "change", {"seats"}),
    ]
    added, *rest = await told(calendar.id)
    assert added[:2] == ("calendar", "add")
    assert rest == [
        ("calendar", "change", {"agent_id"}),
        ("calendar", "change", {"closed"}),
        ("calendar", "block", {"start", "end"}),
        ("calendar", "lift_block", {"start", "end"}),
    ]
    assert await told(queue) == [("queue", "change", {"merge"})]
    (changed,) = await look.audit.of(queue)
    assert (changed.actor, changed.after) == (surgery.program.principal, {"merge": "interleaved"})
