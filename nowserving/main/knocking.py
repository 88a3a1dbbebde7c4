"""Knocking at the side door of a server: what the command line says, and what it hears.

The door itself, and what goes over it, is told in `main/side_door.py`. Nothing of the house is
needed to knock.
"""

import asyncio
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from nowserving.kit.problems import Problem
from nowserving.main.settings import BadSettings

LINE_AT_MOST = 1024 * 1024
ANSWERED_WITHIN = 60.0
"""Seconds."""

LONGEST_PATH = 100
"""Bytes of a socket's address that every system takes."""


class Asked(msgspec.Struct):
    """A command and what belongs to it."""

    command: str
    given: dict[str, Any]


class Answered(msgspec.Struct, omit_defaults=True):
    """What came of it: `done`, or `refused` in words for the operator."""

    done: Any = None
    refused: str | None = None


def socket_of(database_url: str) -> Path | None:
    """Where the side door of a database is; None if it has none."""
    if not database_url.startswith("sqlite:///"):
        return None
    return Path(f"{database_url.removeprefix('sqlite:///')}.socket").absolute()


async def knock(path: Path, command: str, given: Mapping[str, Any]) -> Any:
    """Have a running server do something; BadSettings says what it refused, or that it is not
    there."""
    try:
        with near(path) as name:
            reader, writer = await asyncio.open_unix_connection(name, limit=LINE_AT_MOST)
    except OSError as closed:
        raise BadSettings(f"the server at {path} does not answer: {closed.strerror}") from None
    try:
        async with asyncio.timeout(ANSWERED_WITHIN):
            writer.write(msgspec.json.encode(Asked(command, dict(given))) + b"\n")
            await writer.drain()
            answered = msgspec.json.decode(await reader.readline(), type=Answered)
    except (OSError, TimeoutError, msgspec.DecodeError):
        raise BadSettings(f"the server at {path} broke off") from None
    finally:
        writer.close()
    if answered.refused is not None:
        raise BadSettings(answered.refused)
    return answered.done


def in_words(wrong: Exception) -> str:
    """What went wrong, in a line for the operator."""
    details = wrong.details if isinstance(wrong, Problem) else {}
    told = ", ".join(f"{name}: {value}" for name, value in details.items())
    return f"{wrong} {told}".rstrip()


@contextmanager
def near(path: Path) -> Iterator[str]:
    """A name for the socket that is short enough: a folder may lie very deep."""
    if len(os.fsencode(path)) <= LONGEST_PATH:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
