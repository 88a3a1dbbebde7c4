"""Staff, programs, sign-ins and customers."""

from typing import Any
from uuid import UUID

from sqlalchemy import Column, Index, Integer, LargeBinary, Table, Text, UniqueConstraint

from nowserving.people.permissions import Role
from nowserving.store.tables.base import key, metadata, organization, ref
from nowserving.store.types import Flag, Instant, Json

agents = Table(
    "agents",
    metadata,
    organization(),
    key(),
    Column("number", Integer, nullable=False),
    Column("login", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("email", Text),
    Column("password_hash", Text, nullable=False),
    Column("failed_sign_ins", Integer, nullable=False),
    Column("locked_until", Instant),
    Column("archived", Flag, nullable=False),
    UniqueConstraint("organization_id", "login"),
    UniqueConstraint("organization_id", "number"),
)

old_passwords = Table(
    "old_passwords",
    metadata,
    organization(),
    key("agent_id"),
    Column("at", Instant, primary_key=True),
    Column("password_hash", Text, nullable=False),
)

groups = Table(
    "groups",
    metadata,
    organization(),
    key(),
    Column("name", Text, nullable=False),
    Column("roles", Json(tuple[Role, ...]), nullable=False),
    Column("unit_ids", Json(tuple[UUID, ...] | None)),
)

memberships = Table(
    "memberships",
    metadata,
    organization(),
    key("group_id"),
    key("agent_id"),
)

clients = Table(
    "clients",
    metadata,
    organization(),
    key(),
    ref("application_id"),
    Column("name", Text, nullable=False),
    Column("secret_hash", Text, nullable=False),
    Column("roles", Json(tuple[Role, ...]), nullable=False),
    Column("archived", Flag, nullable=False),
    Column("addresses", Json(tuple[str, ...] | None)),
    UniqueConstraint("organization_id", "application_id"),
)

access_tokens = Table(
    "access_tokens",
    metadata,
    organization(),
    Column("token_hash", LargeBinary, primary_key=True),
    ref("client_id"),
    Column("expires_at", Instant, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    organization(),
    Column("token_hash", LargeBinary, primary_key=True),
    ref("agent_id"),
    Column("csrf", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    ref("unit_id", optional=True),
    ref("desk_id", optional=True),
    ref("workspace_id", optional=True),
)

customers = Table(
    "customers",
    metadata,
    organization(),
    key(),
    Column("number", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("phone", Text),
    Column("email", Text),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("fields", Json(dict[str, Any]), nullable=False),
    Column("archived", Flag, nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    ref("merged_into_id", optional=True),
    Column("sort_name", LargeBinary),
    Column("remote_id", Text),
    UniqueConstraint("organization_id", "number"),
    UniqueConstraint("organization_id", "remote_id"),
    Index("ix_customers_name", "organization_id", "sort_name", "id"),
)
