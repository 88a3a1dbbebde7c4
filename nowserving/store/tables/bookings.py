"""Calendars, their slots, and who has a seat in them (docs/decisions/0015)."""

from sqlalchemy import CheckConstraint, Column, Index, Integer, LargeBinary, Table, Text, text
from sqlalchemy.schema import UniqueConstraint

from nowserving.bookings.rules import Rules
from nowserving.bookings.spans import Span
from nowserving.bookings.template import Template
from nowserving.places.needs import Need
from nowserving.store.tables.base import key, metadata, organization, ref
from nowserving.store.types import Day, Flag, Instant, Json

plans = Table(
    "booking_plans",
    metadata,
    organization(),
    key("service_id"),
    Column("template", Json(Template), nullable=False),
    Column("rules", Json(Rules), nullable=False),
    Column("changed_at", Instant, nullable=False),
)

calendars = Table(
    "calendars",
    metadata,
    organization(),
    key(),
    ref("service_id"),
    ref("unit_id"),
    Column("day", Day, nullable=False),
    Column("index", Integer, nullable=False),
    ref("agent_id", optional=True),
    Column("capacity", Integer, nullable=False),
    Column("spare", Integer, nullable=False),
    Column("grain", Integer, nullable=False),
    Column("hours", Json(tuple[Span, ...]), nullable=False),
    Column("capacity_minutes", Integer, nullable=False),
    Column("compensates", Flag, nullable=False),
    Column("overbooked_at_most", Integer, nullable=False),
    Column("appointments", Integer, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("compensated", Integer, nullable=False),
    Column("overbooked", Integer, nullable=False),
    Column("agents_active", Flag, nullable=False),
    Column("public_active", Flag, nullable=False),
    Column("closed", Flag, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("suits", Json(tuple[Need, ...]), nullable=False, server_default="[]"),
    UniqueConstraint("organization_id", "service_id", "day", "index"),
    # Invariant: by the expected share that does not come, a day is never fuller than it is long.
    CheckConstraint("compensated <= capacity_minutes * 100", name="day"),
    CheckConstraint("overbooked <= overbooked_at_most", name="overbooked"),
    postgresql_with={"fillfactor": 50},
)

# Invariant: an agent has one calendar a day at the most, so nobody books them twice at once.
Index(
    "uq_calendars_agent",
    calendars.c.organization_id,
    calendars.c.agent_id,
    calendars.c.day,
    unique=True,
    postgresql_where=calendars.c.agent_id.isnot(None),
    sqlite_where=calendars.c.agent_id.isnot(None),
)

# One counter for each tick of a calendar's grain. Invariant: no seat is sold that is not there.
slots = Table(
    "slots",
    metadata,
    organization(),
    key("calendar_id"),
    Column("tick", Integer, primary_key=True),
    Column("capacity", Integer, nullable=False),
    Column("spare", Integer, nullable=False),
    Column("taken", Integer, nullable=False),
    Column("forced", Integer, nullable=False),
    Column("blocked", Flag, nullable=False),
    CheckConstraint("taken >= 0 and taken <= capacity + spare", name="capacity"),
    CheckConstraint("forced >= 0", name="forced"),
    postgresql_with={"fillfactor": 50},
)

appointments = Table(
    "appointments",
    metadata,
    organization(),
    key("case_id"),
    ref("calendar_id"),
    ref("unit_id"),
    Column("day", Day, nullable=False),
    Column("start", Integer, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    ref("agent_id", optional=True),
    Column("no_show_percent", Integer, nullable=False),
    Column("overbooked", Flag, nullable=False),
    Column("forced", Flag, nullable=False),
    Column("staff_only", Flag, nullable=False),
    ref("series_id", optional=True),
    ref("group_id", optional=True),
    Column("code_hash", LargeBinary, nullable=False),
    Column("awaited", Flag, nullable=False),
    Column("arrived_at", Instant),
    Column("released_at", Instant),
    UniqueConstraint("organization_id", "day", "code_hash"),
    Index("ix_appointments_calendar", "organization_id", "calendar_id", "start", "case_id"),
    Index("ix_appointments_unit", "organization_id", "unit_id", "starts_at", "case_id"),
    Index("ix_appointments_agent", "organization_id", "agent_id", "starts_at"),
    Index("ix_appointments_series", "organization_id", "series_id"),
    Index("ix_appointments_group", "organization_id", "group_id"),
)

# Who is expected and has not arrived: small, whatever the history.
Index(
    "ix_appointments_awaited",
    appointments.c.organization_id,
    appointments.c.starts_at,
    postgresql_where=appointments.c.awaited,
    sqlite_where=appointments.c.awaited,
)

holds = Table(
    "holds",
    metadata,
    organization(),
    key(),
    ref("calendar_id"),
    ref("type_id"),
    Column("start", Integer, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("no_show_percent", Integer, nullable=False),
    Column("overbooked", Flag, nullable=False),
    Column("until", Instant, nullable=False),
    Column("principal", Text, nullable=False),
    Column("number", Integer),
    Index("ix_holds_calendar", "organization_id", "calendar_id", "until"),
)

_NUMBERED = text("number is not null")
Index(
    "uq_holds_number",
    holds.c.organization_id,
    holds.c.number,
    unique=True,
    postgresql_where=_NUMBERED,
    sqlite_where=_NUMBERED,
)

blocks = Table(
    "blocks",
    metadata,
    organization(),
    key(),
    ref("calendar_id"),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_blocks_calendar", "organization_id", "calendar_id"),
)

calendar_feeds = Table(
    "calendar_feeds",
    metadata,
    organization(),
    key(),
    ref("agent_id", optional=True),
    ref("service_id", optional=True),
    Column("index", Integer),
    Column("token_hash", LargeBinary, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("revoked_at", Instant),
    UniqueConstraint("organization_id", "token_hash"),
)
