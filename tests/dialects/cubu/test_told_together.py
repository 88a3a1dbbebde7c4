"""Cubu's receivers are told of many cases at once: of each what is so now, with few questions."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import pytest

from nowserving.actions.erase import erase_case
from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.dialects.cubu.hooks import DIALECT, cubu_endpoint, tell
from nowserving.journal.telling import Telling
from nowserving.kit.facts import Fact
from nowserving.people.actor import Actor, system
from nowserving.places.endpoints import Endpoint
from nowserving.store.store import Store
from tests.dialects.cubu.test_hooks import a_ticket
from tests.hooks.far import Post, far_end
from tests.hooks.sending import Room
from tests.journal.facts import until
from tests.journal.watched import Watched

MANY = 12


async def subscribe(house: House, branch: Sample, url: str, *, concurrency: int) -> Endpoint:
    now = house.clock()
    made = cubu_endpoint(
        branch.organization.id,
        house.ids(now),
        url,
        secret=None,
        vault=house.vault,
        now=now,
        allowed=True,
    )
    endpoint = replace(made, concurrency=concurrency)
    async with house.engine.writing() as connection:
        await Store(connection, branch.organization.id).endpoints.add(endpoint)
    return endpoint


async def test_many_are_told_each_of_itself_and_few_questions_go_for_all(
    house: House, branch: Sample, ann: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nowserving.hooks.sender.BEGINS_WITHIN", 60.0)
    watched, begun = Watched(house.engine), 0

    async def counted(
        fact: Fact,
        endpoint: Endpoint,
        *,
        secrets: Sequence[str],
        store: Store,
        gap: int | None = None,
    ) -> Telling | None:
        nonlocal begun
        begun += 1
        return await tell(fact, endpoint, secrets=secrets, store=store)

    async with far_end() as far, Room(watched, {DIALECT: counted}) as room:
        await subscribe(house, branch, far.url, concurrency=MANY)
        house.on_commit = room.router.wake
        await a_ticket(house, branch, ann)
        await until(lambda: len(far.taken) == 1)  # since then more than two lanes set out at once
        begun = watched.asked = 0
        watched.answers.clear()
        cases = [
            await a_ticket(house, branch, ann, email=f"{number}@b.example")
            for number in range(MANY)
        ]
        await until(lambda: begun == MANY)
        watched.answers.set()
        await until(lambda: len(far.taken) == 1 + MANY)
    told = {post.said["caseId"]: post.said for post in far.taken[1:]}
    assert [
        (told[str(case.id)]["contactEmail"], told[str(case.id)]["triggeredByUserEmail"])
        for case in cases
    ] == [(f"{number}@b.example", "ann@demo.example") for number in range(MANY)]
    # For what is personal in the cases, and for who triggered it: once for those who came
    # before the answer was there, and once for the others.
    assert watched.asked <= 4


async def test_who_is_erased_while_their_lane_waits_for_its_turn_is_told_of_without_contact(
    house: House, branch: Sample, program: Actor
) -> None:
    erased = asyncio.Event()

    async def answer(_: Post) -> str:
        await erased.wait()
        return "200 OK"

    cases = {str(case.id) for case in [await a_ticket(house, branch, program) for _ in range(2)]}
    async with far_end(answer) as far:
        endpoint = await subscribe(house, branch, far.url, concurrency=1)
        async with Room(house.engine, {DIALECT: tell}, timeout=30.0) as room:
            room.router.wake(branch.organization.id)
            await until(lambda: len(far.posts) == 1)
            [waits] = cases - {str(far.posts[0].said["caseId"])}
            await until(lambda: has_set_out(house, endpoint, UUID(waits)))
            async with house.acting(system(branch.organization.id, "test")) as act:
                await erase_case(act, case_id=UUID(waits))
            erased.set()
            await until(lambda: len(far.taken) == 2)
    phones = [(post.said["caseId"], post.said["contactPhoneNumber"]) for post in far.taken]
    assert phones[0][1] == "+49301234567"
    assert phones[1] == (waits, None)


async def has_set_out(house: House, endpoint: Endpoint, case: UUID) -> bool:
    async with house.engine.reading() as connection:
        lane = await Store(connection, endpoint.organization_id).lanes.lane(endpoint.id, case)
    return lane is not None and lane.lease is not None
