"""The one place that looks at the wall."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]
"""Answers the present instant, aware and in UTC."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def wall() -> datetime:
    """The present instant by the clock of this machine."""
    return datetime.now(UTC)


def micros(instant: datetime) -> int:
    """Microseconds from 1970 to `instant`: an instant that any database can sort."""
    return (instant - _EPOCH) // _MICROSECOND


def instant(micros: int) -> datetime:
    """The instant that lies `micros` microseconds after 1970."""
    return _EPOCH + timedelta(microseconds=micros)


def utc(instant: datetime) -> datetime:
    """The same instant, told in UTC as everything is kept."""
    return instant.astimezone(UTC)
