"""Work on a case: who does it, where it stands, what it belongs to."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from nowserving.actions import work
from nowserving.actions.cases import correct, history, notes, see
from nowserving.actions.desk import call_next, note, reopen, start
from nowserving.actions.house import House
from nowserving.actions.queue_up import queue_up
from nowserving.actions.sample import Sample
from nowserving.actions.sample_work import BackOffice
from nowserving.cases.admission import Request
from nowserving.cases.case import Case, NotYours, WrongState
from nowserving.cases.correction import Correction
from nowserving.cases.moves import State
from nowserving.cases.work import InACircle, Link, NoSuchStatus, SolutionRequired
from nowserving.kit.problems import Forbidden, Invalid, NotFound
from nowserving.people.actor import Actor, ActorKind, grants_of
from nowserving.people.permissions import Role
from nowserving.places.statuses import CaseStatus
from tests.work.conftest import OpenOne


@pytest.fixture
def statuses(back_office: BackOffice) -> dict[str, CaseStatus]:
    return {one.name: one for one in back_office.statuses}


async def told(house: House, who: Actor, case: Case) -> list[tuple[str, dict[str, Any]]]:
    """The facts of a case, each with what it says beside the case."""
    async with house.acting(who) as act:
        facts = await history(act, case_id=case.id, after=0, most=100)
    read = [(fact.kind, msgspec.json.decode(fact.data)) for fact in facts]
    return [(kind, {k: v for k, v in said.items() if k != "case"}) for kind, said in read]


async def test_somebody_is_responsible_and_somebody_owns_it(
    house: House, dia: Actor, ann: Actor, open_one: OpenOne
) -> None:
    case = await open_one(title="x")
    async with house.acting(dia) as act:
        to = {"assigned_to": dia.id, "owner_id": ann.id}
        case = await work.assign(act, case_id=case.id, to=to)
    assert (case.assigned_to, case.owner_id) == (dia.id, ann.id)
    async with house.acting(dia) as act:
        case = await work.assign(act, case_id=case.id, to={"assigned_to": None})
    assert (case.assigned_to, case.owner_id) == (None, ann.id)
    assert (await told(house, dia, case))[1:] == [
        ("case.assigned", {"changed": ["assigned_to", "owner_id"]}),
        ("case.assigned", {"changed": ["assigned_to"]}),
    ]
    for wrong in ({"assigned_to": case.id}, {}, {"desk_id": None}):
        async with house.acting(dia) as act:
            with pytest.raises(Invalid):
                await work.assign(act, case_id=case.id, to=wrong)
    async with house.acting(ann) as act:
        with pytest.raises(NotFound):
            await work.assign(act, case_id=case.id, to={"assigned_to": ann.id})


async def test_a_status_makes_the_moves_that_lead_to_its_state(
    house: House, dia: Actor, open_one: OpenOne, statuses: dict[str, CaseStatus]
) -> None:
    case = await open_one(title="x")
    for name, solution in (
        ("Open", None),
        ("In progress", None),
        ("On hold", None),
        ("In progress", None),
        ("Solved", None),
        ("Closed", "The letter was found."),
        ("In progress", None),
    ):
        async with house.acting(dia) as act:
            case = await work.set_status(
                act, case_id=case.id, status_id=statuses[name].id, solution=solution
            )
        assert (case.state, case.status_id) == (statuses[name].state, statuses[name].id)
    assert (case.agent_id, case.assigned_to) == (dia.id, dia.id)
    assert await told(house, dia, case) == [
        ("case.opened", {"counted_only": False}),
        ("case.corrected", {"changed": ["status_id"]}),
        ("case.taken_up", {}),
        ("case.held", {"note_id": None}),
        ("case.taken_up", {}),
        ("case.resolved", {"served_by": str(dia.id)}),
        ("case.corrected", {"changed": ["solution"]}),
        ("case.closed", {}),
        ("case.reopened", {}),
        ("case.taken_up", {}),
    ]
    async with house.acting(dia) as act:
        assert (await see(act, case_id=case.id)).details.solution == "The letter was found."


async def test_a_status_that_closes_wants_a_solution_and_one_of_another_type_is_none(
    house: House,
    dia: Actor,
    open_one: OpenOne,
    *,
    back_office: BackOffice,
    statuses: dict[str, CaseStatus],
) -> None:
    async with house.acting(dia) as act:
        special = CaseStatus(
            *(dia.organization_id, act.new_id(), "Appeal", "waiting"),
            *(statuses["Open"].condition, 9, back_office.types[1].id),
        )
        await act.store.places.add([special])
    house.forget_directory(dia.organization_id)
    case = await open_one(title="x")
    for name in ("Closed", "Rejected"):
        for solution in (None, "  "):
            async with house.acting(dia) as act:
                with pytest.raises(SolutionRequired):
                    await work.set_status(
                        act, case_id=case.id, status_id=statuses[name].id, solution=solution
                    )
    async with house.acting(dia) as act:
        with pytest.raises(NoSuchStatus):
            await work.set_status(act, case_id=case.id, status_id=special.id)
    async with house.acting(dia) as act:
        texts = Correction(texts={"solution": "Written before"})
        await correct(act, case_id=case.id, correction=texts)
        closed = await work.set_status(act, case_id=case.id, status_id=statuses["Closed"].id)
    assert closed.state is State.CLOSED


async def test_a_status_does_not_take_a_person_from_a_colleagues_desk(
    house: House,
    branch: Sample,
    ann: Actor,
    *,
    program: Actor,
    back_office: BackOffice,
    statuses: dict[str, CaseStatus],
) -> None:
    directory = await house.directory(branch.organization.id)
    unit = directory.unit_numbered(1)
    papers = directory.services_of(unit.id)[1]
    desk = directory.desks_of(unit.id)[0]
    async with house.acting(program) as act:
        waiting = (await queue_up(act, Request(service_id=papers.id))).case
    async with house.acting(ann) as act:
        with pytest.raises(WrongState):
            await work.set_status(act, case_id=waiting.id, status_id=statuses["In progress"].id)
    async with house.acting(ann) as act:
        called = await call_next(act, unit_id=unit.id, queue_ids=[papers.queue_id], desk_id=desk.id)
        assert called is not None
        await start(act, case_id=called.id)
    async with house.acting(program) as act:
        with pytest.raises(NotYours):
            await work.set_status(act, case_id=waiting.id, status_id=statuses["Solved"].id)
    async with house.acting(ann) as act:
        solved = await work.set_status(act, case_id=waiting.id, status_id=statuses["Solved"].id)
    assert (solved.state, solved.desk_id) == (State.RESOLVED, desk.id)


async def test_only_force_moves_a_case_against_the_table_and_its_fact_says_so(
    house: House, branch: Sample, ann: Actor, program: Actor
) -> None:
    directory = await house.directory(branch.organization.id)
    unit = directory.unit_numbered(1)
    papers = directory.services_of(unit.id)[1]
    async with house.acting(program) as act:
        case = (await queue_up(act, Request(service_id=papers.id))).case
    async with house.acting(ann) as act:
        desk = directory.desks_of(unit.id)[0].id
        await call_next(act, unit_id=unit.id, queue_ids=[papers.queue_id], desk_id=desk)
        with pytest.raises(Forbidden):
            await work.force(act, case_id=case.id, to=State.CANCELED)
    for state in (
        State.CANCELED,
        State.NO_SHOW,
        State.RESOLVED,
        State.ABANDONED,
        State.WAITING,
        State.WAITING,
    ):
        async with house.acting(program) as act:
            case = await work.force(act, case_id=case.id, to=state, reason="told so")
        assert case.state is state
    async with house.acting(program) as act:
        reasons = await act.look.cases.notes(case.id)
    assert {one.text for one in reasons} == {"told so"}
    ids = [str(one.id) for one in reasons]
    assert (await told(house, program, case))[2:] == [
        ("case.canceled", {"note_id": ids[0], "forced": True}),
        ("case.missed", {"note_id": ids[1], "forced": True}),
        ("case.resolved", {"served_by": None, "note_id": ids[2], "forced": True}),
        ("case.abandoned", {"note_id": ids[3], "forced": True}),
        ("case.reopened", {"note_id": ids[4], "forced": True}),
    ]
    async with house.acting(program) as act:
        with pytest.raises(WrongState):
            await work.force(act, case_id=case.id, to=State.CALLED)


async def test_cases_are_linked_from_either_side(
    house: House, dia: Actor, open_one: OpenOne
) -> None:
    one, other = await open_one(title="one"), await open_one(title="other")
    async with house.acting(dia) as act:
        made = await work.link(act, case_id=one.id, other_id=other.id, kind=Link.BLOCKS)
        again = await work.link(act, case_id=other.id, other_id=one.id, kind=Link.BLOCKS)
        assert again == made
        assert await work.links_of(act, case_id=other.id) == [made]
        with pytest.raises(InACircle):
            await work.link(act, case_id=one.id, other_id=one.id, kind=Link.RELATED)
        with pytest.raises(NotFound):
            await work.unlink(act, case_id=one.id, other_id=other.id, kind=Link.RELATED)
    async with house.acting(dia) as act:
        await work.unlink(act, case_id=other.id, other_id=one.id, kind=Link.BLOCKS)
        assert await work.links_of(act, case_id=one.id) == []
    for case, another in ((one, other), (other, one)):
        said = {"link": "blocks", "other_id": str(another.id)}
        assert (await told(house, dia, case))[1:] == [
            ("case.linked", said),
            ("case.unlinked", said),
        ]


async def test_a_duplicate_lives_on_in_the_case_it_is_merged_into(
    house: House, dia: Actor, open_one: OpenOne, branch: Sample
) -> None:
    tags = tuple((await house.directory(branch.organization.id)).tags)
    case = await open_one(title="Pothole", tag_ids=tags[:1])
    twin = await open_one(title="Hole in the road", tag_ids=tags[:2])
    async with house.acting(dia) as act:
        await note(act, case_id=twin.id, text="Seen it myself")
    async with house.acting(dia) as act:
        merged = await work.merge(act, case_id=twin.id, into_id=case.id)
        gone = (await see(act, case_id=twin.id)).case
        moved = await notes(act, case_id=case.id)
        assert await notes(act, case_id=twin.id) == []
    assert set(merged.tag_ids) == set(tags[:2])
    assert [one.text for one in moved] == ["Seen it myself"]
    assert (gone.state, gone.merged_into_id) == (State.CANCELED, case.id)
    assert [kind for kind, _ in await told(house, dia, gone)] == [
        *("case.opened", "case.noted", "case.merged"),
    ]
    assert (await told(house, dia, merged))[-1] == ("case.took_in", {"from_id": str(twin.id)})
    assert {move.then for move in gone.possible_moves()} == {None}
    async with house.acting(dia) as act:
        with pytest.raises(WrongState):
            await reopen(act, case_id=gone.id)
        with pytest.raises(InACircle):
            await work.merge(act, case_id=case.id, into_id=gone.id)


async def test_what_is_put_right_is_named_and_never_told(
    house: House, dia: Actor, open_one: OpenOne, back_office: BackOffice
) -> None:
    case, above = await open_one(title="x"), await open_one(title="above")
    outcome = next(iter((await house.directory(dia.organization_id)).outcomes))
    due = house.clock() + timedelta(hours=1)
    async with house.acting(dia) as act:
        case = await correct(
            act,
            case_id=case.id,
            correction=Correction(
                contact={"name": "Ada", "phone": "030 123456", "email": "ada@example.org"},
                texts={"title": "T", "description": "D", "cc": "c@example.org", "solution": "S"},
                fields={back_office.field.id: "R-1"},
                also={
                    "due_at": due,
                    "parent_id": above.id,
                    "outcome_id": outcome,
                    "priority_id": back_office.priorities[3].id,
                },
            ),
        )
    kind, said = (await told(house, dia, case))[-1]
    assert (kind, set(said["changed"])) == (
        "case.corrected",
        {
            *("name", "phone", "email", "title", "description", "cc", "solution", "fields"),
            *("due_at", "parent_id", "outcome_id", "priority_id"),
        },
    )
    assert (case.due_at, case.parent_id, case.priority) == (due, above.id, 2)
    async with house.acting(dia) as act:
        facts = await history(act, case_id=case.id, after=0, most=100)
        assert not any("Ada" in fact.data or "R-1" in fact.data for fact in facts)
        with pytest.raises(InACircle):
            circle = Correction(also={"parent_id": case.id})
            await correct(act, case_id=above.id, correction=circle)
    async with house.acting(dia) as act:
        case = await correct(act, case_id=case.id, correction=Correction(priority=1))
    assert (case.priority, case.priority_id) == (1, None)


async def test_a_label_falls_off_when_the_case_moves_on(
    house: House, dia: Actor, open_one: OpenOne, statuses: dict[str, CaseStatus]
) -> None:
    case = await open_one(title="x", status_id=statuses["Open"].id)
    async with house.acting(dia) as act:
        case = await work.take_up(act, case_id=case.id)
    assert (case.state, case.status_id, case.assigned_to) == (State.ACTIVE, None, dia.id)


async def test_whoever_may_not_work_on_cases_does_not(
    house: House, dia: Actor, open_one: OpenOne, branch: Sample
) -> None:
    case = await open_one(title="x")
    grants = grants_of([(Role.APPOINTMENTS_MANAGER, None), (Role.CUSTOMERS_MANAGER, None)])
    clerk = Actor(branch.organization.id, ActorKind.CLIENT, dia.id, "clerk", grants)
    async with house.acting(clerk) as act:
        with pytest.raises(Forbidden):
            await work.take_up(act, case_id=case.id)
