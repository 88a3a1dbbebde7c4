"""SQLite: one writer thread with a queue, a few readers, one process."""

import asyncio
import fcntl
import os
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Table

from nowserving.store.engines.base import Clash, Connection, Reader, Row, Unavailable
from nowserving.store.engines.statement import Statement, insert_coders
from nowserving.store.engines.together import NewRows, Together

READERS = 4
Answer = TypeVar("Answer")
_Coded = Sequence[tuple[str, Sequence[Sequence[Any]]]]
"""Orders, each with the rows it is given for."""


class Locked(Exception):
    """Another process is using this SQLite file; several processes need PostgreSQL."""


class Sqlite:
    """A database in one file. WAL; an answered commit is on the disk (synchronous=FULL)."""

    dialect = "sqlite"
    one_process = True

    def __init__(self, path: str) -> None:
        self.path = path
        self._lock_file = _claim(path)
        self._thread = ThreadPoolExecutor(1, "sqlite-writer")
        self._reader_threads = ThreadPoolExecutor(READERS, "sqlite-reader")
        self._turn = asyncio.Lock()
        self._writer = _open(path)
        self._readers: list[sqlite3.Connection] = []
        self._free = asyncio.Semaphore(READERS)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Connection]:
        """A transaction. BEGIN IMMEDIATE: a read that later writes would deadlock."""
        connection = _Writer(self._writer, self._thread)
        async with self._turn:
            try:
                await asyncio.shield(connection.command("begin immediate"))
                together = Together(connection, begun=True)
                yield together
                await together.flush()
                await asyncio.shield(connection.command("commit"))
            except BaseException:
                await asyncio.shield(connection.undo())
                raise

    def writing_once(self) -> AbstractAsyncContextManager[Connection]:
        """A transaction: what PostgreSQL does in one statement is often several here."""
        return self.writing()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Reader]:
        """A reader's connection, beside the writer (WAL).

        The last one used is the first to be used again, since it knows the most by heart, and
        one more is opened only when all others are at work.
        """
        async with self._free:
            reader = self._readers.pop() if self._readers else self._open_reader()
            try:
                yield _Writer(reader, self._reader_threads)
            except BaseException:
                self._readers.insert(0, reader)  # its thread may still be busy with it
                raise
            self._readers.append(reader)

    async def announce(self, channel: str, text: str) -> None:
        """There is no other process to tell."""

    async def close(self) -> None:
        """Close all connections and let another process in."""
        async with self._turn:
            self._thread.shutdown()
            self._reader_threads.shutdown()
            self._writer.close()
            for reader in self._readers:
                reader.close()
            self._lock_file.close()

    def _open_reader(self) -> sqlite3.Connection:
        try:
            reader = _open(self.path)
        except sqlite3.OperationalError as failure:
            raise Unavailable(str(failure)) from failure
        reader.execute("pragma query_only = on")
        return reader


