"""Cases, what is personal in them, and the counters of their tickets."""

from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from nowserving.cases.case import Visibility
from nowserving.cases.moves import AT_DESK, OPEN, State
from nowserving.places.needs import Need
from nowserving.places.services import Channel
from nowserving.store.tables.base import key, metadata, organization, ref
from nowserving.store.types import Day, Flag, Instant, Json, Word


def _is_one_of(states: "frozenset[State] | type[State]") -> str:
    return "state in (" + ", ".join(f"'{state}'" for state in sorted(states)) + ")"


series = Table(
    "series",
    metadata,
    organization(),
    key("service_id"),
    Column("day", Day, primary_key=True),
    Column("taken", BigInteger, nullable=False),
    Column("last_at", BigInteger, nullable=False),
    postgresql_with={"fillfactor": 50},
)

cases = Table(
    "cases",
    metadata,
    organization(),
    key(),
    Column("number", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Column("state", Word(State), nullable=False),
    ref("unit_id"),
    ref("queue_id"),
    ref("service_id"),
    ref("category_id"),
    ref("type_id"),
    ref("parent_id", optional=True),
    ref("customer_id", optional=True),
    Column("channel", Word(Channel), nullable=False),
    Column("language", Text, nullable=False),
    Column("day", Day, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("prefix", Text, nullable=False),
    Column("ticket_number", Integer, nullable=False),
    Column("suffix", Text, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("rank", BigInteger, nullable=False),
    Column("callable_at", BigInteger, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("joined_at", Instant, nullable=False),
    Column("reference_at", Instant, nullable=False),
    Column("state_at", Instant, nullable=False),
    Column("called_at", Instant),
    Column("started_at", Instant),
    Column("ended_at", Instant),
    Column("appointment_at", Instant),
    Column("calls", Integer, nullable=False),
    ref("desk_id", optional=True),
    ref("agent_id", optional=True),
    ref("assigned_to", optional=True),
    ref("outcome_id", optional=True),
    Column("use_customer_contact", Flag, nullable=False),
    Column("tag_ids", Json(tuple[UUID, ...]), nullable=False),
    Column("extras", Json(dict[str, Any]), nullable=False),
    Column("opened_by", Text, nullable=False, server_default=""),
    ref("status_id", optional=True),
    ref("owner_id", optional=True),
    Column("due_at", Instant),
    Column("escalated_at", Instant),
    ref("merged_into_id", optional=True),
    ref("priority_id", optional=True),
    Column("back_at", Instant),
    Column("link", LargeBinary, nullable=False),
    CheckConstraint(_is_one_of(State), name="state"),
    UniqueConstraint("organization_id", "number"),
    UniqueConstraint("organization_id", "service_id", "day", "sequence"),
    UniqueConstraint("organization_id", "link"),
    postgresql_with={"fillfactor": 80},
)

# The line itself: who waits, in the order of the calls. `rank` never changes with time.
Index(
    "ix_cases_line",
    cases.c.organization_id,
    cases.c.queue_id,
    cases.c.rank,
    cases.c.id,
    postgresql_where=cases.c.state == State.WAITING,
    sqlite_where=cases.c.state == State.WAITING,
)

# Invariant: a desk has at most one person called or served.
Index(
    "uq_cases_at_desk",
    cases.c.organization_id,
    cases.c.desk_id,
    unique=True,
    postgresql_where=cases.c.state.in_(sorted(AT_DESK)),
    sqlite_where=cases.c.state.in_(sorted(AT_DESK)),
)

# What is open at a unit but not simply waiting: small, whatever the history and the bookings.
Index(
    "ix_cases_in_hand",
    cases.c.organization_id,
    cases.c.unit_id,
    cases.c.state,
    postgresql_where=cases.c.state.in_(["active", "called", "on_hold", "pending"]),
    sqlite_where=cases.c.state.in_(["active", "called", "on_hold", "pending"]),
)

# What somebody works on: the newest first, and what is due first of all.
for _worked_on_by in ("assigned_to", "owner_id", "customer_id", "parent_id", "status_id"):
    _column = cases.c[_worked_on_by]
    Index(
        f"ix_cases_{_worked_on_by}",
        cases.c.organization_id,
        _column,
        cases.c.id,
        postgresql_where=_column.isnot(None),
        sqlite_where=_column.isnot(None),
    )
_BESIDE_LINES = text("sequence < 1")
Index(
    "ix_cases_beside_lines",
    cases.c.organization_id,
    cases.c.unit_id,
    cases.c.id,
    postgresql_where=_BESIDE_LINES,
    sqlite_where=_BESIDE_LINES,
)
_HAS_DEADLINE = text("due_at is not null")
Index(
    "ix_cases_due",
    cases.c.organization_id,
    cases.c.due_at,
    cases.c.id,
    postgresql_where=_HAS_DEADLINE,
    sqlite_where=_HAS_DEADLINE,
)
# Which deadlines have to be watched: few, whatever the history.
_AWAITS_DEADLINE = text(f"due_at is not null and escalated_at is null and {_is_one_of(OPEN)}")
Index(
    "ix_cases_deadlines",
    cases.c.organization_id,
    cases.c.due_at,
    postgresql_where=_AWAITS_DEADLINE,
    sqlite_where=_AWAITS_DEADLINE,
)

Index("ix_cases_calls", cases.c.organization_id, cases.c.unit_id, cases.c.called_at)

case_details = Table(
    "case_details",
    metadata,
    organization(),
    key("case_id"),
    Column("name", Text),
    Column("phone", Text),
    Column("email", Text),
    Column("fields", Json(dict[str, Any]), nullable=False),
    Column("solution", Text),
    Column("title", Text),
    Column("description", Text),
    Column("cc", Text),
    Column("reference_key", Text),
    Column("needs", Json(tuple[Need, ...]), nullable=False, server_default="[]"),
)
_HAS_REFERENCE = text("reference_key is not null")
Index(
    "ix_case_details_reference",
    case_details.c.organization_id,
    case_details.c.reference_key,
    case_details.c.case_id,
    postgresql_where=_HAS_REFERENCE,
    sqlite_where=_HAS_REFERENCE,
)

notes = Table(
    "notes",
    metadata,
    organization(),
    key(),
    ref("case_id"),
    Column("at", Instant, nullable=False),
    Column("author", Text, nullable=False),
    ref("author_id", optional=True),
    Column("text", Text, nullable=False),
    Column("visibility", Word(Visibility), nullable=False, server_default=Visibility.INTERNAL),
    Index("ix_notes_case", "organization_id", "case_id", "at"),
)

note_drafts = Table(
    "note_drafts",
    metadata,
    organization(),
    key("case_id"),
    key("author_id"),
    Column("at", Instant, nullable=False),
    Column("text", Text, nullable=False),
)
