"""Who is at work, and what they do when they take nobody."""

from sqlalchemy import Column, Integer, Table, Text

from nowserving.people.attendance import Presence, Reason
from nowserving.store.tables.base import key, metadata, organization, ref
from nowserving.store.types import Flag, Instant, Word

attendance = Table(
    "attendance",
    metadata,
    organization(),
    key("agent_id"),
    Column("version", Integer, nullable=False),
    Column("presence", Word(Presence), nullable=False),
    Column("since", Instant, nullable=False),
    ref("unit_id", optional=True),
    ref("workspace_id", optional=True),
    Column("reason", Word(Reason)),
    Column("description", Text),
    ref("task_id", optional=True),
)

back_office_tasks = Table(
    "back_office_tasks",
    metadata,
    organization(),
    key(),
    Column("name", Text, nullable=False),
    Column("archived", Flag, nullable=False),
)
