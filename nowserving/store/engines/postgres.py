"""PostgreSQL 15 or newer, on asyncpg, with as many processes as you like."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Any, Self

import asyncpg
from sqlalchemy import Table

from nowserving.store.engines.arrays import inserting, of_each, replacing, travelling
from nowserving.store.engines.base import Clash, Connection, Reader, Row, Unavailable
from nowserving.store.engines.statement import Statement
from nowserving.store.engines.together import NewRows, Together

_CLASHES = (
    asyncpg.UniqueViolationError,
    asyncpg.CheckViolationError,
    asyncpg.ExclusionViolationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
)
_OUTAGES = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # its connection was lost between two of our words
    asyncpg.TooManyConnectionsError,
    asyncpg.AdminShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.CrashShutdownError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.LockNotAvailableError,
    asyncpg.QueryCanceledError,
    OSError,
    TimeoutError,
)
_SETTINGS = {
    "application_name": "nowserving",
    "statement_timeout": "30s",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "5s",
    "timezone": "UTC",
    "jit": "off",
    "random_page_cost": "1.1",
}
"""What is asked for most lies in memory or on flash, where no page is farther than another: with
the usual 4 a few rows of a small table are found by reading all of it."""


_HOLDERS = 0x6E6F7773
"""The kind of advisory lock that a process holds by its number."""


class Postgres:
    """A PostgreSQL database."""

    dialect = "postgresql"
    one_process = False

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool

    @classmethod
    async def connect(cls, url: str, *, connections: int) -> Self:
        """Open a pool of at most `connections`."""
        try:
            pool = await asyncpg.create_pool(
                url,
                min_size=1,
                max_size=connections,
                command_timeout=30,
                server_settings=_SETTINGS,
                reset=_leave,
            )
        except (*_OUTAGES, asyncpg.PostgresError) as outage:
            raise Unavailable(str(outage)) from outage
        return cls(pool)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Connection]:
        """A transaction, READ COMMITTED."""
        async with self.reading() as connection:
            assert isinstance(connection, _Asking)
            together = Together(connection)
            try:
                yield together
                await together.flush()
            except BaseException:
                if together.begun:
                    await asyncio.shield(connection.undo())
                raise
            if together.begun:
                await connection.command("commit")

    def writing_once(self) -> AbstractAsyncContextManager[Connection]:
        """A connection on which each statement is a transaction of its own."""
        return self.reading()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Reader]:
        """A connection of the pool; waits at most five seconds for a free one."""
        # To wait with a timeout costs as much as a question; a free connection is there at once.
        timeout = None if self._pool.get_idle_size() else 5
        try:
            raw = await self._pool.acquire(timeout=timeout)
        except _OUTAGES as outage:
            raise Unavailable("no connection to the database is free") from outage
        try:
            yield _Asking(raw)
        finally:
            await self._pool.release(raw)

    @asynccontextmanager
    async def listening(
        self, channel: str, hear: Callable[[str], None]
    ) -> AsyncIterator[asyncio.Event]:
        """While open, `hear(text)` is called for whatever is announced on the channel.

        The event it gives is set when the connection is lost. Raises Unavailable if none
        can be made.
        """

        def told(_connection: Any, _pid: int, _channel: str, text: object) -> None:
            hear(str(text))

        async with self._keeping() as (raw, gone):
            try:
                await raw.add_listener(channel, told)
                yield gone
            finally:
                with suppress(*_OUTAGES):  # also if the pool has given it up already
                    await raw.remove_listener(channel, told)

    @asynccontextmanager
    async def holding(self, number: int) -> AsyncIterator[asyncio.Event]:
        """While open, the others see this number among the `holders`.

        The event it gives is set when the connection is lost, and with it the number. Raises
        Unavailable if none can be made.
        """
        async with self._keeping() as (raw, gone):
            try:
                await raw.execute("select pg_advisory_lock_shared($1, $2)", _HOLDERS, number)
                yield gone
            finally:
                with suppress(*_OUTAGES):  # also if the pool has given it up already
                    await raw.execute("select pg_advisory_unlock_shared($1, $2)", _HOLDERS, number)

    async def holders(self) -> frozenset[int]:
        """The numbers that sessions on this database hold."""
        async with self.reading() as connection:
            assert isinstance(connection, _Asking)
            return await connection.advisory(_HOLDERS)

    async def announce(self, channel: str, text: str) -> None:
        """Tell the other processes on this database something (NOTIFY)."""
        async with self.reading() as connection:
            assert isinstance(connection, _Asking)
            await connection.notify(channel, text)

    async def close(self) -> None:
        """Give all connections back, at most five seconds long."""
        try:
            await asyncio.wait_for(self._pool.close(), 5)
        except TimeoutError:
            self._pool.terminate()

    @asynccontextmanager
    async def _keeping(self) -> AsyncIterator[tuple[Any, asyncio.Event]]:
        """A connection that is kept for long, and an event that is set when it is lost."""
        try:
            raw = await self._pool.acquire(timeout=5)
        except _OUTAGES as outage:
            raise Unavailable("no connection to the database is free") from outage
        gone = asyncio.Event()

        def lost(_connection: Any) -> None:
            gone.set()

        raw.add_termination_listener(lost)
        try:
            yield raw, gone
        except _OUTAGES as outage:
            raise Unavailable(str(outage)) from outage
        finally:
            with suppress(*_OUTAGES):
                raw.remove_termination_listener(lost)
            await self._pool.release(raw)


class _Asking:
    """One connection of the pool."""

    dialect = "postgresql"

    def __init__(self, raw: Any) -> None:
        self._raw = raw

    async def all(self, statement: Statement, /, **values: Any) -> list[Row]:
        prepared = statement.prepared("postgresql")
        try:
            records = await self._raw.fetch(prepared.sql, *prepared.arguments(values))
        except Exception as failure:
            raise _known(failure) from failure
        return [prepared.row(record) for record in records]

    async def first(self, statement: Statement, /, **values: Any) -> Row | None:
        prepared = statement.prepared("postgresql")
        try:
            record = await self._raw.fetchrow(prepared.sql, *prepared.arguments(values))
        except Exception as failure:
            raise _known(failure) from failure
        return None if record is None else prepared.row(record)

    async def firsts(
        self, statement: Statement, values: Sequence[Mapping[str, Any]], /
    ) -> list[Row | None]:
        prepared = statement.prepared("postgresql")
        if len(values) < 2 or None in prepared.kinds:
            return [await self.first(statement, **given) for given in values]
        columns = zip(*map(prepared.arguments, values), strict=True)
        try:
            records = await self._raw.fetch(of_each(prepared.sql, prepared.kinds), *columns)
        except Exception as failure:
            raise _known(failure) from failure
        answers: list[Row | None] = [None] * len(values)
        for record in records:
            answers[record[0] - 1] = prepared.row(record[1:])
        return answers

    async def run(self, statement: Statement, /, **values: Any) -> int:
        prepared = statement.prepared("postgresql")
        try:
            tag = await self._raw.execute(prepared.sql, *prepared.arguments(values))
        except Exception as failure:
            raise _known(failure) from failure
        return int(count) if (count := tag.rsplit(" ", 1)[-1]).isdigit() else 0

    async def replace(self, statement: Statement, lost: Exception, /, **values: Any) -> None:
        if not await self.replace_with(statement, values, {}):
            raise lost

    async def each(self, statement: Statement, values: Sequence[Mapping[str, Any]], /) -> list[Row]:
        return [row for given in values for row in await self.all(statement, **given)]

    async def insert(self, table: Table, rows: Sequence[Sequence[Any]]) -> None:
        await self.insert_all({table: rows})

    async def insert_all(self, rows: NewRows) -> None:
        """Add rows to some tables, as one statement."""
        single, values = travelling(rows)
        try:
            await self._raw.execute(inserting(tuple(rows), single), *values)
        except Exception as failure:
            raise _known(failure) from failure

    async def replace_with(
        self, statement: Statement, values: Mapping[str, Any], rows: NewRows
    ) -> bool:
        """Write over one row and add rows to some tables, as one statement; was it there?"""
        prepared = statement.prepared("postgresql")
        single, added = travelling(rows)
        sql = replacing(prepared.sql, len(prepared.names), tuple(rows), single)
        try:
            count = await self._raw.fetchval(sql, *prepared.arguments(values), *added)
        except Exception as failure:
            raise _known(failure) from failure
        return int(count) == 1

    async def command(self, sql: str) -> None:
        """Begin or commit."""
        try:
            await self._raw.execute(sql)
        except Exception as failure:
            raise _known(failure) from failure

    async def undo(self) -> None:
        """Roll back, if there is still a connection to roll back on."""
        try:
            await self._raw.execute("rollback")
        except _OUTAGES:
            with suppress(asyncpg.InterfaceError):  # the pool may have given it up already
                self._raw.terminate()

    async def advisory(self, kind: int) -> frozenset[int]:
        """The numbers of the advisory locks of a kind that anybody holds on this database."""
        asked = (
            "select objid from pg_locks where locktype = 'advisory' and granted"
            " and classid = $1::int::oid and objsubid = 2"
            " and database = (select oid from pg_database where datname = current_database())"
        )
        try:
            records = await self._raw.fetch(asked, kind)
        except Exception as failure:
            raise _known(failure) from failure
        return frozenset(int(record[0]) for record in records)

    async def notify(self, channel: str, text: str) -> None:
        """Send a notification at once."""
        try:
            await self._raw.execute("select pg_notify($1, $2)", channel, text)
        except Exception as failure:
            raise _known(failure) from failure


async def connect(url: str) -> "asyncpg.Connection[asyncpg.Record]":
    """A connection to a PostgreSQL database. Raises Unavailable."""
    try:
        return await asyncpg.connect(url)
    except (OSError, TimeoutError, asyncpg.PostgresError) as outage:
        raise Unavailable(f"the database cannot be reached: {outage}") from outage


async def _leave(raw: Any) -> None:
    """Give a connection back as it is: each user ends what it began. (The usual reset would
    cost every act one more trip to the database.)"""
    if raw.is_in_transaction():
        await raw.execute("rollback")


def _known(failure: Exception) -> Exception:
    """What the house calls this failure; bugs stay what they are."""
    if isinstance(failure, _CLASHES):
        return Clash(getattr(failure, "constraint_name", None) or "")
    if isinstance(failure, _OUTAGES):
        return Unavailable(str(failure))
    return failure
