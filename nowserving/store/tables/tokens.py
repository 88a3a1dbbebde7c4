"""Tokens of programs, and how often each was used on its last day."""

from sqlalchemy import Column, Integer, LargeBinary, Table, Text, UniqueConstraint

from nowserving.people.tokens import TokenKind
from nowserving.store.tables.base import key, metadata, organization, ref
from nowserving.store.types import Day, Flag, Instant, Word

api_tokens = Table(
    "api_tokens",
    metadata,
    organization(),
    key(),
    Column("name", Text, nullable=False),
    Column("kind", Word(TokenKind), nullable=False),
    Column("token_hash", LargeBinary, nullable=False),
    Column("daily_limit", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    ref("customer_id", optional=True),
    Column("replaces_files", Flag, nullable=False),
    Column("archived", Flag, nullable=False),
    UniqueConstraint("organization_id", "token_hash"),
)

token_uses = Table(
    "token_uses",
    metadata,
    organization(),
    key("token_id"),
    Column("day", Day, nullable=False),
    Column("used", Integer, nullable=False),
)
