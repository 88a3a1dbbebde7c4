"""Beside the server: looks through what is held, and throws away what belongs to nothing."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from nowserving.actions.house import House
from nowserving.actions.sweeping import scan_held, sweep
from nowserving.kit.http import Unready
from nowserving.store.engines import Clash, Unavailable

EVERY = 60.0
"""Seconds after which it is looked again, though nobody said that there is anything."""

_log = structlog.get_logger("nowserving.files")


class Keeper:
    """Does the work on files for which nobody waits, as soon as there is some."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._stirred = asyncio.Event()
        self._working: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin; does nothing in a house without files."""
        if self._house.filing is not None:
            self._house.filing.stir = self._stirred.set
            self._working = asyncio.create_task(self._work(), name="files")

    async def stop(self) -> None:
        """End, in the middle of a file if need be: it is taken up again."""
        if self._working is not None:
            self._working.cancel()
            await asyncio.wait([self._working])

    async def _work(self) -> None:
        self._stirred.set()
        while True:
            try:
                async with asyncio.timeout(EVERY):
                    await self._stirred.wait()
            except TimeoutError:
                pass
            self._stirred.clear()
            await self._try(sweep)
            await self._try(scan_held)

    async def _try(self, do: Callable[[House], Awaitable[None]]) -> None:
        try:
            await do(self._house)
        except (Clash, Unavailable, Unready):
            _log.warning("work on files has to wait")
        except Exception:
            _log.exception("work on files failed")
