"""When a fact that was not taken is told again."""

import errno
import os
from collections.abc import Callable, Sequence

from nowserving.hooks.post import Answer

SCHEDULE = (5.0, 300.0, 1800.0, 7200.0, 18000.0, 36000.0, 50400.0, 72000.0, 86400.0)
"""Seconds between two attempts at most, as Standard Webhooks has them: about three days."""

AFTER_HASTE = 60.0
"""At least so many seconds after "too many" or no answer in time."""

_OURS = tuple(
    os.strerror(code)
    for code in (
        errno.ENETUNREACH,
        errno.ENETDOWN,
        errno.EADDRNOTAVAIL,
        errno.EMFILE,
        errno.ENFILE,
        errno.ENOBUFS,
        errno.ENOMEM,
    )
)


def taken(answer: Answer) -> bool:
    """Did the receiver take it? The body of its answer is of no matter."""
    return answer.status is not None and 200 <= answer.status < 300


def there(answer: Answer) -> bool:
    """Is the receiver there and able to work, whatever it thinks of this one?"""
    return answer.status is not None and answer.status < 500 and answer.status not in (408, 429)


def our_outage(answer: Answer) -> bool:
    """Is it our own fault that nothing came of it? Then it was no attempt."""
    return answer.status is None and (answer.error or "").endswith(_OURS)


def wait_after(
    answer: Answer,
    attempt: int,
    *,
    schedule: Sequence[float] = SCHEDULE,
    chance: Callable[[], float],
) -> float | None:
    """Seconds until the next attempt after the `attempt`-th failed; None if it was the last.

    Full jitter: anything up to the step, so that many do not come back together.
    """
    if attempt > len(schedule):
        return None
    least = 0.0
    if answer.status in (408, 429) or (answer.status is None and "waited" in (answer.error or "")):
        least = min(AFTER_HASTE, max(schedule))
    return max(schedule[attempt - 1] * chance(), least, answer.retry_after or 0.0)
