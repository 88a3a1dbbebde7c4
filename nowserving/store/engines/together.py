"""Writes that wait for company: nobody needs an answer to them, so they travel together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Table

from nowserving.store.engines.base import Connection, Row
from nowserving.store.engines.statement import Statement

NewRows = Mapping[Table, Sequence[Sequence[Any]]]


class Writing(Connection, Protocol):
    """A connection of a driver, which can write to several tables at once."""

    async def command(self, sql: str) -> None:
        """Begin or commit."""

    async def insert_all(self, rows: NewRows) -> None:
        """Add rows to some tables, as one statement."""

    async def replace_with(
        self, statement: Statement, values: Mapping[str, Any], rows: NewRows
    ) -> bool:
        """Write over one row and add rows to some tables; nothing at all if it is not there."""


@dataclass(frozen=True, slots=True)
class _Replacing:
    statement: Statement
    values: Mapping[str, Any]
    lost: Exception


class Together:
    """A transaction whose writes wait until something is asked, or until the commit.

    Each trip to the database costs both sides more than a row does. What an act writes at
    its end, the case, the facts, the outbox, the answer kept, goes in one statement; and if
    that is all there is, it is a transaction by itself and needs no begin and no commit.
    """

    def __init__(self, connection: Writing, *, begun: bool = False) -> None:
        self.dialect = connection.dialect
        self.begun = begun
        self._connection = connection
        self._replacing: _Replacing | None = None
        self._rows: dict[Table, list[Sequence[Any]]] = {}

    async def all(self, statement: Statement, /, **values: Any) -> list[Row]:
        await self._begin()
        return await self._connection.all(statement, **values)

    async def first(self, statement: Statement, /, **values: Any) -> Row | None:
        await self._begin()
        return await self._connection.first(statement, **values)

    async def run(self, statement: Statement, /, **values: Any) -> int:
        await self._begin()
        return await self._connection.run(statement, **values)

    async def each(self, statement: Statement, values: Sequence[Mapping[str, Any]], /) -> list[Row]:
        await self._begin()
        return await self._connection.each(statement, values)

    async def replace(self, statement: Statement, lost: Exception, /, **values: Any) -> None:
        """Write over a row with the next statement. Raises nothing yet: that statement may."""
        if self._replacing is not None or self._rows:
            await self._begin()
        self._replacing = _Replacing(statement, values, lost)

    async def insert(self, table: Table, rows: Sequence[Sequence[Any]]) -> None:
        """Add rows with the next statement. Raises nothing yet: that statement may."""
        if rows:
            self._rows.setdefault(table, []).extend(rows)

    async def flush(self) -> None:
        """Write what waits: by itself, if nothing was asked and nothing written before."""
        (replacing, self._replacing), (rows, self._rows) = (self._replacing, None), (self._rows, {})
        if replacing is not None:
            there = await self._connection.replace_with(replacing.statement, replacing.values, rows)
            if not there:
                raise replacing.lost
        elif rows:
            await self._connection.insert_all(rows)

    async def _begin(self) -> None:
        """More than one statement will be needed. What waits is written first."""
        if not self.begun:
            await self._connection.command("begin")
            self.begun = True
        await self.flush()
