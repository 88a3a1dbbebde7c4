"""What work on cases needs beside the case: statuses, links, words to find it by, filters.

The words of cases and customers are personal and have tables of their own, which can be
emptied and filled again. How they are searched is the engine's: docs/decisions/0023.
"""

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, Table, Text

from nowserving.cases.finding import Filter
from nowserving.cases.moves import State
from nowserving.cases.work import Link
from nowserving.places.statuses import Condition
from nowserving.store.tables.base import key, metadata, organization, ref
from nowserving.store.types import Flag, Instant, Json, Word, Words

case_statuses = Table(
    "case_statuses",
    metadata,
    organization(),
    key(),
    Column("name", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("condition", Word(Condition), nullable=False),
    Column("position", Integer, nullable=False),
    ref("type_id", optional=True),
    Column("archived", Flag, nullable=False),
    CheckConstraint(
        "state in (" + ", ".join(f"'{state}'" for state in sorted(State)) + ")", name="state"
    ),
)

case_priorities = Table(
    "case_priorities",
    metadata,
    organization(),
    key(),
    Column("name", Text, nullable=False),
    Column("level", Integer, nullable=False),
    Column("position", Integer, nullable=False),
    Column("archived", Flag, nullable=False),
)

case_links = Table(
    "case_links",
    metadata,
    organization(),
    key("from_id"),
    key("to_id"),
    Column("kind", Word(Link), primary_key=True),
    Column("at", Instant, nullable=False),
    Column("by", Text, nullable=False),
    Index("ix_case_links_to", "organization_id", "to_id"),
)

case_words = Table(
    "case_words",
    metadata,
    organization(),
    key("case_id"),
    Column("number", BigInteger, nullable=False),
    Column("words", Words, nullable=False),
)

customer_words = Table(
    "customer_words",
    metadata,
    organization(),
    key("customer_id"),
    Column("number", BigInteger, nullable=False),
    Column("words", Words, nullable=False),
)

customer_keys = Table(
    "customer_keys",
    metadata,
    organization(),
    Column("kind", Text, primary_key=True),
    Column("folded", Text, primary_key=True),
    ref("customer_id"),
    Column("value", Text, nullable=False),
    Index("ix_customer_keys_customer", "organization_id", "customer_id"),
)

words_backlog = Table(
    "words_backlog",
    metadata,
    organization(),
    Column("kind", Text, primary_key=True),
    ref("after_id", optional=True),
)

saved_filters = Table(
    "saved_filters",
    metadata,
    organization(),
    key(),
    Column("name", Text, nullable=False),
    ref("agent_id", optional=True),
    ref("group_id", optional=True),
    Column("filter", Json(Filter), nullable=False),
    Column("position", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
)
