"""Group commit: what many ask for at one moment is written in one transaction.

Each is checked before it comes here. What has come while the last transaction was being
committed is the next batch: nobody waits for a timer. If a batch fails it is done again one
by one, so that a bad one fails alone. No door knows of this.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable, Sequence
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from nowserving.actions.act import Answered, Say
from nowserving.actions.replies import Once
from nowserving.people.actor import Actor
from nowserving.store.engines import Unavailable
from nowserving.store.store import Store

MOST = 64
"""How many are written in one transaction at the most."""


class Asking(Protocol):
    """Somebody who asks, perhaps with an idempotency key, and how they are answered."""

    @property
    def actor(self) -> Actor: ...
    @property
    def once(self) -> Once | None: ...
    @property
    def say(self) -> Say | None: ...


Asked = TypeVar("Asked")
Got = TypeVar("Got")


class Batches(Generic[Asked, Got]):
    """Writes the orders of one moment together, one batch at a time for each key.

    `write` is one transaction for some orders: for each what came of it, or what went wrong.
    """

    def __init__(
        self, write: Callable[[list[Asked]], Awaitable[Sequence[Got | Exception]]]
    ) -> None:
        self._write_together = write
        self._waiting: dict[Hashable, list[tuple[Asked, asyncio.Future[Got]]]] = defaultdict(list)
        self._working: dict[Hashable, asyncio.Task[None]] = {}

    def join(self, key: Hashable, order: Asked) -> "asyncio.Future[Got]":
        """Write this order with the next batch of this key; done when it is committed."""
        written: asyncio.Future[Got] = asyncio.get_running_loop().create_future()
        self._waiting[key].append((order, written))
        if key not in self._working:
            self._working[key] = asyncio.create_task(self._work(key))
        return written

    async def _work(self, key: Hashable) -> None:
        try:
            while batch := self._waiting[key][:MOST]:
                del self._waiting[key][:MOST]
                outcomes = await self._write([order for order, _ in batch])
                for (_, written), outcome in zip(batch, outcomes, strict=True):
                    if written.cancelled():
                        continue
                    if isinstance(outcome, Exception):
                        written.set_exception(outcome)
                    else:
                        written.set_result(outcome)
        finally:
            del self._working[key]
            if not self._waiting[key]:
                del self._waiting[key]

    async def _write(self, orders: list[Asked]) -> Sequence[Got | Exception]:
        try:
            return await self._write_together(orders)
        except Unavailable as outage:
            # Perhaps it was committed after all: only the callers, by their keys, may ask again.
            return [outage] * len(orders)
        except Exception as failure:
            if len(orders) == 1:
                return [failure]
            return [outcome for order in orders for outcome in await self._write([order])]


async def answered_before(store: Store, orders: Sequence[Asking]) -> dict[int, Exception]:
    """By `id` of the order: the earlier answer to those whose key was used before."""
    used = [(o.actor.principal, o.once.key) for o in orders if o.once is not None]
    if not used:
        return {}
    kept = await store.requests.all_kept(used)
    answered: dict[int, Exception] = {}
    for order in orders:
        if order.once is None:
            continue
        before = kept.get((order.actor.principal, order.once.key))
        if before is not None:
            try:
                answered[id(order)] = Answered(order.once.again(before))
            except Exception as reused:
                answered[id(order)] = reused
    return answered


async def keep_answers(store: Store, done: Sequence[tuple[Asking, Any, datetime]]) -> None:
    """Keep what is answered to orders with a key: (order, what came of it, when)."""
    await store.requests.keep(
        [
            order.once.kept(order.actor.organization_id, order.actor.principal, order.say(got), at)
            for order, got, at in done
            if order.once is not None and order.say is not None
        ]
    )
