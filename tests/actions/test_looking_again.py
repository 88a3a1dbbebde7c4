"""Whoever changes a case that a colleague has just changed looks again; nothing is half written."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest

from nowserving.actions import desk
from nowserving.actions.act import Act
from nowserving.actions.attendance import must_be_there
from nowserving.actions.house import TRIES, House
from nowserving.actions.queue_up import queue_up
from nowserving.actions.replies import Once
from nowserving.actions.sample import Sample
from nowserving.cases.admission import Request
from nowserving.cases.case import WrongState
from nowserving.cases.moves import State
from nowserving.kit.http import Reply
from nowserving.kit.problems import Stale
from nowserving.people.actor import Actor

Meanwhile = Callable[[Callable[[Act], Awaitable[Any]]], None]


@pytest.fixture
async def case_id(house: House, branch: Sample, ann: Actor, program: Actor) -> UUID:
    """A case that Ann has called and serves."""
    directory = await house.directory(branch.organization.id)
    service = directory.services_of(directory.unit_numbered(1).id)[0]
    async with house.acting(program) as act:
        case = (await queue_up(act, Request(service_id=service.id))).case
    async with house.acting(ann) as act:
        await desk.call(act, case_id=case.id, desk_id=None)
    return case.id


@pytest.fixture
def meanwhile(house: House, ann: Actor, monkeypatch: pytest.MonkeyPatch) -> Meanwhile:
    """Let something be done, once, when somebody has seen a case and not yet changed it.

    Nothing can be while they hold it.
    """
    to_come: list[Callable[[Act], Awaitable[Any]]] = []

    async def then_a_colleague(act: Act) -> None:
        await must_be_there(act)
        if to_come and not act.wrote:
            do = to_come.pop()
            async with house.acting(ann) as other:
                await do(other)

    monkeypatch.setattr("nowserving.actions.desk.must_be_there", then_a_colleague)
    return to_come.append


async def facts_of(house: House, ann: Actor, case_id: UUID) -> list[tuple[int, str]]:
    async with house.acting(ann) as act:
        return [(fact.version, fact.kind) for fact in await act.look.journal.of(case_id)]


async def test_the_move_is_made_to_the_case_as_it_is_by_then(
    house: House, ann: Actor, case_id: UUID, meanwhile: Meanwhile
) -> None:
    meanwhile(lambda act: desk.note(act, case_id=case_id, text="Meanwhile."))
    await house.perform(
        ann, lambda act: desk.resolve(act, case_id=case_id), lambda case: Reply(200, case.state)
    )
    assert (await facts_of(house, ann, case_id))[3:] == [(4, "case.noted"), (5, "case.resolved")]


async def test_nobody_loses_two_races_for_a_case(
    house: House, ann: Actor, case_id: UUID, meanwhile: Meanwhile
) -> None:
    for _ in range(TRIES):
        meanwhile(lambda act: desk.note(act, case_id=case_id, text="Meanwhile."))
    await house.perform(
        ann, lambda act: desk.resolve(act, case_id=case_id), lambda case: Reply(200, case.state)
    )
    assert (await facts_of(house, ann, case_id))[3:] == [(4, "case.noted"), (5, "case.resolved")]


async def test_the_move_is_refused_where_the_case_has_moved_on(
    house: House, ann: Actor, case_id: UUID, meanwhile: Meanwhile
) -> None:
    meanwhile(lambda act: desk.resolve(act, case_id=case_id))
    with pytest.raises(WrongState):
        await house.perform(
            ann, lambda act: desk.hold(act, case_id=case_id), lambda case: Reply(200, case.state)
        )
    assert (await facts_of(house, ann, case_id))[3:] == [(4, "case.resolved")]


async def test_nothing_stays_of_a_move_that_came_too_late(
    house: House, ann: Actor, case_id: UUID, meanwhile: Meanwhile
) -> None:
    meanwhile(lambda act: desk.note(act, case_id=case_id, text="Meanwhile."))
    once = Once("k-1", "a fingerprint")
    with pytest.raises(Stale):
        async with house.acting(ann) as act:
            case = await desk.resolve(act, case_id=case_id)
            reply = Reply(200, case.state)
            kept = once.kept(ann.organization_id, ann.principal, reply, act.now)
            await act.store.requests.keep([kept])
    async with house.acting(ann) as act:
        assert (await act.look.cases.get(case_id)).state is State.ACTIVE
        assert await act.look.requests.kept(ann.principal, "k-1") is None
    assert (await facts_of(house, ann, case_id))[3:] == [(4, "case.noted")]


async def test_whoever_writes_more_than_the_case_holds_it_first(
    house: House, ann: Actor, case_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What belongs to a case may change without a new version of it."""
    held: list[bool] = []

    async def look(act: Act) -> None:
        held.append(act.wrote)
        await must_be_there(act)

    monkeypatch.setattr("nowserving.actions.desk.must_be_there", look)
    orders: list[tuple[Callable[[Act], Awaitable[Any]], bool]] = [
        (lambda act: desk.hold(act, case_id=case_id), False),
        (lambda act: desk.start(act, case_id=case_id), False),
        (lambda act: desk.hold(act, case_id=case_id, reason="a form is missing"), True),
        (lambda act: desk.start(act, case_id=case_id), False),
        (lambda act: desk.resolve(act, case_id=case_id, solution="found"), True),
    ]
    for order, holds in orders:
        async with house.acting(ann) as act:
            await order(act)
        assert held.pop() is holds
