"""A load generator: HTTP/1.1 on kept connections, one request at a time on each.

It does as little as possible, so that what is measured is the server: requests are bytes
made beforehand but for what must differ, and an answer is cut out of what the socket gives.
Closed loop: whoever has an answer asks again. Open loop: requests start at a given rate
whatever the server does, and latency counts from the instant at which each should have
started, so that a stall is felt by everybody who would have come meanwhile.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast

Next = Callable[["Answer | None"], bytes | None]
"""What one client asks next, given the answer it has just got; None when it has done."""


class Failed(Exception):
    """The server answered something that it should not have, or nothing at all."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: status and body."""

    status: int
    body: bytes


@dataclass(slots=True)
class Run:
    """What happened while we looked: latencies in seconds of the answers that are counted."""

    first: float
    last: float
    counted: Callable[[Answer], bool]
    latencies: list[float] = field(default_factory=list)

    def note(self, answer: Answer, intended: float, ended: float) -> None:
        """An answer came; it counts if it came while we looked."""
        if self.first <= ended < self.last and self.counted(answer):
            self.latencies.append(ended - intended)


class Line(asyncio.Protocol):
    """One connection: a request goes out, its answer is waited for."""

    def __init__(self) -> None:
        self.answered: Callable[[Line, Answer], None] = lambda line, answer: None
        self.lost: Callable[[Exception], None] = lambda failure: None
        self.intended = 0.0
        self._transport: asyncio.WriteTransport | None = None
        self._got = b""
        self._closing = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The line stands."""
        self._transport = cast(asyncio.WriteTransport, transport)

    def ask(self, request: bytes, intended: float) -> None:
        """Send a request that should have started at `intended`."""
        assert self._transport is not None
        self.intended = intended
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        """A piece of the answer; usually all of it."""
        got = self._got = self._got + data if self._got else data
        ends = got.find(b"\r\n\r\n")
        if ends < 0:
            return
        whole = ends + 4 + _length(got[:ends])
        if len(got) < whole:
            return
        self._got = got[whole:]
        self.answered(self, Answer(int(got[9:12]), got[ends + 4 : whole]))

    def connection_lost(self, reason: Exception | None) -> None:
        """The line is gone; nobody expected it unless we hung up."""
        if not self._closing:
            self.lost(Failed(f"the server hung up: {reason}"))

    def hang_up(self) -> None:
        """No more requests on this line."""
        self._closing = True
        if self._transport is not None:
            self._transport.close()


def _length(head: bytes) -> int:
    if head[9:12] == b"204":
        return 0
    at = head.find(b"content-length: ")
    if at < 0:
        at = head.lower().find(b"content-length: ")
    if at < 0:
        raise Failed(f"an answer without a length: {head!r}")
    return int(head[at + 16 :].partition(b"\r\n")[0])


@asynccontextmanager
async def lines(host: str, port: int, count: int) -> AsyncIterator[list[Line]]:
    """So many connections to a server."""
    loop = asyncio.get_running_loop()
    opened: list[Line] = []
    try:
        for _ in range(count):
            _, line = await loop.create_connection(Line, host, port)
            opened.append(line)
        yield opened
    finally:
        for line in opened:
            line.hang_up()


async def closed_loop(clients: dict[Line, Next], run: Run) -> None:
    """Each client asks, waits for the answer, and asks again, until it has done.

    Clients stop by themselves: `until(deadline, next)` makes one that does.
    """
    done = asyncio.get_running_loop().create_future()
    working = len(clients)

    def stop(failure: Exception) -> None:
        if not done.done():
            done.set_exception(failure)

    def answered(line: Line, answer: Answer | None) -> None:
        nonlocal working
        now = time.perf_counter()
        if answer is not None:
            run.note(answer, line.intended, now)
        try:
            request = clients[line](answer)
        except Exception as failure:
            stop(failure)
            return
        if request is not None:
            line.ask(request, now)
            return
        working -= 1
        if working == 0 and not done.done():
            done.set_result(None)

    for line in clients:
        line.answered, line.lost = answered, stop
        answered(line, None)
    await done


async def open_loop(clients: dict[Line, Next], run: Run, *, rate: float, until: float) -> None:
    """Requests start at `rate` per second, each on any line that is free, until an instant."""
    loop = asyncio.get_running_loop()
    done = loop.create_future()
    free: deque[Line] = deque(clients)
    late: deque[float] = deque()
    said: dict[Line, Answer | None] = dict.fromkeys(clients)
    begins, started = time.perf_counter(), 0

    def stop(failure: Exception) -> None:
        if not done.done():
            done.set_exception(failure)

    def start() -> None:
        while late and free and not done.done():
            line = free.popleft()
            try:
                request = clients[line](said[line])
            except Exception as failure:
                stop(failure)
                return
            assert request is not None, "in an open loop nobody has done"
            line.ask(request, late.popleft())

    def tick() -> None:
        nonlocal started
        now = time.perf_counter()
        while (due := begins + started / rate) <= min(now, until):
            late.append(due)
            started += 1
        start()
        if now < until or late or len(free) < len(clients):
            loop.call_later(0.0005, tick)
        elif not done.done():
            done.set_result(None)

    def answered(line: Line, answer: Answer) -> None:
        run.note(answer, line.intended, time.perf_counter())
        said[line] = answer
        free.append(line)
        start()

    for line in clients:
        line.answered, line.lost = answered, stop
    tick()
    await done
    for line, answer in said.items():
        if answer is not None:
            clients[line](answer)


def until(deadline: float, ask: Next) -> Next:
    """A client that has done at an instant; its last answer is still looked at."""

    def asking(answer: Answer | None) -> bytes | None:
        request = ask(answer)
        return request if time.perf_counter() < deadline else None

    return asking
