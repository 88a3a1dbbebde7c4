"""New rows that wait for company: nobody needs an answer to them, so they travel together."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy import Table

from nowserving.store.engines.base import Connection, Row
from nowserving.store.engines.statement import Statement


class Inserting(Connection, Protocol):
    """A connection of a driver, which can add rows to several tables at once."""

    async def insert_all(self, rows: Mapping[Table, Sequence[Sequence[Any]]]) -> None:
        """Add rows to some tables, as one statement."""


class Together:
    """A connection whose new rows wait until something else is asked, or until the commit.

    Each trip to the database costs both sides more than a row does. What an act adds to
    its tables at its end, the facts, the outbox, the answer kept, goes in one statement.
    """

    def __init__(self, connection: Inserting) -> None:
        self.dialect = connection.dialect
        self._connection = connection
        self._rows: dict[Table, list[Sequence[Any]]] = {}

    async def all(self, statement: Statement, /, **values: Any) -> list[Row]:
        if self._rows:
            await self.flush()
        return await self._connection.all(statement, **values)

    async def first(self, statement: Statement, /, **values: Any) -> Row | None:
        if self._rows:
            await self.flush()
        return await self._connection.first(statement, **values)

    async def run(self, statement: Statement, /, **values: Any) -> int:
        if self._rows:
            await self.flush()
        return await self._connection.run(statement, **values)

    async def each(self, statement: Statement, values: Sequence[Mapping[str, Any]], /) -> list[Row]:
        if self._rows:
            await self.flush()
        return await self._connection.each(statement, values)

    async def insert(self, table: Table, rows: Sequence[Sequence[Any]]) -> None:
        """Add rows with the next statement. Raises nothing yet: that statement may."""
        if rows:
            self._rows.setdefault(table, []).extend(rows)

    async def flush(self) -> None:
        """Add the rows that wait."""
        if self._rows:
            rows, self._rows = self._rows, {}
            await self._connection.insert_all(rows)
