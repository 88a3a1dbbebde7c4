"""Who hears what the journal tells: live pages and webhooks."""

from typing import Any, Self
from uuid import UUID

from nowserving.actions.house import House
from nowserving.main.settings import Settings


async def add_cubu_webhook(house: House, organization_id: UUID, base_url: str, secret: str) -> None:
    """Tell an address of everything that happens, in Cubu's words."""


class Listeners:
    """Runs the router of facts, the live feed and the sender while the server is open."""

    def __init__(self, house: House, settings: Settings) -> None:
        self._house = house
        self.live: Any = None

    def end_streams(self) -> None:
        """The server is told to stop: let every live page's stream end."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        pass
