"""Connections that are taken only when they are needed."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, nullcontext
from typing import Any

from sqlalchemy import Table

from nowserving.store.engines.base import Connection, Engine, Row
from nowserving.store.engines.statement import Statement


class Looking:
    """A connection of the moment for each question.

    Inside a transaction that has begun it is that one's: whoever holds a connection and waits
    for a second may wait for others who do the same.
    """

    def __init__(self, engine: Engine, transaction: "Transaction | None" = None) -> None:
        self._engine = engine
        self._transaction = transaction
        self.dialect = engine.dialect

    async def all(self, statement: Statement, /, **values: Any) -> list[Row]:
        async with self._reading() as connection:
            return await connection.all(statement, **values)

    async def first(self, statement: Statement, /, **values: Any) -> Row | None:
        async with self._reading() as connection:
            return await connection.first(statement, **values)

    async def each(self, statement: Statement, values: Sequence[Mapping[str, Any]], /) -> list[Row]:
        async with self._reading() as connection:
            return await connection.each(statement, values)

    async def run(self, statement: Statement, /, **values: Any) -> int:
        raise AssertionError("nothing is written by looking")

    async def replace(self, statement: Statement, lost: Exception, /, **values: Any) -> None:
        raise AssertionError("nothing is written by looking")

    async def insert(self, table: Table, rows: Sequence[Sequence[Any]]) -> None:
        raise AssertionError("nothing is written by looking")

    def _reading(self) -> AbstractAsyncContextManager[Connection]:
        if self._transaction is not None and self._transaction.begun:
            return nullcontext(self._transaction)
        return self._engine.reading()


class Transaction:
    """A transaction that begins when it is first needed."""

    def __init__(
        self, engine: Engine, stack: AsyncExitStack, begun: Callable[[], Awaitable[None]]
    ) -> None:
        self.dialect = engine.dialect
        self._engine = engine
        self._stack = stack
        self._when_begun = begun
        self._connection: Connection | None = None

    @property
    def begun(self) -> bool:
        """Has it begun?"""
        return self._connection is not None

    async def all(self, statement: Statement, /, **values: Any) -> list[Row]:
        return await (self._connection or await self._begin()).all(statement, **values)

    async def first(self, statement: Statement, /, **values: Any) -> Row | None:
        return await (self._connection or await self._begin()).first(statement, **values)

    async def each(self, statement: Statement, values: Sequence[Mapping[str, Any]], /) -> list[Row]:
        return await (self._connection or await self._begin()).each(statement, values)

    async def run(self, statement: Statement, /, **values: Any) -> int:
        return await (self._connection or await self._begin()).run(statement, **values)

    async def replace(self, statement: Statement, lost: Exception, /, **values: Any) -> None:
        await (self._connection or await self._begin()).replace(statement, lost, **values)

    async def insert(self, table: Table, rows: Sequence[Sequence[Any]]) -> None:
        await (self._connection or await self._begin()).insert(table, rows)

    async def _begin(self) -> Connection:
        self._connection = await self._stack.enter_async_context(self._engine.writing())
        await self._when_begun()
        return self._connection
