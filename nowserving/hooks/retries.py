"""When a fact that was not taken is told again, and what an answer means."""

import errno
import os
from collections.abc import Callable

from nowserving.hooks.names import NO_SERVER
from nowserving.hooks.post import Answer
from nowserving.journal.telling import STANDARD, Policy

AFTER_HASTE = 60.0
"""At least so many seconds after "too many" or no answer in time."""

GONE = 410
_TRY_AGAIN = (408, 409, 410, 421, 423, 425, 429)
"""Of the 4xx those that do not speak of the fact itself: the hour, a lock, the way."""

_OURS = (
    NO_SERVER,
    *(
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
    ),
)


def taken(answer: Answer, policy: Policy = STANDARD) -> bool:
    """Did the receiver take it? The body of its answer is of no matter."""
    return answer.status is not None and policy.takes(answer.status)


def there(answer: Answer) -> bool:
    """Is the receiver there and able to work, whatever it thinks of this one?"""
    return answer.status is not None and answer.status < 500 and answer.status not in (408, 429)


def refused(status: int | None) -> bool:
    """Does it say that it will never take this one? (It need not be right.)"""
    return status is not None and 400 <= status < 500 and status not in _TRY_AGAIN


def asks_for_time(answer: Answer) -> bool:
    """Does it say that it is asked too much, or until when? That is no word on this one."""
    return answer.status == 429 or answer.retry_after is not None


def our_outage(answer: Answer) -> bool:
    """Is it our own fault that nothing came of it? Then it was no attempt."""
    return answer.status is None and (answer.error or "").endswith(_OURS)


def wait_after(
    answer: Answer, attempt: int, *, policy: Policy, chance: Callable[[], float]
) -> float | None:
    """Seconds until the next attempt after the `attempt`-th failed; None if it was the last.

    With full jitter: anything up to the step, so that many do not come back together.
    """
    waits = policy.waits
    if attempt > len(waits):
        return None
    step = waits[attempt - 1]
    least = 0.0
    if answer.status in (408, 429) or (answer.status is None and "waited" in (answer.error or "")):
        least = min(AFTER_HASTE, max(waits))
    wait = step * chance() if policy.jitter else step
    return max(wait, least, answer.retry_after or 0.0)
