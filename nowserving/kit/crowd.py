"""How many wait for an answer in this process: what nobody waits for can give way to them."""

from collections.abc import Callable
from time import monotonic

MANY = 16
"""Waiting at once: more than come and go while there is little to do."""

LULL = 1.0
"""Seconds after the last time there were many until a rush is over."""


class Crowd:
    """Counts who waits. A rush lasts from when there are many until there were none for a while."""

    __slots__ = ("_clock", "_last", "waiting")

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self.waiting = 0
        self._clock = clock
        self._last = float("-inf")

    def comes(self) -> None:
        """Somebody more waits."""
        self.waiting += 1
        if self.waiting >= MANY:
            self._last = self._clock()

    def goes(self) -> None:
        """Somebody has an answer, or went away."""
        self.waiting -= 1

    @property
    def rushing(self) -> bool:
        """Is there a rush?"""
        return self._clock() - self._last <= LULL
