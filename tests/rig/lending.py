"""Databases lent to one test after the other: to make one costs more than most tests do.

What a test leaves is deleted, and the connections stay open, warm as a busy server's are. A
database is thrown away, and the next test has a new one, when that might not be all: when
somebody is still connected or has not given a connection back, when its form or what the
planner knows of it has changed, when it is very full, and after `LENT_AT_MOST` tests anyway.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, Protocol, Self
from uuid import uuid4

import asyncpg

from nowserving.store.engines import Engine, open_engine
from nowserving.store.engines import Postgres as PostgresEngine
from nowserving.store.migrate import migrate
from tests.rig.postgres import Postgres

LENT_AT_MOST = 50
ROWS_AT_MOST = 2_000

TABLES = "select tablename from pg_tables where schemaname = 'public' order by tablename"
FORM = """
    select (select (count(*), max(xmin::text::bigint), sum(reltuples))::text from pg_class),
           (select (count(*), max(xmin::text::bigint))::text from pg_trigger),
           (select (count(*), max(xmin::text::bigint))::text from pg_constraint)"""
"""What tells whether anything was made, changed, dropped or analyzed."""

CONNECTED = "select count(*) from pg_stat_activity where datname = current_database()"


class Lent(Protocol):
    """A database in the form this version needs, empty but for that."""

    url: str

    async def open(self, *, connections: int = 10) -> Engine:
        """An engine on it; whoever opens it closes it."""


class File:
    """A SQLite database."""

    def __init__(self, url: str) -> None:
        self.url = url

    async def open(self, *, connections: int = 10) -> Engine:
        return await open_engine(self.url, connections=connections)


class Kept:
    """A PostgreSQL database that is lent again and again."""

    def __init__(self, url: str, keeper: "asyncpg.Connection[asyncpg.Record]") -> None:
        self.url = url
        self.lent = 0
        self._keeper = keeper
        self._pools: list[tuple[int, asyncpg.Pool[asyncpg.Record]]] = []
        self._out: list[LentPool] = []
        self._rows = ""
        self._form: object = None

    @classmethod
    async def create(cls, server: Postgres) -> Self:
        """A new one."""
        template = await server.template("migrated", migrate)
        url = await server.create_database(f"kept_{uuid4().hex}", template=template)
        keeper = await asyncpg.connect(url, server_settings={"lock_timeout": "5s"})
        kept = cls(url, keeper)
        tables = [row[0] for row in await keeper.fetch(TABLES)]
        kept._rows = " union all ".join(
            f"select '{table}', count(*) from \"{table}\"  having count(*) > 0"
            for table in tables
            if table != "alembic_version"
        )
        assert await keeper.fetch(kept._rows) == [], "a new database has rows: delete no such"
        kept._form = await keeper.fetchrow(FORM)
        return kept

    async def open(self, *, connections: int = 10) -> Engine:
        """An engine whose connections are those that others had before."""
        for at, (size, idle) in enumerate(self._pools):
            if size == connections:
                pool = idle
                del self._pools[at]
                break
        else:
            engine = await PostgresEngine.connect(self.url, connections=connections)
            pool = engine._pool
        lent = LentPool(pool)
        self._out.append(lent)
        return PostgresEngine(lent)  # type: ignore[arg-type]

    async def wiped(self) -> bool:
        """Take back what was lent, and delete what is in it; was that all?"""
        self.lent += 1
        for lent in self._out:
            self._pools.append((lent.size, lent.pool))
        given_back = all(lent.whole for lent in self._out)
        self._out.clear()
        ours = 1 + sum(pool.get_size() for _, pool in self._pools)
        try:
            if not given_back or await self._keeper.fetchval(CONNECTED) != ours:
                return False
            filled = await self._keeper.fetch(self._rows)
            if sum(count for _, count in filled) > ROWS_AT_MOST:
                return False
            deletes = "; ".join(f'delete from "{table}"' for table, _ in filled)
            await self._keeper.execute(
                f"begin; set local session_replication_role = replica; {deletes}; commit"
            )
            same = await self._keeper.fetchrow(FORM) == self._form
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return False
        return same and self.lent < LENT_AT_MOST

    async def close(self) -> None:
        """Let go of it."""
        for _, pool in self._pools:
            pool.terminate()
        self._keeper.terminate()
        await asyncio.sleep(0)  # until the loop has closed what was ended


class LentPool:
    """A pool of connections for one borrower: closed for them, and open for the next."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self.pool = pool
        self.size = pool.get_max_size()
        self.whole = False
        self._closed = False
        self._out: set[Any] = set()
        self._back = asyncio.Event()

    async def acquire(self, *, timeout: float | None = None) -> Any:
        if self._closed:
            raise asyncpg.InterfaceError("pool is closed")
        connection = await self.pool.acquire(timeout=timeout)
        self._out.add(connection)
        return connection

    async def release(self, connection: Any) -> None:
        self._out.discard(connection)
        if not self._out:
            self._back.set()
        await self.pool.release(connection)

    def get_idle_size(self) -> int:
        return self.pool.get_idle_size()

    async def close(self) -> None:
        """Wait until everything is given back."""
        self._closed = True
        while self._out:
            self._back.clear()
            await self._back.wait()
        self.whole = True

    def terminate(self) -> None:
        """End what is out there."""
        self._closed = True
        self.pool.terminate()


class Shelf:
    """What a worker has to lend."""

    def __init__(self) -> None:
        self._idle: list[Kept] = []

    @asynccontextmanager
    async def lend(self, server: Postgres) -> AsyncIterator[Kept]:
        """A database for one test."""
        kept = self._idle.pop() if self._idle else await Kept.create(server)
        yield kept
        if await kept.wiped():
            self._idle.append(kept)
        else:
            await kept.close()
            await server.drop_database(kept.url.rpartition("/")[2])

    async def close(self) -> None:
        """The worker has done."""
        for kept in self._idle:
            with suppress(OSError):
                await kept.close()
