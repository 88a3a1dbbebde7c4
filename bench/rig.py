"""What a bench runs on: a PostgreSQL server of its own or a SQLite file, on disk or in memory."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from nowserving.store.migrate import migrate
from tests.rig.mother import Mother
from tests.rig.postgres import MEMORY, Postgres
from tests.rig.shared import own_postgres

SETTINGS = {
    "shared_buffers": "512MB",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "30min",
}
"""What differs from PostgreSQL's own settings: no checkpoint falls into one run and not another."""

LIMITS = """
create sequence limit_ids;
create sequence limit_people;
create sequence limit_numbers start 1000000000;
"""
"""What the scripts of limits/ count with."""


@dataclass(frozen=True, slots=True)
class Rig:
    """Where databases are made. `server` is None for SQLite.

    `mother`: of a quick run's servers; nothing is done then that the figures alone need.
    """

    folder: Path
    server: Postgres | None
    mother: Mother | None = None

    @property
    def database_pids(self) -> list[int]:
        """The processes that are the database and nothing else; none for SQLite."""
        return [] if self.server is None else [self.server.postmaster()]

    async def database(self, name: str) -> str:
        """A new empty database; its URL."""
        if self.server is None:
            return f"sqlite:///{self.folder / name}.db"
        template = await self.server.template("migrated", migrate)
        url = await self.server.create_database(name, template=template)
        connection = await asyncpg.connect(url)
        try:
            await connection.execute(LIMITS)
        finally:
            await connection.close()
        return url

    def fsync(self) -> str:
        """How long it takes here to put 8 kB on the medium."""
        program = None if self.server is None else self.server.binaries / "pg_test_fsync"
        if program is None or self.mother is not None or not program.exists():
            return "fsync not measured"
        order = [str(program), "-s", "1", "-f", str(self.folder / "fsync")]
        with subprocess.Popen(order, stdout=subprocess.PIPE, text=True) as testing:
            assert testing.stdout is not None
            for line in testing.stdout:
                if found := re.search(r"fdatasync\s+\S+ ops/sec\s+(\d+) usecs", line):
                    testing.terminate()
                    return f"fdatasync of 8 kB: {found[1]} us"
        return "fdatasync not available"


@contextmanager
def postgres_rig(*, memory: bool, mother: Mother | None = None) -> Iterator[Rig]:
    """A PostgreSQL server; fsync is on, in memory too."""
    with own_postgres(durable=not memory) as server:
        server.stop()
        with (server.data / "postgresql.conf").open("a") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in SETTINGS.items())
        server.start()
        with _folder(memory=memory) as folder:
            yield Rig(folder, server, mother)


@contextmanager
def sqlite_rig(*, memory: bool, mother: Mother | None = None) -> Iterator[Rig]:
    """A folder for SQLite files."""
    with _folder(memory=memory) as folder:
        yield Rig(folder, None, mother)


@contextmanager
def _folder(*, memory: bool) -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="nowserving-bench-", dir=MEMORY if memory else None))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


_FILLED = """
select oid::regclass::text as name from pg_class
where relkind = 'r' and relnamespace = 'public'::regnamespace and pg_relation_size(oid) > 0
"""


async def settle(url: str, *, analyze: bool = False) -> None:
    """Write out what is pending, so that a run does not pay for the one before.

    `analyze`: also let the planner look at what was filled in, as autovacuum would in time. It
    passes over what is empty, and so must we: told that a table is empty, the planner reads
    all of it from then on, for as long as a connection keeps its plan.
    """
    if url.startswith("sqlite"):
        return
    connection = await asyncpg.connect(url)
    try:
        if analyze:
            for table in await connection.fetch(_FILLED):
                await connection.execute(f"vacuum analyze {table['name']}")
        await connection.execute("checkpoint")
    finally:
        await connection.close()


def machine() -> str:
    """The machine, as far as it matters, and how busy it is."""
    name = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    return f"{os.cpu_count()} x {name[1] if name else '?'}, load {os.getloadavg()[0]:.2f}"
