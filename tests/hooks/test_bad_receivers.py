"""Receivers that misbehave in every way at once: the others hear all, in order."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from uuid import UUID, uuid4

import pytest

from nowserving.hooks.hearing import MOST_BODY
from nowserving.store.store import Store
from tests.hooks.far import Far, far_end
from tests.hooks.receivers import Read, Story, Write, a_request, receiving
from tests.hooks.sending import Room
from tests.journal.conftest import engine, office
from tests.journal.facts import Office, until

__all__ = ["engine", "office"]


def saying(*parts: bytes, pause: float = 0.0, for_ever: bool = False) -> Story:
    """Read a request, then say these parts, the last one again and again."""

    async def story(reader: Read, writer: Write) -> None:
        await a_request(reader)
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause)
        while for_ever:
            writer.write(parts[-1])
            await writer.drain()
            await asyncio.sleep(pause)

    return story


async def resets(reader: Read, writer: Write) -> None:
    await a_request(reader)
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nha")
    await writer.drain()
    assert isinstance(writer.transport, asyncio.Transport)
    writer.transport.abort()


async def hangs(reader: Read, _: Write) -> None:
    await reader.read()


BAD: Mapping[str, Story] = {
    "hangs": hangs,
    "drips its header": saying(b"HTTP/1.1 200 OK\r\n", b"X-Y: z\r\n", pause=0.1, for_ever=True),
    "drips its body": saying(
        b"HTTP/1.1 500 No\r\nContent-Length: 9999\r\n\r\n", b"x", pause=0.1, for_ever=True
    ),
    "has an endless body": saying(
        b"HTTP/1.1 500 No\r\nContent-Length: 99999999\r\n\r\n", b"x" * 65536, for_ever=True
    ),
    "resets in its body": resets,
    "lies about its length": saying(b"HTTP/1.1 500 No\r\nContent-Length: 9\r\n\r\nhi"),
    # With a pause: in a test they have the one loop together with everybody else.
    "floods with 1xx": saying(b"HTTP/1.1 102 Processing\r\n\r\n" * 500, pause=0.02, for_ever=True),
    "redirects inwards": saying(
        b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n"
    ),
    "wants us to wait for ever": saying(
        b"HTTP/1.1 429 Slow\r\nRetry-After: 1000000000\r\nContent-Length: 0\r\n\r\n"
    ),
    "talks no HTTP": saying(b"220 mail.example ESMTP\r\n"),
}


@pytest.fixture
async def good() -> AsyncIterator[Far]:
    async with far_end() as far:
        yield far


async def test_nobody_waits_for_those_who_misbehave(office: Office, good: Far) -> None:
    cases = [uuid4() for _ in range(5)]
    async with AsyncExitStack() as stack:
        names: dict[UUID, str] = {}
        for name, story in BAD.items():
            receiver = await stack.enter_async_context(receiving(story))
            names[(await office.subscribe(receiver.url)).id] = name
        refuses = await office.subscribe("http://127.0.0.1:1/")
        healthy = await office.subscribe(good.url)
        room = await stack.enter_async_context(Room(office.engine, timeout=2.0))
        for _ in range(4):
            for case in cases:
                await office.happens(case)
            room.router.wake(office.id)
        await until(lambda: len(good.taken) == 20)
        assert good.by_case() == {str(case): [1, 2, 3, 4] for case in cases}

        async def each_was_tried() -> bool:
            async with office.engine.reading() as connection:
                deliveries = Store(connection, office.id).deliveries
                return all([await deliveries.attempts(id, 1) for id in [*names, refuses.id]])

        await until(each_was_tried)
        async with office.engine.reading() as connection:
            store = Store(connection, office.id)
            for id, name in names.items():
                for attempt in await store.deliveries.attempts(id):
                    assert attempt.microseconds < 10_000_000, name
                    _, answer = await store.deliveries.content(attempt)
                    assert len(answer or b"") <= MOST_BODY, name
                    assert not attempt.taken or name == "resets in its body", name
                assert office.versions  # what it did not take is still there
                lanes = [await store.lanes.lane(id, case) for case in cases]
                assert all(lane is not None and lane.tail == 4 for lane in lanes), name
            assert all(one.taken for one in await store.deliveries.attempts(healthy.id))
