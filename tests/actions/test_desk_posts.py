"""Sitting down at a desk and leaving it: one agent at a desk, and a fact of each."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import msgspec
import pytest

from nowserving.actions import attendance, desk_posts
from nowserving.actions.house import House
from nowserving.actions.passwords import set_password
from nowserving.actions.sample import Sample
from nowserving.actions.sign_in import sign_in, sign_out, signed_in
from nowserving.actions.tidy import tidy
from nowserving.cases.case import DeskTaken
from nowserving.journal.topics import topics_of
from nowserving.journal.wanted import where_of
from nowserving.kit.facts import Fact
from nowserving.kit.http import Reply
from nowserving.people.actor import Actor, system
from nowserving.people.attendance import Leaving
from nowserving.places.organization import POST_FOR, Desk
from nowserving.store.engines import Looking
from nowserving.store.store import Store
from tests.conftest import PASSWORD


@pytest.fixture
def bob(branch: Sample, ann: Actor) -> Actor:
    """A colleague of Ann's."""
    agent = branch.beginning.agents[1]
    return replace(ann, id=agent.id, name=agent.name)


@pytest.fixture
async def desks(house: House, branch: Sample) -> list[Desk]:
    """The desks of the sample's unit."""
    directory = await house.directory(branch.organization.id)
    return directory.desks_of(directory.unit_numbered(1).id)


async def test_who_sits_down_and_leaves_is_told_by_the_desk(
    house: House, ann: Actor, bob: Actor, desks: list[Desk]
) -> None:
    one, two, *_ = desks
    await sit_down(house, ann, one)
    await sit_down(house, ann, one)  # they sit there already
    await sit_down(house, bob, two)
    await sit_down(house, ann, two, take_over=True)
    async with house.acting(ann) as act:
        await desk_posts.leave_desk(act, desk_id=one.id)  # where they do not sit
    async with house.acting(ann) as act:
        await desk_posts.leave_desk(act, desk_id=two.id)
    async with house.acting(ann) as act:
        await desk_posts.get_up(act)  # from nowhere
    assert await told(house, one) == [
        ("desk.occupied", {"forced": False}, ann.id),
        ("desk.left", {"left_by": str(ann.id), "why": "changed_desk"}, None),
    ]
    assert await told(house, two) == [
        ("desk.occupied", {"forced": False}, bob.id),
        ("desk.left", {"left_by": str(bob.id), "why": "taken_over"}, None),
        ("desk.occupied", {"forced": True}, ann.id),
        ("desk.left", {"left_by": str(ann.id), "why": "got_up"}, None),
    ]
    last = (await history(house, two))[-1]
    assert where_of(last.kind, last.data).unit_ids == (two.unit_id,)
    assert topics_of(last) == {f"desk:{two.id}", f"unit:{two.unit_id}"}
    assert "Ann" not in last.data


async def test_a_desk_that_is_taken_tells_nothing_of_who_tried(
    house: House, ann: Actor, bob: Actor, desks: list[Desk]
) -> None:
    await sit_down(house, bob, desks[0])
    await sit_down(house, ann, desks[1])
    async with house.acting(ann) as act:
        with pytest.raises(DeskTaken):
            await desk_posts.sit_down(act, desk_id=desks[0].id)
    assert [len(await history(house, one)) for one in desks[:2]] == [1, 1]


async def test_several_desks_are_left_together_by_who_goes_home(
    house: House, branch: Sample, ann: Actor, desks: list[Desk]
) -> None:
    async with house.acting(system(branch.organization.id, "test")) as act:
        await attendance.track(act, tracked=True)
    async with house.acting(ann) as act:
        await attendance.clock_in(act, unit_id=desks[0].unit_id)
    for one in desks[:2]:
        async with house.acting(ann) as act:
            await desk_posts.sit_down(act, desk_id=one.id, leave_others=False)
    async with house.acting(ann) as act:
        await attendance.clock_out(act, why=Leaving.END_OF_SHIFT)
    for one in desks[:2]:
        assert (await told(house, one))[1:] == [
            ("desk.left", {"left_by": str(ann.id), "why": "clocked_out"}, None)
        ]


