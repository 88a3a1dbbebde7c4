"""Deadlines that pass are told once, soon after, never before."""

from datetime import datetime, timedelta

from nowserving.actions.cases import correct, history
from nowserving.actions.escalate import escalate
from nowserving.actions.house import House
from nowserving.actions.sample_work import BackOffice
from nowserving.cases.case import Case
from nowserving.cases.correction import Correction
from nowserving.kit.clock import Clock
from nowserving.people.actor import Actor
from tests.work.conftest import OpenOne


async def test_a_deadline_is_told_once_and_never_early(
    house: House, dia: Actor, open_one: OpenOne, back_office: BackOffice
) -> None:
    due = house.clock() + timedelta(hours=1)
    solved = next(one for one in back_office.statuses if one.name == "Solved")
    case = await open_one(title="x", due_at=due)
    await open_one(title="done", due_at=due, status_id=solved.id)
    await open_one(title="whenever")
    now = due - timedelta(microseconds=1)
    later = at(house, lambda: now)
    organization = dia.organization_id
    assert await escalate(later, organization) == 0
    now = due
    assert await escalate(later, organization) == 1
    assert await escalate(later, organization) == 0
    assert await escalations(house, dia, case) == [due]
    again = due + timedelta(days=1)
    async with house.acting(dia) as act:
        case = await correct(act, case_id=case.id, correction=Correction(also={"due_at": again}))
    assert case.escalated_at is None
    assert await escalate(later, organization) == 0
    now = again
    assert await escalate(later, organization) == 1
    assert await escalations(house, dia, case) == [due, again]


def at(house: House, clock: Clock) -> House:
    return House(house.engine, house.vault, clock=clock)


async def escalations(house: House, who: Actor, case: Case) -> list[datetime]:
    async with house.acting(who) as act:
        facts = await history(act, case_id=case.id, after=0, most=100)
    return [fact.at for fact in facts if fact.kind == "case.escalated"]
