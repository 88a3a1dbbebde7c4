"""Ids that sort by time, and tokens nobody guesses."""

import os
import secrets
from collections.abc import Callable
from datetime import datetime
from struct import Struct
from uuid import UUID

from nowserving.kit.clock import instant, micros

Ids = Callable[[datetime], UUID]
"""Answers a new id for something that happens at the given instant."""


def uuid7(now: datetime) -> UUID:
    """A UUID version 7 (RFC 9562): 48 bits of milliseconds, 12 of microseconds, 62 of chance."""
    millis, rest = divmod(micros(now), 1000)
    return UUID(
        int=(millis & 0xFFFF_FFFF_FFFF) << 80
        | 0x7 << 76
        | (rest * 4096 // 1000) << 64
        | 0b10 << 62
        | _chance() >> 2
    )


def _chance() -> int:
    """64 bits of chance: many are fetched together, since asking for some costs more than an id."""
    try:
        return _fetched.pop()
    except IndexError:
        _fetched.extend(_MANY.unpack(os.urandom(_MANY.size)))
        return _fetched.pop()


_MANY = Struct("256Q")
_fetched: list[int] = []
os.register_at_fork(after_in_child=_fetched.clear)  # parent and child share no chance


def first_id(now: datetime) -> UUID:
    """The smallest id that anything can have that happens at `now` or later."""
    return UUID(int=(micros(now) // 1000) << 80)


def made_at(id: UUID) -> datetime:
    """When something with such an id happened, to the millisecond."""
    return instant((id.int >> 80) * 1000)


def token() -> str:
    """An unguessable text of 256 bits, safe in a URL."""
    return secrets.token_urlsafe(32)
