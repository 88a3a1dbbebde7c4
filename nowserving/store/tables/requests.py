"""Counters that are not tickets, and the answers kept for repeated requests."""

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text

from nowserving.store.tables.base import metadata, organization
from nowserving.store.types import Instant, Json

counters = Table(
    "counters",
    metadata,
    organization(),
    Column("name", Text, primary_key=True),
    Column("taken", BigInteger, nullable=False),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    organization(),
    Column("principal", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("fingerprint", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("headers", Json(dict[str, str]), nullable=False),
    Column("body", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_idempotency_keys_at", "organization_id", "at"),
)
