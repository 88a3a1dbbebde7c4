"""A statement said once, and compiled once for each database."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ClauseElement, ReturnsRows, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.types import NullType, TypeEngine

from nowserving.store.types import Coded, Coder

_DIALECTS = {
    "sqlite": sqlite.dialect(paramstyle="qmark"),
    "postgresql": postgresql.dialect(paramstyle="numeric_dollar"),  # type: ignore[no-untyped-call]
}


@dataclass(frozen=True, slots=True)
class Prepared:
    """A statement as a driver takes it: text, values in order, and how values are coded.

    `kinds`: what the database calls the types of the values, None where nobody said.
    """

    sql: str
    names: tuple[str, ...]
    coders: tuple[Coder, ...]
    kinds: tuple[str | None, ...]
    constants: dict[str, Any]
    decoders: tuple[tuple[int, Callable[[Any], Any]], ...]

    def arguments(self, values: Mapping[str, Any]) -> list[Any]:
        """The values in the order of the text, as the database wants them."""
        given = {**self.constants, **values} if self.constants else values
        return [
            value if coder is None or value is None else coder(value)
            for coder, value in zip(self.coders, map(given.__getitem__, self.names), strict=True)
        ]

    def row(self, raw: Any) -> tuple[Any, ...]:
        """A row as Python values."""
        if not self.decoders:
            return tuple(raw)
        row = list(raw)
        for at, decode in self.decoders:
            value = row[at]
            if value is not None:
                row[at] = decode(value)
        return tuple(row)


class Statement:
    """A question or a write; `postgresql` says it otherwise for that engine.

    Make it once, at the top of a module, where it can be: compiling is dear.
    """

    __slots__ = ("_clauses", "_prepared")

    def __init__(self, clause: ClauseElement, *, postgresql: ClauseElement | None = None) -> None:
        self._clauses = {
            "sqlite": clause,
            "postgresql": clause if postgresql is None else postgresql,
        }
        self._prepared: dict[str, Prepared] = {}

    def prepared(self, dialect: str) -> Prepared:
        """The statement as this database's driver takes it."""
        ready = self._prepared.get(dialect)
        if ready is None:
            ready = self._prepared[dialect] = _prepare(self._clauses[dialect], dialect)
        return ready


def _prepare(clause: ClauseElement, dialect: str) -> Prepared:
    compiled = clause.compile(
        dialect=_DIALECTS[dialect], compile_kwargs={"render_postcompile": True}
    )
    names = tuple(compiled.positiontup or ())  # type: ignore[attr-defined]
    if dialect == "postgresql":
        names = tuple(dict.fromkeys(names))
    types = {name: bind.type for bind, name in compiled.bind_names.items()}  # type: ignore[attr-defined]
    return Prepared(
        sql=str(compiled),
        names=names,
        coders=tuple(_coder(types.get(name), dialect) for name in names),
        kinds=tuple(_kind(types.get(name), dialect) for name in names),
        constants={
            name: bind.effective_value
            for bind, name in compiled.bind_names.items()  # type: ignore[attr-defined]
            if not bind.required
        },
        decoders=_decoders(clause, dialect),
    )


def _coder(type_: Any, dialect: str) -> Coder:
    return type_.coder(dialect) if isinstance(type_, Coded) else None


def _kind(type_: TypeEngine[Any] | None, dialect: str) -> str | None:
    if type_ is None or isinstance(type_, NullType):
        return None
    return str(type_.compile(_DIALECTS[dialect]))


def _decoders(clause: ClauseElement, dialect: str) -> tuple[tuple[int, Callable[[Any], Any]], ...]:
    if not isinstance(clause, ReturnsRows):
        return ()
    if isinstance(clause, UpdateBase) and not clause._returning:
        return ()
    found = (
        (at, column.type.decoder(dialect))
        for at, column in enumerate(clause.exported_columns)
        if isinstance(column.type, Coded)
    )
    return tuple((at, decode) for at, decode in found if decode is not None)


def insert_coders(table: Table, dialect: str) -> tuple[tuple[int, Callable[[Any], Any]], ...]:
    """The columns of a table whose values must be coded, for writes of many rows."""
    found = (
        (at, column.type.coder(dialect))
        for at, column in enumerate(table.columns)
        if isinstance(column.type, Coded)
    )
    return tuple((at, code) for at, code in found if code is not None)
