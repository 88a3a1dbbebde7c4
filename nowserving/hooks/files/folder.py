"""Files in a folder of this machine, or one that several machines share.

Each stands under its organization and the end of its id; nothing of what a sender says is
ever part of a path. What is being written has a name of its own, and takes its place only
when it is on the disk.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import BinaryIO, TypeVar
from uuid import UUID

import structlog

from nowserving.cases.attachment import FileDamaged
from nowserving.kit.http import Unready

Done = TypeVar("Done")

_log = structlog.get_logger("nowserving.files")

TOGETHER = 256 * 1024
"""Bytes written at once: small pieces are not worth a thread each."""


class Folder:
    """A FileStore on a file system."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, organization: UUID, id: UUID, parts: AsyncIterator[bytes]) -> None:
        """Write a new file; when this returns it is on the disk under its name."""
        place = self._place(organization, id)
        writing = place.with_suffix(".part")
        opened = await _outside(lambda: _begin(self._folder, writing))
        try:
            await _write(opened, parts)
            await _outside(lambda: _finish(opened, writing, place))
        except BaseException:
            await asyncio.shield(asyncio.ensure_future(_outside(lambda: _undo(opened, writing))))
            raise

    async def read(self, organization: UUID, id: UUID, first: int, end: int) -> bytes:
        """Some of the bytes."""
        place = self._place(organization, id)
        try:
            return await _outside(lambda: _read(place, first, end - first))
        except FileNotFoundError:
            _log.error("a file is missing", organization=organization, file=id)
            raise FileDamaged(file=id) from None

    async def drop(self, organization: UUID, id: UUID) -> None:
        """Remove a file, and what a crash left of its writing."""
        place = self._place(organization, id)
        await _outside(lambda: place.unlink(missing_ok=True))
        await _outside(lambda: place.with_suffix(".part").unlink(missing_ok=True))

    async def ids(self, organization: UUID) -> AsyncIterator[UUID]:
        """The id of every file, half-written ones too."""
        for path in await _outside(lambda: [*(self._folder / str(organization)).glob("*/*")]):
            yield UUID(path.stem)

    def _place(self, organization: UUID, id: UUID) -> Path:
        return self._folder / str(organization) / id.hex[-2:] / str(id)


def _begin(folder: Path, writing: Path) -> BinaryIO:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    writing.parent.mkdir(parents=True, exist_ok=True)
    return writing.open("xb", buffering=0)


async def _write(opened: BinaryIO, parts: AsyncIterator[bytes]) -> None:
    waiting: list[bytes] = []
    size = 0
    async for part in parts:
        waiting.append(part)
        size += len(part)
        if size >= TOGETHER:
            joined, waiting, size = b"".join(waiting), [], 0
            await _outside(lambda joined=joined: _all(opened, joined))  # type: ignore[misc]
    await _outside(lambda: _all(opened, b"".join(waiting)))


def _all(opened: BinaryIO, some: bytes) -> None:
    left = memoryview(some)
    while left:
        left = left[opened.write(left) :]


def _finish(opened: BinaryIO, writing: Path, place: Path) -> None:
    """To the disk: first what is in it, then its name, then the folders that are new."""
    os.fsync(opened.fileno())
    opened.close()
    writing.rename(place)
    for folder in (place.parent, place.parent.parent, place.parent.parent.parent):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _undo(opened: BinaryIO, writing: Path) -> None:
    opened.close()
    writing.unlink(missing_ok=True)


def _read(place: Path, first: int, count: int) -> bytes:
    with place.open("rb") as opened:
        opened.seek(first)
        return opened.read(count)


async def _outside(do: Callable[[], Done]) -> Done:
    """In a thread; Unready if the disk is full or does not answer."""
    try:
        return await asyncio.to_thread(do)
    except FileNotFoundError:
        raise
    except OSError as wrong:
        _log.error("the folder for files cannot be used", reason=str(wrong))
        raise Unready() from wrong
