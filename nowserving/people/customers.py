"""A customer: a person or company we know."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Customer:
    """A person or company we know. `fields` holds what the organization adds of its own."""

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
