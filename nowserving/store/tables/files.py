"""Files on cases: what is known of them. Their bytes are in no table."""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, Table, Text, literal_column

from nowserving.cases.attachment import Part
from nowserving.store.tables.base import key, metadata, organization, ref
from nowserving.store.types import Flag, Instant, Json

attachments = Table(
    "attachments",
    metadata,
    organization(),
    key(),
    ref("case_id"),
    Column("at", Instant, nullable=False),
    Column("author", Text, nullable=False),
    ref("author_id", optional=True),
    Column("name", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("pieces", LargeBinary, nullable=False),
    Column("held", Flag, nullable=False),
    Index("ix_attachments_case", "organization_id", "case_id", "at"),
)
Index(
    "ix_attachments_held",
    attachments.c.organization_id,
    attachments.c.id,
    postgresql_where=attachments.c.held == literal_column("true"),
    sqlite_where=attachments.c.held == literal_column("true"),
)

# Bytes that belong to no attachment: not yet, or not any more. Who is `due` is thrown away;
# `going`: that has begun, and nothing can save it.
loose_files = Table(
    "loose_files",
    metadata,
    organization(),
    key(),
    Column("due", Instant, nullable=False),
    Column("going", Flag, nullable=False),
    Index("ix_loose_files_due", "organization_id", "due"),
)

uploads = Table(
    "uploads",
    metadata,
    organization(),
    key(),
    ref("case_id"),
    Column("author", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("received", BigInteger, nullable=False),
    Column("parts", Json(tuple[Part, ...]), nullable=False),
    Column("expires_at", Instant, nullable=False),
    ref("file_id", optional=True),
    Index("ix_uploads_case", "organization_id", "case_id"),
    Index("ix_uploads_expires_at", "organization_id", "expires_at"),
)
