"""Time zones by the names that Windows gives them, as Cubu writes them."""

from babel.core import get_global
from tzlocal.windows_tz import tz_win


def windows_name(zone: str) -> str:
    """What Windows calls a zone, by the Unicode consortium's table; others keep their own name."""
    return tz_win.get(zone) or tz_win.get(get_global("zone_aliases").get(zone, zone), zone)
