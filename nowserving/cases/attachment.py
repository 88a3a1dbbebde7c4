"""A file on a case: what is known of it beside its bytes, and how much room there is."""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from nowserving.kit.problems import Problem

NAME_AT_MOST = 200
"""Characters of a file's name; a longer one is shortened in the middle."""

PIECE = 1024 * 1024
"""Bytes of a file that are read, and checked, together."""

_SEPARATORS = re.compile(r"[/\\]")
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])\s*(\.|$)", re.IGNORECASE)
_UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}


class NoRoom(Problem):
    """There is no room for more files here."""


class FileHeld(Problem):
    """This file is still being checked for malware; it can be opened when that is done."""


class FileDamaged(Problem):
    """This file was damaged where it is kept, and is not given out; tell your administrator."""


class FilesOff(Problem):
    """Files cannot be kept here: no place for them has been set."""


class WrongOffset(Problem):
    """The upload goes on at another place than this; ask where, and send from there."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file on a case. Its bytes are kept elsewhere, under its id and no other name.

    `name` is what the sender called it, as a text for people; `media_type` was found by
    looking at the content. `pieces` are the SHA-256 of each MiB, one behind the other, so that
    any part can be checked by itself. While `held` it is given to nobody: it may be malware.
    """

    organization_id: UUID
    id: UUID
    case_id: UUID
    at: datetime
    author: str
    author_id: UUID | None
    name: str
    media_type: str
    size: int
    sha256: bytes
    pieces: bytes
    held: bool = False

    @property
    def etag(self) -> str:
        """Names the content."""
        return f'"{self.sha256.hex()}"'

    def digest_of(self, piece: int) -> bytes:
        """The SHA-256 of one of its pieces."""
        return self.pieces[piece * 32 : piece * 32 + 32]


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of an upload that came in one request; its bytes are kept under its id."""

    id: UUID
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that comes in several requests, as the line allows.

    `received` of its `size` bytes are here, in `parts`. `file_id`: it is complete, and this
    is the file it has become.
    """

    organization_id: UUID
    id: UUID
    case_id: UUID
    author: str
    name: str
    size: int
    received: int
    parts: tuple[Part, ...]
    expires_at: datetime
    file_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may be kept, in bytes: of one file, of one case, of one organization."""

    file: int = 25 * 1024 * 1024
    case: int = 200 * 1024 * 1024
    organization: int = 20 * 1024 * 1024 * 1024
    files_of_case: int = 100

    def check_case(self, present: Collection[Attachment], more: Collection[int]) -> None:
        """NoRoom unless files of these sizes have a place on a case beside those present."""
        if len(present) + len(more) > self.files_of_case:
            raise NoRoom(of="case", files=self.files_of_case)
        if sum(one.size for one in present) + sum(more) > self.case:
            raise NoRoom(of="case", bytes=self.case)

    def check_organization(self, total: int) -> None:
        """NoRoom if an organization's files would be this many bytes."""
        if total > self.organization:
            raise NoRoom(of="organization", bytes=self.organization)


def named(text: str) -> str:
    """A sender's name for a file as we keep it: readable, one line, and no way anywhere.

    Folders before it go, and so does what cannot be seen or turns the direction of reading;
    a name that a system takes for a device gets a sign before it.
    """
    last = _SEPARATORS.split(text[-4 * 1024 :])[-1]
    seen = "".join(sign for sign in last if unicodedata.category(sign) not in _UNSEEN)
    name = " ".join(unicodedata.normalize("NFC", seen).split()).rstrip(". ")
    name = f"_{name}" if _DEVICES.match(name) else name
    return _shortened(name) if name else "file"


def _shortened(name: str) -> str:
    """The name with its ending, at most NAME_AT_MOST characters."""
    if len(name) <= NAME_AT_MOST:
        return name
    stem, dot, ending = name.rpartition(".")
    if not stem or len(ending) > 20:
        return name[:NAME_AT_MOST]
    return stem[: NAME_AT_MOST - len(ending) - 2] + "…" + dot + ending
