"""An appointment: a case's seat in a calendar, a hold on one, and time that nobody can have."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from nowserving.bookings.calendar import Taking

CODE_LENGTH = 8
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True, slots=True)
class Appointment:
    """A seat in a calendar from `start` (minutes after midnight on the unit's wall) on.

    `awaited`: nobody has arrived yet, and it is neither canceled nor missed. Canceled, it has
    given its seat back at `released_at`. Appointments made together carry the id of their
    series (one customer, several times) or group (several people, one after the other).
    """

    organization_id: UUID
    case_id: UUID
    calendar_id: UUID
    unit_id: UUID
    day: date
    start: int
    minutes: int
    starts_at: datetime
    ends_at: datetime
    agent_id: UUID | None
    no_show_percent: int
    overbooked: bool
    forced: bool
    staff_only: bool
    series_id: UUID | None
    group_id: UUID | None
    code_hash: bytes
    awaited: bool
    arrived_at: datetime | None
    released_at: datetime | None

    @property
    def seat(self) -> Taking:
        """What it takes in its calendar."""
        return Taking(self.start, self.minutes, self.no_show_percent, self.overbooked, self.forced)


@dataclass(frozen=True, slots=True)
class Hold:
    """A seat kept for somebody who is still filling in a form. Whoever knows its id has it.

    `number`: for whoever cannot take down such an id; only where it was asked for.
    """

    organization_id: UUID
    id: UUID
    calendar_id: UUID
    type_id: UUID
    start: int
    minutes: int
    no_show_percent: int
    overbooked: bool
    until: datetime
    principal: str
    number: int | None = None

    @property
    def seat(self) -> Taking:
        """What it takes in its calendar."""
        return Taking(self.start, self.minutes, self.no_show_percent, self.overbooked, held=True)


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of a calendar that nobody can book, and why."""

    organization_id: UUID
    id: UUID
    calendar_id: UUID
    start: int
    end: int
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Feed:
    """An address where a calendar program finds appointments: an agent's, or a service's.

    `index`: of that calendar of the service only. The address is told once.
    """

    organization_id: UUID
    id: UUID
    agent_id: UUID | None
    service_id: UUID | None
    index: int | None
    token_hash: bytes
    created_at: datetime
    revoked_at: datetime | None = None


def code_of(link: str) -> str:
    """What somebody types to check in: eight letters and digits, from the link of their case."""
    number = int.from_bytes(hashlib.sha256(f"code:{link}".encode()).digest()[:5], "big")
    return "".join(_LETTERS[number >> 5 * at & 31] for at in range(CODE_LENGTH))


def code_read(typed: str) -> str:
    """A code as somebody typed it: small letters, blanks and look-alikes do not matter."""
    plain = "".join(letter for letter in typed.upper() if letter.isalnum())
    return plain.translate(str.maketrans("OIL", "011"))
