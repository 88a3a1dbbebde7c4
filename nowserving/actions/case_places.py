"""What an organization sets up for work on cases: its statuses, its priorities, its inboxes.

What cases stand on stays: a status keeps its state, condition and type, a priority its level,
an inbox its unit. Archived, they are offered no more; cases that have them keep them.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from nowserving.actions.act import Act
from nowserving.actions.setting_up import add, change, checked, must_everywhere, named
from nowserving.cases.moves import State
from nowserving.kit.problems import Invalid, NotFound
from nowserving.people.permissions import Permission
from nowserving.places.services import Queue
from nowserving.places.statuses import CasePriority, CaseStatus, Condition

_CHANGED = frozenset({"name", "position", "archived"})


async def add_status(
    act: Act,
    *,
    name: str,
    state: State,
    condition: Condition,
    position: int = 0,
    type_id: UUID | None = None,
) -> CaseStatus:
    """Add a name for a state. Its condition is closed if the state is an end, and only then."""
    if type_id is not None and type_id not in (await act.directory()).types:
        raise NotFound(what="type", id=type_id)
    must_everywhere(act)
    if (condition is Condition.CLOSED) != state.over:
        raise Invalid(field="condition", reason="closed for an end of a case, else open")
    of, id = act.actor.organization_id, act.new_id()
    made = CaseStatus(of, id, named(name), state, condition, position, type_id)
    await add(act, made)
    return made


async def change_status(act: Act, *, status_id: UUID, to: Mapping[str, Any]) -> CaseStatus:
    """Change the `name`, `position` or `archived` of a status."""
    seen = (await act.directory()).status(status_id)
    must_everywhere(act)
    changed = replace(seen, **checked(to, _CHANGED))
    await change(act, seen, changed)
    return changed


async def add_priority(act: Act, *, name: str, level: int, position: int = 0) -> CasePriority:
    """Add a name for an urgency; `level` is 0 usual, 1 raised or 2 urgent."""
    must_everywhere(act)
    if level not in (0, 1, 2):
        raise Invalid(field="level", reason="0, 1 or 2")
    of, id = act.actor.organization_id, act.new_id()
    made = CasePriority(of, id, named(name), level, position)
    await add(act, made)
    return made


async def change_priority(act: Act, *, priority_id: UUID, to: Mapping[str, Any]) -> CasePriority:
    """Change the `name`, `position` or `archived` of a priority."""
    seen = (await act.directory()).priority(priority_id)
    must_everywhere(act)
    changed = replace(seen, **checked(to, _CHANGED))
    await change(act, seen, changed)
    return changed


async def add_inbox(act: Act, *, unit_id: UUID, name: str, color: str, position: int = 0) -> Queue:
    """Add a list from which a unit works on cases that stand in no line."""
    unit = (await act.directory()).unit(unit_id)
    act.must(Permission.MANAGE_PLACES, at=unit.id)
    of, id = act.actor.organization_id, act.new_id()
    made = Queue(of, id, unit.id, named(name), color, position, inbox=True)
    await add(act, made)
    return made


async def change_inbox(act: Act, *, queue_id: UUID, to: Mapping[str, Any]) -> Queue:
    """Change the `name`, `color`, `position` or `archived` of an inbox.

    It is not archived while a service leads to it.
    """
    directory = await act.directory()
    seen = directory.queue(queue_id)
    if not seen.inbox:
        raise NotFound(what="inbox", id=queue_id)
    act.must(Permission.MANAGE_PLACES, at=seen.unit_id)
    services = (one for one in directory.services.values() if not one.archived)
    if to.get("archived") and any(one.queue_id == queue_id for one in services):
        raise Invalid(field="archived", reason="a service leads here")
    changed = replace(seen, **checked(to, _CHANGED | {"color"}))
    await change(act, seen, changed)
    return changed
