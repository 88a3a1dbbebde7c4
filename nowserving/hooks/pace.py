"""How much may be on its way at once, so that an endpoint that is down holds up nobody else.

A lane that is not back within a second counts as slow. Slow lanes have a room of their own,
and who has not answered well lately gets three quarters of the quick ones at most: so any
number of dead endpoints leaves room for the others.
"""

import asyncio
import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from uuid import UUID

from nowserving.places.endpoints import POSTS_AT_ONCE

LANES_FOR_A_POST = 4
"""Lanes of one endpoint on their way for each post it may have at once: they take turns."""

SECONDS_OF_RATE = 5.0
"""No more lanes set out than can have their turn within so many seconds."""

UNPROVEN = 2
"""Lanes on their way to an endpoint that has not answered well lately."""

QUICK = 512
"""Lanes that have been on their way for less than a second."""

SLOW = 1000
"""Lanes that have been for longer; beyond that only those go who answer quickly."""

SLOW_AFTER = 1.0
PROVEN_FOR = 60.0

FAILURES = 5
"""Failures in a row after which an endpoint is left in peace for a while."""

WINDOW = 300.0
MANY, SHARE = 10, 0.7
"""So many attempts within five minutes of which so large a share failed have the same effect:
an endpoint that takes one in five never fails five times in a row for long."""

REST = 30.0
LONGEST_REST = 900.0


@dataclass(slots=True)
class _Endpoint:
    concurrency: int = POSTS_AT_ONCE
    rate: float | None = None
    on_the_way: int = 0
    slow: int = 0
    failures: int = 0
    rests: int = 0
    lately: deque[tuple[float, bool]] = field(default_factory=lambda: deque(maxlen=64))
    proven_until: float = float("-inf")
    rests_until: float = float("-inf")
    next_post: float = float("-inf")
    hungry: bool = False
    posts: int = 0
    again: int = 0
    waiting: deque[asyncio.Future[None]] = field(default_factory=deque)

    @property
    def lanes(self) -> int:
        """How many lanes may be on their way."""
        most = LANES_FOR_A_POST * self.concurrency
        if self.rate is not None:
            most = min(most, max(1, math.ceil(self.rate * SECONDS_OF_RATE)))
        return most

    def note(self, now: float, *, failed: bool) -> None:
        """How the last attempt went."""
        while self.lately and self.lately[0][0] < now - WINDOW:
            self.lately.popleft()
        self.lately.append((now, failed))

    @property
    def mostly_fails(self) -> bool:
        """Has hardly anything come of the attempts of the last minutes?"""
        failed = sum(failed for _, failed in self.lately)
        return len(self.lately) >= MANY and failed >= SHARE * len(self.lately)


class Pace:
    """Counts what is on its way to each endpoint of this process, and how they take it.

    `sharing`: so many processes send; each keeps to its part of what an endpoint allows.
    """

    def __init__(
        self,
        *,
        quick: int = QUICK,
        slow: int = SLOW,
        rest: float = REST,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.sharing = 1
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

    def allow(self, id: UUID, *, concurrency: int, rate: float | None) -> None:
        """What an endpoint takes: posts at once, and posts that begin in a second."""
        endpoint = self._endpoints.setdefault(id, _Endpoint())
        endpoint.concurrency = max(1, concurrency // self.sharing)
        endpoint.rate = None if rate is None else rate / self.sharing

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
        now = self._clock()
        recovered = endpoint.rests > 0
        if recovered:
            endpoint.lately.clear()
        endpoint.note(now, failed=False)
        endpoint.failures = endpoint.rests = 0
        endpoint.proven_until = now + PROVEN_FOR
        return recovered

    def failed(self, id: UUID, *, wait: float | None = None) -> None:
        """The endpoint is not there or cannot work, or asked us to `wait`."""
        endpoint = self._endpoints.setdefault(id, _Endpoint())
        now = self._clock()
        endpoint.failures += 1
        endpoint.proven_until = float("-inf")
        endpoint.note(now, failed=True)
        rest = 0.0
        if now >= endpoint.rests_until and (
            endpoint.failures >= FAILURES or endpoint.rests or endpoint.mostly_fails
        ):
            rest = min(self._rest * 2.0 ** min(endpoint.rests, 16), LONGEST_REST)
            endpoint.rests += 1
        endpoint.rests_until = max(endpoint.rests_until, now + max(rest, wait or 0.0))

    def begin_again(self, id: UUID) -> bool:
        """May something be told once more now, that keeps nothing new waiting? Then it begins."""
        endpoint = self._endpoints.setdefault(id, _Endpoint())
        now = self._clock()
        busy = endpoint.waiting or endpoint.posts >= endpoint.concurrency
        most = max(1, endpoint.concurrency // 2)
        if busy or endpoint.again >= most or now < max(endpoint.rests_until, endpoint.next_post):
            return False
        if endpoint.rate is not None:
            endpoint.next_post = now + 1 / endpoint.rate
        endpoint.posts += 1
        endpoint.again += 1
        return True

    def end_again(self, id: UUID) -> None:
        """What was told once more is through."""
        endpoint = self._endpoints[id]
        endpoint.again -= 1
        _post_ends(endpoint)

    def _allowed(self, endpoint: _Endpoint, now: float) -> int:
        proven = now < endpoint.proven_until
        if self._slow >= self._most_slow and not (proven and not endpoint.slow):
            return 0
        if proven:
            return endpoint.lanes
        if self._unproven >= self._most_quick * 3 // 4:
            return 0
        return 1 if endpoint.rests else min(UNPROVEN, endpoint.lanes)


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
        endpoint, clock = self._endpoint, self._pace._clock
        if not await self._slot(until):
            return False
        if endpoint.rate is not None:
            at = max(clock(), endpoint.next_post)
            if at > until:
                _post_ends(endpoint)
                return False
            endpoint.next_post = at + 1 / endpoint.rate
            try:
                await asyncio.sleep(max(at - clock(), 0))
            except BaseException:
                _post_ends(endpoint)
                raise
        if clock() < endpoint.rests_until:
            _post_ends(endpoint)
            return False
        return True

    def turn_ends(self) -> None:
        """Let another lane post."""
        _post_ends(self._endpoint)

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

    async def _slot(self, until: float) -> bool:
        """One of the posts that the endpoint takes at once."""
        endpoint = self._endpoint
        if endpoint.posts < endpoint.concurrency and not endpoint.waiting:
            if self._pace._clock() >= until:
                return False
            endpoint.posts += 1
            return True
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        endpoint.waiting.append(turn)
        try:
            async with asyncio.timeout(max(until - self._pace._clock(), 0)):
                await turn
        except BaseException as ended:
            if turn.done() and not turn.cancelled():
                _post_ends(endpoint)  # it came a moment too late
            elif turn in endpoint.waiting:
                endpoint.waiting.remove(turn)
            if isinstance(ended, TimeoutError):
                return False
            raise
        return True

    def _turn_slow(self) -> None:
        self._slow = True
        self._count(quick=-1, slow=1)

    def _count(self, *, quick: int = 0, slow: int = 0) -> None:
        self._pace._quick += quick
        self._pace._unproven += quick * self._unproven
        self._pace._slow += slow
        self._endpoint.slow += slow


def _post_ends(endpoint: _Endpoint) -> None:
    """One post less; the next who waits has its turn."""
    endpoint.posts -= 1
    while endpoint.waiting and endpoint.posts < endpoint.concurrency:
        turn = endpoint.waiting.popleft()
        if not turn.done():
            endpoint.posts += 1
            turn.set_result(None)
