"""ClamAV: files are sent to clamd as a stream (INSTREAM, clamd(8))."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import structlog

from nowserving.kit.http import Unready

PATIENCE = 60.0
"""Seconds for each step of a conversation."""

CHUNK = 64 * 1024
ANSWER_AT_MOST = 4096

_log = structlog.get_logger("nowserving.files")


class Clamd:
    """A Scanner; `address` is host:port, or the path of a socket.

    clamd looks at files up to its StreamMaxLength; what is larger it refuses, and stays held.
    """

    def __init__(self, address: str, *, patience: float = PATIENCE) -> None:
        self._address = address
        self._patience = patience

    async def found_in(self, parts: AsyncIterator[bytes]) -> str | None:
        """The name of the malware in a file; None if there is none. Unready without an answer."""
        try:
            async with asyncio.timeout(self._patience):
                reader, writer = await self._open()
            try:
                said = await self._ask(reader, writer, parts)
            finally:
                writer.close()
                with contextlib.suppress(OSError):
                    await writer.wait_closed()
        except (OSError, TimeoutError, asyncio.IncompleteReadError) as wrong:
            _log.warning("the scanner does not answer", reason=str(wrong) or type(wrong).__name__)
            raise Unready() from wrong
        return _read(said)

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if "/" in self._address:
            return await asyncio.open_unix_connection(Path(self._address))
        host, _, port = self._address.rpartition(":")
        return await asyncio.open_connection(host.strip("[]"), int(port))

    async def _ask(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        parts: AsyncIterator[bytes],
    ) -> str:
        try:
            writer.write(b"zINSTREAM\0")
            async for part in parts:
                for at in range(0, len(part), CHUNK):
                    piece = part[at : at + CHUNK]
                    writer.write(len(piece).to_bytes(4, "big") + piece)
                    async with asyncio.timeout(self._patience):
                        await writer.drain()
            writer.write(bytes(4))
            async with asyncio.timeout(self._patience):
                await writer.drain()
        except ConnectionError:
            pass  # it has said why before it hung up
        async with asyncio.timeout(self._patience):
            return (await reader.readuntil(b"\0"))[:ANSWER_AT_MOST].decode(errors="replace")


def _read(said: str) -> str | None:
    """What `stream: ... FOUND` and `stream: OK` mean; Unready for anything else."""
    answer = said.rstrip("\0\n").removeprefix("stream: ")
    if answer == "OK":
        return None
    if answer.endswith(" FOUND"):
        return answer.removesuffix(" FOUND")
    _log.warning("the scanner could not look", reason=answer[:200])
    raise Unready(reason="the scanner could not look")
