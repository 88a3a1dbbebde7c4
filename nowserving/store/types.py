"""Column types that mean the same in both databases.

PostgreSQL's driver speaks ids and instants by itself. SQLite has numbers and text: an
instant is kept as microseconds since 1970 (it sorts), an id as its text. JSON is text in
both, so that the bytes of a fact never change.
"""

from collections.abc import Callable
from datetime import date, datetime
from enum import Enum
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import BigInteger, Boolean, Date, DateTime, Integer, Text, Uuid
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from nowserving.kit.clock import instant, micros

Coder = Callable[[Any], Any] | None


class Coded(TypeDecorator[Any]):
    """A type that says for each database how a value goes in and comes out."""

    impl = Text
    cache_ok = True

    def coder(self, dialect: str) -> Coder:
        """How a value goes into this database; None: as it is."""
        return None

    def decoder(self, dialect: str) -> Coder:
        """How a value comes out of this database; None: as it is."""
        return None

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """As `coder`, where SQLAlchemy itself runs a statement (migrations)."""
        coder = self.coder(dialect.name)
        return value if value is None or coder is None else coder(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """As `decoder`, where SQLAlchemy itself runs a statement (migrations)."""
        decoder = self.decoder(dialect.name)
        return value if value is None or decoder is None else decoder(value)


class Id(Coded):
    """A UUID."""

    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else Uuid())

    def coder(self, dialect: str) -> Coder:
        return str if dialect == "sqlite" else None

    def decoder(self, dialect: str) -> Coder:
        return UUID if dialect == "sqlite" else None


class Instant(Coded):
    """An instant, aware and in UTC."""

    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(
            BigInteger() if dialect.name == "sqlite" else DateTime(timezone=True)
        )

    def coder(self, dialect: str) -> Coder:
        return _instant_in if dialect == "sqlite" else None

    def decoder(self, dialect: str) -> Coder:
        return instant if dialect == "sqlite" else None


class Day(Coded):
    """A day of the calendar."""

    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else Date())

    def coder(self, dialect: str) -> Coder:
        return date.isoformat if dialect == "sqlite" else None

    def decoder(self, dialect: str) -> Coder:
        return date.fromisoformat if dialect == "sqlite" else None


class Flag(Coded):
    """Yes or no."""

    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Integer() if dialect.name == "sqlite" else Boolean())

    def coder(self, dialect: str) -> Coder:
        return int if dialect == "sqlite" else None

    def decoder(self, dialect: str) -> Coder:
        return bool if dialect == "sqlite" else None


class Words(Coded):
    """The words something is found by: with a space between them, or as PostgreSQL keeps them.

    It is written and asked by statements of its own (store/finding.py) and never read.
    """

    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else TSVECTOR())


class Word(Coded):
    """One of the words of an enumeration."""

    cache_ok = True

    def __init__(self, words: type[Enum]) -> None:
        super().__init__()
        self.words = words

    def decoder(self, dialect: str) -> Coder:
        return self.words

    def coder(self, dialect: str) -> Coder:
        return str


class Json(Coded):
    """Anything msgspec can write as JSON, read back as `shape`."""

    cache_ok = True

    def __init__(self, shape: Any = Any) -> None:
        super().__init__()
        self.shape = shape
        self._read = msgspec.json.Decoder(shape).decode

    def coder(self, dialect: str) -> Coder:
        return _json

    def decoder(self, dialect: str) -> Coder:
        return self._read


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _instant_in(value: datetime) -> int:
    return micros(value)
