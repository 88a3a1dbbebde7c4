"""Records of the tables that organizations made themselves, and the keys that find them."""

from typing import Any

from sqlalchemy import Column, Index, Integer, Table, Text, text

from nowserving.store.tables.base import key, metadata, organization, ref
from nowserving.store.types import Id, Instant, Json

data_records = Table(
    "data_records",
    metadata,
    organization(),
    key(),
    ref("table_id"),
    Column("version", Integer, nullable=False),
    Column("fields", Json(dict[str, Any]), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("remote_id", Text),
    Index("ix_data_records_table", "organization_id", "table_id", "id"),
)
_IS_CALLED = text("remote_id is not null")
Index(
    "ix_data_records_remote",
    data_records.c.organization_id,
    data_records.c.table_id,
    data_records.c.remote_id,
    unique=True,
    postgresql_where=_IS_CALLED,
    sqlite_where=_IS_CALLED,
)

data_record_keys = Table(
    "data_record_keys",
    metadata,
    organization(),
    Column("table_id", Id, primary_key=True),
    Column("slug", Text, primary_key=True),
    Column("folded", Text, primary_key=True),
    ref("record_id"),
    Index("ix_data_record_keys_record", "organization_id", "record_id"),
)
