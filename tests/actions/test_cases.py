"""Cases changed away from a desk: corrected, canceled; and what may be seen by whom."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from nowserving.actions import cases, desk
from nowserving.actions.directory import seen_directory
from nowserving.actions.facts import facts_after
from nowserving.actions.house import House
from nowserving.actions.queue_up import queue_up
from nowserving.actions.sample import Sample
from nowserving.actions.views import desk_view
from nowserving.cases.admission import Request
from nowserving.cases.case import Case, WrongState
from nowserving.cases.correction import Correction
from nowserving.cases.moves import State
from nowserving.kit.clock import micros
from nowserving.kit.problems import Forbidden, Invalid, NotFound
from nowserving.people.actor import Actor, ActorKind, grants_of
from nowserving.people.permissions import Permission, Role
from nowserving.places.organization import Unit
from nowserving.places.services import PhoneRequired
from nowserving.queues.line import HEAD_STARTS
from nowserving.store.store import Store


async def joined(house: House, program: Actor, number: int = 2, **asked: str) -> Case:
    """A new case of the service with this number."""
    directory = await house.directory(program.organization_id)
    service = next(one for one in directory.services.values() if one.number == number)
    async with house.acting(program) as act:
        return (await queue_up(act, Request(service_id=service.id, **asked))).case  # type: ignore[arg-type]


async def correct(house: House, actor: Actor, case: Case, correction: Correction) -> Case:
    """The case, corrected."""
    async with house.acting(actor) as act:
        return await cases.correct(act, case_id=case.id, correction=correction)


async def test_another_priority_is_another_place_and_the_old_one_the_old(
    house: House, program: Actor
) -> None:
    case = await joined(house, program)
    urgent = await correct(house, program, case, Correction(priority=2))
    assert urgent.rank == micros(case.joined_at - HEAD_STARTS[2])
    usual = await correct(house, program, urgent, Correction(priority=0))
    assert usual == replace(case, version=3)


async def test_who_was_sent_to_the_end_is_not_brought_back_by_a_correction(
    house: House, program: Actor
) -> None:
    case = await joined(house, program)
    directory = await house.directory(program.organization_id)
    there = directory.routes_from(case.queue_id)[0].id
    async with house.acting(program) as act:
        sent = await desk.transfer(act, case_id=case.id, queue_id=there, keep_place=False)
    named = await correct(house, program, sent, Correction(contact={"name": "Ada"}))
    assert named == replace(sent, version=3)
    raised = await correct(house, program, sent, Correction(priority=1))
    assert raised.rank == sent.rank - micros(case.joined_at) + micros(
        case.joined_at - HEAD_STARTS[1]
    )


async def test_a_correction_keeps_to_the_rules_of_the_service(house: House, program: Actor) -> None:
    case = await joined(house, program, 3, phone="030 123456")
    with pytest.raises(PhoneRequired):
        await correct(house, program, case, Correction(contact={"phone": None}))
    with pytest.raises(Invalid):
        await correct(house, program, case, Correction(tag_ids=(UUID(int=1),)))
    with pytest.raises(Invalid):
        await correct(house, program, case, Correction(priority=7))
    async with house.acting(program) as act:
        details = await act.look.cases.details(case.id)
        assert (await act.look.cases.get(case.id), details.phone) == (case, "+4930123456")


async def test_staff_cancel_what_nobody_serves(house: House, program: Actor, ann: Actor) -> None:
    case = await joined(house, program)
    async with house.acting(ann) as act:
        with pytest.raises(Forbidden):
            await cases.cancel(act, case_id=case.id)
    async with house.acting(program) as act:
        canceled = await cases.cancel(act, case_id=case.id, reason="fire alarm")
    assert (canceled.state, canceled.ended_at) == (State.CANCELED, canceled.state_at)
    async with house.acting(program) as act:
        with pytest.raises(WrongState):
            await cases.cancel(act, case_id=case.id)


async def test_an_agent_sees_the_directory_of_the_units_they_were_given(
    house: House, branch: Sample, ann: Actor, program: Actor
) -> None:
    stranger = _agent_of(branch, UUID(int=5))
    async with house.acting(ann) as act:
        assert (await seen_directory(act)).units == (await act.directory()).units
    async with house.acting(stranger) as act:
        seen = await seen_directory(act)
        whole = await act.directory()
    assert (len(seen.units), len(seen.services), len(seen.queues), len(seen.desks)) == (0, 0, 0, 0)
    assert (seen.routes, seen.outcomes) == (frozenset(), whole.outcomes)
    case = await joined(house, program)
    async with house.acting(stranger) as act:
        with pytest.raises(NotFound):
            await cases.see(act, case_id=case.id)
        with pytest.raises(Forbidden):
            await cases.waiting(act, queue_id=case.queue_id, behind=None, most=1)


async def test_the_feed_is_for_those_who_see_every_line(
    house: House, ann: Actor, program: Actor
) -> None:
    assert not ann.may_everywhere(Permission.SEE_LINE)
    async with house.acting(ann) as act:
        with pytest.raises(Forbidden):
            await facts_after(act, after=None, most=1)
    async with house.acting(program) as act:
        assert (await facts_after(act, after=None, most=1)).facts == []


async def test_a_call_to_a_desk_that_is_none_is_refused_at_the_start_too(
    house: House, program: Actor
) -> None:
    case = await joined(house, program)
    async with house.acting(program) as act:
        await desk.call(act, case_id=case.id, desk_id=None)
    async with house.acting(program) as act:
        with pytest.raises(NotFound):
            await desk.start(act, case_id=case.id, desk_id=UUID(int=9))


def _agent_of(branch: Sample, unit: UUID) -> Actor:
    grants = grants_of([(Role.AGENT, frozenset({unit}))])
    return Actor(branch.organization.id, ActorKind.AGENT, UUID(int=3), "Sam", grants)


async def test_nobody_sees_at_a_desk_who_waits_in_another_unit(
    house: House, branch: Sample, program: Actor
) -> None:
    """Whoever may do something else there sees that unit, but not its line."""
    case = await joined(house, program)
    village = Unit(branch.organization.id, uuid4(), 2, None, "Village", "UTC")
    async with house.engine.writing() as connection:
        await Store(connection, branch.organization.id).places.add([village])
    house.forget_directory(branch.organization.id)
    roles = [(Role.AGENT, frozenset({village.id})), (Role.SERVICE_ADMIN, frozenset({case.unit_id}))]
    both = Actor(branch.organization.id, ActorKind.AGENT, uuid4(), "Gus", grants_of(roles))
    async with house.acting(both) as act:
        with pytest.raises(NotFound):
            await desk_view(act, unit_id=village.id, desk_id=None, queue_ids=[case.queue_id])
