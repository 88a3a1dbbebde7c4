"""Which processes send: so that what a dead one held is free again within seconds.

On PostgreSQL each holds an advisory lock of its session. The lock goes when the process does,
whatever became of it; the others see that, and take its lanes without waiting for the end of
its lease. Where a pooler stands between (PgBouncer, transaction mode) the lock says nothing,
and the end of the lease is what counts.
"""

import asyncio
import secrets
from collections.abc import Callable, Collection
from contextlib import AbstractAsyncContextManager, suppress
from typing import Protocol, runtime_checkable
from uuid import UUID

import structlog

from nowserving.store.database_clock import DatabaseClock
from nowserving.store.engines import Clash, Engine, Unavailable
from nowserving.store.leases import LEASE_BITS, free_leases_of, lease_holders

_log = structlog.get_logger("nowserving.sender")

LOOK_EVERY = 1.0
"""Seconds."""

SEEN_WITHIN = 5.0
"""Seconds that a start waits until the others see us."""


@runtime_checkable
class Shared(Protocol):
    """An engine that several processes may use."""

    def holding(self, number: int) -> AbstractAsyncContextManager[asyncio.Event]:
        """While open, the others see this number; the event is set when it is lost."""

    async def holders(self) -> frozenset[int]:
        """The numbers that are held."""


class Living:
    """This process among those that send to the endpoints of a database."""

    def __init__(
        self,
        engine: Engine,
        freed: Callable[[Collection[UUID]], None],
        *,
        every: float = LOOK_EVERY,
    ) -> None:
        """`freed` hears the organizations whose lanes were given free."""
        self._engine = engine
        self._freed = freed
        self._every = every
        self._clock = DatabaseClock(engine)
        self._others: frozenset[int] = frozenset()
        self._task: asyncio.Task[None] | None = None
        self._seen = asyncio.Event()
        self.number = secrets.randbits(31)

    @property
    def count(self) -> int:
        """How many processes send, this one among them."""
        return 1 + len(self._others)

    def lease(self) -> UUID:
        """A new lease of this process."""
        return UUID(int=self.number << LEASE_BITS | secrets.randbits(LEASE_BITS))

    async def start(self) -> None:
        """Be seen, and look after the others.

        Who holds lanes before that would lose them to the next who comes.
        """
        if isinstance(self._engine, Shared):
            self._task = asyncio.create_task(self._live(self._engine), name="living")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._seen.wait(), SEEN_WITHIN)

    async def stop(self) -> None:
        """Be gone."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _live(self, engine: Shared) -> None:
        while True:
            try:
                async with engine.holding(self.number) as lost:
                    self._seen.set()
                    await self._free_strangers(engine)
                    while not lost.is_set():
                        await self._look(engine)
                        with suppress(TimeoutError):
                            await asyncio.wait_for(lost.wait(), self._every)
            except (Clash, Unavailable):
                pass  # the database does not answer; whoever works with it says so
            except Exception:
                _log.exception("looking for other processes failed")
            await asyncio.sleep(self._every)

    async def _look(self, engine: Shared) -> None:
        """Whoever was there a moment ago and is no more holds nothing."""
        living = await engine.holders() - {self.number}
        for dead in self._others - living:
            await self._free(dead)
        self._others = living

    async def _free_strangers(self, engine: Shared) -> None:
        """What processes hold that died before we came, and all others with them."""
        async with self._engine.reading() as connection:
            holders = await lease_holders(connection)
        for dead in holders - await engine.holders() - {self.number}:
            await self._free(dead)

    async def _free(self, dead: int) -> None:
        now = await self._clock.now()
        async with self._engine.writing() as connection:
            freed = await free_leases_of(connection, dead, now)
        if freed:
            _log.warning("a process is gone", lanes=sum(freed.values()))
            self._freed(freed)
