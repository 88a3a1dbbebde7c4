"""However much receivers say, we remember little of it."""

import asyncio
import tracemalloc

from nowserving.hooks.guard import Guard
from nowserving.hooks.hearing import MOST_BODY
from nowserving.hooks.posters import Posters
from nowserving.kit.clock import wall
from tests.hooks.receivers import Read, Write, a_request, receiving

A_PIECE = b"x" * MOST_BODY
AT_ONCE, ROUNDS = 8, 20


async def without_end(reader: Read, writer: Write) -> None:
    """Answer with a body that never ends, as fast as it is taken."""
    await a_request(reader)
    writer.write(b"HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"%x\r\n%b\r\n" % (len(A_PIECE), A_PIECE))
        await writer.drain()


async def test_endless_answers_take_no_more_memory_the_more_there_are() -> None:
    async with (
        receiving(without_end) as receiver,
        Posters(Guard(), clock=wall, per_host=AT_ONCE) as posters,
    ):

        async def ask() -> int:
            answer = await posters.post(receiver.url, b"{}", {}, trusted=True, timeout=30.0)
            assert answer.status == 500
            return len(answer.body)

        await asyncio.gather(*(ask() for _ in range(AT_ONCE)))  # what is made once is made
        tracemalloc.start()
        try:
            for _ in range(ROUNDS):
                heard = await asyncio.gather(*(ask() for _ in range(AT_ONCE)))
                assert heard == [MOST_BODY] * AT_ONCE
            left, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    # Each keeps what we read of it and what has come in meanwhile, at both ends of the line.
    assert peak < AT_ONCE * 16 * MOST_BODY
    assert left < AT_ONCE * 4 * MOST_BODY
