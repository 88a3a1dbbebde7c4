"""Chores are done again and again, whatever becomes of them, and end when they are told to."""

import asyncio

import pytest

from nowserving.main import chores
from nowserving.main.chores import Chore
from nowserving.store.engines import Unavailable


async def test_what_fails_is_done_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chores, "SOON", 0.0)
    failures: list[Exception] = [Unavailable("out for the test"), ValueError("a bug")]
    done = asyncio.Event()

    async def do() -> None:
        if failures:
            raise failures.pop()
        done.set()

    chore = Chore("a chore", do, every=0.0, first=0.0)
    await chore.start()
    async with asyncio.timeout(60):
        await done.wait()
    await chore.stop()
    assert failures == []


async def test_who_is_at_it_has_let_go_when_it_is_stopped() -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def do() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)  # as long as a rollback takes
            ended.set()

    chore = Chore("a chore", do, every=3600.0, first=0.0)
    await chore.start()
    await begun.wait()
    await chore.stop()
    assert ended.is_set()
