"""Waiting for something new in an organization's feed, without asking the database all the time."""

import asyncio
from collections.abc import Collection
from contextlib import suppress
from uuid import UUID


class News:
    """Hears that facts were put into a feed, and wakes whoever waits for that."""

    def __init__(self) -> None:
        self.closed = False
        self._waiting: dict[UUID, asyncio.Event] = {}

    def close(self) -> None:
        """Let nobody wait any more: the server is told to stop."""
        self.closed = True
        for organization_id in list(self._waiting):
            self.wake(organization_id)

    def wake(self, organization_id: UUID, endpoint_ids: Collection[UUID] | None = None) -> None:
        """There is something new in this organization."""
        event = self._waiting.pop(organization_id, None)
        if event is not None:
            event.set()

    async def wait(self, organization_id: UUID, seconds: float) -> None:
        """Until there is something new, at most so many seconds."""
        event = self._waiting.setdefault(organization_id, asyncio.Event())
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await event.wait()
