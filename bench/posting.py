"""One request at a time, and what it costs the server and everybody else who asks meanwhile."""

import contextlib
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from threading import Condition, Thread
from types import TracebackType

from bench.load import Failed
from bench.serve import HOST, Server, request

PAUSE = 0.001
"""Seconds between two questions of the one who asks all the time, so that others have a core."""

AT_MOST = 60.0
"""Seconds after which an answer is not waited for any more."""


@dataclass(frozen=True, slots=True)
class Post:
    """A body in pieces, which may be the same again and again; without a length in chunks."""

    path: str
    headers: Mapping[str, str]
    pieces: Sequence[bytes]
    length: int | None


@dataclass(frozen=True, slots=True)
class Cost:
    """What a request took: seconds to the answer, MB, and ms in which nobody else was answered.

    `busy`: ms of a processor that the server's loop used meanwhile; a wait that is much longer
    was for a processor that somebody else had.
    """

    status: int
    seconds: float
    memory: float
    stopped: float
    busy: float

    def and_again(self, other: "Cost") -> "Cost":
        """What one and the same request costs, sent twice."""
        if other.status != self.status:
            raise Failed(f"answered {self.status}, and then {other.status}")
        return Cost(
            self.status,
            min(self.seconds, other.seconds),
            max(self.memory, other.memory),
            min(self.stopped, other.stopped),
            min(self.busy, other.busy),
        )


class Watched(AbstractContextManager["Watched"]):
    """A server that is asked for its health all the time."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._process = Path("/proc") / str(server.pid)
        self._waits: list[tuple[float, float]] = []
        self._asked = Condition()
        self._ended = False
        self._failure: Exception | None = None
        self._asking = Thread(target=self._ask, daemon=True)

    def __enter__(self) -> "Watched":
        self._asking.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended = True
        self._asking.join()

    def rest(self, seconds: float) -> float:
        """The longest wait in some seconds in which nothing else is asked."""
        began = time.perf_counter()
        time.sleep(seconds)
        return self._longest(began)

    def send(self, post: Post) -> Cost:
        """Send a request, and look what it costs."""
        (self._process / "clear_refs").write_text("5")
        before, worked = self._memory("VmRSS"), self._worked()
        began = time.perf_counter()
        status = _answer_to(self._server, post)
        took = time.perf_counter() - began
        stopped = self._longest(began)
        return Cost(
            status=status,
            seconds=took,
            memory=(self._memory("VmHWM") - before) / 1024,
            stopped=stopped * 1000,
            busy=(self._worked() - worked) / 1e6,
        )

    def _longest(self, since: float) -> float:
        """The longest wait that was not over then, when one more that begins now is over."""
        now = time.perf_counter()
        with self._asked:
            over = self._asked.wait_for(self._begun_after(now), AT_MOST)
            if self._failure is not None or not over:
                raise Failed("the server does not say how it is") from self._failure
            waits = [ended - began for began, ended in self._waits if ended > since]
            self._waits.clear()
        return max(waits)

    def _begun_after(self, instant: float) -> Callable[[], bool]:
        return lambda: (
            self._failure is not None or (bool(self._waits) and self._waits[-1][0] >= instant)
        )

    def _ask(self) -> None:
        try:
            with socket.create_connection((HOST, self._server.port), AT_MOST) as line:
                while not self._ended:
                    began = time.perf_counter()
                    line.sendall(request("GET", "/healthz"))
                    _status_in(line)
                    with self._asked:
                        self._waits.append((began, time.perf_counter()))
                        self._asked.notify_all()
                    time.sleep(PAUSE)
        except Exception as failure:
            with self._asked:
                self._failure = failure
                self._asked.notify_all()

    def _memory(self, name: str) -> int:
        """Kilobytes."""
        for line in (self._process / "status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1])
        raise Failed(f"the server's process says nothing of {name}")

    def _worked(self) -> int:
        """Nanoseconds that the thread of the loop has used."""
        return int((self._process / "schedstat").read_text().split()[0])


def _answer_to(server: Server, post: Post) -> int:
    with socket.create_connection((HOST, server.port), AT_MOST) as line:
        sending = Thread(target=_send, args=(line, post), daemon=True)
        sending.start()
        try:
            return _status_in(line)
        finally:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
            sending.join()


def _send(line: socket.socket, post: Post) -> None:
    chunked = post.length is None
    coming = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {post.length}"
    head = "".join(f"{name}: {text}\r\n" for name, text in post.headers.items())
    with contextlib.suppress(OSError):  # the server may answer and hang up before all is sent
        line.sendall(
            f"POST {post.path} HTTP/1.1\r\nHost: {HOST}\r\n{head}{coming}\r\n\r\n".encode()
        )
        for piece in post.pieces:
            line.sendall(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
        if chunked:
            line.sendall(b"0\r\n\r\n")


def _status_in(line: socket.socket) -> int:
    """The status of an answer, when all of it is here."""
    got = b""
    while b"\r\n\r\n" not in got:
        got += _more(line)
    head, _, body = got.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
    left = length - len(body)
    while left > 0:
        left -= len(_more(line))
    return int(head[9:12])


def _more(line: socket.socket) -> bytes:
    got = line.recv(65_536)
    if not got:
        raise Failed("the server hung up before it had answered")
    return got
