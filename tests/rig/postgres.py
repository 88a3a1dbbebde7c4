"""A throwaway PostgreSQL server that can be stopped, started and killed."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import asyncpg

from tests.rig.binaries import find_postgres

OWNER = "nowserving"
MEMORY = Path("/dev/shm")
ROOM_NEEDED = 1 << 30
ATTEMPTS = 5

SETTINGS = """
listen_addresses = '127.0.0.1'
unix_socket_directories = '{home}'
max_connections = 200
max_wal_size = 256MB
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %d '
"""

IS_THERE = "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)"
SERVING = "SELECT pid FROM pg_stat_activity WHERE datname = $1 ORDER BY backend_start"


class PostgresFailed(Exception):
    """PostgreSQL was found but does not start."""


@dataclass(frozen=True)
class Postgres:
    """One server of our own: its folder, its port, its programs, the account it runs under."""

    home: Path
    port: int
    binaries: Path
    account: str | None

    @classmethod
    def create(cls, *, durable: bool = False) -> "Postgres":
        """A new running server; in memory, or on disk when `durable`. fsync is on in both."""
        account, binaries = other_account(), find_postgres()
        server = cls(new_home(durable=durable), free_port(), binaries, account)
        try:
            return server._own()._initialize()._start_on_a_free_port()
        except BaseException:
            server.destroy()
            raise

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def log(self) -> Path:
        return self.home / "server.log"

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://{OWNER}@127.0.0.1:{self.port}/{database}"

    # --- the server -----------------------------------------------------------------

    def start(self) -> None:
        """Start and wait until it answers, recovery included."""
        self._pg_ctl("start", "--wait", "--log", str(self.log), "--options", f"-p {self.port}")

    def stop(self, mode: str = "fast") -> None:
        """Stop as an operator would: smart, fast or immediate."""
        self._pg_ctl("stop", "--wait", "--mode", mode)

    def kill(self) -> None:
        """kill -9 of the postmaster and all its children, as when the power goes."""
        postmaster = self.postmaster()
        family = [postmaster, *children_of(postmaster)]
        for pid in family:
            kill_process(pid)
        for pid in family:
            wait_until_dead(pid)
        # A dead postmaster nobody has buried looks alive to its successor.
        (self.data / "postmaster.pid").unlink()
        (self.home / f".s.PGSQL.{self.port}.lock").unlink()

    def postmaster(self) -> int:
        return int((self.data / "postmaster.pid").read_text().split(maxsplit=1)[0])

    def destroy(self) -> None:
        """Stop if it runs, and leave nothing behind."""
        if self.data.exists():
            with suppress(PostgresFailed):
                self.stop("immediate")
        shutil.rmtree(self.home, ignore_errors=True)

    # --- its databases --------------------------------------------------------------

    async def create_database(self, name: str, *, template: str = "template0") -> str:
        """A fresh copy of `template`; its URL."""
        await self._order(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
        return self.url(name)

    async def drop_database(self, name: str) -> None:
        """Drop it, throwing out whoever is still in."""
        await self._order(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    async def template(self, name: str, fill: Callable[[str], Awaitable[object]]) -> str:
        """The database `name` to copy from, filled by whoever comes first; its name."""
        unfinished = f"{name}_unfinished"
        async with self._speaking() as connection:
            await connection.execute("SELECT pg_advisory_lock(hashtext($1))", name)
            if not await connection.fetchval(IS_THERE, name):
                await self.drop_database(unfinished)
                await fill(await self.create_database(unfinished))
                await connection.execute(f'ALTER DATABASE "{unfinished}" RENAME TO "{name}"')
        return name

    async def backends(self, database: str) -> list[int]:
        """Process ids of those who serve `database`."""
        async with self._speaking() as connection:
            return [row["pid"] for row in await connection.fetch(SERVING, database)]

    async def kill_backends(self, database: str) -> None:
        """kill -9 of all who serve `database`; the whole server recovers, as it would."""
        for pid in await self.backends(database):
            kill_process(pid)

    async def _order(self, statement: str) -> None:
        async with self._speaking() as connection:
            await connection.execute(statement)

    @asynccontextmanager
    async def _speaking(self) -> AsyncIterator[asyncpg.Connection]:
        connection = await asyncpg.connect(self.url())
        try:
            yield connection
        finally:
            await connection.close()

    # --- making it ------------------------------------------------------------------

    def _own(self) -> "Postgres":
        """Give the folder to the account, and the programs where it could not reach them."""
        if self.account is None:
            return self
        shutil.chown(self.home, self.account, pwd.getpwnam(self.account).pw_gid)
        if self.binaries.is_relative_to("/usr"):
            return self
        return replace(self, binaries=copied_to(self.home / "programs", self.binaries))

    def _initialize(self) -> "Postgres":
        self._run(
            "initdb",
            *("--pgdata", str(self.data), "--username", OWNER, "--auth", "trust"),
            *("--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"),
        )
        with (self.data / "postgresql.conf").open("a") as settings:
            settings.write(SETTINGS.format(home=self.home))
        return self

    def _start_on_a_free_port(self) -> "Postgres":
        """Somebody may take the port between our looking and the server's binding it."""
        server = self
        for _ in range(ATTEMPTS):
            with suppress(PostgresFailed):
                server.start()
                return server
            server = replace(server, port=free_port())
        server.start()
        return server

    def _pg_ctl(self, *order: str) -> None:
        self._run("pg_ctl", "--pgdata", str(self.data), "--silent", *order)

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [self.binaries / program, *arguments],
            user=self.account,
            group=pwd.getpwnam(self.account).pw_gid if self.account else None,
            extra_groups=[] if self.account else None,
            cwd=self.home,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            log = self.log.read_text()[-2000:] if self.log.exists() else ""
            raise PostgresFailed(f"{program} {arguments}: {done.stdout.strip()}\n{log}")


def other_account() -> str | None:
    """PostgreSQL refuses to be root; root lends it another account."""
    if os.getuid() != 0:
        return None
    known = {account.pw_name for account in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in known)


def new_home(*, durable: bool) -> Path:
    """A short path, because a socket will live in it."""
    return Path(tempfile.mkdtemp(prefix="nowserving-pg-", dir=None if durable else in_memory()))


def in_memory() -> Path | None:
    """Where files live in memory, if there is room; None for where temporary files usually are."""
    roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ROOM_NEEDED
    return MEMORY if roomy else None


def copied_to(where: Path, binaries: Path) -> Path:
    """A copy of a whole PostgreSQL; a wheel keeps its libraries two folders further up."""
    release = binaries.parent
    package = release.parent
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, where / libraries.name)
    return Path(shutil.copytree(release, where / package.name / release.name)) / binaries.name


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def children_of(pid: int) -> list[int]:
    return [int(process.name) for process in processes() if parent_of(process) == pid]


def processes() -> list[Path]:
    return [entry for entry in Path("/proc").iterdir() if entry.name.isdecimal()]


def parent_of(process: Path) -> int | None:
    facts = facts_of(process)
    return int(facts[1]) if facts else None


def facts_of(process: Path) -> list[str]:
    """State, parent and so on, what follows the name in `stat`; nothing when it is gone."""
    with suppress(FileNotFoundError, ProcessLookupError):
        return (process / "stat").read_text().rpartition(")")[2].split()
    return []


def kill_process(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def wait_until_dead(pid: int) -> None:
    """Gone, or a zombie nobody has buried yet."""
    while facts_of(Path(f"/proc/{pid}"))[:1] not in ([], ["Z"]):
        time.sleep(0.005)
