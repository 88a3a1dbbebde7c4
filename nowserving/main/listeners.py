"""Who hears what the journal tells: live pages and webhooks."""

from contextlib import AsyncExitStack
from typing import Self
from uuid import UUID

from nowserving.actions.house import House
from nowserving.journal.announcing import Listener
from nowserving.journal.live import Live
from nowserving.journal.router import Router
from nowserving.main.settings import Settings


async def add_cubu_webhook(house: House, organization_id: UUID, base_url: str, secret: str) -> None:
    """Tell an address of everything that happens, in Cubu's words."""


class Listeners:
    """Runs the router of facts, the live feed and the sender while the server is open."""

    def __init__(self, house: House, settings: Settings) -> None:
        self._house = house
        self.live = Live(house.engine)
        self._router = Router(house.engine, [self.live])
        self._listener = Listener(house.engine, [self.live], ignoring=self._router.mark)
        self._stack = AsyncExitStack()

    def end_streams(self) -> None:
        """The server is told to stop: let every live page's stream end."""
        self.live.close()

    async def __aenter__(self) -> Self:
        for part in (self.live, self._listener, self._router):
            await part.start()
            self._stack.push_async_callback(part.stop)
        self._house.on_commit = self._router.wake
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()
