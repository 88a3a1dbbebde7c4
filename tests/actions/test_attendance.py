"""Coming to work, taking a break, going home."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from uuid import UUID, uuid4

import msgspec
import pytest

from nowserving.actions import attendance, desk, desk_posts
from nowserving.actions.act import Act
from nowserving.actions.house import House
from nowserving.actions.impersonation import impersonated
from nowserving.actions.queue_up import queue_up
from nowserving.actions.sample import Sample
from nowserving.cases.admission import Request
from nowserving.kit.problems import Forbidden, Invalid, NotFound
from nowserving.people.actor import Actor, ActorKind, grants_of, system
from nowserving.people.attendance import (
    AlreadyThere,
    CannotPause,
    ClockInFirst,
    Leaving,
    NotPaused,
    NotThere,
    NotTracked,
    NoUnitChosen,
    Presence,
    Reason,
)
from nowserving.people.permissions import Role
from nowserving.places.organization import BackOfficeTask, Desk, Unit
from nowserving.places.services import Workspace

Do = Callable[[Act], Awaitable[object]]


def first(places: Iterable[object], kind: type) -> object:
    """The first thing of a kind that the sample branch has."""
    return next(thing for thing in places if type(thing) is kind)


@pytest.fixture
def unit(branch: Sample) -> UUID:
    """The sample branch's unit."""
    found = first(branch.beginning.places, Unit)
    assert isinstance(found, Unit)
    return found.id


@pytest.fixture
async def tracked(house: House, branch: Sample) -> None:
    """The organization keeps attendance."""
    async with house.acting(system(branch.organization.id, "test")) as act:
        await attendance.track(act, tracked=True)


async def kinds(house: House, agent: Actor) -> list[str]:
    """What the journal says of an agent."""
    assert agent.id is not None
    async with house.acting(agent) as act:
        return [fact.kind for fact in await act.look.journal.of(agent.id)]


@pytest.mark.usefixtures("tracked")
async def test_a_day_at_work(house: House, ann: Actor, unit: UUID) -> None:
    async with house.acting(ann) as act:
        assert (await attendance.presence(act)).presence is Presence.AWAY
        came = await attendance.clock_in(act, unit_id=unit)
    assert (came.presence, came.attendance.unit_id) == (Presence.AVAILABLE, unit)
    async with house.acting(ann) as act:
        paused = await attendance.become_unavailable(act, reason=Reason.BREAK)
        assert (paused.presence, paused.attendance.reason) == (Presence.UNAVAILABLE, Reason.BREAK)
    async with house.acting(ann) as act:
        meets = await attendance.become_unavailable(act, reason=Reason.MEETING)
        assert meets.attendance.reason is Reason.MEETING
    async with house.acting(ann) as act:
        back = await attendance.become_available(act)
        assert (back.presence, back.attendance.reason) == (Presence.AVAILABLE, None)
    async with house.acting(ann) as act:
        assert (await attendance.clock_out(act, why=Leaving.END_OF_SHIFT)).presence is Presence.AWAY
    assert await kinds(house, ann) == [
        "agent.clocked_in",
        "agent.unavailable",
        "agent.unavailable",
        "agent.available",
        "agent.clocked_out",
    ]


@pytest.mark.usefixtures("tracked")
async def test_who_has_somebody_in_hand_is_active_and_cannot_pause(
    house: House, branch: Sample, ann: Actor, unit: UUID
) -> None:
    await come(house, ann, unit)
    queue = await one_waits(house, branch, unit)
    async with house.acting(ann) as act:
        called = await desk.call_next(act, unit_id=unit, queue_ids=[queue], desk_id=None)
        assert called is not None
    async with house.acting(ann) as act:
        assert (await attendance.presence(act)).presence is Presence.ACTIVE
        with pytest.raises(CannotPause):
            await attendance.become_unavailable(act, reason=Reason.BREAK)
    async with house.acting(ann) as act:
        await desk.resolve(act, case_id=called.id)
    async with house.acting(ann) as act:
        assert (await attendance.presence(act)).presence is Presence.AVAILABLE


@pytest.mark.usefixtures("tracked")
async def test_nobody_works_on_cases_before_clocking_in(
    house: House, branch: Sample, ann: Actor, unit: UUID
) -> None:
    queue = await one_waits(house, branch, unit)
    async with house.acting(ann) as act:
        with pytest.raises(ClockInFirst):
            await desk.call_next(act, unit_id=unit, queue_ids=[queue], desk_id=None)
        (waiting,) = await act.look.lines.waiting_in(queue, 10)
        for work in (
            desk.call(act, case_id=waiting.id, desk_id=None),
            desk.resolve(act, case_id=waiting.id),
        ):
            with pytest.raises(ClockInFirst):
                await work


async def test_where_attendance_is_not_kept_everybody_may_work(
    house: House, branch: Sample, ann: Actor, unit: UUID
) -> None:
    queue = await one_waits(house, branch, unit)
    async with house.acting(ann) as act:
        with pytest.raises(NotTracked):
            await attendance.clock_in(act, unit_id=unit)
    async with house.acting(ann) as act:
        called = await desk.call_next(act, unit_id=unit, queue_ids=[queue], desk_id=None)
        assert called is not None


