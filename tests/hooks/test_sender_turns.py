"""When as much is on its way as one process sends: whose turn is it then?"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from uuid import uuid4

import pytest

from nowserving.hooks import pace as pacing
from nowserving.hooks.pace import Pace
from nowserving.places.endpoints import Endpoint
from tests.hooks.far import Far, Post, far_end
from tests.hooks.sending import Room
from tests.journal.conftest import engine, office
from tests.journal.facts import Office, until

__all__ = ["engine", "office"]

SELDOM = 3600.0
"""Seconds between two looks: in these tests only who is woken gets a turn."""


@pytest.fixture(autouse=True)
def nothing_is_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is slow makes room for others."""
    monkeypatch.setattr(pacing, "SLOW_AFTER", SELDOM)


@pytest.fixture
async def far() -> AsyncIterator[Far]:
    async with far_end() as far:
        yield far


async def test_organizations_take_turns(office: Office, far: Far) -> None:
    offices = [office, Office(office.engine), Office(office.engine)]
    free = asyncio.Event()

    async def answer(_: Post) -> str:
        await free.wait()
        return "200 OK"

    far.answer = answer
    async with Room(office.engine, pace=Pace(quick=1), every=SELDOM) as room:
        for one in offices:
            if one is not office:
                await one.open()
            room.sender.pace.answered((await one.subscribe(f"{far.url}{one.id}")).id)
            for _ in range(5):
                await one.happens(uuid4())
            room.router.wake(one.id)
        await until(lambda: len(room.sender._held_up) == 3)
        free.set()
        await until(lambda: len(far.taken) == 15)
    told = Counter[str]()
    for post in far.taken:
        told[post.path] += 1
        assert told[post.path] <= min((told[f"/{one.id}"] for one in offices), default=0) + 2


async def test_who_is_held_up_twice_is_forgotten_in_nothing(office: Office, far: Far) -> None:
    other, free = Office(office.engine), asyncio.Event()
    await other.open()

    async def answer(post: Post) -> str:
        if post.path == "/other":
            await free.wait()
        return "200 OK"

    far.answer = answer
    async with Room(office.engine, pace=Pace(quick=1), every=SELDOM) as room:
        queued = await office.subscribe(f"{far.url}queued", ["case.queued"])
        called = await office.subscribe(f"{far.url}called", ["case.called"])
        occupying = await other.subscribe(f"{far.url}other")
        for one in (queued, called, occupying):
            room.sender.pace.answered(one.id)
        await other.happens(uuid4())
        room.router.wake(other.id)
        await until(lambda: len(far.posts) == 1)

        def holds_up(to: Endpoint) -> Callable[[], bool]:
            return lambda: to.id in room.sender._held_up.get(office.id, ())

        for kind, to in (("case.queued", queued), ("case.called", called)):
            await office.happens(uuid4(), kind)
            room.router.wake(office.id)
            await until(holds_up(to))
        free.set()
        await until(lambda: {post.path for post in far.taken} == {"/other", "/queued", "/called"})
