"""How long a body may take to come: whoever sends a byte now and then holds nobody up for long."""

import asyncio
from typing import Any

from litestar.types import Receive

from nowserving.kit.http import TooSlow

AT_MOST = 30.0
"""Seconds in which a body has to be here, and a second more for each so many bytes that came."""

BYTES_A_SECOND = 10_000


def patient(receive: Receive, at_most: float) -> Receive:
    """The same messages; TooSlow in place of one of the body for which it would take too long."""
    loop = asyncio.get_running_loop()
    deadline, here = loop.time() + at_most, False

    async def receiving() -> Any:
        nonlocal deadline, here
        if here:
            return await receive()
        try:
            async with asyncio.timeout_at(deadline):
                message = await receive()
        except TimeoutError:
            raise TooSlow() from None
        if message["type"] == "http.request":
            deadline += len(message.get("body", b"")) / BYTES_A_SECOND
            here = not message.get("more_body", False)
        return message

    return receiving
