"""Ids of 24 hexadecimal digits: the second something began, and its number.

Nothing is stored for them; on the way in both halves must fit.
"""

import re
from datetime import datetime

_ID = re.compile(r"[0-9a-f]{24}")
NUMBER_AT_MOST = 2**40


def say_id(at: datetime, number: int) -> str:
    """The id of what began at an instant and has a number."""
    return f"{int(at.timestamp()):08x}{number:016x}"


def number_in(id: str) -> int | None:
    """The number an id says; None if it is no id. Compare `say_id` of what is found."""
    id = id.strip().lower()
    if not _ID.fullmatch(id):
        return None
    number = int(id[8:], 16)
    return number if 0 < number < NUMBER_AT_MOST else None
