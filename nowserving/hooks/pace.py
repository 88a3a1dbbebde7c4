"""How much may be on its way at once, so that an endpoint that is down holds up nobody else.

A lane that is not back within a second counts as slow. Slow lanes have a room of their own,
and who has not answered well lately gets three quarters of the quick ones at most: so any
number of dead endpoints leaves room for the others.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from uuid import UUID

POSTS = 8
"""Posts to one endpoint at once."""

EACH = 32
"""Lanes of one endpoint on their way at once; those that have no post out wait their turn."""

UNPROVEN = 2
"""The same for an endpoint that has not answered well lately."""

QUICK = 512
"""Lanes that have been on their way for less than a second."""

SLOW = 1000
"""Lanes that have been for longer; beyond that only those go who answer quickly."""

SLOW_AFTER = 1.0
PROVEN_FOR = 60.0

FAILURES = 5
"""Failures in a row after which an endpoint is left in peace for a while."""

REST = 30.0
LONGEST_REST = 900.0


@dataclass(slots=True)
class _Endpoint:
    on_the_way: int = 0
    slow: int = 0
    failures: int = 0
    proven_until: float = float("-inf")
    rests_until: float = float("-inf")
    hungry: bool = False
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(POSTS))


class Pace:
    """Counts what is on its way to each endpoint of this process, and how they take it."""

    def __init__(
        self,
        *,
        each: int = EACH,
        quick: int = QUICK,
        slow: int = SLOW,
        rest: float = REST,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._each = each
        self._most_quick = quick
        self._most_slow = slow
        self._rest = rest
        self._clock = clock
        self._quick = 0
        self._slow = 0
        self._unproven = 0
        self._endpoints: dict[UUID, _Endpoint] = {}

    @property
    def free(self) -> int:
        """How many more lanes may set out now, to whomever."""
        return max(self._most_quick - self._quick, 0)

    def room(self, id: UUID) -> int:
        """How many more lanes may set out to this endpoint."""
        endpoint = self._endpoints.get(id) or _Endpoint()
        now = self._clock()
        if now < endpoint.rests_until:
            return 0
        return max(self._allowed(endpoint, now) - endpoint.on_the_way, 0)

    def want_more(self, id: UUID) -> None:
        """There is more for this endpoint than it had room for."""
        self._endpoints.setdefault(id, _Endpoint()).hungry = True

    def set_out(self, id: UUID) -> "Trip":
        """A lane is on its way to an endpoint."""
        endpoint = self._endpoints.setdefault(id, _Endpoint())
        endpoint.on_the_way += 1
        return Trip(self, endpoint, unproven=self._clock() >= endpoint.proven_until)

    def answered(self, id: UUID) -> bool:
        """The endpoint is there; True if it had been left in peace before."""
        endpoint = self._endpoints.setdefault(id, _Endpoint())
        recovered = endpoint.failures >= FAILURES
        endpoint.failures = 0
        endpoint.proven_until = self._clock() + PROVEN_FOR
        return recovered

    def failed(self, id: UUID, *, wait: float | None = None) -> None:
        """The endpoint is not there or cannot work, or asked us to `wait`."""
        endpoint = self._endpoints.setdefault(id, _Endpoint())
        now = self._clock()
        endpoint.failures += 1
        endpoint.proven_until = float("-inf")
        rest = 0.0
        if endpoint.failures >= FAILURES and now >= endpoint.rests_until:
            rest = min(self._rest * 2.0 ** min(endpoint.failures - FAILURES, 16), LONGEST_REST)
        endpoint.rests_until = max(endpoint.rests_until, now + max(rest, wait or 0.0))

    def _allowed(self, endpoint: _Endpoint, now: float) -> int:
        proven = now < endpoint.proven_until
        if self._slow >= self._most_slow and not (proven and not endpoint.slow):
            return 0
        if proven:
            return self._each
        if self._unproven >= self._most_quick * 3 // 4:
            return 0
        return 1 if endpoint.failures >= FAILURES else min(UNPROVEN, self._each)


class Trip:
    """One lane on its way."""

    __slots__ = ("_endpoint", "_pace", "_slow", "_timer", "_unproven")

    def __init__(self, pace: Pace, endpoint: _Endpoint, *, unproven: bool) -> None:
        self._pace = pace
        self._endpoint = endpoint
        self._unproven = unproven
        self._slow = False
        self._timer = asyncio.get_running_loop().call_later(SLOW_AFTER, self._turn_slow)
        self._count(quick=1)

    async def turn(self, until: float) -> bool:
        """Wait for our turn to post; False if it does not come, or the endpoint rests then."""
        turns = self._endpoint.turns
        try:
            async with asyncio.timeout(max(until - self._pace._clock(), 0)):
                await turns.acquire()
        except TimeoutError:
            return False
        if self._pace._clock() < self._endpoint.rests_until:
            turns.release()
            return False
        return True

    def turn_ends(self) -> None:
        """Let another lane post."""
        self._endpoint.turns.release()

    def ends(self) -> bool:
        """The lane is back; True if there is more for this endpoint."""
        self._timer.cancel()
        if self._slow:
            self._count(slow=-1)
        else:
            self._count(quick=-1)
        self._endpoint.on_the_way -= 1
        hungry, self._endpoint.hungry = self._endpoint.hungry, False
        return hungry

    def _turn_slow(self) -> None:
        self._slow = True
        self._count(quick=-1, slow=1)

    def _count(self, *, quick: int = 0, slow: int = 0) -> None:
        self._pace._quick += quick
        self._pace._unproven += quick * self._unproven
        self._pace._slow += slow
        self._endpoint.slow += slow
