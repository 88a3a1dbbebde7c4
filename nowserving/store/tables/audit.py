"""What administrators changed (docs/decisions/0011)."""

from typing import Any

from sqlalchemy import Column, Index, Table, Text

from nowserving.store.tables.base import key, metadata, organization, ref
from nowserving.store.types import Instant, Json

audit = Table(
    "audit",
    metadata,
    organization(),
    key(),
    Column("at", Instant, nullable=False),
    Column("actor", Text, nullable=False),
    Column("subject_kind", Text, nullable=False),
    ref("subject_id"),
    Column("verb", Text, nullable=False),
    Column("before", Json(dict[str, Any]), nullable=False),
    Column("after", Json(dict[str, Any]), nullable=False),
)
Index("ix_audit_subject", audit.c.organization_id, audit.c.subject_id, audit.c.id)
