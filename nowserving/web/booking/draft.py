"""What somebody has typed on their way to a booking: kept in their browser, locked.

So every step is a page of its own that can be gone back to, a time that is lost costs nobody
what they typed, and nothing personal is kept by us, or stands in an address, before it is booked.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec
from cryptography.fernet import InvalidToken
from litestar.datastructures import Cookie

from nowserving.actions.doorway import doorway
from nowserving.kit.http import AnyRequest
from nowserving.kit.problems import Invalid

COOKIE = "booking"
KEPT_FOR = 3600
"""Seconds."""

COOKIE_AT_MOST = 3800
"""Bytes; browsers keep 4096."""


@dataclass(frozen=True, slots=True)
class Draft:
    """Who comes, as they typed it."""

    name: str = ""
    phone: str = ""
    email: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


def draft_in(request: AnyRequest) -> Draft | None:
    """What was typed before, if anything was."""
    kept = request.cookies.get(COOKIE)
    if not kept:
        return None
    try:
        text = doorway(request).house.vault.unlock(kept.encode())
        return msgspec.json.decode(text, type=Draft)
    except (InvalidToken, ValueError, msgspec.MsgspecError):
        return None


def keep_draft(request: AnyRequest, home: str, draft: Draft) -> Cookie:
    """The cookie that keeps it; Invalid if it is too much for one."""
    locked = doorway(request).house.vault.lock(msgspec.json.encode(draft).decode()).decode()
    if len(locked) > COOKIE_AT_MOST:
        raise Invalid(field="name", reason="all answers together are too long")
    return _cookie(request, home, locked, KEPT_FOR)


def drop_draft(request: AnyRequest, home: str) -> Cookie:
    """The cookie that forgets it."""
    return _cookie(request, home, "", 0)


def _cookie(request: AnyRequest, home: str, value: str, seconds: int) -> Cookie:
    return Cookie(
        COOKIE,
        value=value,
        path=home.rpartition("/")[0],
        max_age=seconds,
        secure=doorway(request).secure,
        httponly=True,
        samesite="lax",
    )
