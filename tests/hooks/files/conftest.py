"""A store that speaks S3, and a scanner that speaks ClamAV's protocol, on this machine."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from nowserving.actions.filing import FileStore
from nowserving.main.filing import filing_of
from nowserving.main.settings import Settings

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""What every scanner takes for malware, and is none (https://www.eicar.org)."""


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """moto, an S3 in a process of its own; its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Path(sys.executable).with_name("moto_server")
    with subprocess.Popen(
        [server, "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "AWS_DEFAULT_REGION": "us-east-1"},
    ) as running:
        address = f"http://127.0.0.1:{port}"
        transport = httpx.HTTPTransport(retries=10)  # waits longer before each
        with httpx.Client(transport=transport, timeout=60) as asking:
            asking.get(f"{address}/moto-api/").raise_for_status()
        assert running.poll() is None
        yield address
        running.terminate()


@pytest.fixture
def bucket(s3: str, monkeypatch: pytest.MonkeyPatch) -> FileStore:
    """An empty bucket."""
    name = f"b{uuid4().hex}"
    httpx.put(f"{s3}/{name}", timeout=60).raise_for_status()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "us")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    settings = Settings(files=f"s3://{name}/in/here", s3_endpoint=s3, s3_region="us-east-1")
    filing = filing_of(settings)
    assert filing is not None
    return filing.store


@dataclass
class Daemon:
    """Speaks INSTREAM as clamd does, and takes the EICAR file for malware."""

    address: str
    stream_at_most: int = 30_000_000
    says: bytes | None = None
    asked: int = 0
    seen: list[int] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One conversation."""
        try:
            writer.write(await self._answer(reader))
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader) -> bytes:
        self.asked += 1
        if await reader.readuntil(b"\0") != b"zINSTREAM\0":
            return b"UNKNOWN COMMAND\0"
        whole = b""
        while size := int.from_bytes(await reader.readexactly(4), "big"):
            whole += await reader.readexactly(size)
            if len(whole) > self.stream_at_most:
                return b"INSTREAM size limit exceeded. ERROR\0"
        self.seen.append(len(whole))
        if self.says is not None:
            return self.says
        return b"stream: Eicar-Signature FOUND\0" if EICAR in whole else b"stream: OK\0"


@pytest.fixture(params=["tcp", "unix"])
async def clamd(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Daemon]:
    """A stand-in for clamd, by either way to it."""
    daemon = Daemon("")
    if request.param == "tcp":
        server = await asyncio.start_server(daemon.serve, "127.0.0.1", 0)
        daemon.address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    else:
        daemon.address = str(tmp_path / "clamd.sock")
        server = await asyncio.start_unix_server(daemon.serve, daemon.address)
    yield daemon
    server.close()
    await server.wait_closed()
