"""What is known of the endpoints that are told something: read for all of them in one question.

Lanes on their way look now and then whether their endpoint is still to be told. Each looking for
itself would cost more than the telling does.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from time import monotonic
from uuid import UUID

from nowserving.places.endpoints import Endpoint
from nowserving.store.endpoints import Endpoints
from nowserving.store.engines import Engine

BELIEVED_FOR = 0.5
"""Seconds for which what we read of an endpoint is believed before we post: whoever disables one
hears no more of us after that, but for what is on its way."""

MOST = 1000
"""Endpoints read at once, if no more are asked for."""


@dataclass(slots=True)
class Known:
    """An endpoint as it was at an instant of the monotonic clock; None: it is there no more.

    `on_the_way`: so many lanes are, to it; whoever sends them counts.
    """

    endpoint: Endpoint | None
    read_at: float
    on_the_way: int = 0


class Knowing:
    """Reads the endpoint of who asks, and with it those that will be asked for soon."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._organizations: dict[UUID, _Organization] = {}

    async def look(self, organization_id: UUID, endpoint_id: UUID) -> Known:
        """What can be believed of an endpoint now. Raises Unavailable."""
        ours = self._organizations.setdefault(organization_id, _Organization())
        if (known := ours.believed(endpoint_id)) is not None:
            return known
        return (await self.look_at(organization_id, [endpoint_id]))[endpoint_id]

    async def look_at(self, organization_id: UUID, ids: Sequence[UUID]) -> dict[UUID, Known]:
        """What can be believed of some endpoints now. Raises Unavailable."""
        ours = self._organizations.setdefault(organization_id, _Organization())
        if (all_known := ours.all_believed(ids)) is not None:
            return all_known
        async with ours.turn:  # whoever waits here is read with those before
            if (all_known := ours.all_believed(ids)) is not None:
                return all_known
            return await self._read(organization_id, ours, ids)

    async def _read(
        self, organization_id: UUID, ours: "_Organization", wanted: Sequence[UUID]
    ) -> dict[UUID, Known]:
        async with self._engine.reading() as connection:
            now = monotonic()
            ids = ours.to_read(now, wanted)
            found = await Endpoints(connection, organization_id).some(ids)
        for id in ids:
            ours.learn(id, found.get(id), now)
        return {id: ours.known[id] for id in wanted}


@dataclass(slots=True)
class _Organization:
    """What is known within one organization; one at a time asks the database."""

    known: dict[UUID, Known] = field(default_factory=dict)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def believed(self, endpoint_id: UUID) -> Known | None:
        """What is known of an endpoint, unless that is too old."""
        known = self.known.get(endpoint_id)
        if known is None or monotonic() - known.read_at > BELIEVED_FOR:
            return None
        return known

    def all_believed(self, ids: Sequence[UUID]) -> dict[UUID, Known] | None:
        """What is known of some, unless that is too old of any."""
        found = {}
        for id in ids:
            if (known := self.believed(id)) is None:
                return None
            found[id] = known
        return found

    def to_read(self, now: float, wanted: Sequence[UUID]) -> list[UUID]:
        """Those that are wanted and old, and those to which something is on its way.

        The others are forgotten.
        """
        self.known = {
            id: one
            for id, one in self.known.items()
            if one.on_the_way or now - one.read_at <= BELIEVED_FOR
        }
        old = now - BELIEVED_FOR / 2
        asked = (id for id in wanted if id not in self.known or self.known[id].read_at < old)
        soon = (id for id, one in self.known.items() if one.on_the_way and one.read_at < old)
        return list(dict.fromkeys(chain(asked, islice(soon, MOST))))

    def learn(self, id: UUID, endpoint: Endpoint | None, now: float) -> None:
        """It was so at this instant; what has not changed stays the same object."""
        known = self.known.get(id)
        if known is None:
            self.known[id] = Known(endpoint, now)
        else:
            known.read_at = now
            if known.endpoint != endpoint:
                known.endpoint = endpoint
