"""A receiver of webhooks in a process of its own, as cheap as Python can be.

`POST /ok` is answered 200, `POST /never` is not answered at all. `GET /count` tells how many
posts came, `GET /` also when the first byte of each came: lines of `<webhook-id> <seconds>`, by
the machine's monotonic clock.
"""

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import uvloop

HOST = "127.0.0.1"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

_came: dict[bytes, float] = {}
_posts: list[None] = []


class _Visit(asyncio.Protocol):
    """One connection."""

    def __init__(self) -> None:
        self._buffer = b""
        self._began = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport

    def data_received(self, data: bytes) -> None:
        if not self._buffer:
            self._began = time.monotonic()
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end].lower()
            length = int(_field(head, b"content-length") or 0)
            if len(self._buffer) < end + 4 + length:
                return
            self._buffer = self._buffer[end + 4 + length :]
            self._answer(head)

    def _answer(self, head: bytes) -> None:
        if head.startswith(b"get "):
            lines = [b"%d" % len(_posts)]
            if not head.startswith(b"get /count"):
                lines += [b"%s %.6f" % (id, at) for id, at in _came.items()]
                _came.clear()
            said = b"\n".join(lines)
            self._transport.write(
                b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(said), said)
            )
            return
        _posts.append(None)
        if head.startswith(b"post /never"):
            return
        _came.setdefault(_field(head, b"webhook-id"), self._began)
        self._transport.write(OK)


def _field(head: bytes, name: bytes) -> bytes:
    _, found, rest = head.partition(b"\r\n" + name + b":")
    return rest.partition(b"\r\n")[0].strip() if found else b""


async def serve() -> None:
    """Listen until our parent closes our input; the first line we write is the port."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(_Visit, HOST, 0, backlog=4096)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await loop.run_in_executor(None, sys.stdin.read)


@dataclass(frozen=True, slots=True)
class Receiver:
    """A running receiver."""

    port: int
    pid: int

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    async def report(self) -> tuple[int, dict[str, float]]:
        """How many posts came in all, and when each fact came first since the last report."""
        posts, *lines = (await self._get("/")).split("\n")
        came = dict(line.split(" ") for line in lines)
        return int(posts), {id: float(at) for id, at in came.items()}

    async def count(self) -> int:
        """How many posts came in all."""
        return int(await self._get("/count"))

    async def _get(self, path: str) -> str:
        reader, writer = await asyncio.open_connection(HOST, self.port)
        writer.write(f"GET {path} HTTP/1.1\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        body = await reader.readexactly(int(_field(head.lower(), b"content-length")))
        writer.close()
        return body.decode()


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """A receiver, gone at the end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bench.receiver",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    port = int(await process.stdout.readline())
    try:
        yield Receiver(port, process.pid)
    finally:
        process.stdin.close()
        await process.wait()


if __name__ == "__main__":
    uvloop.run(serve())
