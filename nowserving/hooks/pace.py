"""How much may be on its way at once, so that an endpoint that is down holds up nobody else.

A lane that is not back within a second counts as slow. Slow lanes have a room of their own,
and who has not answered well lately gets three quarters of the quick ones at most: so any
number of dead endpoints leaves room for the others. At one host they have a few places at most
(`hosts`). Endpoints at one host take turns in the connections to it, before anything is said:
what waits would be old when it is heard.
"""

import asyncio
import random
from collections.abc import Callable, Iterable
from time import monotonic
from uuid import UUID

from nowserving.hooks.hosts import Host, Shares
from nowserving.hooks.takers import SECONDS_OF_RATE, Taker

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

REST = 30.0
LONGEST_REST = 900.0

FORGOTTEN_AFTER = 4 * LONGEST_REST
"""Seconds after which an endpoint that nothing was to be told is as one never seen: it may have
been deleted. Whatever was known of how it takes things has run out long before."""

MANY = 1000
"""Endpoints before it is worth while to look for those to be forgotten."""


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
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.sharing = 1
        self._most_quick = quick
        self._most_slow = slow
        self._rest = rest
        self._clock = clock
        self._chance = chance
        self._quick = 0
        self._slow = 0
        self._unproven = 0
        self._endpoints: dict[UUID, Taker] = {}
        self._hosts: dict[str, Host] = {}
        self._look_through_at = MANY

    @property
    def free(self) -> int:
        """How many more lanes may set out now, to whomever."""
        return max(self._most_quick - self._quick, 0)

    def allow(
        self,
        id: UUID,
        *,
        concurrency: int,
        rate: float | None,
        host: str | None = None,
        confirmed: bool = True,
        home: UUID | None = None,
    ) -> None:
        """What an endpoint takes: posts at once, and posts that begin in a second.

        `confirmed`: it wants to be told; who has not said so shares its pace with others there.
        `home`: the organization whose it is.
        """
        endpoint = self._taker(id)
        endpoint.home = home
        endpoint.turns.most = max(1, concurrency // self.sharing)
        endpoint.rate = None if rate is None else rate / self.sharing
        if host is not None:
            endpoint.move_to(at := self._hosts.setdefault(host, Host()))
            if confirmed:
                at.confirmed(id)
            elif endpoint.rate is not None:
                endpoint.rate *= at.part_of_stranger(id, self._clock())

    def home(self, id: UUID) -> UUID | None:
        """Whose endpoint it is; None if it never took anything: it was deleted before."""
        endpoint = self._endpoints.get(id)
        return None if endpoint is None else endpoint.home

    def room(self, id: UUID) -> int:
        """How many more lanes may set out to this endpoint, were it alone at its host."""
        endpoint = self._endpoints.get(id) or Taker()
        now = self._clock()
        if now < endpoint.rests_until or endpoint.next_post > now + SECONDS_OF_RATE:
            return 0
        return max(self._allowed(endpoint, now) - endpoint.on_the_way, 0)

    def has_room(self, id: UUID) -> bool:
        """May a lane set out to this endpoint now? Not before those who wait for its host."""
        endpoint = self._endpoints.get(id)
        if endpoint is not None and endpoint.host is not None:
            proven = endpoint.proven(self._clock())
            if not endpoint.host.open_to(proven=proven):
                return False
        return self.room(id) > 0

    def rooms(self, ids: Iterable[UUID]) -> dict[UUID, int]:
        """How many more lanes may set out to each: at one host each has its part of the room.

        Who has none is not in the answer, and hears of it when there is some.
        """
        rooms, now = {id: self.room(id) for id in ids}, self._clock()
        known = ((id, self._endpoints.get(id)) for id, room in rooms.items() if room)
        asking = {id: (one.host, one.proven(now)) for id, one in known if one and one.host}
        shares = Shares(asking)
        for id in asking:
            rooms[id] = shares.take(id, rooms[id])
        for id, room in rooms.items():
            if not room:
                self.want_more(id)
        return {id: room for id, room in rooms.items() if room}

    def want_more(self, id: UUID) -> None:
        """There is more for this endpoint than it had room for."""
        endpoint = self._taker(id)
        if endpoint.host is None or not self.room(id):
            endpoint.hungry = True
        else:
            proven = endpoint.proven(self._clock())
            endpoint.host.want_more(id, proven=proven, failing=endpoint.failures > 0)

    def fed(self, ids: Iterable[UUID]) -> list[UUID]:
        """Those who wanted more at the hosts of these and may have it now."""
        hosts = {one.host: None for id in ids if (one := self._endpoints.get(id)) is not None}
        return [id for host in hosts if host is not None for id in host.fed()]

    def set_out(self, id: UUID) -> "Trip":
        """A lane is on its way to an endpoint."""
        endpoint = self._taker(id)
        proven = endpoint.proven(self._clock())
        endpoint.count(1, proven=proven)
        return Trip(self, id, endpoint, proven=proven)

    def answered(self, id: UUID) -> bool:
        """The endpoint is there; True if it had been left in peace before."""
        endpoint = self._taker(id)
        now = self._clock()
        recovered = endpoint.rests > 0
        if recovered:
            endpoint.lately.clear()
        endpoint.note(now, failed=False)
        endpoint.failures = endpoint.rests = 0
        if endpoint.host is not None and not endpoint.proven(now):
            endpoint.host.answers(id)
        endpoint.proven_until = now + PROVEN_FOR
        return recovered

    def failed(self, id: UUID, *, wait: float | None = None) -> None:
        """The endpoint is not there or cannot work, or asked us to `wait`."""
        endpoint = self._taker(id)
        now = self._clock()
        endpoint.failures += 1
        endpoint.proven_until = float("-inf")
        if endpoint.host is not None:
            endpoint.host.fails()
        endpoint.note(now, failed=True)
        rest = 0.0
        if now >= endpoint.rests_until and (
            endpoint.failures >= FAILURES or endpoint.rests or endpoint.mostly_fails
        ):
            rest = self._rest_after(endpoint.rests)
            endpoint.rests += 1
        endpoint.rests_until = max(endpoint.rests_until, now + max(rest, wait or 0.0))

    def begin_again(self, id: UUID) -> bool:
        """May something be told once more now, that keeps nothing new waiting? Then it begins."""
        endpoint = self._taker(id)
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

    def _taker(self, id: UUID) -> Taker:
        taker, now = self._endpoints.get(id), self._clock()
        if taker is None:
            if len(self._endpoints) >= self._look_through_at:
                self._forget_idle(now - FORGOTTEN_AFTER)
            taker = self._endpoints[id] = Taker()
        taker.seen_at = now
        return taker

    def _forget_idle(self, since: float) -> None:
        """Or whoever adds and deletes endpoints all day would fill our memory with them."""
        for id in [id for id, one in self._endpoints.items() if one.is_idle(since)]:
            host = self._endpoints.pop(id).host
            if host is not None:
                host.forget(id)
        used = {one.host for one in self._endpoints.values()}
        self._hosts = {
            name: host for name, host in self._hosts.items() if host in used or host.turns.taken
        }
        self._look_through_at = max(MANY, 2 * len(self._endpoints))

    def _rest_after(self, rests: int) -> float:
        """At least half of the step, the other half by chance.

        Who failed together would come back together, again and again; and if there are flooders
        among them that keep us busy, the others would be found too slow each time they are tried.
        """
        step = min(self._rest * 2.0 ** min(rests, 16), LONGEST_REST)
        return step * (1 + self._chance()) / 2

    def _allowed(self, endpoint: Taker, now: float) -> int:
        proven = endpoint.proven(now)
        if self._slow >= self._most_slow and not (proven and not endpoint.slow):
            return 0
        if proven:
            return endpoint.lanes
        if self._unproven >= self._most_quick * 3 // 4:
            return 0
        return 1 if endpoint.rests else min(UNPROVEN, endpoint.lanes)


class Trip:
    """One lane on its way."""

    __slots__ = ("_endpoint", "_host", "_id", "_pace", "_proven", "_slow", "_timer")

    def __init__(self, pace: Pace, id: UUID, endpoint: Taker, *, proven: bool) -> None:
        self._pace = pace
        self._id = id
        self._endpoint = endpoint
        self._host: Host | None = None
        self._proven = proven
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
        endpoint.count(-1, proven=self._proven)
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
        self._pace._unproven += quick * (not self._proven)
        self._pace._slow += slow
        self._endpoint.slow += slow
