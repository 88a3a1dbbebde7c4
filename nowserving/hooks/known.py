"""What is known of the endpoints that are told something: read for all of them in one question.

Lanes on their way look now and then whether their endpoint is still to be told. Each looking for
itself would cost more than the telling does.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from time import monotonic
from uuid import UUID

from nowserving.places.endpoints import Endpoint
from nowserving.store.engines import Engine
from nowserving.store.lanes import Lanes

BELIEVED_FOR = 0.5
"""Seconds for which what we read of an endpoint is believed before we post: whoever disables one
hears no more of us after that, but for what is on its way."""

KEPT_FOR = 5.0
"""Seconds without a question after which an endpoint is no longer read with the others."""

MOST = 1000
"""Endpoints read at once."""


@dataclass(slots=True)
class Known:
    """An endpoint as it was at an instant of the monotonic clock; None: it is there no more."""

    endpoint: Endpoint | None
    read_at: float
    asked_at: float


class Knowing:
    """Reads the endpoint of who asks, and with it all of those who will ask soon."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._organizations: dict[UUID, _Organization] = {}

    def learn(
        self, organization_id: UUID, endpoints: Iterable[Endpoint], *, read_at: float
    ) -> None:
        """These were read anyway."""
        ours = self._organizations.setdefault(organization_id, _Organization())
        for endpoint in endpoints:
            ours.known[endpoint.id] = Known(endpoint, read_at, read_at)

    async def look(self, organization_id: UUID, endpoint_id: UUID) -> Known:
        """What can be believed of an endpoint now. Raises Unavailable."""
        ours = self._organizations.setdefault(organization_id, _Organization())
        if (known := ours.believed(endpoint_id)) is not None:
            return known
        async with ours.turn:  # whoever waits here is read with those before
            if (known := ours.believed(endpoint_id)) is not None:
                return known
            return await self._read(organization_id, ours, endpoint_id)

    async def _read(self, organization_id: UUID, ours: "_Organization", wanted: UUID) -> Known:
        async with self._engine.reading() as connection:
            now = monotonic()
            ids = [wanted, *ours.ask_soon(now, beside=wanted)]
            found = await Lanes(connection, organization_id).some_endpoints(ids)
        for id in ids:
            asked_at = now if id == wanted else ours.known[id].asked_at
            ours.known[id] = Known(found.get(id), now, asked_at)
        return ours.known[wanted]


@dataclass(slots=True)
class _Organization:
    """What is known within one organization; one at a time asks the database."""

    known: dict[UUID, Known] = field(default_factory=dict)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def believed(self, endpoint_id: UUID) -> Known | None:
        """What is known of an endpoint, unless that is too old."""
        known, now = self.known.get(endpoint_id), monotonic()
        if known is None:
            return None
        known.asked_at = now
        return known if now - known.read_at <= BELIEVED_FOR else None

    def ask_soon(self, now: float, *, beside: UUID) -> list[UUID]:
        """Those who will ask soon; who has not asked for long is forgotten."""
        for id in [id for id, one in self.known.items() if one.asked_at < now - KEPT_FOR]:
            del self.known[id]
        old = now - BELIEVED_FOR / 2
        soon = [id for id, one in self.known.items() if one.read_at < old and id != beside]
        return soon[: MOST - 1]
