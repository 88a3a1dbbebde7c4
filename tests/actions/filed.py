"""Putting files on cases, as tests do."""

from collections.abc import AsyncIterator
from pathlib import Path

from nowserving.actions.files import Opened, attach, tray
from nowserving.actions.house import House
from nowserving.cases.attachment import Attachment
from nowserving.cases.case import Case
from nowserving.kit.disposition import Span
from nowserving.people.actor import Actor


async def sent(content: bytes, size: int = 65_536) -> AsyncIterator[bytes]:
    """Bytes as they come over a line."""
    for at in range(0, len(content), size):
        yield content[at : at + size]


async def put_on(
    house: House, actor: Actor, case: Case, content: bytes, *, name: str = "a.pdf"
) -> Attachment:
    """Put a file on a case."""
    async with tray(house, actor) as opened:
        received = await opened.take(sent(content), name=name)
        async with house.acting(actor) as act:
            (one,) = await attach(act, case_id=case.id, files=[received])
    return one


async def bytes_of(opened: Opened, span: Span) -> bytes:
    """What a file says."""
    return b"".join([part async for part in opened.read(span)])


def stored(tmp_path: Path) -> list[Path]:
    """What is in the folder for files."""
    return [path for path in (tmp_path / "files").rglob("*") if path.is_file()]


def beside(tmp_path: Path) -> set[Path]:
    """What is not in the folder for files, nor the database."""
    return {
        path
        for path in tmp_path.rglob("*")
        if "files" not in path.parts and "nowserving.db" not in path.name
    }


def only_file(tmp_path: Path) -> Path:
    """The one file in the folder."""
    (path,) = stored(tmp_path)
    return path
