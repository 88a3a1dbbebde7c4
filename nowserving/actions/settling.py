"""How a status leads a case on, and who is asked before it settles one."""

from dataclasses import replace
from uuid import UUID

from nowserving.actions.act import Act
from nowserving.actions.amending import Amended, ask_about
from nowserving.actions.seats import seat_of
from nowserving.cases import moves
from nowserving.cases.case import Case, NotYours, WrongState
from nowserving.cases.moves import Move, State
from nowserving.cases.texts import text_of
from nowserving.cases.work import check_status, way
from nowserving.people.permissions import Permission
from nowserving.places.hooks import HookKind
from nowserving.places.statuses import CaseStatus


async def agreed_on_status(
    act: Act,
    *,
    case_id: UUID,
    status_id: UUID,
    solution: str | None = None,
    type_id: UUID | None = None,
) -> Amended:
    """Ask those who are to be asked before a case is resolved, if a status does that.

    Nothing is held meanwhile: who writes something else in the same act asks first. `type_id`:
    the type that the case will have by then. Nobody is asked about what will be refused anyway.
    """
    directory = await act.directory()
    if not directory.hooks_for(HookKind.RESOLVE):
        return Amended()
    case = await act.look.cases.get(case_id)
    act.must(Permission.WORK_CASES, at=case.unit_id)
    status = directory.status(status_id)
    path = way_to(act, replace(case, type_id=type_id or case.type_id), status)
    if moves.RESOLVE not in path:
        return Amended()
    if status.needs_solution and not text_of("solution", solution):
        details = await act.look.cases.details(case_id)
        if not details.solution:
            return Amended()
    seat = await seat_of(act.look, case)
    return await ask_about(act, HookKind.RESOLVE, case, directory, seat)


def way_to(act: Act, case: Case, status: CaseStatus) -> list[Move]:
    """The moves that give a case a status; none if it stands on that state already.

    Raises NoSuchStatus, WrongState if no moves lead there, NotYours if a colleague serves the
    person.
    """
    check_status(status, case)
    path = way(case, State(status.state))
    if path is None:
        raise WrongState(case=case.id, state=case.state, status=status.id)
    if path and case.lined:
        _check_in_hand(act, case)
    return path


def _check_in_hand(act: Act, case: Case) -> None:
    theirs = case.state.at_desk and case.agent_id not in (None, act.actor.id)
    if theirs and not act.actor.may(Permission.SERVE_FOR_OTHERS, at=case.unit_id):
        raise NotYours(case=case.id)