@pytest.mark.usefixtures("tracked")
async def test_what_cannot_be_is_refused_and_leaves_nothing(
    house: House, ann: Actor, unit: UUID
) -> None:
    async def refused(problem: type[Exception], do: Do) -> None:
        async with house.acting(ann) as act:
            with pytest.raises(problem):
                await do(act)

    await refused(NotThere, lambda act: attendance.clock_out(act, why=Leaving.END_OF_SHIFT))
    await refused(CannotPause, lambda act: attendance.become_unavailable(act, reason=Reason.BREAK))
    await refused(NotPaused, attendance.become_available)
    await refused(NotFound, lambda act: attendance.clock_in(act, unit_id=uuid4()))
    await come(house, ann, unit)
    await refused(AlreadyThere, lambda act: attendance.clock_in(act, unit_id=unit))
    await refused(NotPaused, attendance.become_available)
    for reason, description, task in (
        (Reason.OTHER, None, None),
        (Reason.OTHER, " ", None),
        (Reason.OTHER, "x" * 201, None),
        (Reason.BACK_OFFICE, None, None),
    ):
        await refused(
            Invalid,
            lambda act, r=reason, d=description, t=task: attendance.become_unavailable(  # type: ignore[misc]
                act, reason=r, description=d, task_id=t
            ),
        )
    await refused(Invalid, lambda act: attendance.clock_out(act, why=Leaving.OTHER))
    assert await kinds(house, ann) == ["agent.clocked_in"]


@pytest.mark.usefixtures("tracked")
async def test_back_office_work_names_its_task_and_words_stay_out_of_the_journal(
    house: House, branch: Sample, ann: Actor, unit: UUID
) -> None:
    task = BackOfficeTask(branch.organization.id, uuid4(), "Filing")
    async with house.acting(system(branch.organization.id, "test")) as act:
        await act.store.places.add([task])
    house.forget_directory(branch.organization.id)
    await come(house, ann, unit)
    async with house.acting(ann) as act:
        files = await attendance.become_unavailable(
            act, reason=Reason.BACK_OFFICE, task_id=task.id, description="my own words"
        )
    assert (files.attendance.task_id, files.attendance.description) == (task.id, "my own words")
    async with house.acting(ann) as act:
        assert ann.id is not None
        last = (await act.look.journal.of(ann.id))[-1]
    assert "my own words" not in last.data
    assert msgspec.json.decode(last.data)["task_id"] == str(task.id)


async def test_where_one_works_is_chosen_and_a_workspace_belongs_to_its_unit(
    house: House, branch: Sample, ann: Actor, unit: UUID
) -> None:
    workspace = first(branch.beginning.places, Workspace)
    assert isinstance(workspace, Workspace)
    async with house.acting(ann) as act:
        with pytest.raises(NoUnitChosen):
            await attendance.choose_workspace(act, workspace_id=workspace.id)
    async with house.acting(ann) as act:
        with pytest.raises(NotFound):
            await attendance.choose_unit(act, unit_id=uuid4())
    async with house.acting(ann) as act:
        await attendance.choose_unit(act, unit_id=unit)
        chosen = await attendance.choose_workspace(act, workspace_id=workspace.id)
    assert (chosen.attendance.unit_id, chosen.attendance.workspace_id) == (unit, workspace.id)


@pytest.mark.usefixtures("tracked")
async def test_going_home_gives_the_desk_free_and_a_lead_sees_who_is_there(
    house: House, branch: Sample, ann: Actor, unit: UUID
) -> None:
    counter = first(branch.beginning.places, Desk)
    assert isinstance(counter, Desk)
    await come(house, ann, unit)
    async with house.acting(ann) as act:
        await desk_posts.sit_down(act, desk_id=counter.id)
    lead = replace(ann, grants=grants_of([(Role.POWER_AGENT, None)]))
    async with house.acting(lead) as act:
        (seen,) = await attendance.presences(act, unit_id=unit)
        assert (seen.attendance.agent_id, seen.presence) == (ann.id, Presence.AVAILABLE)
    for who, told in ((ann, None), (lead, "the dentist")):
        async with house.acting(ann) as act:
            await attendance.become_unavailable(act, reason=Reason.OTHER, description="the dentist")
        async with house.acting(who) as act:
            (seen,) = await attendance.presences(act, unit_id=unit)
            assert seen.attendance.description == told
    async with house.acting(ann) as act:
        await attendance.clock_out(act, why=Leaving.OTHER, description="the dentist")
        assert await act.look.posts.at(counter.id) is None


async def test_a_program_that_may_acts_as_an_agent_and_no_further(
    house: House, branch: Sample, ann: Actor, program: Actor, other_branch: Sample
) -> None:
    assert ann.id is not None
    with pytest.raises(Forbidden):
        await impersonated(house, ann, agent_id=ann.id)
    with pytest.raises(NotFound):
        await impersonated(house, program, agent_id=other_branch.beginning.agents[0].id)
    as_ann = await impersonated(house, program, agent_id=ann.id)
    assert (as_ann.kind, as_ann.id, as_ann.principal) == (ActorKind.AGENT, ann.id, ann.principal)
    assert as_ann.grants == ann.grants


async def come(house: House, agent: Actor, unit: UUID) -> None:
    """An agent comes to work."""
    async with house.acting(agent) as act:
        await attendance.clock_in(act, unit_id=unit)


async def one_waits(house: House, branch: Sample, unit: UUID) -> UUID:
    """Somebody stands in a line; answers which queue."""
    directory = await house.directory(branch.organization.id)
    service = next(one for one in directory.services_of(unit) if not one.needs_phone)
    async with house.acting(system(branch.organization.id, "test")) as act:
        await queue_up(act, Request(service_id=service.id))
    return service.queue_id
