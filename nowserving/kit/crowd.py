"""How many wait for an answer in this process: what nobody waits for can give way to them."""

from collections.abc import Callable
from time import monotonic

MANY = 16
"""Waiting at once: more than come and go while there is little to do."""

LULL = 1.0
"""Seconds after the last time there were many until a rush is over."""

REMEMBERED = 30.0
"""Seconds of a rush that are held against the next one."""


class Crowd:
    """Counts who waits. A rush lasts from when there are many until there were none for a while.

    One soon after another goes on with it, less the time that was calm between: who stops for a
    moment each time would otherwise be given way to for ever.
    """

    __slots__ = ("_began", "_clock", "_last", "waiting")

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self.waiting = 0
        self._clock = clock
        self._began = self._last = clock() - REMEMBERED

    def comes(self) -> None:
        """Somebody more waits."""
        self.waiting += 1
        if self.waiting >= MANY:
            now = self._clock()
            if (calm := now - self._last) > LULL:
                before = min(self._last - self._began, REMEMBERED)
                self._began = now - max(0.0, before - calm)
            self._last = now

    def goes(self) -> None:
        """Somebody has an answer, or went away."""
        self.waiting -= 1

    def rushing(self) -> float | None:
        """For how many seconds there has been a rush, what is remembered of the one before too.

        None: there is none.
        """
        now = self._clock()
        return None if now - self._last > LULL else now - self._began
