"""A real receiver of Cubu's After webhooks, which trusts nothing and writes everything down.

It checks the HMAC as the vendor's documentation has it, with code of its own. It can fail,
hang and refuse for a while.
"""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

ACTIONS = {
    "case.queued": "afterQueueUp",
    "case.started": "startWork",
    "case.resolved": "afterResolve",
    "case.closed": "afterClose",
}
"""What Cubu calls the facts of a walk-in."""


@dataclass(frozen=True)
class Arrival:
    """One post, answered or not. `fact`: what it calls itself, the same in each attempt.

    `seen`: the version of the case that the API told us while we had not yet answered.
    """

    fact: str
    case: str
    action: str
    body: bytes
    signed: bool
    at: float
    answered: int | None
    seen: int | None = None


Look = Callable[[str], Awaitable[int | None]]
"""Asks the API for a case's version; None if nobody answers."""


@dataclass
class Receiver:
    """Listens on a port of its own. `secret` is known as soon as somebody has one."""

    port: int = 0
    secret: str = ""
    look: Look | None = None
    arrivals: list[Arrival] = field(default_factory=list)
    open_posts: int = 0
    _trouble: list[int] = field(default_factory=list)
    _hanging: asyncio.Event = field(default_factory=asyncio.Event)
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)
    _server: asyncio.Server | None = None
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks"

    # --- trouble --------------------------------------------------------------------

    def fail(self, times: int, status: int = 500) -> None:
        """Answer the next posts with this status."""
        self._trouble += [status] * times

    def hang(self) -> None:
        """Answer nobody until `go_on`."""
        self._hanging.clear()

    def go_on(self) -> None:
        """Answer again, also those who have waited."""
        self._hanging.set()

    async def refuse(self) -> None:
        """Do not even listen, until `accept`."""
        if self._server is not None:
            self._server.close()
            for writer in [*self._writers]:
                writer.transport.abort()
            await self._server.wait_closed()
            self._server = None

    async def accept(self) -> None:
        """Listen, on the same port as before."""
        self._server = await asyncio.start_server(self._receive, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        self.go_on()

    # --- what came ------------------------------------------------------------------

    async def until(
        self, enough: Callable[[list[Arrival]], bool], *, within: float = 60.0
    ) -> list[Arrival]:
        """Wait until enough has come."""
        async with asyncio.timeout(within), self._news:
            await self._news.wait_for(lambda: enough(self.arrivals))
        return self.arrivals

    async def posts(self, *, at_least: int, within: float = 60.0) -> None:
        """Wait until so many posts are here that have no answer yet."""
        async with asyncio.timeout(within), self._news:
            await self._news.wait_for(lambda: self.open_posts >= at_least)

    # --- receiving ------------------------------------------------------------------

    async def _receive(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                path, headers = _read_head(head)
                body = await reader.readexactly(int(headers["content-length"]))
                await self._count(1)
                try:
                    status = await self._note(path, headers, body)
                finally:
                    await self._count(-1)
                writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n".encode())
                await writer.drain()
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _count(self, change: int) -> None:
        async with self._news:
            self.open_posts += change
            self._news.notify_all()

    async def _note(self, path: str, headers: dict[str, str], body: bytes) -> int:
        at = monotonic()
        await self._hanging.wait()
        signed = is_signed(headers.get("authorization", ""), self.secret, body)
        case = _case_in(body)
        status = 401 if not signed else self._trouble.pop(0) if self._trouble else 204
        seen = await self.look(case) if self.look is not None else None
        arrival = Arrival(
            fact=headers.get("webhook-id", ""),
            case=case,
            action=path.removeprefix("/hooks/service/actions/"),
            body=body,
            signed=signed,
            at=at,
            answered=status,
            seen=seen,
        )
        async with self._news:
            self.arrivals.append(arrival)
            self._news.notify_all()
        return status


@asynccontextmanager
async def open_receiver() -> AsyncIterator[Receiver]:
    """A receiver that listens."""
    receiver = Receiver()
    await receiver.accept()
    try:
        yield receiver
    finally:
        receiver.go_on()
        await receiver.refuse()


def is_signed(authorization: str, secret: str, body: bytes) -> bool:
    """`HMAC <mac>`: SHA-256 over the body alone, keyed with the secret's text, in base64."""
    parts = authorization.split(" ")
    if len(parts) != 2 or parts[0] != "HMAC":
        return False
    mac = hmac.new(secret.encode("utf-8"), body, hashlib.sha256).digest()
    with suppress(ValueError):
        return hmac.compare_digest(base64.b64decode(parts[1], validate=True), mac)
    return False


def _read_head(head: bytes) -> tuple[str, dict[str, str]]:
    request, *lines = head.decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines if line)
    return request.split(" ")[1], {name.lower(): value.strip() for name, _, value in pairs}


def _case_in(body: bytes) -> str:
    told: Any = {}
    with suppress(ValueError):
        told = json.loads(body)
    return str(told.get("caseId", "")) if isinstance(told, dict) else ""
