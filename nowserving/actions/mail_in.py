"""Taking in what customers answer by mail: their words and their files, onto their case."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from uuid import UUID

from nowserving.actions.act import Act
from nowserving.actions.files import Received as File
from nowserving.actions.files import Tray, attach, tray
from nowserving.actions.house import House
from nowserving.actions.remarks import TEXT_AT_MOST, add_remark
from nowserving.cases import moves
from nowserving.cases.attachment import NoRoom
from nowserving.cases.case import Case, Visibility, moved
from nowserving.cases.enclosed import FILES_AT_MOST, Enclosed, with_refused
from nowserving.cases.letters import Received, read
from nowserving.kit.http import Reply, TooLarge
from nowserving.people.actor import Actor, ActorKind, grants_of
from nowserving.people.permissions import Role

_PART = 256 * 1024


async def take_in(house: House, organization_id: UUID, raw: bytes) -> Case | None:
    """Put a mail that has come onto the case it answers, with its files, once.

    None if a machine wrote it, if it came before, or if it answers nothing of ours. Who
    answers proves it by the id of a mail of ours or by the mark in the subject, which nobody
    guesses; a number alone leads nowhere. A file that is too large or has no room is not
    taken, and the remark names it. Raises Unready while files cannot be kept just now.
    """
    mail = await asyncio.to_thread(read, raw)
    if mail is None:
        return None
    actor = _by_mail(organization_id)
    if not mail.files or house.filing is None:
        return await _land(house, actor, mail, [], [one.name for one in mail.files])
    async with house.acting(actor) as act:
        if await _answered(act, mail) is None:
            return None  # no byte of it is kept
    async with tray(house, actor) as opened:
        files, refused = await _received(opened, mail.files)
        while True:
            try:
                return await _land(house, actor, mail, files, refused)
            except NoRoom:
                largest = max(files, key=lambda one: one.size)
                files.remove(largest)
                refused.append(largest.name)


async def _received(opened: Tray, enclosed: Sequence[Enclosed]) -> tuple[list[File], list[str]]:
    """The files that are here now, and the names of those that are not taken."""
    files: list[File] = []
    refused = [one.name for one in enclosed[FILES_AT_MOST:]]
    for one in enclosed[:FILES_AT_MOST]:
        try:
            files.append(await opened.take(_parts(one.content), name=one.name))
        except TooLarge:
            refused.append(one.name)
    return files, refused


async def _land(
    house: House, actor: Actor, mail: Received, files: list[File], refused: list[str]
) -> Case | None:
    """Everything of a mail in one transaction; NoRoom if the files do not fit."""
    landed: list[Case | None] = []

    async def do(act: Act) -> None:
        case_id = await _answered(act, mail)
        if case_id is None:
            landed.append(None)
            return
        await act.store.letters.add_seen(mail.message_id, act.now)
        landed.append(await _add(act, case_id, mail, files, refused))

    await house.perform(actor, do, lambda _: Reply(200, ""))
    return landed[-1]


async def _add(
    act: Act, case_id: UUID, mail: Received, files: list[File], refused: list[str]
) -> Case:
    case = await act.store.cases.hold(case_id)
    while case.merged_into_id is not None:
        case = await act.store.cases.hold(case.merged_into_id)
    if files:
        await attach(act, case_id=case.id, files=files, author=mail.author)
        case = await act.store.cases.hold(case.id)
    language = (await act.directory()).organization.language
    text = with_refused(mail.text or mail.subject, refused, language=language, at_most=TEXT_AT_MOST)
    note = await add_remark(act, case, text, visibility=Visibility.PUBLIC, author=mail.author)
    to = moved(case, moves.NOTE, act.now)
    return await act.change(case, to, moves.NOTE, note_id=note.id)


async def _answered(act: Act, mail: Received) -> UUID | None:
    """The case that a mail answers; None if there is none, or if the mail came before."""
    store = act.store.letters
    if await store.was_seen(mail.message_id):
        return None
    return await store.answered(mail.answers) or await _by_token(act, mail)


async def _by_token(act: Act, mail: Received) -> UUID | None:
    if mail.token is None:
        return None
    number, mark = mail.token
    case_id = await act.store.letters.numbered(number)
    return case_id if case_id and act.house.vault.is_mark(case_id, mark) else None


async def _parts(content: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(content), _PART):
        yield content[at : at + _PART]


def _by_mail(organization_id: UUID) -> Actor:
    """Mail itself: the name of whoever wrote it stands at the remark, never in the journal."""
    return Actor(organization_id, ActorKind.SYSTEM, None, "mail", grants_of([(Role.AGENT, None)]))
