"""Live pages: a stream that says that something changed, and never what.

A page that hears of a change asks for its fragment again. Which topics a stream tells of is
decided here on the server, page by page; a browser cannot ask for more.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol
from uuid import UUID

from litestar.types import ASGIApp, Receive, Scope, Send

from nowserving.kit.http import AnyRequest

BEAT = 15.0
"""Seconds between two signs of life: proxies keep the stream, a page knows that it is live."""

RETRY = 2000
"""Milliseconds after which a browser tries again when its stream has ended."""

_START = f"retry: {RETRY}\n\n".encode()
_BEAT = b":\nevent: beat\ndata:\n\n"
_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
]


class Watching(Protocol):
    """The live feed, as much of it as a stream needs."""

    def watching(
        self, organization_id: UUID, topics: Collection[str]
    ) -> AbstractAsyncContextManager[AsyncIterator[tuple[str, int]]]: ...


def stream(
    request: AnyRequest,
    organization_id: UUID,
    topics: Collection[str],
    *,
    still: Callable[[], Awaitable[bool]] | None = None,
) -> ASGIApp:
    """The answer to a page's `/.../live`: lines of topic and version, until somebody goes.

    `still` is asked at every beat whether the page may go on listening.
    """
    live: Watching = request.app.state.live

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        async with live.watching(organization_id, topics) as watch:
            # Only now: a page reads its fragment when the stream opens, and misses nothing after.
            await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
            await send({"type": "http.response.body", "body": _START, "more_body": True})
            gone = asyncio.ensure_future(_gone(receive))
            try:
                await _tell(watch, gone, send, still)
            finally:
                gone.cancel()
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    return app


async def _tell(
    watch: AsyncIterator[tuple[str, int]],
    gone: "asyncio.Future[None]",
    send: Send,
    still: Callable[[], Awaitable[bool]] | None,
) -> None:
    def listen() -> "asyncio.Future[tuple[str, int] | None]":
        return asyncio.ensure_future(anext(watch, None))

    watch = aiter(watch)
    heard = listen()
    try:
        while True:
            either: set[asyncio.Future[Any]] = {heard, gone}
            await asyncio.wait(either, timeout=BEAT, return_when=asyncio.FIRST_COMPLETED)
            if gone.done():
                return
            if not heard.done():
                if still is not None and not await still():
                    return
                body = _BEAT
            else:
                said = heard.result()
                if said is None:
                    return
                body = f"data: {said[0]} {said[1]}\n\n".encode()
                heard = listen()
            await send({"type": "http.response.body", "body": body, "more_body": True})
    finally:
        heard.cancel()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
