"""How much may be on its way at once, so that an endpoint that is down holds up nobody else.

A lane that is not back within a second counts as slow. Slow lanes have a room of their own,
and who has not answered well lately gets three quarters of the quick ones at most: so any
number of dead endpoints leaves room for the others. Endpoints at one host take turns in the
connections to it, before anything is said: what waits would be old when it is heard.
"""

import asyncio
import math
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import islice
from time import monotonic
from uuid import UUID

from nowserving.hooks.posters import PER_HOST
from nowserving.hooks.turns import Turns
from nowserving.places.endpoints import POSTS_AT_ONCE

LANES_FOR_A_POST = 4
"""Lanes of one endpoint on their way for each post it may have at once: they take turns."""

SECONDS_OF_RATE = 5.0
"""No more lanes set out than can have their turn within so many seconds."""

UNPROVEN = 2
"""Lanes on their way to an endpoint that has not answered well lately."""

LANES_AT_HOST = 2 * PER_HOST
"""Lanes on their way to one host, whoever's: so many that its connections always have work."""

WORTH_WHILE = LANES_AT_HOST // 2
"""Those who wait for a host hear of it when so many lanes are back: many set out together, which
costs little more than one."""

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


@dataclass(slots=True, eq=False)
class _Host:
    """Where some endpoints are; `hungry`: those with more than there was room for."""

    turns: Turns = field(default_factory=lambda: Turns(PER_HOST))
    on_the_way: int = 0
    hungry: dict[UUID, None] = field(default_factory=dict)

    @property
    def room(self) -> int:
        """How many more lanes may set out."""
        return max(LANES_AT_HOST - self.on_the_way, 0)

    @property
    def roomy(self) -> bool:
        """Is there so much room that it is worth while to claim?"""
        return self.room >= WORTH_WHILE

    def fed(self) -> list[UUID]:
        """Who may have more now: those first who have waited longest."""
        if not self.hungry or not self.roomy:
            return []
        fed = list(islice(self.hungry, self.room))
        for id in fed:
            del self.hungry[id]
        return fed


