"""An engine whose questions are counted, and what a table was read for in one transaction."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import BigInteger, Text, bindparam, column, text

from nowserving.store.engines import Connection, Engine, Reader, Statement
from nowserving.store.engines.base import Row
from tests.journal.facts import Flaky

_ROWS_READ = Statement(
    text(
        """
        select seq_tup_read + idx_tup_fetch from pg_stat_xact_user_tables where relname = :name
        """
    )
    .bindparams(bindparam("name", type_=Text))
    .columns(column("read", BigInteger))
)


async def rows_read(connection: Connection, table: str) -> int:
    """Rows that PostgreSQL has looked at in this transaction, whether they were wanted or not."""
    row = await connection.first(_ROWS_READ, name=table)
    assert row is not None
    return int(row[0])


class Watched(Flaky):
    """Counts the questions for one row and the connections in use; answers when it may."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.asked = 0
        self.in_use = 0
        self.answers = asyncio.Event()
        self.answers.set()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Reader]:
        async with super().reading() as connection:
            self.in_use += 1
            try:
                yield _Reader(connection, self)
            finally:
                self.in_use -= 1


class _Reader:
    def __init__(self, connection: Reader, watched: Watched) -> None:
        self._connection = connection
        self._watched = watched

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    async def firsts(
        self, statement: Statement, values: Sequence[Mapping[str, Any]], /
    ) -> list[Row | None]:
        self._watched.asked += 1
        answers = await self._connection.firsts(statement, values)
        await self._watched.answers.wait()
        return answers
