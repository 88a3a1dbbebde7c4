"""Tokens that programs of other makers bring with each request, and how often they may."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from nowserving.people.permissions import Role

LIMIT = 4800
"""Uses a day, as the vendor's sample has it (reference/wolkvox.md 2.4)."""

ROLES_OF_A_TOKEN = (Role.POWER_AGENT, Role.CUSTOMERS_MANAGER)
"""What a program with an internal token may do, at all units."""


class TokenKind(StrEnum):
    """For everything, or for what one company may read of its own cases."""

    INTERNAL = "internal"
    EXTERNAL = "external"


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A token with a name and a daily limit. Only its hash is kept.

    `customer_id`: the company whose cases an external one reads. `replaces_files`: what this
    program sends as a case's files takes the place of those that are there.
    """

    organization_id: UUID
    id: UUID
    name: str
    kind: TokenKind
    token_hash: bytes
    daily_limit: int
    created_at: datetime
    customer_id: UUID | None = None
    replaces_files: bool = False
    archived: bool = False