async def test_the_end_of_a_session_leaves_the_desk(
    house: House, branch: Sample, ann: Actor, desks: list[Desk]
) -> None:
    organization, login = branch.organization.id, branch.beginning.agents[0].login
    await sit_down(house, ann, desks[0])
    secret, _ = await sign_in(house, organization_id=organization, login=login, password=PASSWORD)
    await sign_out(house, await signed_in(house, secret))
    await sit_down(house, ann, desks[0])
    await set_password(house, organization_id=organization, login=login, password="An0ther one!")
    left = ("desk.left", {"left_by": str(ann.id), "why": "signed_out"}, None)
    sat = ("desk.occupied", {"forced": False}, ann.id)
    assert await told(house, desks[0]) == [sat, left, sat, left]
    first, second = [one for one in await history(house, desks[0]) if one.kind == "desk.left"]
    assert (first.actor, second.actor) == (f"agent:{ann.id}", "system:operator")


async def test_who_must_have_gone_gives_way_and_is_told_so_by_and_by(
    house: House, ann: Actor, bob: Actor, desks: list[Desk]
) -> None:
    now = house.clock()
    house.clock = lambda: now
    for agent, one in zip((ann, bob), desks, strict=False):
        await sit_down(house, agent, one)
    now += POST_FOR - timedelta(seconds=1)
    await tidy(house)
    assert len(await history(house, desks[0])) == 1
    now += timedelta(seconds=1)
    await sit_down(house, bob, desks[0])  # by force of time, not of Bob
    gone = ("desk.left", {"left_by": str(ann.id), "why": "gone"}, None)
    assert (await told(house, desks[0]))[1:] == [gone, ("desk.occupied", {"forced": False}, bob.id)]
    now += POST_FOR
    await tidy(house)
    await tidy(house)
    gone = ("desk.left", {"left_by": str(bob.id), "why": "gone"}, None)
    assert (await told(house, desks[0]))[3:] == [gone]
    async with house.acting(ann) as act:
        assert await act.look.posts.inside(desks[0].unit_id) == []


async def test_of_eight_who_rush_to_one_desk_one_sits_there_and_its_facts_have_no_holes(
    house: House, branch: Sample, ann: Actor, desks: list[Desk]
) -> None:
    staff = [replace(ann, id=agent.id, name=agent.name) for agent in branch.beginning.agents]

    async def rush(agent: Actor) -> None:
        await house.perform(
            agent,
            lambda act: desk_posts.sit_down(act, desk_id=desks[0].id, take_over=True),
            lambda _: Reply(200, ""),
        )

    done = await asyncio.gather(*map(rush, (staff * 8)[:8]), return_exceptions=True)
    facts = await history(house, desks[0])
    assert [fact.version for fact in facts] == list(range(1, len(facts) + 1))
    sits: UUID | None = None
    for kind, beside, agent in await told(house, desks[0]):
        if kind == "desk.left":
            assert beside["left_by"] == str(sits)
        else:
            assert sits is None
        sits = agent
    async with house.acting(ann) as act:
        post = await act.look.posts.at(desks[0].id)
    assert post is not None
    assert (post.agent_id, [one for one in done if one is None] != []) == (sits, True)


async def test_nobody_gives_way_by_force_who_has_just_left(
    house: House, ann: Actor, bob: Actor, desks: list[Desk]
) -> None:
    await sit_down(house, bob, desks[0])

    async def taking_over() -> None:
        await house.perform(
            ann,
            lambda act: desk_posts.sit_down(act, desk_id=desks[0].id, take_over=True),
            lambda _: Reply(200, ""),
        )

    async with house.acting(bob) as act:
        await desk_posts.get_up(act)
        taken = asyncio.create_task(taking_over())
        await asyncio.sleep(0.1)
    await taken
    assert (await told(house, desks[0]))[1:] == [
        ("desk.left", {"left_by": str(bob.id), "why": "got_up"}, None),
        ("desk.occupied", {"forced": False}, ann.id),
    ]


async def sit_down(house: House, agent: Actor, desk: Desk, *, take_over: bool = False) -> None:
    async with house.acting(agent) as act:
        await desk_posts.sit_down(act, desk_id=desk.id, take_over=take_over)


async def history(house: House, desk: Desk) -> list[Fact]:
    """The facts of a desk."""
    return await Store(Looking(house.engine), desk.organization_id).journal.of(desk.id)


async def told(house: House, desk: Desk) -> list[tuple[str, dict[str, object], UUID | None]]:
    """What the facts of a desk say: the kind, what is beside it, and who sits there then."""
    read = []
    for fact in await history(house, desk):
        beside = msgspec.json.decode(fact.data)
        after = beside.pop("desk")
        assert (after["id"], after["unit_id"]) == (str(desk.id), str(desk.unit_id))
        agent = after["agent_id"]
        read.append((fact.kind, beside, None if agent is None else UUID(agent)))
    return read
