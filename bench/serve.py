"""Our server, as an operator runs it: processes of its own, reached over HTTP only."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlencode

import msgspec

from bench.branch import Branch
from bench.load import Answer, Failed, Line, lines
from tests.rig.mother import Mother

HOST = "127.0.0.1"
STARTS_WITHIN = 120
_COMMAND = "from nowserving.main.cli import main; main()"


class Kept(Protocol):
    """What a server has to be told: its database, and the key to what is locked in there."""

    @property
    def url(self) -> str: ...

    @property
    def key(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: where it listens, and the process all its others come from."""

    port: int
    pid: int


@asynccontextmanager
async def served(
    kept: Kept,
    log: Path,
    *,
    workers: int = 1,
    mother: Mother | None = None,
    more: Mapping[str, str] | None = None,
) -> AsyncIterator[Server]:
    """`nowserving serve` with its usual settings and `more`; what it logs goes to a file.

    `mother`: it is forked off her, which is ready sooner.
    """
    port = _free_port()
    settings = {
        "DATABASE_URL": kept.url,
        "KEY": kept.key,
        "HOST": HOST,
        "PORT": str(port),
        "WORKERS": str(workers),
        "BASE_URL": f"http://{HOST}:{port}",
        **(more or {}),
    }
    environment = {f"NOWSERVING_{name}": value for name, value in settings.items()}
    running = _started(environment, log) if mother is None else _born(mother, environment, log)
    async with running as (pid, has_ended):
        server = Server(port, pid)
        await _answering(server, has_ended, log)
        yield server


async def token(server: Server, branch: Branch) -> str:
    """An access token of the branch's program, got as Cubu's clients get theirs."""
    form = urlencode(
        {
            "grant_type": "client_credentials",
            "client_id": str(branch.client_id),
            "client_secret": branch.secret,
            "scope": f"{branch.client_id}/.default",
        }
    ).encode()
    said = await ask(
        server,
        "POST",
        f"/{branch.organization.id}/oauth2/v2.0/token",
        form,
        **{"Content-Type": "application/x-www-form-urlencoded"},
    )
    if said.status != 200:
        raise Failed(f"no token: {said}")
    return str(msgspec.json.decode(said.body)["access_token"])


async def signed_in(server: Server, branch: Branch) -> list[str]:
    """A token for each agent of the branch."""
    tokens = []
    for login in branch.logins:
        body = msgspec.json.encode(
            {"organization": branch.organization.slug, "login": login, "password": branch.password}
        )
        said = await ask(server, "POST", "/api/v1/sign-in", body)
        if said.status != 200:
            raise Failed(f"{login} cannot sign in: {said}")
        tokens.append(str(msgspec.json.decode(said.body)["access_token"]))
    return tokens


async def ask(server: Server, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
    """One request, and its answer."""
    async with lines(HOST, server.port, 1) as (line,):
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()

        def answered(_: Line, got: Answer) -> None:
            answer.set_result(got)

        line.answered, line.lost = answered, answer.set_exception
        line.ask(request(method, path, body, **headers), 0.0)
        return await answer


def request(method: str, path: str, body: bytes = b"", **headers: str) -> bytes:
    """A whole request, as it goes out."""
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    said = f"{method} {path} HTTP/1.1\r\nHost: {HOST}\r\n{head}Content-Length: {len(body)}\r\n\r\n"
    return said.encode() + body


Running = tuple[int, Callable[[], bool]]
"""The id of a process, and whether it has ended."""


@asynccontextmanager
async def _started(environment: Mapping[str, str], log: Path) -> AsyncIterator[Running]:
    process = _start(environment, log)
    try:
        yield process.pid, lambda: process.poll() is not None
    finally:
        process.terminate()
        await asyncio.to_thread(_end, process)


def _start(environment: Mapping[str, str], log: Path) -> "subprocess.Popen[bytes]":
    with log.open("ab") as said:
        return subprocess.Popen(
            [sys.executable, "-c", _COMMAND, "serve"],
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
        )


def _end(process: "subprocess.Popen[bytes]") -> None:
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()


@asynccontextmanager
async def _born(
    mother: Mother, environment: Mapping[str, str], log: Path
) -> AsyncIterator[Running]:
    child = await mother.bear(["serve"], environment, log=log)
    try:
        yield child.pid, child.gone.done
    finally:
        child.signal(signal.SIGTERM)
        await child.gone


async def _answering(server: Server, has_ended: Callable[[], bool], log: Path) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline and not has_ended():
        try:
            if (await ask(server, "GET", "/readyz")).status == 200:
                return
        except OSError:
            await asyncio.sleep(0.05)
    said = await asyncio.to_thread(log.read_text)
    raise Failed(f"the server does not start:\n{said[-2000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
