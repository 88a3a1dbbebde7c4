"""The side door: the operator's commands while a server has a SQLite database for itself.

A Unix socket beside the database, for the user who runs the server and nobody else (mode
600, and whoever knocks is looked at). One line of JSON goes in, one comes out; what is done
is the same as when no server runs (docs/decisions/0011).
"""

import asyncio
import os
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import msgspec
import structlog

from nowserving.actions.house import House
from nowserving.kit.problems import Problem
from nowserving.main.knocking import (
    ANSWERED_WITHIN,
    LINE_AT_MOST,
    Answered,
    Asked,
    in_words,
    near,
)
from nowserving.main.settings import BadSettings

Obey = Callable[[House, str, Mapping[str, Any]], Awaitable[Any]]
"""Does what a command says; answers what can be said in JSON."""

_log = structlog.get_logger("nowserving.side_door")


class SideDoor:
    """Open while the server is."""

    def __init__(self, house: House, path: Path, obey: Obey) -> None:
        self._house = house
        self._path = path
        self._obey = obey
        self._mark = 0
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        try:
            await self._open()
        except OSError as wrong:  # a file system that knows no sockets: serve without
            _log.warning("no side door for the command line", reason=str(wrong))
        return self

    async def _open(self) -> None:
        # Only who holds the database's lock comes here, so what is left there is nobody's.
        self._path.unlink(missing_ok=True)
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            with near(self._path) as name:
                listening.bind(name)
            self._path.chmod(0o600)
            self._mark = self._path.stat().st_ino
        except OSError:
            listening.close()
            raise
        self._server = await asyncio.start_unix_server(
            self._let_in, sock=listening, limit=LINE_AT_MOST
        )

    async def __aexit__(self, *_: object) -> None:
        if self._server is None:
            return
        self._server.close()
        with suppress(FileNotFoundError):
            if self._path.stat().st_ino == self._mark:
                self._path.unlink()

    async def _let_in(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(ANSWERED_WITHIN):
                if _is_us(writer):
                    answered = await self._answer(await reader.readline())
                    writer.write(msgspec.json.encode(answered) + b"\n")
                    await writer.drain()
        except (OSError, ValueError, TimeoutError):
            pass  # whoever knocked is gone, or says nothing sensible
        finally:
            writer.close()

    async def _answer(self, line: bytes) -> Answered:
        try:
            asked = msgspec.json.decode(line, type=Asked)
            return Answered(done=await self._obey(self._house, asked.command, asked.given))
        except (Problem, BadSettings) as wrong:
            return Answered(refused=in_words(wrong))
        except msgspec.DecodeError:
            return Answered(refused="this server does not understand the command")
        except Exception:
            _log.exception("a command failed")
            return Answered(refused="something went wrong; the server's log says what")


def _is_us(writer: asyncio.StreamWriter) -> bool:
    """Is it our own user, or root, who knocks? The file's mode says so already, mostly."""
    if not hasattr(socket, "SO_PEERCRED"):
        return True
    peer = writer.get_extra_info("socket")
    size = struct.calcsize("3i")
    _, user, _ = struct.unpack("3i", peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size))
    return user in (0, os.geteuid())