@dataclass(slots=True)
class _Endpoint:
    turns: Turns = field(default_factory=lambda: Turns(POSTS_AT_ONCE))
    host: _Host | None = None
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
    again: int = 0

    @property
    def lanes(self) -> int:
        """How many lanes may be on their way."""
        most = LANES_FOR_A_POST * self.turns.most
        if self.rate is not None:
            most = min(most, max(1, math.ceil(self.rate * SECONDS_OF_RATE)))
        return most

    def note(self, now: float, *, failed: bool) -> None:
        """How the last attempt went."""
        while self.lately and self.lately[0][0] < now - WINDOW:
            self.lately.popleft()
        self.lately.append((now, failed))

    def move_to(self, host: _Host) -> None:
        """It is there from now on, and what is on its way to it."""
        if host is not self.host:
            if self.host is not None:
                self.host.on_the_way -= self.on_the_way
            host.on_the_way += self.on_the_way
            self.host = host

    def count(self, more: int) -> None:
        """So many more lanes are on their way."""
        self.on_the_way += more
        if self.host is not None:
            self.host.on_the_way += more

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
        self._hosts: dict[str, _Host] = {}

    @property
    def free(self) -> int:
        """How many more lanes may set out now, to whomever."""
        return max(self._most_quick - self._quick, 0)

    def allow(
        self, id: UUID, *, concurrency: int, rate: float | None, host: str | None = None
    ) -> None:
        """What an endpoint takes: posts at once, and posts that begin in a second."""
        endpoint = self._endpoints.setdefault(id, _Endpoint())
        endpoint.turns.most = max(1, concurrency // self.sharing)
        endpoint.rate = None if rate is None else rate / self.sharing
        if host is not None:
            endpoint.move_to(self._hosts.setdefault(host, _Host()))

    def room(self, id: UUID) -> int:
        """How many more lanes may set out to this endpoint, were it alone at its host."""
        endpoint = self._endpoints.get(id) or _Endpoint()
        now = self._clock()
        if now < endpoint.rests_until:
            return 0
        return max(self._allowed(endpoint, now) - endpoint.on_the_way, 0)

    def has_room(self, id: UUID) -> bool:
        """May a lane set out to this endpoint now? Not before those who wait for its host."""
        endpoint = self._endpoints.get(id)
        host = None if endpoint is None else endpoint.host
        if host is not None and not (host.roomy or (host.room and not host.hungry)):
            return False
        return self.room(id) > 0

    def rooms(self, ids: Iterable[UUID]) -> dict[UUID, int]:
        """How many more lanes may set out to each: at one host each has its part of the room.

        Who has none is not in the answer, and hears of it when there is some.
        """
        rooms = {id: self.room(id) for id in ids}
        hosts = {id: one.host for id in rooms if (one := self._endpoints.get(id)) is not None}
        sharing = Counter(hosts[id] for id, room in rooms.items() if room and hosts.get(id))
        left = {host: host.room for host in sharing if host is not None}
        for id, room in rooms.items():
            host = hosts.get(id)
            if room and host is not None:
                rooms[id] = min(room, left[host], max(1, host.room // sharing[host]))
                left[host] -= rooms[id]
            if not rooms[id]:
                self.want_more(id)
        return {id: room for id, room in rooms.items() if room}

    def want_more(self, id: UUID) -> None:
        """There is more for this endpoint than it had room for."""
        endpoint = self._endpoints.setdefault(id, _Endpoint())
        if endpoint.host is None or not self.room(id):
            endpoint.hungry = True
        else:
            endpoint.host.hungry[id] = None

    def fed(self, ids: Iterable[UUID]) -> list[UUID]:
        """Those who wanted more at the hosts of these and may have it now."""
        hosts = {one.host: None for id in ids if (one := self._endpoints.get(id)) is not None}
        return [id for host in hosts if host is not None for id in host.fed()]

    def set_out(self, id: UUID) -> "Trip":
        """A lane is on its way to an endpoint."""
        endpoint = self._endpoints.setdefault(id, _Endpoint())
        endpoint.count(1)
        return Trip(self, id, endpoint, unproven=self._clock() >= endpoint.proven_until)

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
        most = max(1, endpoint.turns.most // 2)
        if endpoint.again >= most or now < max(endpoint.rests_until, endpoint.next_post):
            return False
        if not endpoint.turns.take_now():
            return False
        if endpoint.rate is not None:
            endpoint.next_post = now + 1 / endpoint.rate
        endpoint.again += 1
        return True

    def end_again(self, id: UUID) -> None:
        """What was told once more is through."""
        endpoint = self._endpoints[id]
        endpoint.again -= 1
        endpoint.turns.give_back()

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

    __slots__ = ("_endpoint", "_host", "_id", "_pace", "_slow", "_timer", "_unproven")

    def __init__(self, pace: Pace, id: UUID, endpoint: _Endpoint, *, unproven: bool) -> None:
        self._pace = pace
        self._id = id
        self._endpoint = endpoint
        self._host: _Host | None = None
        self._unproven = unproven
        self._slow = False
        self._timer = asyncio.get_running_loop().call_later(SLOW_AFTER, self._turn_slow)
        self._count(quick=1)

    async def turn(self, until: float) -> bool:
        """Wait for our turn to post; False if it does not come, or the endpoint rests then."""
        endpoint, clock = self._endpoint, self._pace._clock
        if not await endpoint.turns.take(until, clock=clock):
            return False
        has_turn = False
        try:
            if endpoint.rate is not None and not await self._in_time(endpoint.rate, until):
                return False
            host = endpoint.host
            if host is not None and not await host.turns.take(until, clock=clock):
                return False
            self._host = host
            has_turn = clock() >= endpoint.rests_until
            return has_turn
        finally:
            if not has_turn:
                self.turn_ends()

    def turn_ends(self) -> None:
        """Let another lane post."""
        self._endpoint.turns.give_back()
        host, self._host = self._host, None
        if host is not None:
            host.turns.give_back()

    def ends(self) -> list[UUID]:
        """The lane is back; answers for whom there may be more, and room now."""
        self._timer.cancel()
        if self._slow:
            self._count(slow=-1)
        else:
            self._count(quick=-1)
        endpoint = self._endpoint
        endpoint.count(-1)
        hungry, endpoint.hungry = endpoint.hungry, False
        return [self._id] * hungry + (endpoint.host.fed() if endpoint.host is not None else [])

    async def _in_time(self, rate: float, until: float) -> bool:
        """Wait until the endpoint takes the next post; False if that is too late."""
        clock, endpoint = self._pace._clock, self._endpoint
        at = max(clock(), endpoint.next_post)
        if at > until:
            return False
        endpoint.next_post = at + 1 / rate
        await asyncio.sleep(max(at - clock(), 0))
        return True

    def _turn_slow(self) -> None:
        self._slow = True
        self._count(quick=-1, slow=1)

    def _count(self, *, quick: int = 0, slow: int = 0) -> None:
        self._pace._quick += quick
        self._pace._unproven += quick * self._unproven
        self._pace._slow += slow
        self._endpoint.slow += slow
