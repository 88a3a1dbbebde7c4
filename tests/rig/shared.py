"""Lends PostgreSQL servers; each is stopped as soon as nobody holds it, however they ended.

Who uses a server holds a shared lock on its `held` file. A watcher, a process of its own
that Ctrl-C does not reach, waits for the exclusive lock: the kernel gives it when the last
holder has gone, killed or not.
"""

import fcntl
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import IO

from tests.rig.postgres import Postgres

ROOT = Path(__file__).parents[2]


@contextmanager
def shared_postgres(desk: Path) -> Iterator[Postgres]:
    """The server lent at this folder, started if this is the first to ask."""
    lay_out(desk)
    with (desk / "held").open("r+") as held:
        with locked(desk):
            fcntl.flock(held, fcntl.LOCK_SH)
            server = server_at(desk) or open_server(desk, durable=False)
        yield server


@contextmanager
def own_postgres(*, durable: bool = False) -> Iterator[Postgres]:
    """A server for one holder, to stop and to kill."""
    with tempfile.TemporaryDirectory(prefix="nowserving-desk-") as folder:
        desk = Path(folder)
        lay_out(desk)
        with (desk / "held").open("r+") as held:
            fcntl.flock(held, fcntl.LOCK_SH)
            server = open_server(desk, durable=durable)
            try:
                yield server
            finally:
                server.destroy()


def lay_out(desk: Path) -> None:
    """The files that are locked; nobody else makes them, so that a cleared desk stays clear."""
    desk.mkdir(exist_ok=True)
    for name in ("held", "lock"):
        (desk / name).touch()


def server_at(desk: Path) -> Postgres | None:
    record = desk / "server.json"
    if not record.exists():
        return None
    said = json.loads(record.read_text())
    return Postgres(
        home=Path(said["home"]),
        port=said["port"],
        binaries=Path(said["binaries"]),
        account=said["account"],
    )


def open_server(desk: Path, *, durable: bool) -> Postgres:
    """Start a server, write down where it is, and leave a watcher with it."""
    server = Postgres.create(durable=durable)
    (desk / "server.json").write_text(json.dumps(asdict(server), default=str))
    subprocess.run(
        [sys.executable, "-m", "tests.rig.shared", desk],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    return server


def watch(desk: Path) -> None:
    """Wait for the last holder to go, then clear away what they have left."""
    with suppress(FileNotFoundError), (desk / "held").open("r+") as held:
        while not cleared(desk, held):
            fcntl.flock(held, fcntl.LOCK_EX)
            fcntl.flock(held, fcntl.LOCK_UN)


def cleared(desk: Path, held: IO[str]) -> bool:
    """Whether nobody holds the server any more, and it has been cleared away."""
    with locked(desk):
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        server = server_at(desk)
        if server:
            server.destroy()
            (desk / "server.json").unlink()
        return True


@contextmanager
def locked(desk: Path) -> Iterator[None]:
    """One at a time, over all processes."""
    with (desk / "lock").open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main() -> None:
    """Leave a watcher behind, in a session of its own."""
    if os.fork() == 0:
        os.setsid()
        watch(Path(sys.argv[1]))


if __name__ == "__main__":
    main()
