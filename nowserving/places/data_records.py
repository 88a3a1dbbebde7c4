"""A record of a table that an organization made itself: values by the slugs of its fields."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from nowserving.kit.problems import Problem


class RecordKeyTaken(Problem):
    """Another record of this table has this key."""


class TableInUse(Problem):
    """This table still holds records."""


@dataclass(frozen=True, slots=True)
class DataRecord:
    """One record. What it says of fields that the table has no more is kept and not shown.

    `remote_id`: what another system calls it that keeps it too.
    """

    organization_id: UUID
    id: UUID
    table_id: UUID
    version: int
    fields: Mapping[str, Any]
    created_at: datetime
    updated_at: datetime
    remote_id: str | None = None

    def with_fields(self, said: Mapping[str, Any], now: datetime) -> "DataRecord":
        """The record with what is said; None takes a value away."""
        fields = {**self.fields, **said}
        return replace(
            self,
            version=self.version + 1,
            fields={slug: value for slug, value in fields.items() if value is not None},
            updated_at=now,
        )
