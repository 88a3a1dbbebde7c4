"""Files on cases: put there, listed, opened, taken away.

The bytes are written first, and are *loose* until a transaction makes them an attachment;
what is loose for too long is thrown away (docs/decisions/0018). So there is never a file
of which nobody knows, and never a row without its file.
"""

import hashlib
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Self
from uuid import UUID

import structlog

from nowserving.actions.act import Act
from nowserving.actions.filing import Filing, must_file
from nowserving.actions.house import House
from nowserving.cases import moves
from nowserving.cases.attachment import (
    PIECE,
    Attachment,
    FileDamaged,
    FileHeld,
    Limits,
    named,
)
from nowserving.cases.case import Case, moved
from nowserving.kit.disposition import Span
from nowserving.kit.http import TooLarge
from nowserving.kit.media import HEAD, media_type
from nowserving.kit.problems import Problem, Stale
from nowserving.people.actor import Actor
from nowserving.people.permissions import Permission
from nowserving.store.engines import Unavailable

LOOSE_FOR = timedelta(days=1)
"""How long bytes may wait to become an attachment."""

BYTES_OF_FILES = "file_bytes"
"""The counter of what all files of an organization take up."""

_log = structlog.get_logger("nowserving.files")


@dataclass(frozen=True, slots=True)
class Received:
    """A file that is here as a whole and belongs to nothing yet."""

    id: UUID
    name: str
    media_type: str
    size: int
    sha256: bytes
    pieces: bytes


@dataclass(slots=True)
class Tray:
    """Files on their way in."""

    house: House
    actor: Actor
    filing: Filing
    ids: list[UUID] = field(default_factory=list)

    async def take(self, parts: AsyncIterator[bytes], *, name: str) -> Received:
        """Write a file down while it comes; TooLarge as soon as it is larger than files may be."""
        now = self.house.clock()
        id = self.house.ids(now)
        async with self.house.acting(self.actor) as act:
            await act.store.files.loosen([id], due=now + LOOSE_FOR)
        self.ids.append(id)
        weighed = Weighed(parts, self.filing.limits.file)
        await self.filing.store.put(self.actor.organization_id, id, aiter(weighed))
        return Received(
            id,
            named(name),
            media_type(weighed.head),
            weighed.size,
            weighed.sha256.digest(),
            weighed.pieces(),
        )


@asynccontextmanager
async def tray(house: House, actor: Actor) -> AsyncIterator[Tray]:
    """A place for files to come in. What no act has attached when this ends is thrown away.

    Whether one was attached the database says, not we: the answer to a commit may be lost.
    """
    opened = Tray(house, actor, must_file(house.filing))
    try:
        yield opened
    finally:
        try:
            async with house.acting(actor) as act:
                for id in opened.ids:
                    await act.store.files.let_go(id, due=act.now)
                act.stirs_files = bool(opened.ids)
        except (Problem, Unavailable):
            _log.warning("files were left for the next sweep", files=len(opened.ids))


@dataclass(slots=True)
class Weighed:
    """Bytes that go by: counted against a limit, hashed as a whole and MiB by MiB."""

    parts: AsyncIterator[bytes]
    at_most: int
    head: bytes = b""
    size: int = 0
    sha256: "hashlib._Hash" = field(default_factory=hashlib.sha256)
    _piece: "hashlib._Hash" = field(default_factory=hashlib.sha256)
    _done: list[bytes] = field(default_factory=list)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """The same bytes; TooLarge before one too many of them is passed on."""
        async for part in self.parts:
            if self.size + len(part) > self.at_most:
                raise TooLarge(bytes=self.at_most)
            if len(self.head) < HEAD:
                self.head += part[: HEAD - len(self.head)]
            self.sha256.update(part)
            self._cut(memoryview(part))
            yield part

    def pieces(self) -> bytes:
        """The SHA-256 of each MiB, one behind the other."""
        last = [self._piece.digest()] if self.size % PIECE else []
        return b"".join([*self._done, *last])

    def _cut(self, part: memoryview) -> None:
        while part:
            room = PIECE - self.size % PIECE
            self._piece.update(part[:room])
            self.size += len(part[:room])
            if self.size % PIECE == 0:
                self._done.append(self._piece.digest())
                self._piece = hashlib.sha256()
            part = part[room:]


async def may_attach(act: Act, *, case_id: UUID) -> Limits:
    """Look, before anything is sent, whether this actor may put files on this case."""
    case = await act.look.cases.get(case_id)
    act.must(moves.ATTACH.needs, at=case.unit_id, case=case.id)
    limits = must_file(act.house.filing).limits
    limits.check_case(await act.look.files.of(case_id), [0])
    return limits


