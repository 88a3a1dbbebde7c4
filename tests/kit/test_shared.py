"""One asks, all hear."""

import asyncio

import pytest

from nowserving.kit.shared import Shared


class Oracle:
    """Answers when it is let, and counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.let = asyncio.Event()

    async def answer(self) -> int:
        self.asked += 1
        answer = self.asked
        await self.let.wait()
        return answer


async def test_what_many_ask_at_once_is_put_once() -> None:
    shared, oracle = Shared[int](), Oracle()
    asking = [asyncio.create_task(shared.ask("when", oracle.answer)) for _ in range(5)]
    await asyncio.sleep(0)
    oracle.let.set()
    assert await asyncio.gather(*asking) == [1] * 5
    assert await shared.ask("when", oracle.answer) == 2


async def test_who_gives_up_takes_the_answer_from_nobody() -> None:
    shared, oracle = Shared[int](), Oracle()
    first, second = (asyncio.create_task(shared.ask("when", oracle.answer)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    oracle.let.set()
    assert await second == 1


async def test_after_forgetting_an_answer_under_way_is_not_good_enough() -> None:
    shared, oracle = Shared[int](), Oracle()
    before = asyncio.create_task(shared.ask("when", oracle.answer))
    await asyncio.sleep(0)
    shared.forget("when")
    after = asyncio.create_task(shared.ask("when", oracle.answer))
    await asyncio.sleep(0)
    oracle.let.set()
    assert (await before, await after) == (1, 2)
    assert await shared.ask("when", oracle.answer) == 3


async def test_a_failure_is_heard_by_all_and_then_forgotten() -> None:
    async def fail() -> int:
        raise ZeroDivisionError

    shared = Shared[int]()
    asking = [asyncio.create_task(shared.ask("when", fail)) for _ in range(2)]
    for asked in asking:
        with pytest.raises(ZeroDivisionError):
            await asked
    assert await shared.ask("when", lambda: asyncio.sleep(0, 7)) == 7
