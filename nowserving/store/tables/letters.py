"""Mail about cases that waits to be handed in, and the ids of mail that has come."""

from sqlalchemy import Column, Index, Integer, Table, Text, UniqueConstraint, text

from nowserving.store.tables.base import key, metadata, organization, ref
from nowserving.store.types import Id, Instant, Json

letters = Table(
    "letters",
    metadata,
    organization(),
    key(),
    ref("case_id"),
    Column("message_id", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("to", Text, nullable=False),
    Column("cc", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("references", Json(tuple[str, ...]), nullable=False),
    Column("due_at", Instant),
    Column("attempts", Integer, nullable=False),
    Column("sent_at", Instant),
    Column("error", Text, nullable=False),
    UniqueConstraint("organization_id", "message_id"),
    Index("ix_letters_case", "organization_id", "case_id", "at"),
)
_WAITS = text("due_at is not null")
Index(
    "ix_letters_due",
    letters.c.organization_id,
    letters.c.due_at,
    postgresql_where=_WAITS,
    sqlite_where=_WAITS,
)

letters_seen = Table(
    "letters_seen",
    metadata,
    organization(),
    Column("message_id", Text, primary_key=True),
    Column("at", Instant, nullable=False),
)

mailboxes = Table(
    "mailboxes",
    metadata,
    organization(),
    Column("name", Text, primary_key=True),
    Column("holder", Id, nullable=False),
    Column("held_until", Instant, nullable=False),
)