async def attach(
    act: Act, *, case_id: UUID, files: Sequence[Received], author: str = ""
) -> list[Attachment]:
    """Put files on a case; where there is a scanner they are held until it has looked.

    `author`: who sent them, if that is not who acts.
    """
    case = await act.store.cases.hold(case_id)
    act.must(moves.ATTACH.needs, at=case.unit_id, case=case.id)
    filing = must_file(act.house.filing)
    present = await act.store.files.of(case_id)
    filing.limits.check_case(present, [one.size for one in files])
    await _weigh(act, filing.limits, sum(one.size for one in files))
    held, author = filing.scanner is not None, author or act.actor.name
    made = [_attached(act, case_id, one, held=held, author=author) for one in files]
    for one in made:
        if not await act.store.files.claim(one.id):
            raise Stale(file=one.id)
        case = await act.change(
            case,
            moved(case, moves.ATTACH, act.now),
            moves.ATTACH,
            file_id=one.id,
            size=one.size,
            media_type=one.media_type,
            held=one.held,
        )
    await act.store.files.add(made)
    act.stirs_files = True
    return made


async def files_of(act: Act, *, case_id: UUID) -> list[Attachment]:
    """The files on a case, oldest first."""
    case = await act.look.cases.get(case_id)
    act.must(Permission.SEE_LINE, at=case.unit_id, case=case.id)
    return await act.look.files.of(case_id)


async def file(act: Act, *, file_id: UUID) -> Attachment:
    """What is known of a file; NotFound if it is on a case that may not be seen."""
    found = await act.look.files.get(file_id)
    case = await act.look.cases.get(found.case_id)
    act.must(Permission.SEE_LINE, at=case.unit_id, case=case.id)
    return found


async def detach(act: Act, *, file_id: UUID) -> Case:
    """Take a file off its case for good: one's own, or anybody's for who may change cases."""
    found = await act.store.files.get(file_id)
    case = await act.store.cases.hold(found.case_id)
    act.must(moves.DETACH.needs, at=case.unit_id, case=case.id)
    if found.author_id != act.actor.id:
        act.must(Permission.CHANGE_CASES, at=case.unit_id, case=case.id)
    found = await act.store.files.get(file_id)
    return await detached(act, case, [found], why="removed")


async def detached(act: Act, case: Case, files: Iterable[Attachment], *, why: str) -> Case:
    """The case, held before, without these files, whoever asked for that."""
    gone = list(files)
    for one in gone:
        case = await act.change(
            case,
            moved(case, moves.DETACH, act.now),
            moves.DETACH,
            file_id=one.id,
            size=one.size,
            media_type=one.media_type,
            why=why,
        )
    await act.store.files.remove([one.id for one in gone], due=act.now)
    await act.store.requests.take(BYTES_OF_FILES, -sum(one.size for one in gone))
    act.stirs_files = bool(gone) or act.stirs_files
    return case


@dataclass(frozen=True, slots=True)
class Opened:
    """A file whose bytes somebody may have."""

    attachment: Attachment
    filing: Filing

    @classmethod
    async def of(cls, act: Act, *, file_id: UUID) -> Self:
        """Open a file for reading; FileHeld while it may be malware."""
        found = await file(act, file_id=file_id)
        if found.held:
            raise FileHeld(file=file_id)
        return cls(found, must_file(act.house.filing))

    async def check(self, span: Span) -> None:
        """FileDamaged unless everything in the span is as it was sent."""
        async for _ in self.read(span):
            pass

    async def read(self, span: Span) -> AsyncIterator[bytes]:
        """The bytes of a span, each checked before it is given out; FileDamaged otherwise."""
        for piece in range(span.first // PIECE, -(-span.end // PIECE)):
            whole = await self._piece(piece)
            begin = piece * PIECE
            yield whole[max(span.first - begin, 0) : span.end - begin]

    async def _piece(self, piece: int) -> bytes:
        one, begin = self.attachment, piece * PIECE
        whole = await self.filing.store.read(
            one.organization_id, one.id, begin, min(begin + PIECE, one.size)
        )
        if hashlib.sha256(whole).digest() != one.digest_of(piece):
            _log.error("a file is damaged", organization=one.organization_id, file=one.id)
            raise FileDamaged(file=one.id)
        return whole


async def _weigh(act: Act, limits: Limits, size: int) -> None:
    first = await act.store.requests.take(BYTES_OF_FILES, size)
    limits.check_organization(first - 1 + size)


def _attached(act: Act, case_id: UUID, one: Received, *, held: bool, author: str) -> Attachment:
    return Attachment(
        organization_id=act.actor.organization_id,
        id=one.id,
        case_id=case_id,
        at=act.now,
        author=author,
        author_id=act.actor.id,
        name=one.name,
        media_type=one.media_type,
        size=one.size,
        sha256=one.sha256,
        pieces=one.pieces,
        held=held,
    )
