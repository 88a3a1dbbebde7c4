"""What those who have booked are told (docs/decisions/0029). Nothing personal stands here."""

from sqlalchemy import Column, Index, Integer, Table

from nowserving.bookings.notice import Occasion
from nowserving.store.tables.base import key, metadata, organization
from nowserving.store.types import Flag, Instant, Word

# Invariant: one row for each appointment and occasion, so nobody is told twice.
notices = Table(
    "notices",
    metadata,
    organization(),
    key("case_id"),
    Column("occasion", Word(Occasion), primary_key=True),
    Column("starts_at", Instant, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("due", Instant),
    Column("tries", Integer, nullable=False),
    Column("mailed", Flag, nullable=False),
    Column("texted", Flag, nullable=False),
)
Index(
    "ix_notices_due",
    notices.c.organization_id,
    notices.c.due,
    postgresql_where=notices.c.due.isnot(None),
    sqlite_where=notices.c.due.isnot(None),
)
