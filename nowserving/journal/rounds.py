"""Work done in rounds, for one organization after the other, each when there is something."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from uuid import UUID

import structlog

from nowserving.store.engines import Clash, Unavailable

_log = structlog.get_logger("nowserving.rounds")

REST = 0.05
"""Seconds that an organization rests after a round that failed; doubled each time."""

LONGEST_REST = 5.0


class Rounds:
    """Does `work` for each organization that is woken, some side by side, none twice at once.

    Whoever is woken while being worked on gets another round, `apart` seconds after this one
    at the earliest, or more if `work` answers more: what comes meanwhile is done together.
    `find` is asked every so many seconds who should be woken. Nothing that fails ends this: an
    outage of the database is logged once, a bug each time, and the organization gets its round
    again after a rest.
    """

    def __init__(
        self,
        name: str,
        work: Callable[[UUID], Awaitable[float | None]],
        *,
        side_by_side: int = 2,
        apart: float = 0.0,
        find: Callable[[], Awaitable[Iterable[UUID]]] | None = None,
        every: float = 1.0,
    ) -> None:
        self._name = name
        self._work = work
        self._side_by_side = side_by_side
        self._apart = apart
        self._find = find
        self._every = every
        self._waiting: deque[UUID] = deque()
        self._woken: set[UUID] = set()
        self._working: dict[UUID, asyncio.Task[None]] = {}
        self._failures: dict[UUID, int] = {}
        self._resting: dict[UUID, asyncio.TimerHandle] = {}
        self._looking: asyncio.Task[None] | None = None
        self._open = False
        self._out = False

    async def start(self) -> None:
        """Begin; whoever was woken before gets their round now."""
        self._open = True
        if self._find is not None:
            self._looking = asyncio.create_task(self._look(self._find), name=f"{self._name} looks")
        self._next()

    async def stop(self, within: float = 5.0) -> None:
        """End after the rounds that are going on, or cancel them after so many seconds."""
        self._open = False
        if self._looking is not None:
            self._looking.cancel()
        for timer in self._resting.values():
            timer.cancel()
        going_on = [task for task in (self._looking, *self._working.values()) if task]
        if going_on:
            _, late = await asyncio.wait(going_on, timeout=within)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def idle(self, within: float) -> None:
        """Until everybody who was woken has had their round, at most so many seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                while self._working:
                    await asyncio.wait(self._working.values())

    @property
    def shared(self) -> bool:
        """Do several organizations have their round now, or wait for it?"""
        return len(self._working) + len(self._waiting) > 1

    def wake(self, organization_id: UUID) -> None:
        """There is something to do for this organization. Call it from the loop's thread."""
        if organization_id in self._woken:
            return
        self._woken.add(organization_id)
        if organization_id not in self._working and organization_id not in self._resting:
            self._waiting.append(organization_id)
            self._next()

    def _next(self) -> None:
        while self._open and self._waiting and len(self._working) < self._side_by_side:
            id = self._waiting.popleft()
            self._working[id] = asyncio.create_task(self._round(id), name=f"{self._name} {id}")

    async def _round(self, id: UUID) -> None:
        self._woken.discard(id)
        rest = self._apart
        try:
            rest = max(rest, await self._work(id) or 0.0)
        except Exception as failure:
            rest = self._failed(id, failure)
            self._woken.add(id)
        else:
            self._failures.pop(id, None)
            self._recovered()
        finally:
            del self._working[id]
            if rest and self._open:
                loop = asyncio.get_running_loop()
                self._resting[id] = loop.call_later(rest, self._rested, id)
            elif id in self._woken:
                self._waiting.append(id)
            self._next()

    def _rested(self, id: UUID) -> None:
        del self._resting[id]
        if id in self._woken:
            self._waiting.append(id)
            self._next()

    async def _look(self, find: Callable[[], Awaitable[Iterable[UUID]]]) -> None:
        while True:
            try:
                for id in await find():
                    self.wake(id)
            except Exception as failure:
                self._complain(failure)
            else:
                self._recovered()
            await asyncio.sleep(self._every)

    def _failed(self, id: UUID, failure: Exception) -> float:
        self._complain(failure)
        failures = self._failures[id] = self._failures.get(id, 0) + 1
        return min(REST * 2.0 ** min(failures - 1, 16), LONGEST_REST)

    def _complain(self, failure: Exception) -> None:
        if isinstance(failure, Unavailable):
            if not self._out:
                _log.warning("the database does not answer", who=self._name, why=str(failure))
            self._out = True
        elif not isinstance(failure, Clash):
            _log.error("a round failed", who=self._name, exc_info=failure)

    def _recovered(self) -> None:
        if self._out:
            _log.info("the database answers again", who=self._name)
        self._out = False
