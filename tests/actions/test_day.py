"""One visit, from joining the line to settled, on both engines."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from nowserving.actions import desk, desk_posts
from nowserving.actions.gather import Queued
from nowserving.actions.house import House
from nowserving.actions.queue_up import queue_up
from nowserving.actions.sample import Sample
from nowserving.actions.views import taken_desks
from nowserving.cases.admission import Request
from nowserving.cases.case import DeskTaken
from nowserving.cases.moves import State
from nowserving.kit.http import Reply
from nowserving.people.actor import Actor
from nowserving.places.organization import POST_FOR
from nowserving.queues.line import Rule


async def test_a_visit_is_called_started_and_resolved(
    house: House, branch: Sample, ann: Actor, program: Actor
) -> None:
    directory = await house.directory(branch.organization.id)
    unit = directory.unit_numbered(1)
    papers = directory.services_of(unit.id)[1]
    async with house.acting(program) as act:
        queued = await queue_up(act, Request(service_id=papers.id))
    assert (str(queued.case.ticket), queued.place.before, queued.case.version) == ("B1", 0, 1)

    counter = directory.desks_of(unit.id)[0]
    queues = [queue.id for queue in directory.queues_of(unit.id)]
    async with house.acting(ann) as act:
        case = await desk.call_next(act, unit_id=unit.id, queue_ids=queues, desk_id=counter.id)
    assert case is not None
    assert (case.id, case.state, case.desk_id) == (queued.case.id, State.CALLED, counter.id)
    async with house.acting(ann) as act:
        await desk.start(act, case_id=case.id)
    async with house.acting(ann) as act:
        case = await desk.resolve(act, case_id=case.id)
    async with house.acting(ann) as act:
        history = await act.look.journal.of(case.id)
        stored = await act.look.cases.get(case.id)
    assert stored == case
    assert [(fact.version, fact.kind) for fact in history] == [
        (1, "case.queued"),
        (2, "case.called"),
        (3, "case.started"),
        (4, "case.resolved"),
    ]
    assert f'"rule":"{Rule.ONLY_ONE}"' in history[1].data


async def test_a_desk_is_free_again_when_who_sat_there_must_have_gone_home(
    house: House, branch: Sample, ann: Actor
) -> None:
    bob = replace(ann, id=branch.beginning.agents[1].id, name="Bob Sample")
    directory = await house.directory(branch.organization.id)
    one, two, *_ = directory.desks_of(directory.unit_numbered(1).id)
    now = house.clock()
    house.clock = lambda: now
    async with house.acting(bob) as act:
        await desk_posts.sit_down(act, desk_id=two.id)
    async with house.acting(ann) as act:
        await desk_posts.sit_down(act, desk_id=one.id)
        assert await taken_desks(act, unit_id=one.unit_id) == {two.id: "Bob Sample"}
    now += POST_FOR - timedelta(seconds=1)
    async with house.acting(bob) as act:
        with pytest.raises(DeskTaken):
            await desk_posts.sit_down(act, desk_id=one.id)
    now += timedelta(seconds=1)
    async with house.acting(bob) as act:
        assert await taken_desks(act, unit_id=one.unit_id) == {}
        assert await desk_posts.sit_down(act, desk_id=one.id) == one
    async with house.acting(ann) as act:
        assert await taken_desks(act, unit_id=one.unit_id) == {one.id: "Bob Sample"}


async def test_forty_take_a_number_at_once(house: House, branch: Sample, program: Actor) -> None:
    directory = await house.directory(branch.organization.id)
    inquiry = directory.services_of(directory.unit_numbered(1).id)[0]

    async def one() -> Queued:
        async with house.acting(program) as act:
            return await queue_up(act, Request(service_id=inquiry.id))

    queued = await asyncio.gather(*(one() for _ in range(40)))
    assert sorted(one.case.sequence for one in queued) == list(range(1, 41))
    assert sorted(one.place.before for one in queued) == list(range(40))
    by_number = sorted(queued, key=lambda one: one.case.sequence)
    assert by_number == sorted(queued, key=lambda one: one.case.rank)


async def test_forty_desks_call_at_once(
    house: House, branch: Sample, ann: Actor, program: Actor
) -> None:
    directory = await house.directory(branch.organization.id)
    unit = directory.unit_numbered(1)
    inquiry = directory.services_of(unit.id)[0]
    for _ in range(40):
        async with house.acting(program) as act:
            await queue_up(act, Request(service_id=inquiry.id))

    async def one() -> str:
        reply = await house.perform(
            ann,
            lambda act: desk.call_next(
                act, unit_id=unit.id, queue_ids=[inquiry.queue_id], desk_id=None
            ),
            lambda case: Reply(200, str(case.id if case else None)),
        )
        return reply.body

    called = await asyncio.gather(*(one() for _ in range(41)))
    assert len(set(called)) == 41
    assert called.count("None") == 1


async def test_a_clock_that_is_set_back_keeps_the_order_and_stops_nobody(
    house: House, branch: Sample, ann: Actor, program: Actor
) -> None:
    directory = await house.directory(branch.organization.id)
    unit = directory.unit_numbered(1)
    inquiry = directory.services_of(unit.id)[0]
    now = house.clock().replace(hour=11)  # noon or so there: no other day half an hour before
    cases = []
    for offset in (0, -1800, 5):
        house.clock = partial(now.__add__, timedelta(seconds=offset))
        async with house.acting(program) as act:
            cases.append((await queue_up(act, Request(service_id=inquiry.id))).case)
    assert [case.sequence for case in cases] == [1, 2, 3]
    assert cases == sorted(cases, key=lambda case: case.rank)
    house.clock = lambda: now - timedelta(seconds=1800)
    async with house.acting(ann) as act:
        called = await desk.call_next(
            act, unit_id=unit.id, queue_ids=[inquiry.queue_id], desk_id=None
        )
    assert called is not None
    assert called.id == cases[0].id
