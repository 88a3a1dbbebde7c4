"""The far ends of our posts: real listeners that behave, or misbehave, as they are told."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from ipaddress import ip_network

from aiohttp.abc import AbstractResolver, ResolveResult

from nowserving.hooks.guard import Guard

Read = asyncio.StreamReader
Write = asyncio.StreamWriter
Story = Callable[[Read, Write], Awaitable[None]]

FINE = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine"


class Receiver:
    """Somebody who listens, does as the story says, and remembers who came with what."""

    def __init__(self, story: Story) -> None:
        self._story = story
        self._visits: set[asyncio.Task[None]] = set()
        self.port = 0
        self.connections = 0

    @property
    def url(self) -> str:
        """Where plain posts find it."""
        return f"http://127.0.0.1:{self.port}/hook"

    async def meet(self, reader: Read, writer: Write) -> None:
        """Let the story run its course for one visitor."""
        self.connections += 1
        visit = asyncio.current_task()
        assert visit is not None
        self._visits.add(visit)
        try:
            await self._story(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._visits.discard(visit)
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def send_home(self) -> None:
        """End whatever visits are still going on."""
        for visit in tuple(self._visits):
            visit.cancel()
        await asyncio.gather(*self._visits, return_exceptions=True)


@asynccontextmanager
async def receiving(
    story: Story,
    *,
    on: socket.socket | None = None,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[Receiver]:
    """Listen on a free port, on 127.0.0.1 unless told otherwise."""
    receiver = Receiver(story)
    listener = on or socket.create_server(("127.0.0.1", 0))
    receiver.port = listener.getsockname()[1]
    server = await asyncio.start_server(receiver.meet, sock=listener, ssl=tls)
    try:
        yield receiver
    finally:
        server.close()
        await receiver.send_home()
        await server.wait_closed()


@asynccontextmanager
async def canary() -> AsyncIterator[Receiver]:
    """Listen on every address of this machine for a visit that must never come."""
    if socket.has_dualstack_ipv6():
        everywhere = socket.create_server(("", 0), family=socket.AF_INET6, dualstack_ipv6=True)
    else:
        everywhere = socket.create_server(("", 0))
    async with receiving(saying(FINE), on=everywhere) as receiver:
        yield receiver


def saying(*answers: bytes) -> Story:
    """Read one request for each answer, on one connection, then close it."""

    async def story(reader: Read, writer: Write) -> None:
        for answer in answers:
            await a_request(reader)
            writer.write(answer)
            await writer.drain()

    return story


async def a_request(reader: Read) -> tuple[bytes, bytes]:
    """One request with its body."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = 0
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
    return head, await reader.readexactly(length)


class Names(AbstractResolver):
    """A name service that gives each answer once, in turn, and the last for ever."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self._answers = answers
        self.asked = 0

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Say what it is told to say, whatever the name."""
        answer = self._answers[min(self.asked, len(self._answers) - 1)]
        self.asked += 1
        if not answer:
            raise OSError(None, "no such name")
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in answer
        ]

    async def close(self) -> None:
        """Nothing was opened."""


def near(*receivers: Receiver, networks: str = "127.0.0.0/8") -> Guard:
    """A guard that lets posts reach these receivers, as if their network were the world."""
    return Guard(
        allowed_networks=tuple(ip_network(network) for network in networks.split()),
        ports=frozenset(receiver.port for receiver in receivers),
        https_only=False,
    )
