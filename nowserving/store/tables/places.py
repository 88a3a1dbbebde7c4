"""Organizations, units, desks, services and queues."""

from uuid import UUID

from sqlalchemy import BigInteger, Column, Integer, Table, Text, UniqueConstraint, false, text

from nowserving.places.codes import CodeKind
from nowserving.places.services import Channel, EntryMode, Merge, StartNext
from nowserving.store.tables.base import key, metadata, organization, ref
from nowserving.store.types import Flag, Id, Instant, Json, Word

organizations = Table(
    "organizations",
    metadata,
    Column("id", Id, primary_key=True),
    Column("number", Integer, nullable=False, unique=True),
    Column("slug", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("languages", Json(tuple[str, ...]), nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("country", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("tracks_attendance", Flag, nullable=False, server_default=text("false")),
    Column("directory_version", BigInteger, nullable=False, server_default="1"),
)

units = Table(
    "units",
    metadata,
    organization(),
    key(),
    Column("number", Integer, nullable=False),
    ref("parent_id", optional=True),
    Column("name", Text, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("archived", Flag, nullable=False),
    Column("ext_ref", Text, nullable=False, server_default=""),
    ref("type_id", optional=True),
    Column("wait_target", Integer, nullable=False, server_default="15"),
    UniqueConstraint("organization_id", "number"),
)

codes = Table(
    "codes",
    metadata,
    organization(),
    key(),
    Column("kind", Word(CodeKind), nullable=False),
    Column("number", Integer, nullable=False),
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    ref("parent_id", optional=True),
    Column("archived", Flag, nullable=False),
    UniqueConstraint("organization_id", "kind", "number"),
    UniqueConstraint("organization_id", "kind", "code"),
)

desks = Table(
    "desks",
    metadata,
    organization(),
    key(),
    ref("unit_id"),
    Column("number", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("active", Flag, nullable=False),
)

desk_posts = Table(
    "desk_posts",
    metadata,
    organization(),
    key("desk_id"),
    ref("agent_id"),
    Column("since", Instant, nullable=False),
)

desk_versions = Table(
    "desk_versions",
    metadata,
    organization(),
    key("desk_id"),
    Column("version", Integer, nullable=False),
)

queues = Table(
    "queues",
    metadata,
    organization(),
    key(),
    ref("unit_id"),
    Column("name", Text, nullable=False),
    Column("color", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("archived", Flag, nullable=False),
    Column("inbox", Flag, nullable=False, server_default=false()),
    Column("merge", Word(Merge), nullable=False, server_default=Merge.ON_TIME),
    UniqueConstraint("organization_id", "unit_id", "name"),
)

routes = Table(
    "routes",
    metadata,
    organization(),
    key("from_queue_id"),
    key("to_queue_id"),
)

workspaces = Table(
    "workspaces",
    metadata,
    organization(),
    key(),
    ref("unit_id"),
    Column("name", Text, nullable=False),
    Column("queue_ids", Json(tuple[UUID, ...]), nullable=False),
    Column("start_next", Word(StartNext), nullable=False, server_default=StartNext.AUTO),
)

service_categories = Table(
    "service_categories",
    metadata,
    organization(),
    key(),
    Column("name", Text, nullable=False),
)

service_types = Table(
    "service_types",
    metadata,
    organization(),
    key(),
    ref("category_id"),
    Column("number", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("no_show_percent", Integer, nullable=False),
    Column("channels", Json(tuple[Channel, ...]), nullable=False),
    Column("color", Text, nullable=False),
    Column("hidden", Flag, nullable=False),
)

services = Table(
    "services",
    metadata,
    organization(),
    key(),
    Column("number", Integer, nullable=False),
    ref("unit_id"),
    ref("category_id"),
    ref("queue_id"),
    Column("name", Text, nullable=False),
    Column("ext_ref", Text, nullable=False),
    Column("entry_mode", Word(EntryMode), nullable=False),
    Column("needs_customer", Flag, nullable=False),
    Column("needs_phone", Flag, nullable=False),
    Column("needs_email", Flag, nullable=False),
    Column("pends", Flag, nullable=False),
    Column("confirms_arrival", Flag, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("prefix", Text, nullable=False),
    Column("suffix", Text, nullable=False),
    Column("first_number", Integer, nullable=False),
    Column("last_number", Integer, nullable=False),
    Column("reset_minute", Integer, nullable=False),
    Column("archived", Flag, nullable=False),
    Column("price", Text, nullable=False, server_default=""),
    Column("documents", Text, nullable=False, server_default=""),
    UniqueConstraint("organization_id", "number"),
)

fields = Table(
    "fields",
    metadata,
    organization(),
    key(),
    ref("category_id"),
    Column("name", Text, nullable=False),
    Column("slug", Text, nullable=False),
    Column("required", Flag, nullable=False),
    Column("position", Integer, nullable=False),
    Column("archived", Flag, nullable=False, server_default=false()),
)

tags = Table(
    "tags",
    metadata,
    organization(),
    key(),
    Column("name", Text, nullable=False),
    Column("color", Text, nullable=False),
)

outcomes = Table(
    "outcomes",
    metadata,
    organization(),
    key(),
    Column("name", Text, nullable=False),
    Column("successful", Flag, nullable=False),
    Column("position", Integer, nullable=False),
)
