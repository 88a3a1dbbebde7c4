"""One host with its endpoints: how many lanes may be on their way to it, and who waits for room.

Those who have not answered well lately have a few places of their own there, more with every
one of them that answers, and half as many with each failure. So a host where nobody answers
holds little of ours, and what fails there fails a few at a time; and whoever answers has the
other places, whatever else is at the same host.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain, islice
from uuid import UUID

from nowserving.hooks.posters import PER_HOST
from nowserving.hooks.turns import Turns

LANES_AT_HOST = 2 * PER_HOST
"""Lanes on their way to one host, whoever's: so many that its connections always have work."""

WORTH_WHILE = LANES_AT_HOST // 2
"""Those who wait for a host hear of it when so many lanes are back: many set out together, which
costs little more than one."""

FEW = PER_HOST // 8
"""Lanes to those at a host who have not answered well lately, as long as no such one answers.
Each waits until its time is up; all together are one burst of work for us."""


STRANGERS = 10
"""Endpoints at one host that are told at the pace of those who have not confirmed that they want to
be told; if there are more they share what so many would have. Or whoever adds a thousand for one
address has us flood it."""

LEAST_PART = 1 / 60
"""Of a stranger's pace: who confirms at last has no longer to wait than for its next turn."""

REMEMBERED_FOR = 600.0
"""Seconds that a stranger is counted after something was on its way to it."""


@dataclass(slots=True, eq=False)
class Host:
    """Where some endpoints are. `on_the_way` are all lanes, `doubtful` those of the unproven."""

    turns: Turns = field(default_factory=lambda: Turns(PER_HOST))
    on_the_way: int = 0
    doubtful: int = 0
    _trust: int = FEW
    _hungry: dict[UUID, None] = field(default_factory=dict)
    _untried: dict[UUID, None] = field(default_factory=dict)
    _failing: dict[UUID, None] = field(default_factory=dict)
    _strangers: dict[UUID, float] = field(default_factory=dict)

    def part_of_stranger(self, id: UUID, now: float) -> float:
        """The part of a stranger's pace that this one has, beside the others at this host."""
        self._strangers.pop(id, None)
        self._strangers[id] = now
        while now - next(iter(self._strangers.values())) > REMEMBERED_FOR:
            del self._strangers[next(iter(self._strangers))]
        return max(min(1.0, STRANGERS / len(self._strangers)), LEAST_PART)

    def confirmed(self, id: UUID) -> None:
        """This one is a stranger no more."""
        self._strangers.pop(id, None)

    def room(self, *, proven: bool) -> int:
        """How many more lanes may set out."""
        room = LANES_AT_HOST - self.on_the_way
        return max(room if proven else min(room, self._trust - self.doubtful), 0)

    def open_to(self, *, proven: bool) -> bool:
        """May a lane set out now? Not before those who wait."""
        waiting = self._hungry if proven else self._untried or self._failing
        return self._worth_while(proven=proven) or bool(self.room(proven=proven) and not waiting)

    def count(self, more: int, *, doubtful: int) -> None:
        """So many more lanes are on their way, and so many of them to the unproven."""
        self.on_the_way += more
        self.doubtful += doubtful

    def want_more(self, id: UUID, *, proven: bool, failing: bool) -> None:
        """There is more for this endpoint than it had room for."""
        if proven:
            self._hungry[id] = None
        else:
            (self._failing if failing else self._untried)[id] = None

    def answers(self, id: UUID) -> None:
        """An endpoint that was unproven answered: it waits with the others who do."""
        self._trust = min(self._trust + 1, LANES_AT_HOST)
        if id in self._untried or id in self._failing:
            self._untried.pop(id, None)
            self._failing.pop(id, None)
            self._hungry[id] = None

    def fails(self) -> None:
        """A post here came to nothing."""
        self._trust = max(self._trust // 2, FEW)

    def fed(self) -> list[UUID]:
        """Who may have more now: those first who have waited longest, and those who failed last."""
        fed: list[UUID] = []
        if self._hungry and self._worth_while(proven=True):
            fed += islice(self._hungry, self.room(proven=True))
        if (self._untried or self._failing) and self._worth_while(proven=False):
            fed += islice(chain(self._untried, self._failing), self.room(proven=False))
        for id in fed:
            for waiting in (self._hungry, self._untried, self._failing):
                waiting.pop(id, None)
        return fed

    def forget(self, id: UUID) -> None:
        """Nobody waits for this endpoint any more."""
        for known in (self._hungry, self._untried, self._failing, self._strangers):
            known.pop(id, None)

    def _worth_while(self, *, proven: bool) -> bool:
        enough = WORTH_WHILE if proven else min(WORTH_WHILE, self._trust // 2)
        return self.room(proven=proven) >= enough


class Shares:
    """The room at some hosts, parted between those who ask for it together."""

    def __init__(self, asking: Mapping[UUID, tuple[Host, bool]]) -> None:
        """`asking`: where each endpoint is, and whether it is proven."""
        self._asking = asking
        sharing = Counter(asking.values())
        self._left = {
            (host, proven): host.room(proven=proven)
            for host, _ in sharing
            for proven in (True, False)
        }
        self._share = {place: max(1, self._left[place] // n) for place, n in sharing.items()}

    def take(self, id: UUID, room: int) -> int:
        """So many of `room` lanes an endpoint may have; what the unproven take counts twice."""
        place = host, proven = self._asking[id]
        taken = min(room, self._share[place], self._left[place], self._left[host, True])
        self._left[host, True] -= taken
        if not proven:
            self._left[place] -= taken
        return taken
