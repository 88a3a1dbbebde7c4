"""A case that stands in no line."""

import pytest

from nowserving.actions.cases import history, see
from nowserving.actions.desk import call_next, reopen
from nowserving.actions.house import House
from nowserving.actions.open_case import open_case
from nowserving.actions.queue_up import queue_up
from nowserving.actions.sample import Sample
from nowserving.actions.sample_work import BackOffice
from nowserving.actions.views import board_view, desk_view
from nowserving.cases.admission import Request
from nowserving.cases.moves import State
from nowserving.cases.work import NoSuchStatus, Opening, SolutionRequired
from nowserving.kit.problems import NotFound
from nowserving.people.actor import Actor
from nowserving.places.services import StandsInLine, StandsInNoLine
from tests.work.conftest import OpenOne


async def test_it_has_a_number_of_its_own_and_takes_none_of_a_line(
    house: House, back_office: BackOffice, open_one: OpenOne, dia: Actor
) -> None:
    first = await open_one(title="Lost letter", name="Ada", email="ada@example.org")
    second = await open_one(title="Another")
    assert (first.state, first.lined, str(first.ticket)) == (
        State.WAITING,
        False,
        f"#{first.number}",
    )
    assert second.number > first.number
    async with house.acting(dia) as act:
        sight = await see(act, case_id=first.id)
        assert (sight.details.title, sight.details.name, sight.place) == (
            "Lost letter",
            "Ada",
            None,
        )
        assert "call" not in {move.verb for move in first.possible_moves()}
        with pytest.raises(NotFound):
            queues = [back_office.service.queue_id]
            await call_next(act, unit_id=back_office.unit.id, queue_ids=queues, desk_id=None)


async def test_nobody_queues_up_where_there_is_an_inbox_and_nobody_opens_where_there_is_a_line(
    house: House, branch: Sample, program: Actor, back_office: BackOffice
) -> None:
    directory = await house.directory(branch.organization.id)
    inquiry = directory.services_of(directory.unit_numbered(1).id)[0]
    async with house.acting(program) as act:
        with pytest.raises(StandsInNoLine):
            await queue_up(act, Request(service_id=back_office.service.id))
    async with house.acting(program) as act:
        with pytest.raises(StandsInLine):
            await open_case(act, Opening(Request(service_id=inquiry.id)))


async def test_what_is_only_counted_is_never_in_a_line_and_leaves_no_hole(
    house: House, branch: Sample, program: Actor
) -> None:
    directory = await house.directory(branch.organization.id)
    unit = directory.unit_numbered(1)
    inquiry = directory.services_of(unit.id)[0]
    async with house.acting(program) as act:
        await queue_up(act, Request(service_id=inquiry.id))
    async with house.acting(program) as act:
        counted = (
            await open_case(
                act,
                Opening(
                    Request(service_id=inquiry.id),
                    title="Asked at the door",
                    solution="Told the way",
                    outcome_id=next(iter(directory.outcomes)),
                    counted_only=True,
                ),
            )
        ).case
    async with house.acting(program) as act:
        later = (await queue_up(act, Request(service_id=inquiry.id))).case
        facts = await history(act, case_id=counted.id, after=0, most=10)
        view = await desk_view(act, unit_id=unit.id, desk_id=None, queue_ids=[inquiry.queue_id])
        board = await board_view(act, unit_id=unit.id)
    assert later.sequence == 2
    assert [fact.kind for fact in facts] == ["case.opened", "case.resolved", "case.closed"]
    assert '"counted_only":true' in facts[0].data
    assert (counted.state, counted.called_at, counted.started_at) == (State.CLOSED, None, None)
    assert counted.outcome_id is not None
    assert counted.id not in {case.id for case in (*view.waiting, *view.pending, *view.on_hold)}
    assert board.calls == []
    async with house.acting(program) as act:
        with pytest.raises(StandsInNoLine):
            await reopen(act, case_id=counted.id)


async def test_it_begins_with_a_status_and_a_closing_one_wants_the_solution(
    house: House, back_office: BackOffice, open_one: OpenOne, branch: Sample
) -> None:
    statuses = {one.name: one for one in back_office.statuses}
    working = await open_one(title="x", status_id=statuses["In progress"].id)
    assert (working.state, working.status_id) == (State.ACTIVE, statuses["In progress"].id)
    with pytest.raises(SolutionRequired):
        await open_one(title="x", status_id=statuses["Closed"].id)
    closed = await open_one(title="x", status_id=statuses["Closed"].id, solution="Done at once")
    assert (closed.state, closed.version) == (State.CLOSED, 3)
    with pytest.raises(NotFound):
        await open_one(title="x", status_id=back_office.unit.id)
    _ = NoSuchStatus
