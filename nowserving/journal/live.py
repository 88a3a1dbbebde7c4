"""Live: tells who watches a topic that it changed, and never what.

The feed is read once for each organization and wake, however many watch. A watch keeps one
version for each topic that changed: whoever is slow finds the newest, and costs no memory.
"""

import asyncio
from bisect import bisect_right
from collections import deque
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from uuid import UUID

from nowserving.journal.rounds import Rounds
from nowserving.journal.topics import topics_of
from nowserving.store.engines import Engine
from nowserving.store.feed import Feed, feed_positions

AT_ONCE = 1000
"""Facts read from the feed in one question."""

REMEMBERED = 1000
"""The newest facts whose topics are kept, for those who come back after a moment."""

Change = tuple[str, int]
"""A topic, and the position in the feed at which it last changed."""


class Watch:
    """What somebody watches: an endless row of changes, until the house closes."""

    __slots__ = ("_closed", "_pending", "_waiter", "topics")

    def __init__(self, topics: frozenset[str]) -> None:
        self.topics = topics
        self._pending: dict[str, int] = {}
        self._waiter: asyncio.Future[None] | None = None
        self._closed = False

    def __aiter__(self) -> "Watch":
        return self

    async def __anext__(self) -> Change:
        """The next change, the topic that has waited longest first."""
        while not self._pending:
            if self._closed:
                raise StopAsyncIteration
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        topic = next(iter(self._pending))
        return topic, self._pending.pop(topic)

    def changed(self, topic: str, version: int) -> None:
        """Put a change in the place of an earlier one of its topic."""
        self._pending[topic] = version
        self._wake()

    def close(self) -> None:
        """There will be no more changes."""
        self._closed = True
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


class Live:
    """The watchers of this process. Woken by the router and the listener of the process.

    Every so many seconds it looks for itself, if anybody watches: that is the truth, being
    woken is only faster.
    """

    def __init__(self, engine: Engine, *, every: float = 1.0) -> None:
        self._engine = engine
        self._rooms: dict[UUID, _Room] = {}
        self._rounds = Rounds("live", self._read, side_by_side=4, find=self._moved, every=every)

    async def start(self) -> None:
        """Begin."""
        await self._rounds.start()

    async def stop(self) -> None:
        """End, and every watch with it."""
        await self._rounds.stop()
        self.close()

    def close(self) -> None:
        """End every watch."""
        for room in self._rooms.values():
            room.close()

    def wake(self, organization_id: UUID, endpoint_ids: Collection[UUID] | None = None) -> None:
        """Facts were put into an organization's feed."""
        if organization_id in self._rooms:
            self._rounds.wake(organization_id)

    @asynccontextmanager
    async def watching(
        self, organization_id: UUID, topics: Collection[str], *, since: int | None = None
    ) -> AsyncIterator[Watch]:
        """Watch some topics from now on, or since a position in the feed.

        If the position is too old to tell, each topic counts as changed. So whoever reads the
        position (`store.feed.head()`), then the page, then watches, misses nothing.
        """
        watch = Watch(frozenset(topics))
        room = self._rooms.get(organization_id)
        if room is None:
            room = self._rooms[organization_id] = _Room()
        room.enter(watch)
        try:
            if room.position is None:
                head = await self._head(organization_id)
                room.begin(head)
            if since is not None:
                room.catch_up(watch, since)
            yield watch
        finally:
            room.leave(watch)
            if room.empty and self._rooms.get(organization_id) is room:
                del self._rooms[organization_id]

    async def _head(self, organization_id: UUID) -> int:
        async with self._engine.reading() as connection:
            return (await Feed(connection, organization_id).head())[1]

    async def _moved(self) -> list[UUID]:
        """The organizations whose feed has come further than we have read."""
        if not self._rooms:
            return []
        async with self._engine.reading() as connection:
            positions = await feed_positions(connection, self._rooms.keys())
        return [
            id
            for id, position in positions.items()
            if (room := self._rooms.get(id)) and room.position not in (None, position)
        ]

    async def _read(self, organization_id: UUID) -> None:
        room = self._rooms.get(organization_id)
        while room is not None and room.position is not None:
            async with self._engine.reading() as connection:
                feed = Feed(connection, organization_id)
                news = await feed.after(room.position, AT_ONCE)
            for position, fact in news:
                room.tell(position, topics_of(fact))
            if len(news) < AT_ONCE:
                return


class _Room:
    """Those who watch one organization."""

    def __init__(self) -> None:
        self.position: int | None = None
        self._watches: dict[str, set[Watch]] = {}
        self._remembered: deque[tuple[int, set[str]]] = deque(maxlen=REMEMBERED)

    @property
    def empty(self) -> bool:
        return not self._watches

    def begin(self, position: int) -> None:
        if self.position is None:
            self.position = position

    def enter(self, watch: Watch) -> None:
        for topic in watch.topics:
            self._watches.setdefault(topic, set()).add(watch)

    def leave(self, watch: Watch) -> None:
        for topic in watch.topics:
            watches = self._watches[topic]
            watches.discard(watch)
            if not watches:
                del self._watches[topic]

    def tell(self, position: int, topics: set[str]) -> None:
        self.position = position
        self._remembered.append((position, topics))
        for topic in topics:
            for watch in self._watches.get(topic, ()):
                watch.changed(topic, position)

    def catch_up(self, watch: Watch, since: int) -> None:
        assert self.position is not None
        if since >= self.position:
            return
        if not self._remembered or self._remembered[0][0] > since + 1:
            for topic in watch.topics:
                watch.changed(topic, self.position)
            return
        first = bisect_right(self._remembered, since, key=lambda one: one[0])
        for at in range(first, len(self._remembered)):
            position, topics = self._remembered[at]
            for topic in topics & watch.topics:
                watch.changed(topic, position)

    def close(self) -> None:
        for watches in self._watches.values():
            for watch in watches:
                watch.close()
