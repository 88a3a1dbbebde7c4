"""Time zones by the names that Windows gives them, as Cubu writes them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.core import get_global

_YEAR = 2026
"""Zones are taken for the same that agree in each month of this year."""


@cache
def windows_name(zone: str) -> str:
    """What Windows calls a zone; of one that it does not name, the zone with the same clock.

    The Unicode consortium's table has one zone for each name of Windows. Others are compared:
    America/Toronto goes as America/New_York does. A clock like no other keeps its own name.
    """
    names = {olson: name for name, olson in get_global("windows_zone_mapping").items()}
    zone = get_global("zone_aliases").get(zone, zone)
    if zone in names:
        return names[zone]
    wanted, kin = _offsets(zone), get_global("meta_zones").get(zone)
    same = [olson for olson in names if wanted and _offsets(olson) == wanted]

    def strangeness(olson: str) -> tuple[bool, bool, str]:
        other_kin = get_global("meta_zones").get(olson) != kin
        other_word = names[olson].partition(" ")[0] != (kin or "").partition("_")[2]
        return other_kin, other_word, olson

    return names[min(same, key=strangeness)] if same else zone


@cache
def _offsets(zone: str) -> tuple[float, ...]:
    try:
        place = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ()
    return tuple((at.astimezone(place).utcoffset() or _NONE).total_seconds() for at in _days())


_NONE = datetime(_YEAR, 1, 1, tzinfo=UTC) - datetime(_YEAR, 1, 1, tzinfo=UTC)


def _days() -> Iterator[datetime]:
    for month in range(1, 13):
        for day in (1, 8, 15, 22, 29):
            if (month, day) != (2, 29):
                yield datetime(_YEAR, month, day, 12, tzinfo=UTC)
