"""Who is asked before something is done, and what was answered."""

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, Table, Text

from nowserving.places.hooks import HookKind, HookState, OnFailure, Outcome
from nowserving.store.tables.base import key, metadata, organization, ref
from nowserving.store.types import Flag, Instant, Json, Word

hooks = Table(
    "hooks",
    metadata,
    organization(),
    key(),
    Column("kind", Word(HookKind), nullable=False),
    Column("dialect", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("url", Text),
    ref("endpoint_id", optional=True),
    Column("created_at", Instant, nullable=False),
    Column("unit_ids", Json(tuple[UUID, ...] | None)),
    Column("service_ids", Json(tuple[UUID, ...] | None)),
    Column("on_failure", Word(OnFailure), nullable=False),
    Column("milliseconds", Integer, nullable=False),
    Column("secret", LargeBinary),
    Column("old_secret", LargeBinary),
    Column("old_secret_until", Instant),
    Column("headers", LargeBinary),
    Column("settings", Json(dict[str, Any]), nullable=False),
    Column("state", Word(HookState), nullable=False),
    Column("version", Integer, nullable=False),
)

askings = Table(
    "askings",
    metadata,
    organization(),
    key("hook_id"),
    key(),
    Column("kind", Word(HookKind), nullable=False),
    ref("case_id", optional=True),
    Column("at", Instant, nullable=False),
    Column("microseconds", BigInteger, nullable=False),
    Column("outcome", Word(Outcome), nullable=False),
    Column("status", Integer),
    Column("error", Text),
    Column("response", Text),
    Column("dropped", Json(tuple[str, ...]), nullable=False),
    Column("dry_run", Flag, nullable=False),
)
