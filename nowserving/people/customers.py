"""A customer: a person or company we know."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

FIRST_NAME, LAST_NAME = "first_name", "last_name"
"""Fields of customers whose names are known apart."""


@dataclass(frozen=True, slots=True)
class Customer:
    """A person or company we know. `fields` holds what the organization adds of its own.

    One that was merged into another is archived and says into which. `sort_name` is the
    name as lists are ordered, without case and accents: bytes, which all databases order
    alike.
    `remote_id`: what another system calls it from which it came.
    """

    organization_id: UUID
    id: UUID
    number: int
    name: str
    phone: str | None
    email: str | None
    created_at: datetime
    updated_at: datetime
    fields: Mapping[str, object] = field(default_factory=dict)
    archived: bool = False
    version: int = 1
    merged_into_id: UUID | None = None
    sort_name: bytes = b""
    remote_id: str | None = None

    @property
    def sorted_as(self) -> str:
        """The name as lists are ordered by: the last name first, where it is known apart."""
        parts = (self.fields.get(FIRST_NAME), self.fields.get(LAST_NAME))
        first, last = (part if isinstance(part, str) else "" for part in parts)
        return f"{last}\0{first}" if last else self.name
