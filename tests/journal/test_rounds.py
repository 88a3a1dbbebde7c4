"""Rounds: everybody who was woken gets one, and not more often than is good."""

import asyncio
from uuid import UUID, uuid4

import pytest

from nowserving.journal.rounds import Rounds


@pytest.mark.parametrize(("apart", "answered"), [(0.2, None), (0.01, 0.2)])
async def test_what_comes_shortly_after_a_round_is_done_together_in_the_next(
    apart: float, answered: float | None
) -> None:
    """`apart` seconds, or more if the work answers more."""
    busy, done, seen = uuid4(), asyncio.Event(), []
    left = 0

    async def work(_: UUID) -> float | None:
        nonlocal left
        seen.append(left)
        left = 0
        if len(seen) == 2:
            done.set()
        return answered

    rounds = Rounds("test", work, apart=apart)
    await rounds.start()
    for _ in range(5):
        left += 1
        rounds.wake(busy)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    async with asyncio.timeout(60):
        await done.wait()
    await rounds.stop()
    assert seen == [1, 4]


async def test_who_has_rested_is_woken_at_once() -> None:
    asked, seen = uuid4(), []

    async def work(id: UUID) -> None:
        seen.append(id)

    rounds = Rounds("test", work, apart=0.01)
    await rounds.start()
    rounds.wake(asked)
    await asyncio.sleep(0.05)
    rounds.wake(asked)
    await asyncio.sleep(0)
    await rounds.stop()
    assert seen == [asked, asked]


async def test_whoever_works_knows_whether_others_have_a_round_or_wait_for_one() -> None:
    alone, several, seen = asyncio.Event(), asyncio.Event(), []

    async def work(_: UUID) -> None:
        seen.append(rounds.shared)
        (alone if len(seen) == 1 else several).set()

    rounds = Rounds("test", work, side_by_side=1)
    await rounds.start()
    rounds.wake(uuid4())
    await alone.wait()
    for _ in range(2):
        rounds.wake(uuid4())
    await several.wait()
    await rounds.stop()
    assert seen[:2] == [False, True]
