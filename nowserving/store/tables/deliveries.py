"""What was tried to tell endpoints, with its words; telling again; warnings (decision 0012)."""

from typing import Any

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table, Text, false, text

from nowserving.places.replays import ReplayState
from nowserving.store.tables.base import key, metadata, organization, ref
from nowserving.store.types import Flag, Instant, Json, Word

attempts = Table(
    "attempts",
    metadata,
    organization(),
    key("endpoint_id"),
    key(),
    ref("subject_id"),
    Column("version", Integer, nullable=False),
    ref("fact_id"),
    Column("number", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("microseconds", BigInteger, nullable=False),
    Column("status", Integer),
    Column("error", Text),
    Column("response", Text),
    Column("kind", Text, nullable=False, server_default=""),
    Column("taken", Flag, nullable=False, server_default=text("true")),
    ref("replay_id", optional=True),
)
_FAILED: dict[str, Any] = {
    "postgresql_where": attempts.c.taken == false(),
    "sqlite_where": text("taken = 0"),
}
Index("ix_attempts_all", attempts.c.organization_id, attempts.c.id)
Index("ix_attempts_subject", attempts.c.organization_id, attempts.c.subject_id, attempts.c.id)
Index("ix_attempts_kind", attempts.c.organization_id, attempts.c.kind, attempts.c.id)
Index("ix_attempts_status", attempts.c.organization_id, attempts.c.status, attempts.c.id)
Index("ix_attempts_failed", attempts.c.organization_id, attempts.c.id, **_FAILED)
Index(
    "ix_attempts_failed_at",
    attempts.c.organization_id,
    attempts.c.endpoint_id,
    attempts.c.id,
    **_FAILED,
)
Index(
    "ix_attempts_kind_at",
    attempts.c.organization_id,
    attempts.c.endpoint_id,
    attempts.c.kind,
    attempts.c.id,
)
Index(
    "ix_attempts_status_at",
    attempts.c.organization_id,
    attempts.c.endpoint_id,
    attempts.c.status,
    attempts.c.id,
    **_FAILED,
)
Index(
    "ix_attempts_failed_of",
    attempts.c.organization_id,
    attempts.c.endpoint_id,
    attempts.c.subject_id,
    attempts.c.version,
    **_FAILED,
)

# What was said and answered may be personal: it is apart, so that it can be erased.
attempt_contents = Table(
    "attempt_contents",
    metadata,
    organization(),
    key("endpoint_id"),
    key(),
    ref("subject_id"),
    Column("request", LargeBinary),
    Column("response", LargeBinary),
)
Index(
    "ix_attempt_contents_subject",
    attempt_contents.c.organization_id,
    attempt_contents.c.subject_id,
)

replays = Table(
    "replays",
    metadata,
    organization(),
    key(),
    ref("endpoint_id"),
    Column("state", Word(ReplayState), nullable=False),
    Column("wish", Json(dict[str, Any]), nullable=False),
    Column("cursor", Text, nullable=False),
    Column("total", BigInteger, nullable=False),
    Column("seen", BigInteger, nullable=False),
    Column("told", BigInteger, nullable=False),
    Column("on_lanes", BigInteger, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("error", Text),
    Column("created_by", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("due", Instant),
    ref("lease", optional=True),
)
Index(
    "ix_replays_due",
    replays.c.organization_id,
    replays.c.due,
    postgresql_where=replays.c.due.isnot(None),
    sqlite_where=replays.c.due.isnot(None),
)

# A mail to people, written with the change it tells of and sent afterwards.
warnings = Table(
    "warnings",
    metadata,
    organization(),
    key(),
    ref("endpoint_id"),
    Column("kind", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("due", Instant),
    Column("sent_at", Instant),
)
