"""Secrets while they roll: the newest, and those that still sign beside it.

All are locked. Several old ones stand behind each other with a blank between: what a vault
answers has none.
"""

from collections.abc import Sequence
from datetime import datetime

OLD_AT_MOST = 2
"""Who rolls twice because the first new one was lost must not lose the one that is in use."""


def signing(
    secret: bytes | None, old: bytes | None, old_until: datetime | None, now: datetime
) -> list[bytes]:
    """The secrets that sign at this moment, the newest first."""
    found = [] if secret is None else [secret]
    if old is None or old_until is None or now >= old_until:
        return found
    return [*found, *old.split(b" ")]


def rolled(signs: Sequence[bytes]) -> bytes | None:
    """What is kept of those that have signed so far, when there is a new one."""
    return b" ".join(signs[:OLD_AT_MOST]) or None
