"""Where the bytes of files are kept, and who looks whether they are malware: as we need them.

The rooms above bring both (`hooks/files`); the house is given them when it opens.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from nowserving.cases.attachment import FilesOff, Limits


class FileStore(Protocol):
    """Keeps bytes under ids. Every method raises Unready while the store cannot be used."""

    async def put(self, organization: UUID, id: UUID, parts: AsyncIterator[bytes]) -> None:
        """Keep what comes, for good when this returns; whatever rises leaves nothing behind."""

    async def read(self, organization: UUID, id: UUID, first: int, end: int) -> bytes:
        """The bytes from `first` up to and without `end`, or fewer where there are no more.

        Raises FileDamaged if there is nothing under this id.
        """

    async def drop(self, organization: UUID, id: UUID) -> None:
        """Keep these bytes no longer; there may be none."""

    def ids(self, organization: UUID) -> AsyncIterator[UUID]:
        """Every id under which there is something."""


class Scanner(Protocol):
    """Looks for malware."""

    async def found_in(self, parts: AsyncIterator[bytes]) -> str | None:
        """The name of what was found; None: it is clean. Unready if nobody can look now."""


@dataclass(slots=True)
class Filing:
    """What a house needs to keep files. `stir` says after a commit that there is work to do."""

    store: FileStore
    limits: Limits = field(default_factory=Limits)
    scanner: Scanner | None = None
    stir: Callable[[], None] = lambda: None


def must_file(filing: Filing | None) -> Filing:
    """How files are kept; FilesOff if they are not."""
    if filing is None:
        raise FilesOff()
    return filing
