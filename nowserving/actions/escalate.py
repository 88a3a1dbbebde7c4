"""Deadlines that pass: each is told once, soon after, never before."""

from uuid import UUID

from nowserving.actions.act import Act
from nowserving.actions.house import House
from nowserving.cases import moves
from nowserving.cases.case import moved
from nowserving.kit.problems import Stale
from nowserving.people.actor import system
from nowserving.store.engines import Clash, Looking
from nowserving.store.store import Store

AT_ONCE = 200
"""Cases of an organization whose deadlines are told in one round at the most."""


async def escalate(house: House, organization_id: UUID) -> int:
    """Tell of every open case of an organization whose deadline has passed; says of how many."""
    look = Store(Looking(house.engine), organization_id)
    told = 0
    for case_id in await look.work.due(house.clock(), AT_ONCE):
        try:
            async with house.acting(system(organization_id, "deadlines")) as act:
                told += await _escalate(act, case_id)
        except (Clash, Stale):
            continue  # somebody works on it; the next round looks again
    return told


async def _escalate(act: Act, case_id: UUID) -> bool:
    case = await act.store.cases.hold(case_id)
    passed = case.due_at is not None and case.due_at <= act.now
    if not passed or case.escalated_at is not None or case.state.over:
        return False
    to = moved(case, moves.ESCALATE, act.now, escalated_at=act.now)
    await act.change(case, to, moves.ESCALATE)
    return True
