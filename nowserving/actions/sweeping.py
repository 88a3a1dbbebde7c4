"""What is done to files when nobody waits for it: looked through, and thrown away."""

from uuid import UUID

import structlog

from nowserving.actions.files import Opened, detached
from nowserving.actions.filing import Filing, must_file
from nowserving.actions.house import House
from nowserving.cases import moves
from nowserving.cases.attachment import Attachment, FileDamaged
from nowserving.cases.case import moved
from nowserving.kit.disposition import Span
from nowserving.kit.problems import NotFound
from nowserving.people.actor import system

_log = structlog.get_logger("nowserving.files")


async def sweep(house: House) -> None:
    """Throw away, in every organization, bytes that belong to nothing and are due."""
    filing = must_file(house.filing)
    for organization in await house.organizations():
        by = system(organization.id, "files")
        async with house.acting(by) as act:
            await act.store.files.drop_expired(act.now)
            due = await act.store.files.due(act.now)
        for id in due:
            await filing.store.drop(organization.id, id)
        if due:
            async with house.acting(by) as act:
                await act.store.files.forget(due)


async def strays(house: House, organization_id: UUID) -> set[UUID]:
    """Ids under which there are bytes of which no row knows: there should be none, ever."""
    filing = must_file(house.filing)
    kept = {id async for id in filing.store.ids(organization_id)}
    async with house.acting(system(organization_id, "files")) as act:
        return kept - await act.look.files.every_id()


async def scan_held(house: House) -> None:
    """Have every file that is held looked through; the clean ones can be opened then.

    Unready if the scanner does not answer: what is held stays held. Files that are held
    though there is no scanner any more stay held too; nobody has looked at them.
    """
    filing = must_file(house.filing)
    if filing.scanner is None:
        return
    for organization in await house.organizations():
        async with house.acting(system(organization.id, "scanner")) as act:
            held = await act.look.files.held()
        for one in held:
            await _scan(house, filing, one)


async def _scan(house: House, filing: Filing, one: Attachment) -> None:
    assert filing.scanner is not None
    try:
        found = await filing.scanner.found_in(Opened(one, filing).read(Span(0, one.size)))
    except FileDamaged:
        return  # it has been told; held it stays
    if found is not None:
        _log.warning("malware in a file", organization=one.organization_id, file=one.id, it=found)
    async with house.acting(system(one.organization_id, "scanner")) as act:
        case = await act.store.cases.hold(one.case_id)
        try:
            now = await act.store.files.get(one.id)
        except NotFound:
            return
        if found is not None:
            await detached(act, case, [now], why="malware")
        elif now.held:
            await act.store.files.clear(one.id)
            to = moved(case, moves.CLEAR_FILE, act.now)
            await act.change(case, to, moves.CLEAR_FILE, file_id=one.id)
