"""Courtesy: in a rush those who stand at the kiosk come first, and what is told waits a little.

Nothing is lost by it: what is to be told lies on its lane, and is told in order. Some sets out in
any case, and more as long as the process has nothing better to do.
"""

from collections.abc import Callable
from time import monotonic

from nowserving.kit.busy import Idleness
from nowserving.kit.crowd import Crowd

LEAST = 160.0
"""Lanes that set out in a second, however busy we are: a fraction of what one core can tell, and
far more than happens in all the branches of a city."""

MOST = 20_000.0
"""Lanes in a second: more than one core can tell."""

LOOK_EVERY = 0.2
"""Seconds between two looks at how much time is left."""

IDLE = 0.25
"""The part of the time with nothing to do in which more can be told."""

MORE = 1.5
"""So many times more are told after each look that finds us idle."""

A_CLAIM = 4
"""Lanes as many as a claim costs, if it brings fewer: one by one they are dearer than together."""

A_TURN = 16
"""Lanes of one organization that set out together in a rush while others wait for their turn."""


class Courtesy:
    """When lanes may be claimed next in this process.

    Each claim waits until those before it are paid for, by the lanes they brought. Organizations
    take turns: who has little to hear waits for a part of what the others have, not for all.
    """

    def __init__(
        self,
        crowd: Crowd,
        *,
        idleness: Idleness | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._crowd = crowd
        self._idleness = idleness or Idleness(clock=clock)
        self._clock = clock
        self._rate = LEAST
        self._paid_at = float("-inf")

    def wait(self) -> float:
        """Seconds to wait before the next claim."""
        if not self._crowd.rushing:
            self._rate = LEAST
            return 0.0
        idle = self._idleness.since(LOOK_EVERY)
        if idle is not None:
            self._rate = min(self._rate * MORE, MOST) if idle >= IDLE else LEAST
        return max(self._paid_at - self._clock(), 0.0)

    def most(self, *, others_wait: bool) -> int | None:
        """Lanes that a claim may bring; None: as many as there are."""
        return A_TURN if others_wait and self._crowd.rushing else None

    def claimed(self, lanes: int) -> None:
        """So many lanes set out."""
        if not self._crowd.rushing:
            return
        paid_at = max(self._clock(), self._paid_at)
        self._paid_at = paid_at + max(lanes, A_CLAIM) / self._rate
