"""A process that routes and sends, and says facts plainly."""

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any

import msgspec

from nowserving.hooks.guard import Guard
from nowserving.hooks.pace import Pace
from nowserving.hooks.posters import Posters
from nowserving.hooks.sender import Sender
from nowserving.journal.announcing import Listener
from nowserving.journal.router import Router
from nowserving.journal.telling import Policy, Teller, Telling
from nowserving.kit.clock import wall
from nowserving.kit.facts import Fact
from nowserving.kit.ids import uuid7
from nowserving.kit.vault import Vault
from nowserving.places.endpoints import Endpoint
from nowserving.store.engines import Engine
from nowserving.store.store import Store

QUICKLY = (0.02,) * 60
"""Waits for the impatient."""


async def plainly(
    fact: Fact,
    endpoint: Endpoint,
    *,
    secrets: Sequence[str],
    store: Store,
    gap: int | None = None,
) -> Telling | None:
    """The fact's subject, version and kind, and from where on something was passed over."""
    said = {"subject": fact.subject_id, "version": fact.version, "kind": fact.kind}
    said |= {} if gap is None else {"gap": gap}
    return Telling(endpoint.url, msgspec.json.encode(said), {"Webhook-Id": str(fact.id)})


class Room(AsyncExitStack):
    """One process: a router, a sender, and a listener."""

    def __init__(
        self,
        engine: Engine,
        tellers: Mapping[str, Teller] | None = None,
        *,
        schedule: tuple[float, ...] = QUICKLY,
        policy: Policy | None = None,
        **options: Any,
    ) -> None:
        super().__init__()
        told_again = policy or Policy(schedule)
        self.posters = Posters(Guard(), clock=wall)
        defaults: dict[str, Any] = {
            "policies": {"plain": lambda _endpoint: told_again},
            "timeout": 2.0,
            "every": 0.05,
            "pace": Pace(rest=0.05),
            "clock": wall,
        }
        self.sender = Sender(
            engine,
            Vault(b"k" * 32),
            self.posters,
            tellers or {"plain": plainly},
            ids=uuid7,
            **(defaults | options),
        )
        self.router = Router(engine, [self.sender])
        self.listener = Listener(engine, [self.sender], ignoring=self.router.mark)

    async def __aenter__(self) -> "Room":
        await self.enter_async_context(self.posters)
        for part in (self.sender, self.router, self.listener):
            await part.start()
            self.push_async_callback(part.stop)
        return self
