"""Files in a bucket of any store that speaks S3."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from uuid import UUID

import structlog
from obstore.exceptions import BaseError
from obstore.store import S3Store

from nowserving.cases.attachment import FileDamaged
from nowserving.kit.http import Unready

CHUNK = 5 * 1024 * 1024
"""Bytes of a part of a large upload: the least that S3 takes."""

_log = structlog.get_logger("nowserving.files")


class Bucket:
    """A FileStore on an S3-compatible store. What is not complete is never visible there."""

    def __init__(self, store: S3Store) -> None:
        self._store = store

    async def put(self, organization: UUID, id: UUID, parts: AsyncIterator[bytes]) -> None:
        """Write a new file: at once if it is small, in parts if it is large."""
        with _answering():
            first, rest = await _begun(parts)
            if rest is None:
                await self._store.put_async(_place(organization, id), first)
            else:
                await self._put_large(_place(organization, id), first, rest)

    async def _put_large(self, place: str, first: bytes, rest: AsyncIterator[bytes]) -> None:
        wrong: list[BaseException] = []

        async def all_of_it() -> AsyncIterator[bytes]:
            yield first
            try:
                async for part in rest:
                    yield part
            except BaseException as failure:
                wrong.append(failure)
                raise

        try:
            await self._store.put_async(
                place, all_of_it(), use_multipart=True, chunk_size=CHUNK, max_concurrency=2
            )
        except BaseException:
            if wrong:  # the library tells that the source failed, but not as what
                raise wrong[0] from None
            raise

    async def read(self, organization: UUID, id: UUID, first: int, end: int) -> bytes:
        """Some of the bytes."""
        if end <= first:
            return b""
        with _answering():
            try:
                some = await self._store.get_range_async(
                    _place(organization, id), start=first, end=end
                )
            except FileNotFoundError:
                _log.error("a file is missing", organization=organization, file=id)
                raise FileDamaged(file=id) from None
            return bytes(some)

    async def drop(self, organization: UUID, id: UUID) -> None:
        """Remove a file."""
        with _answering():
            try:
                await self._store.delete_async(_place(organization, id))
            except FileNotFoundError:
                return

    async def ids(self, organization: UUID) -> AsyncIterator[UUID]:
        """The id of every file."""
        with _answering():
            async for page in self._store.list(prefix=f"{organization}/"):
                for one in page:
                    yield UUID(one["path"].rpartition("/")[2])


def _place(organization: UUID, id: UUID) -> str:
    return f"{organization}/{id.hex[-2:]}/{id}"


async def _begun(parts: AsyncIterator[bytes]) -> tuple[bytes, AsyncIterator[bytes] | None]:
    """The whole if it is small; else its beginning, and the rest of it."""
    first: list[bytes] = []
    size = 0
    async for part in parts:
        first.append(part)
        size += len(part)
        if size > CHUNK:
            return b"".join(first), parts
    return b"".join(first), None


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except BaseError as wrong:
        _log.error("the store for files does not answer", reason=str(wrong)[:500])
        raise Unready() from wrong
