"""Facts, the feed they are told in, and the lanes they travel on (docs/decisions/0003)."""

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table, Text

from nowserving.places.endpoints import EndpointState, Why
from nowserving.store.tables.base import key, metadata, organization, ref
from nowserving.store.types import Instant, Json, Word

facts = Table(
    "facts",
    metadata,
    organization(),
    key("subject_id"),
    Column("version", Integer, primary_key=True),
    ref("id"),
    Column("kind", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("actor", Text, nullable=False),
    Column("data", Text, nullable=False),
)

# Its key is in the order in which the router takes what is in here, the earliest first: it goes
# along the index, and PostgreSQL marks there what is gone already and does not look at it again.
outbox = Table(
    "outbox",
    metadata,
    organization(),
    Column("version", Integer, primary_key=True),
    key("subject_id"),
    Column("kind", Text, nullable=False),
)

feed_heads = Table(
    "feed_heads",
    metadata,
    organization(),
    ref("epoch"),
    Column("position", BigInteger, nullable=False),
    postgresql_with={"fillfactor": 50},
)

feed = Table(
    "feed",
    metadata,
    organization(),
    Column("position", BigInteger, primary_key=True),
    ref("subject_id"),
    Column("version", Integer, nullable=False),
)
# A webhook says where in the feed its fact stands.
Index("ix_feed_subject", feed.c.organization_id, feed.c.subject_id, feed.c.version)

endpoints = Table(
    "endpoints",
    metadata,
    organization(),
    key(),
    Column("dialect", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("kinds", Json(tuple[str, ...]), nullable=False),
    Column("authorization", Text, nullable=False),
    Column("secret", LargeBinary),
    Column("settings", Json(dict[str, Any]), nullable=False),
    Column("state", Word(EndpointState), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("name", Text, nullable=False, server_default=""),
    Column("unit_ids", Json(tuple[UUID, ...] | None)),
    Column("service_ids", Json(tuple[UUID, ...] | None)),
    Column("old_secret", LargeBinary),
    Column("old_secret_until", Instant),
    Column("headers", LargeBinary),
    Column("concurrency", Integer, nullable=False, server_default="8"),
    Column("rate", Integer),
    Column("why", Word(Why)),
    Column("confirmed_at", Instant),
    Column("failing_since", Instant),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("challenge_due", Instant),
    Column("challenges", Integer, nullable=False, server_default="0"),
)
Index(
    "ix_endpoints_challenge_due",
    endpoints.c.organization_id,
    endpoints.c.challenge_due,
    postgresql_where=endpoints.c.challenge_due.isnot(None),
    sqlite_where=endpoints.c.challenge_due.isnot(None),
)

# `head` is the last version delivered, `tail` the last one known; due while they differ.
# `gap`: the first of the versions up to the head that were passed over and never told.
lanes = Table(
    "lanes",
    metadata,
    organization(),
    key("endpoint_id"),
    key("subject_id"),
    Column("head", Integer, nullable=False),
    Column("tail", Integer, nullable=False),
    Column("due", Instant),
    Column("attempt", Integer, nullable=False),
    ref("lease", optional=True),
    Column("gap", Integer),
    postgresql_with={"fillfactor": 60, "autovacuum_vacuum_scale_factor": 0.01},
)
Index(
    "ix_lanes_due",
    lanes.c.organization_id,
    lanes.c.endpoint_id,
    lanes.c.due,
    postgresql_where=lanes.c.due.isnot(None),
    sqlite_where=lanes.c.due.isnot(None),
)
Index(
    "ix_lanes_parked",
    lanes.c.organization_id,
    lanes.c.endpoint_id,
    lanes.c.subject_id,
    postgresql_where=lanes.c.due.is_(None)
    & lanes.c.lease.is_(None)
    & (lanes.c.tail > lanes.c.head),
    sqlite_where=lanes.c.due.is_(None) & lanes.c.lease.is_(None) & (lanes.c.tail > lanes.c.head),
)
