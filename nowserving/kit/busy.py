"""How busy the processor keeps a thread: what nobody waits for can be done in the time left."""

import time
from collections.abc import Callable
from pathlib import Path

_SCHEDULED = Path("/proc/thread-self/schedstat")


class Idleness:
    """Which part of the time a thread has nothing to do. Ask from that thread alone."""

    __slots__ = ("_clock", "_last", "_used", "_used_then")

    def __init__(
        self,
        used: Callable[[], float] | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`used`: seconds so far in which the thread worked or waited for a processor."""
        self._used = used or seconds_used
        self._clock = clock
        self._last = clock()
        self._used_then = self._used()

    def since(self, least: float) -> float | None:
        """The idle part, 0 to 1, of the time since this was last answered.

        None: that is less than `least` seconds ago.
        """
        now = self._clock()
        if now - self._last < least:
            return None
        used = self._used()
        idle = 1 - (used - self._used_then) / (now - self._last)
        self._last, self._used_then = now, used
        return min(max(idle, 0.0), 1.0)


def seconds_used() -> float:
    """Seconds in which this thread worked or was ready to, and others had the processor.

    Where the system does not say who had to wait, only those in which it worked.
    """
    try:
        worked, waited, _ = map(int, _SCHEDULED.read_text().split())
    except (OSError, ValueError):
        worked = 0
    # A kernel that does not count says zero.
    return (worked + waited) / 1e9 if worked else time.thread_time()
