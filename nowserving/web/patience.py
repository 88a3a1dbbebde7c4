"""A form that is sent twice: the browser shows the answer to the last, so that waits."""

import asyncio
from collections.abc import Awaitable, Callable

from nowserving.kit.http import Reply
from nowserving.kit.problems import StillRunning

PATIENCE = 60
"""How often we ask again, 50 ms apart, while the first of two is being worked on."""


async def patiently(do: Callable[[], Awaitable[Reply]]) -> Reply:
    """The answer to the last of two touches is that to the first."""
    for _ in range(PATIENCE):
        try:
            return await do()
        except StillRunning:
            await asyncio.sleep(0.05)
    return await do()
