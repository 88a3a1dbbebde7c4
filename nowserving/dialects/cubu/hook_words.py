"""Our words in Cubu's, as its webhooks say them."""

from datetime import UTC, datetime

from nowserving.cases.moves import State
from nowserving.places.services import Channel

STATUSES = {
    State.PLANNED: "Planned",
    State.WAITING: "Waiting",
    State.PENDING: "Pending",
    State.CALLED: "Active",
    State.ACTIVE: "Active",
    State.ON_HOLD: "Pending",
    State.RESOLVED: "Resolved",
    State.CLOSED: "Closed",
    State.CANCELED: "Canceled",
    State.ABANDONED: "Abandoned",
    State.NO_SHOW: "NoShow",
}

CHANNELS = {
    Channel.FACE_TO_FACE: "FaceToFace",
    Channel.VIDEO: "Video",
    Channel.PHONE: "Phone",
    Channel.CHAT: "Chat",
}


def say_instant(instant: datetime) -> str:
    """An instant in UTC, always with six digits of a second: `2024-09-25T12:41:07.825553Z`."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
