"""Files that come in several requests, as the line allows: each goes on where the last ended.

What came is kept as a part of its own; when the last part is here they become one file.
"""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from nowserving.actions.act import Act
from nowserving.actions.files import LOOSE_FOR, Tray, attach, may_attach, tray
from nowserving.actions.house import House
from nowserving.cases.attachment import (
    PIECE,
    FileDamaged,
    NoRoom,
    Part,
    Upload,
    WrongOffset,
    named,
)
from nowserving.kit.http import TooLarge, TooSlow
from nowserving.kit.problems import Invalid, NotFound
from nowserving.people.actor import Actor

OPEN_AT_MOST = 20
"""Uploads to one case that are under way."""

PARTS_AT_MOST = 1000
"""Requests in which one file may come."""

_LATER = timedelta(hours=1)
"""Parts outlive their upload, so that nothing is thrown away under it."""


async def begin_upload(act: Act, *, case_id: UUID, size: int, name: str) -> Upload:
    """Announce a file of so many bytes; TooLarge or NoRoom if it cannot be taken."""
    limits = await may_attach(act, case_id=case_id)
    if size > limits.file:
        raise TooLarge(bytes=limits.file)
    limits.check_case(await act.store.files.of(case_id), [size])
    under_way = await act.store.files.uploads_of(case_id, OPEN_AT_MOST)
    if len(under_way) == OPEN_AT_MOST:
        raise NoRoom(of="case", uploads=OPEN_AT_MOST)
    upload = Upload(
        organization_id=act.actor.organization_id,
        id=act.new_id(),
        case_id=case_id,
        author=act.actor.principal,
        name=named(name),
        size=size,
        received=0,
        parts=(),
        expires_at=act.now + LOOSE_FOR,
    )
    await act.store.files.add_upload(upload)
    return upload


async def upload(act: Act, *, upload_id: UUID) -> Upload:
    """How far an upload is; NotFound for everybody but who began it."""
    found = await act.look.files.upload(upload_id)
    if found.author != act.actor.principal or found.expires_at <= act.now:
        raise NotFound(what="upload", id=upload_id)
    return found


async def go_on(
    house: House, actor: Actor, *, upload_id: UUID, offset: int, parts: AsyncIterator[bytes]
) -> Upload:
    """Take more of a file, as much as comes; with the last byte it is on its case.

    Raises WrongOffset, with the right one, if the sender is elsewhere than we are.
    """
    async with house.acting(actor) as act:
        seen = await upload(act, upload_id=upload_id)
        await may_attach(act, case_id=seen.case_id)
    _check(seen, offset)
    if seen.file_id is not None:
        return seen
    async with tray(house, actor) as opened:
        part = await opened.take(_what_comes(parts, seen.size - seen.received), name="part")
        here = replace(
            seen,
            received=seen.received + part.size,
            parts=(*seen.parts, Part(part.id, part.size, part.sha256.hex())),
            expires_at=house.clock() + LOOSE_FOR,
        )
        if here.received == here.size:
            return await _complete(opened, seen, here)
        if not part.size:
            return seen
        opened.ids.remove(part.id)
        async with house.acting(actor) as act:
            await _write(act, seen, here)
    return here


async def drop_upload(act: Act, *, upload_id: UUID) -> None:
    """Give an upload up; a file that has become of it stays."""
    found = await upload(act, upload_id=upload_id)
    await act.store.files.drop_upload(found.id)
    for part in found.parts:
        await act.store.files.let_go(part.id, due=act.now)
    act.stirs_files = True


def _check(seen: Upload, offset: int) -> None:
    if offset != seen.received:
        raise WrongOffset(offset=seen.received)
    if len(seen.parts) >= PARTS_AT_MOST:
        raise Invalid(reason=f"a file comes in at most {PARTS_AT_MOST} requests")


async def _what_comes(parts: AsyncIterator[bytes], at_most: int) -> AsyncIterator[bytes]:
    """What comes before the line breaks or halts; TooLarge for more than was announced."""
    size = 0
    try:
        async for part in parts:
            size += len(part)
            if size > at_most:
                raise TooLarge(bytes=at_most)
            yield part
    except (Invalid, TooSlow):
        return


async def _complete(opened: Tray, seen: Upload, here: Upload) -> Upload:
    """Make one file of all parts and put it on the case, or leave everything as it was."""
    whole = await opened.take(_joined(opened, here), name=here.name)
    async with opened.house.acting(opened.actor) as act:
        (made,) = await attach(act, case_id=here.case_id, files=[whole])
        done = replace(here, parts=(), file_id=made.id)
        await _write(act, seen, done)
        for part in here.parts:
            await act.store.files.let_go(part.id, due=act.now)
    return done


async def _joined(opened: Tray, here: Upload) -> AsyncIterator[bytes]:
    """The bytes of all parts; FileDamaged if they are not those that came."""
    organization = opened.actor.organization_id
    for part in here.parts:
        digest = hashlib.sha256()
        for at in range(0, part.size, PIECE):
            end = min(at + PIECE, part.size)
            some = await opened.filing.store.read(organization, part.id, at, end)
            digest.update(some)
            yield some
        if digest.hexdigest() != part.sha256:
            raise FileDamaged(file=part.id)


async def _write(act: Act, seen: Upload, to: Upload) -> None:
    written = await act.store.files.go_on(
        seen,
        received=to.received,
        parts=to.parts,
        expires_at=to.expires_at,
        file_id=to.file_id,
    )
    if not written:
        now = await act.store.files.upload(seen.id)
        raise WrongOffset(offset=now.received)
    for part in to.parts:
        await act.store.files.let_go(part.id, due=to.expires_at + _LATER)
