"""How a wire language asks an endpoint whether it wants to be told: consent before full pace."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from nowserving.journal.telling import Telling
from nowserving.places.endpoints import Endpoint


class Challenge(Protocol):
    """Asks in one wire language."""

    def say(
        self, endpoint: Endpoint, token: str, *, secrets: Sequence[str], now: datetime
    ) -> Telling:
        """The question; only who reads and understands it can answer with the token."""

    def accepts(self, token: str, body: bytes) -> bool:
        """Is this the answer of somebody who wants to be told?"""
