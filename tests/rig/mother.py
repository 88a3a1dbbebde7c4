"""The mother of server processes: has imported the house once, hung its doors, and forks on order.

A child is a process in a group of its own, as the command line makes it, without the seconds
that imports and doors take; a cold one is the command line itself, from the start. When whoever
gives the orders is gone, so are all children.

Orders come in as lines of JSON, what became of them goes out likewise.
"""

import asyncio
import ctypes
import gc
import json
import os
import selectors
import signal
import socket
import sys
import traceback
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).parents[2]
PR_SET_PDEATHSIG = 1


# --- for whoever gives orders ---------------------------------------------------------------


@dataclass
class Child:
    """A process, and with it its group."""

    pid: int
    gone: "asyncio.Future[int]"

    def signal(self, number: int) -> None:
        """Send a signal to the whole group."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, number)


@dataclass
class Mother:
    """The way to a mother process."""

    _process: asyncio.subprocess.Process
    _born: dict[int, "asyncio.Future[Child]"] = field(default_factory=dict)
    _gone: dict[int, "asyncio.Future[int]"] = field(default_factory=dict)

    async def bear(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        *,
        log: Path,
        cold: bool = False,
    ) -> Child:
        """Start `nowserving` with these arguments; what it says goes to the end of the log."""
        loop = asyncio.get_running_loop()
        number = len(self._born)
        self._born[number], self._gone[number] = loop.create_future(), loop.create_future()
        order = {
            "number": number,
            "arguments": list(arguments),
            "environment": dict(environment),
            "log": str(log),
            "cold": cold,
        }
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        return await self._born[number]

    async def listen(self) -> None:
        """Hear what becomes of the children, until the mother is gone."""
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            told: dict[str, Any] = json.loads(line)
            number = told["number"]
            if "pid" in told:
                self._born[number].set_result(Child(told["pid"], self._gone[number]))
            else:
                self._gone[number].set_result(told["code"])


@asynccontextmanager
async def open_mother() -> AsyncIterator[Mother]:
    """A mother, gone at the end with all her children."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.rig.mother",
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    mother = Mother(process)
    listening = asyncio.create_task(mother.listen())
    try:
        yield mother
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()
        await listening


# --- the mother herself ---------------------------------------------------------------------


def main() -> None:
    """Take orders until there are none, then take everybody along."""
    import_the_house()
    hang_the_doors()
    waking, woken = socket.socketpair()
    waking.setblocking(False)
    woken.setblocking(False)
    signal.set_wakeup_fd(waking.fileno())
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # she goes when there is nobody to serve
    selector = selectors.DefaultSelector()
    selector.register(sys.stdin.fileno(), selectors.EVENT_READ)
    selector.register(woken, selectors.EVENT_READ)
    children: dict[int, int] = {}
    rest = b""
    while True:
        ready = {key.fd for key, _ in selector.select()}
        if woken.fileno() in ready:
            woken.recv(4096)
            bury(children)
        if sys.stdin.fileno() in ready:
            read = os.read(sys.stdin.fileno(), 65536)
            if not read:
                break
            *orders, rest = (rest + read).split(b"\n")
            for order in orders:
                fork(json.loads(order), children)
    for pid in children:
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)


def import_the_house() -> None:
    """Whatever a server imports."""
    import httptools  # noqa: F401
    import uvloop  # noqa: F401

    import nowserving.main.cli_demo
    import nowserving.main.server  # noqa: F401


def hang_the_doors() -> None:
    """Once for all children: the first application of each finds them hung already.

    What stands by then stays; no child's collector of cycles need look at it, and copy it.
    """
    from nowserving.main import server

    doors = server.hang_doors()
    server.hang_doors = lambda: doors
    gc.collect()
    gc.freeze()


def fork(order: dict[str, Any], children: dict[int, int]) -> None:
    pid = os.fork()
    if pid == 0:
        live(order)
    with suppress(PermissionError, ProcessLookupError):
        os.setpgid(pid, pid)  # as the child does: whoever comes first
    children[pid] = order["number"]
    tell(number=order["number"], pid=pid)


def bury(children: dict[int, int]) -> None:
    with suppress(ChildProcessError):
        while (buried := os.waitpid(-1, os.WNOHANG))[0]:
            pid, status = buried
            tell(number=children.pop(pid), code=os.waitstatus_to_exitcode(status))


def tell(**what: int) -> None:
    os.write(1, json.dumps(what).encode() + b"\n")


def live(order: dict[str, Any]) -> NoReturn:
    """Be a server, no longer than the mother lives."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.setpgid(0, 0)
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for theirs, ours in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(theirs, ours)
    os.closerange(3, 256)
    os.environ.update(order["environment"])
    sys.argv = ["nowserving", *order["arguments"]]
    code = 1
    try:
        if order["cold"]:
            os.execv(sys.executable, [sys.executable, "-m", *sys.argv])
        from nowserving.main.cli import main as serve

        serve()
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
