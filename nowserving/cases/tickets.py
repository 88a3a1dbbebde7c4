"""Which day a ticket belongs to."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def business_day(now: datetime, zone: ZoneInfo, reset_minute: int) -> date:
    """The day that numbers count for at an instant.

    A day begins when the clock on the wall of the unit first shows `reset_minute` (minutes
    after midnight). In the night of a change to summer time that minute may not exist: the
    day then begins at the change. In the other night it exists twice: the first counts.
    """
    local = now.astimezone(zone)
    today = local.date()
    return today if now >= day_begins(today, zone, reset_minute) else today - timedelta(days=1)


def day_begins(day: date, zone: ZoneInfo, reset_minute: int) -> datetime:
    """The instant at which the numbers of a day start again."""
    wall = datetime.combine(day, time(reset_minute // 60, reset_minute % 60), zone)
    begins = wall.astimezone(UTC)
    if begins.astimezone(zone).replace(tzinfo=None) != wall.replace(tzinfo=None):
        skipped = wall.replace(fold=1).astimezone(UTC)
        return _first_after_gap(min(begins, skipped), zone)
    return begins


def _first_after_gap(before: datetime, zone: ZoneInfo) -> datetime:
    """The first minute after a gap in local time that contains no instant of its own."""
    offset = before.astimezone(zone).utcoffset()
    at = before
    while at.astimezone(zone).utcoffset() == offset:
        at += timedelta(minutes=1)
    return at
