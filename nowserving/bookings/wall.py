"""From the clock on the wall of a unit to instants, and over both changes of the clock.

A slot is named by a day and a minute after midnight on the wall. In the night in which an
hour is skipped, the minutes of that hour do not exist and are not offered, and no
appointment reaches over the gap. In the night in which an hour comes twice, the first one
counts and the second is not sold. So two slots that do not overlap on the wall never
overlap in time (docs/decisions/0016).
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from nowserving.bookings.spans import DAY, Span, without


def instant_at(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """The instant at which the wall first shows this minute of this day."""
    wall = datetime.combine(day, time(0)) + timedelta(minutes=minute)
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)


def minute_at(instant: datetime, zone: ZoneInfo) -> tuple[date, int]:
    """The day and the minute that the wall shows at an instant."""
    local = instant.astimezone(zone)
    return local.date(), local.hour * 60 + local.minute


@lru_cache(2000)
def shown(day: date, zone: ZoneInfo) -> tuple[Span, ...]:
    """The stretches of a day that the wall really shows."""
    return without([Span(0, DAY)], _skipped(day, zone))


def _skipped(day: date, zone: ZoneInfo) -> list[Span]:
    if instant_at(day, DAY, zone) - instant_at(day, 0, zone) == timedelta(days=1):
        return []
    gone = [at for at in range(DAY) if not _exists(day, at, zone)]
    return [Span(gone[0], gone[-1] + 1)] if gone else []


def _exists(day: date, minute: int, zone: ZoneInfo) -> bool:
    return minute_at(instant_at(day, minute, zone), zone) == (day, minute)
