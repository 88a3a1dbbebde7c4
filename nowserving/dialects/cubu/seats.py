"""The time of an appointment, as Before and After webhooks tell it."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from nowserving.actions.asking import Seat
from nowserving.dialects.cubu.zones import windows_name


def say_appointment(seat: Seat, time_zone: str) -> dict[str, Any]:
    """The `appointment` object; `time_zone` is the unit's."""
    local = seat.starts_at.astimezone(ZoneInfo(time_zone))
    utc = seat.starts_at.astimezone(UTC)
    return {
        "date": datetime.combine(seat.day, datetime.min.time()).isoformat(),
        "cuIndex": seat.index,
        "start": seat.start,
        "timeLocal": local.replace(tzinfo=None).isoformat(timespec="seconds"),
        "timeUtc": utc.replace(tzinfo=None).isoformat(timespec="seconds") + "Z",
        "timeZoneId": windows_name(time_zone),
        "duration": seat.minutes,
        # By its name and the API; the prose of the webhook says the opposite.
        "preventSelfCheckIn": seat.staff_only,
    }
