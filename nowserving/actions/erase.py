"""Erasing a person: what is personal in their cases, their files, and what we know of them.

The cases stay, and so do their facts and figures: nothing personal ever stands in those.
"""

from datetime import timedelta
from uuid import UUID

from nowserving.actions import customers
from nowserving.actions.act import Act
from nowserving.actions.files import detached
from nowserving.actions.house import House
from nowserving.actions.words import keep_words
from nowserving.cases import moves
from nowserving.cases.case import Case, Details, moved
from nowserving.kit.problems import Forbidden
from nowserving.people.actor import system
from nowserving.people.permissions import Permission

ON_THE_WAY = timedelta(minutes=2)
"""Longer than anything that was said is on its way before its attempt is written down."""


async def erase_case(act: Act, *, case_id: UUID) -> Case:
    """Erase what is personal in one case: contact, fields, texts, notes, files, extras."""
    case = await act.store.cases.hold(case_id)
    act.must(Permission.MANAGE_CUSTOMERS, at=case.unit_id, case=case.id)
    return await _erase(act, case)


async def erase_customer(act: Act, *, customer_id: UUID) -> list[Case]:
    """Erase what we know of a customer, and what is personal in each of their cases.

    Only for who may do so everywhere: the cases may be anywhere.
    """
    if not act.actor.may_everywhere(Permission.MANAGE_CUSTOMERS):
        raise Forbidden(permission=Permission.MANAGE_CUSTOMERS)
    ids = await customers.forget(act, customer_id=customer_id)
    await act.store.deliveries.erase(ids)
    cases = [case for id in ids for case in await act.store.cases.hold_all_of(id)]
    return [await _erase(act, case) for case in cases]


async def erase_again(house: House) -> None:
    """Erase once more what was told of those who were erased lately.

    What was on its way while they were is written down only when it has come back.
    """
    for organization in await house.organizations():
        async with house.acting(system(organization.id, "erase")) as act:
            erased = await act.look.feed.erased_since(act.now - ON_THE_WAY)
            if erased:
                await act.store.deliveries.erase(erased)


async def _erase(act: Act, case: Case) -> Case:
    files = await act.store.files.of(case.id)
    notes = await act.store.cases.notes(case.id)
    if files:
        case = await detached(act, case, files, why="erased")
    for upload in await act.store.files.uploads_of(case.id, 1000):
        await act.store.files.drop_upload(upload.id)
        for part in upload.parts:
            await act.store.files.let_go(part.id, due=act.now)
    await act.store.cases.forget_notes(case.id)
    await act.store.drafts.forget(case.id)
    await act.store.deliveries.erase([case.id])
    await act.store.cases.replace_details(Details(case.organization_id, case.id))
    to = moved(case, moves.ERASE, act.now, extras={})
    to = await act.change(case, to, moves.ERASE, files=len(files), notes=len(notes))
    await keep_words(act, to)
    return to
