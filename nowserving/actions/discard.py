"""Discarding a case: called off, emptied, and marked, as deleting it would be elsewhere.

The case and its facts stay, for figures must not change afterwards.
"""

from dataclasses import replace
from uuid import UUID

from nowserving.actions.act import Act
from nowserving.actions.cases import cancel
from nowserving.actions.erase import erase_case
from nowserving.actions.work import force
from nowserving.cases import moves
from nowserving.cases.case import Case, moved
from nowserving.cases.moves import State
from nowserving.kit.problems import NotFound
from nowserving.people.permissions import Permission
from nowserving.places.services import TypeNotOffered

_MARK = "nowserving:discarded"


def discarded(case: Case) -> bool:
    """Was this case discarded?"""
    return case.extras.get(_MARK) is True


async def discard(act: Act, *, case_id: UUID) -> Case:
    """Call a case off whatever its state, erase what is personal in it, and mark it.

    NotFound if that was done before. For who may change cases and manage customers.
    """
    case = await act.store.cases.hold(case_id)
    act.must(Permission.CHANGE_CASES, at=case.unit_id)
    if discarded(case):
        raise NotFound(what="case", id=case_id)
    if case.state is State.PLANNED:
        await cancel(act, case_id=case_id)
    elif not case.state.over:
        await force(act, case_id=case_id, to=State.CANCELED)
    case = await erase_case(act, case_id=case_id)
    to = replace(moved(case, moves.CORRECT, act.now), extras={_MARK: True})
    return await act.change(case, to, moves.CORRECT, changed=["extras"])


async def retype(act: Act, *, case_id: UUID, type_id: UUID) -> Case:
    """Make a case one of another type of its service.

    A status that cases of the new type do not have is taken off.
    """
    case = await act.store.cases.hold(case_id)
    act.must(moves.CORRECT.needs, at=case.unit_id)
    if case.type_id == type_id:
        return case
    directory = await act.directory()
    service = directory.services[case.service_id]
    if type_id not in [kind.id for kind in directory.types_of(service)]:
        raise TypeNotOffered(field="type_id", type=type_id)
    keeps = case.status_id in [one.id for one in directory.statuses_of(type_id)]
    status_id = case.status_id if keeps else None
    to = moved(case, moves.CORRECT, act.now, type_id=type_id, status_id=status_id)
    return await act.change(case, to, moves.CORRECT, changed=["type_id"])
