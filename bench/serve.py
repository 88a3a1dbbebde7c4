"""Our server, as an operator runs it: processes of its own, reached over HTTP only."""

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import msgspec

from bench.branch import Branch
from bench.load import Answer, Failed, Line, lines

HOST = "127.0.0.1"
STARTS_WITHIN = 30
_COMMAND = "from nowserving.main.cli import main; main()"


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: where it listens, and the process all its others come from."""

    port: int
    pid: int


@asynccontextmanager
async def served(branch: Branch, log: Path, *, workers: int = 1) -> AsyncIterator[Server]:
    """`nowserving serve` with its usual settings; what it logs goes to a file."""
    port = _free_port()
    process = _start(branch, log, port, workers)
    try:
        await _answering(port, process, log)
        yield Server(port, process.pid)
    finally:
        process.terminate()
        await asyncio.to_thread(_end, process)


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


def _start(branch: Branch, log: Path, port: int, workers: int) -> "subprocess.Popen[bytes]":
    settings = {
        "DATABASE_URL": branch.url,
        "KEY": branch.key,
        "HOST": HOST,
        "PORT": str(port),
        "WORKERS": str(workers),
        "BASE_URL": f"http://{HOST}:{port}",
    }
    with log.open("ab") as said:
        return subprocess.Popen(
            [sys.executable, "-c", _COMMAND, "serve"],
            env={**os.environ, **{f"NOWSERVING_{name}": v for name, v in settings.items()}},
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
        )


def _end(process: "subprocess.Popen[bytes]") -> None:
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()


async def _answering(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    server = Server(port, process.pid)
    while time.monotonic() < deadline and process.poll() is None:
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
