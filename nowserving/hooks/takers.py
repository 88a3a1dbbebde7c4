"""One endpoint as whoever sends to it sees it: what it takes at once, and how it took it lately."""

import math
from collections import deque
from dataclasses import dataclass, field
from uuid import UUID

from nowserving.hooks.hosts import Host
from nowserving.hooks.turns import Turns
from nowserving.places.endpoints import POSTS_AT_ONCE

LANES_FOR_A_POST = 4
"""Lanes of one endpoint on their way for each post it may have at once: they take turns."""

SECONDS_OF_RATE = 5.0
"""No more lanes set out than can have their turn within so many seconds."""

WINDOW = 300.0
MANY, SHARE = 10, 0.7
"""So many attempts within five minutes of which so large a share failed are as bad as five
failures in a row: an endpoint that takes one in five never fails five times for long."""


@dataclass(slots=True)
class Taker:
    """What is on its way to it, how many of those set out unproven (`doubtful`) or are `slow`.

    `home`: whose it is. `seen_at`: when something was last to be told, or was answered.
    """

    home: UUID | None = None
    seen_at: float = float("-inf")
    turns: Turns = field(default_factory=lambda: Turns(POSTS_AT_ONCE))
    host: Host | None = None
    rate: float | None = None
    on_the_way: int = 0
    doubtful: int = 0
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

    def is_idle(self, since: float) -> bool:
        """Has nothing been on its way, or about to be, since then?"""
        return self.seen_at < since and not (self.on_the_way or self.again)

    def note(self, now: float, *, failed: bool) -> None:
        """How the last attempt went."""
        while self.lately and self.lately[0][0] < now - WINDOW:
            self.lately.popleft()
        self.lately.append((now, failed))

    def proven(self, now: float) -> bool:
        """Has it answered well lately?"""
        return now < self.proven_until

    def move_to(self, host: Host) -> None:
        """It is there from now on, and what is on its way to it."""
        if host is not self.host:
            if self.host is not None:
                self.host.count(-self.on_the_way, doubtful=-self.doubtful)
            host.count(self.on_the_way, doubtful=self.doubtful)
            self.host = host

    def count(self, more: int, *, proven: bool) -> None:
        """So many more lanes are on their way."""
        doubtful = 0 if proven else more
        self.on_the_way += more
        self.doubtful += doubtful
        if self.host is not None:
            self.host.count(more, doubtful=doubtful)

    @property
    def mostly_fails(self) -> bool:
        """Has hardly anything come of the attempts of the last minutes?"""
        failed = sum(failed for _, failed in self.lately)
        return len(self.lately) >= MANY and failed >= SHARE * len(self.lately)