class _Writer:
    """One connection, whose calls run on the given thread."""

    dialect = "sqlite"

    def __init__(self, connection: sqlite3.Connection, thread: ThreadPoolExecutor) -> None:
        self._connection = connection
        self._thread = thread

    async def all(self, statement: Statement, /, **values: Any) -> list[Row]:
        prepared = statement.prepared("sqlite")
        arguments = prepared.arguments(values)

        def ask() -> list[Row]:
            row = prepared.row
            return [row(raw) for raw in self._connection.execute(prepared.sql, arguments)]

        return await self._do(ask)

    async def first(self, statement: Statement, /, **values: Any) -> Row | None:
        rows = await self.all(statement, **values)
        return rows[0] if rows else None

    async def firsts(
        self, statement: Statement, values: Sequence[Mapping[str, Any]], /
    ) -> list[Row | None]:
        prepared = statement.prepared("sqlite")
        arguments = [prepared.arguments(given) for given in values]

        def ask() -> list[Row | None]:
            execute, row = self._connection.execute, prepared.row
            found = (execute(prepared.sql, given).fetchone() for given in arguments)
            return [None if raw is None else row(raw) for raw in found]

        return await self._do(ask)

    async def run(self, statement: Statement, /, **values: Any) -> int:
        prepared = statement.prepared("sqlite")
        arguments = prepared.arguments(values)
        return await self._do(lambda: self._connection.execute(prepared.sql, arguments).rowcount)

    async def replace(self, statement: Statement, lost: Exception, /, **values: Any) -> None:
        if not await self.replace_with(statement, values, {}):
            raise lost

    async def each(self, statement: Statement, values: Sequence[Mapping[str, Any]], /) -> list[Row]:
        prepared = statement.prepared("sqlite")
        arguments = [prepared.arguments(given) for given in values]

        def ask() -> list[Row]:
            execute, row = self._connection.execute, prepared.row
            return [row(raw) for given in arguments for raw in execute(prepared.sql, given)]

        return await self._do(ask)

    async def insert(self, table: Table, rows: Sequence[Sequence[Any]]) -> None:
        await self.insert_all({table: rows})

    async def insert_all(self, rows: NewRows) -> None:
        """Add rows to some tables, in one turn of the thread."""
        await self._do(partial(self._add, _all_coded(rows)))

    async def replace_with(
        self, statement: Statement, values: Mapping[str, Any], rows: NewRows
    ) -> bool:
        """Write over one row and add rows to some tables, in one turn; was it there?"""
        prepared = statement.prepared("sqlite")
        arguments, coded = prepared.arguments(values), _all_coded(rows)

        def write() -> bool:
            there = self._connection.execute(prepared.sql, arguments).rowcount == 1
            if there:
                self._add(coded)
            return there

        return await self._do(write)

    async def command(self, sql: str) -> None:
        """Begin or commit."""
        await self._do(lambda: self._connection.execute(sql))

    async def undo(self) -> None:
        """Roll back whatever is open. It waits for its turn behind a begin or commit."""
        await self._do(self._connection.rollback)

    def _add(self, coded: _Coded) -> None:
        for sql, rows in coded:
            self._connection.executemany(sql, rows)

    async def _do(self, work: Callable[[], Answer]) -> Answer:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except sqlite3.IntegrityError as clash:
            raise Clash(str(clash)) from clash
        except sqlite3.OperationalError as failure:
            raise Unavailable(str(failure)) from failure


def copy_sqlite(path: str, to: Path) -> None:
    """Copy a database, as it is at one moment, while others use it."""
    with (
        closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as source,
        closing(sqlite3.connect(to)) as copy,
    ):
        source.backup(copy)


def must_be_at_rest(path: str) -> None:
    """Locked if a server has the database open."""
    _claim(path).close()


def _all_coded(rows: NewRows) -> _Coded:
    coded = []
    for table, new in rows.items():
        sql, coders = _insert(table)
        coded.append((sql, [_coded(row, coders) for row in new]))
    return coded


def _coded(row: Sequence[Any], coders: Sequence[tuple[int, Callable[[Any], Any]]]) -> list[Any]:
    coded = list(row)
    for at, code in coders:
        value = coded[at]
        if value is not None:
            coded[at] = code(value)
    return coded


@lru_cache
def _insert(table: Table) -> tuple[str, tuple[tuple[int, Callable[[Any], Any]], ...]]:
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    marks = ", ".join("?" * len(table.columns))
    return f"insert into {table.name} ({names}) values ({marks})", insert_coders(table, "sqlite")


def _open(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5)
    for pragma in (
        "journal_mode = wal",
        "synchronous = full",
        "foreign_keys = on",
        "busy_timeout = 5000",
        "cache_size = -65536",
        "wal_autocheckpoint = 4000",
    ):
        connection.execute(f"pragma {pragma}")
    return connection


def _claim(path: str) -> Any:
    lock_file = Path(f"{path}.lock").open("a+")  # noqa: SIM115  held while the engine lives
    try:
        fcntl.flock(lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock_file.seek(0)
        other = lock_file.read().strip() or "another process"
        lock_file.close()
        raise Locked(
            f"{path} is in use by process {other}; only one process can use a SQLite file. "
            "Stop that one first, or use PostgreSQL for several."
        ) from None
    lock_file.truncate(0)
    lock_file.write(str(os.getpid()))
    lock_file.flush()
    return lock_file
