"""Chores: what every process does now and then, whether or not anybody asks for it."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

import structlog

from nowserving.actions.arrivals import miss_overdue
from nowserving.actions.caretaking import open_ahead
from nowserving.actions.erase import erase_again
from nowserving.actions.house import House
from nowserving.actions.tidy import tidy
from nowserving.store.engines import Clash, Unavailable

SOON = 30.0
"""Seconds until something is done for the first time, or again if the database did not answer."""

_log = structlog.get_logger("nowserving.chores")


class Chore:
    """Something that is done every so many seconds, more or less, so that processes do not meet.

    Nothing that fails ends it.
    """

    def __init__(
        self, name: str, do: Callable[[], Awaitable[object]], *, every: float, first: float = SOON
    ) -> None:
        self._name = name
        self._do = do
        self._every = every
        self._first = first
        self._doing: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin; it is done for the first time in a while."""
        self._doing = asyncio.create_task(self._go_on(), name=self._name)

    async def stop(self) -> None:
        """End, in the middle of it if need be: what is half done is undone."""
        if self._doing is not None:
            self._doing.cancel()
            with suppress(asyncio.CancelledError):
                await self._doing

    async def _go_on(self) -> None:
        wait = self._first
        while True:
            await asyncio.sleep(wait * random.uniform(0.8, 1.2))
            wait = await self._done()

    async def _done(self) -> float:
        """Do it; answers after how many seconds it is to be done again."""
        try:
            await self._do()
        except (Clash, Unavailable):
            _log.warning("a chore has to wait", chore=self._name)
            return min(SOON, self._every)
        except Exception:
            _log.exception("a chore failed", chore=self._name)
        return self._every


def chores_of(house: House) -> Sequence[Chore]:
    """What there is to do in a house."""
    return (
        Chore("who did not come", lambda: miss_overdue(house), every=30.0),
        Chore("days to be opened", lambda: open_ahead(house), every=1800.0),
        # What was on its way while somebody was erased.
        Chore("erasures", lambda: erase_again(house), every=30.0),
        Chore("tidying", lambda: tidy(house), every=3600.0, first=random.uniform(1200.0, 4800.0)),
    )
