"""Courtesy: in a rush those who stand at the kiosk come first, and what is told waits a little.

Nothing is lost by it: what is to be told lies on its lane, and is told in order. A rush that does
not end is no reason to be late for ever, so after a while telling has its full share again.
"""

from collections.abc import Callable
from time import monotonic

from nowserving.kit.crowd import Crowd

APART = 0.2
"""Seconds between two claims in a rush: many lanes together cost less than as many one by one."""

AT_LONGEST = 30.0
"""Seconds of a rush in which telling gives way."""


class Courtesy:
    """When lanes may be claimed next in this process."""

    def __init__(self, crowd: Crowd, *, clock: Callable[[], float] = monotonic) -> None:
        self._crowd = crowd
        self._clock = clock
        self._next = float("-inf")

    def wait(self) -> float:
        """Seconds to wait before the claim for which this is asked; each asks once."""
        rushing = self._crowd.rushing()
        if rushing is None or rushing > AT_LONGEST:
            return 0.0
        now = self._clock()
        at = max(now, self._next)
        self._next = at + APART
        return at - now
