"""Tables of records that an organization has changed from how they are in the beginning."""

from uuid import UUID

from sqlalchemy import Column, Index, Table, Text

from nowserving.places.data_tables import DataField
from nowserving.store.tables.base import key, metadata, organization
from nowserving.store.types import Json

data_tables = Table(
    "data_tables",
    metadata,
    organization(),
    key(),
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("singular", Text, nullable=False),
    Column("plural", Text, nullable=False),
    Column("slug", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("fields", Json(tuple[DataField, ...]), nullable=False),
    Column("group_ids", Json(tuple[UUID, ...])),
    Index("ix_data_tables_slug", "organization_id", "slug", unique=True),
)
