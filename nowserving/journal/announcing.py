"""Telling the other processes on a database which organizations have news."""

import asyncio
import secrets
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol, runtime_checkable
from uuid import UUID

import msgspec
import structlog

from nowserving.store.engines import Engine, Unavailable

_log = structlog.get_logger("nowserving.announcing")

CHANNEL = "nowserving"
PAUSE = 0.01
"""Seconds between two announcements; what comes meanwhile goes together."""

MOST_IN_ONE = 150
"""Organizations in one announcement: PostgreSQL takes at most 8000 bytes."""


class Hearer(Protocol):
    """Somebody in this process who wants to know that there is something new."""

    def wake(self, organization_id: UUID, endpoint_ids: Collection[UUID] | None = None) -> None:
        """Facts were put into this organization's feed, and onto lanes of these endpoints.

        None: nobody knows which.
        """


class News(msgspec.Struct):
    """One announcement: by which process, of which organizations."""

    by: str
    of: list[UUID]


class Announcer:
    """Announces at once, and then at most every ten milliseconds."""

    def __init__(self, engine: Engine) -> None:
        self.mark = secrets.token_hex(8)
        self._engine = engine
        self._news: set[UUID] = set()
        self._announcing: asyncio.Task[None] | None = None

    def announce(self, organization_id: UUID) -> None:
        """Tell the others soon that there is something new."""
        if self._engine.one_process:
            return
        self._news.add(organization_id)
        if self._announcing is None:
            self._announcing = asyncio.create_task(self._announce())

    async def stop(self) -> None:
        """Say what is left to say, and end."""
        if self._announcing is not None:
            await self._announcing

    async def _announce(self) -> None:
        try:
            while self._news:
                some = [self._news.pop() for _ in range(min(len(self._news), MOST_IN_ONE))]
                news = News(self.mark, some)
                await self._engine.announce(CHANNEL, msgspec.json.encode(news).decode())
                await asyncio.sleep(PAUSE)
        except Unavailable:
            self._news.clear()  # the others look for themselves every second
        except Exception:
            self._news.clear()
            _log.exception("an announcement failed")
        finally:
            self._announcing = None


@runtime_checkable
class Audible(Protocol):
    """An engine on which announcements of other processes can be heard."""

    def listening(
        self, channel: str, hear: Callable[[str], None]
    ) -> AbstractAsyncContextManager[asyncio.Event]:
        """Hear whatever is announced; the event is set when the connection is lost."""


class Listener:
    """Wakes the hearers of this process when another process announces something.

    It is only faster than looking: while it hears nothing, nothing is lost.
    """

    def __init__(self, engine: Engine, hearers: Sequence[Hearer], *, ignoring: str = "") -> None:
        """`ignoring`: the mark of our own announcer, whose news we have already."""
        self._engine = engine
        self._hearers = hearers
        self._ignored = ignoring
        self._listening: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Listen, where there are other processes."""
        if isinstance(self._engine, Audible):
            self._listening = asyncio.create_task(self._listen(self._engine), name="listener")

    async def stop(self) -> None:
        """Hear no more."""
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)

    async def _listen(self, engine: Audible) -> None:
        pause = PAUSE
        while True:
            try:
                async with engine.listening(CHANNEL, self._hear) as lost:
                    pause = PAUSE
                    await lost.wait()
            except Unavailable:
                pass
            except Exception:
                _log.exception("listening failed")
            pause = min(pause * 2, 2.0)
            await asyncio.sleep(pause)

    def _hear(self, text: str) -> None:
        try:
            news = msgspec.json.decode(text, type=News)
        except msgspec.DecodeError:
            return
        if news.by == self._ignored:
            return
        for organization_id in news.of:
            for hearer in self._hearers:
                hearer.wake(organization_id)
