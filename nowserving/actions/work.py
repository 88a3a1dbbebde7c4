"""Work on a case: who does it, where it stands, what it belongs to.

A status is a name for a state: to give a case a status is to make the moves that lead to
its state, each with its fact. Only `force` makes a move against the table, and says so.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from nowserving.actions.act import Act
from nowserving.actions.amending import Amended, keep_amended
from nowserving.actions.open_case import check_agent
from nowserving.actions.remarks import add_reason
from nowserving.actions.settling import agreed_on_status, way_to
from nowserving.actions.words import keep_words
from nowserving.cases import moves
from nowserving.cases.case import Case, WrongState, forced, moved
from nowserving.cases.moves import Move, State
from nowserving.cases.texts import text_of
from nowserving.cases.work import (
    CaseLink,
    InACircle,
    Link,
    SolutionRequired,
    beside,
    check_status,
    forced_move,
)
from nowserving.kit.problems import Invalid, NotFound
from nowserving.people.permissions import Permission


async def assign(act: Act, *, case_id: UUID, to: Mapping[str, UUID | None]) -> Case:
    """Make somebody responsible (`assigned_to`) for a case, its owner (`owner_id`), or nobody.

    Raises Invalid if nobody of this id works here.
    """
    case = await _to_work_on(act, case_id)
    if not to or not set(to) <= {"assigned_to", "owner_id"}:
        raise Invalid(field="assigned_to", reason="say who is responsible or who owns the case")
    for field, agent in to.items():
        await check_agent(act, field, agent)
    return await _change(
        act, case, moved(case, moves.ASSIGN, act.now, **to), moves.ASSIGN, changed=sorted(to)
    )


async def take_up(act: Act, *, case_id: UUID) -> Case:
    """Begin, or go on, to work on a case that stands in no line; whoever does is responsible."""
    case = await _to_work_on(act, case_id)
    return await _change(act, case, _taken_up(act, case), moves.TAKE_UP)


async def set_status(
    act: Act,
    *,
    case_id: UUID,
    status_id: UUID,
    solution: str | None = None,
    outcome_id: UUID | None = None,
) -> Case:
    """Give a case one of the organization's statuses, and with it the state it stands on.

    Raises NoSuchStatus for one of another type, SolutionRequired if the status closes the
    case and nobody says or said how it was solved, WrongState if no moves lead there, and
    HookRefused and NotConfirmed for those who are asked before a case is resolved.
    """
    directory = await act.directory()
    status = directory.status(status_id)
    if outcome_id is not None:
        directory.outcome(outcome_id)
    amended = await agreed_on_status(act, case_id=case_id, status_id=status_id, solution=solution)
    case = await _to_work_on(act, case_id)
    amended.must_fit(case)
    path = way_to(act, case, status)
    solved = await _solve(act, case, solution, needed=status.needs_solution)
    await keep_amended(act, case, amended)
    last = {"status_id": status.id}
    if outcome_id is not None:
        last["outcome_id"] = outcome_id
    case = await _go(act, case, path, last, ["solution"] if solved else [], amended=amended)
    if solved or amended.rewords:
        await keep_words(act, case)
    return case


async def force(
    act: Act,
    *,
    case_id: UUID,
    to: State,
    reason: str = "",
    status_id: UUID | None = None,
) -> Case:
    """Bring a case into a state past the table of moves; its fact says `forced`.

    For programs of systems that know such an order. Who may: whoever may change cases. The
    case stays as it is if it stands there already. Raises WrongState if it was merged, or if
    no fact tells of such a state.
    """
    case = await act.store.cases.hold(case_id)
    act.must(Permission.CHANGE_CASES, at=case.unit_id)
    label: dict[str, Any] = {}
    if status_id is not None:
        status = (await act.directory()).status(status_id)
        check_status(status, case)
        label["status_id"] = status.id
    if case.state is to:
        return case
    move = forced_move(case, to)
    if move is None or (to is State.WAITING and not await _may_wait(act, case)):
        raise WrongState(case=case.id, state=case.state)
    told = {**beside(case, move), "forced": True}
    if "note_id" in told or reason:
        told["note_id"] = await add_reason(act, case, reason)
    after = forced(case, move, act.now, **label)
    return await _write(act, case, after, move, told)


async def link(act: Act, *, case_id: UUID, other_id: UUID, kind: Link) -> CaseLink:
    """Say that a case and another belong together; both tell of it. Clash if it is said."""
    case, other = await _both(act, case_id, other_id)
    found = CaseLink(case.organization_id, case.id, other.id, kind, act.now, act.actor.principal)
    known = await act.store.work.links_of(case.id)
    for one in known:
        if one.kind is kind and {one.from_id, one.to_id} == {case.id, other.id}:
            return one
    await act.store.work.add_link(found)
    await _linked(act, case, other, kind)
    await _linked(act, other, case, kind)
    return found


async def unlink(act: Act, *, case_id: UUID, other_id: UUID, kind: Link) -> None:
    """Take back that two cases belong together; NotFound if nobody said so."""
    case, other = await _both(act, case_id, other_id)
    dropped = await act.store.work.drop_link(case.id, other.id, kind)
    if not dropped and not await act.store.work.drop_link(other.id, case.id, kind):
        raise NotFound(what="link", id=other_id)
    await _unlinked(act, case, other, kind)
    await _unlinked(act, other, case, kind)


async def links_of(act: Act, *, case_id: UUID) -> list[CaseLink]:
    """How a case and others belong together."""
    case = await act.look.cases.get(case_id)
    act.must(Permission.SEE_LINE, at=case.unit_id, case=case.id)
    return await act.look.work.links_of(case_id)


async def merge(act: Act, *, case_id: UUID, into_id: UUID) -> Case:
    """Merge a duplicate into the case it duplicates, which is answered.

    Remarks and files go along; what happened stays with each. The duplicate is called off
    and says where it lives on. Raises WrongState if it was merged before or is at a desk.
    """
    duplicate, case = await _both(act, case_id, into_id)
    if case.merged_into_id is not None:
        raise InACircle(field="into_id", case=into_id)
    gone = moved(duplicate, moves.MERGE, act.now, merged_into_id=case.id)
    await act.store.work.move_notes(duplicate.id, case.id)
    await act.store.work.move_files(duplicate.id, case.id)
    gone = await _change(act, duplicate, gone, moves.MERGE, into_id=case.id)
    tags = tuple(dict.fromkeys((*case.tag_ids, *duplicate.tag_ids)))
    taken = moved(case, moves.TAKE_IN, act.now, tag_ids=tags)
    taken = await _change(act, case, taken, moves.TAKE_IN, from_id=duplicate.id)
    await keep_words(act, gone)
    await keep_words(act, taken)
    return taken


async def _to_work_on(act: Act, case_id: UUID) -> Case:
    case = await act.store.cases.hold(case_id)
    act.must(Permission.WORK_CASES, at=case.unit_id)
    return case


async def _both(act: Act, one_id: UUID, other_id: UUID) -> tuple[Case, Case]:
    """Two cases, held in one order everywhere, so that nobody waits for each other."""
    if one_id == other_id:
        raise InACircle(case=one_id)
    held = {id: await _to_work_on(act, id) for id in sorted((one_id, other_id))}
    return held[one_id], held[other_id]


async def _linked(act: Act, case: Case, other: Case, kind: Link) -> None:
    to = moved(case, moves.LINK, act.now)
    await _change(act, case, to, moves.LINK, link=kind, other_id=other.id)


async def _unlinked(act: Act, case: Case, other: Case, kind: Link) -> None:
    to = moved(case, moves.UNLINK, act.now)
    await _change(act, case, to, moves.UNLINK, link=kind, other_id=other.id)


async def _solve(act: Act, case: Case, solution: str | None, *, needed: bool) -> bool:
    """Keep the solution, if one is given; says whether it is another now."""
    details = await act.store.cases.details(case.id)
    text = text_of("solution", solution)
    if needed and not (text or details.solution):
        raise SolutionRequired(field="solution", case=case.id)
    if text is None or text == details.solution:
        return False
    await act.store.cases.replace_details(replace(details, solution=text))
    return True


async def _go(
    act: Act,
    case: Case,
    path: list[Move],
    last: Mapping[str, Any],
    changed: list[str],
    *,
    amended: Amended,
) -> Case:
    """Make the moves, the last of which brings the label; none: only the label changes.

    What hooks want to be otherwise comes with the move that they were asked about.
    """
    if not path or changed:
        names = sorted([*changed, *(last if not path else ())])
        label = {} if path else last
        to = moved(case, moves.CORRECT, act.now, **label)
        case = await _change(act, case, to, moves.CORRECT, changed=names)
    for move in path:
        label = last if move is path[-1] else {}
        if move is moves.RESOLVE:
            label = {**amended.of_case, **label}
        to = _taken_up(act, case) if move is moves.TAKE_UP else moved(case, move, act.now)
        case = await _write(act, case, replace(to, **label), move, beside(case, move))
    return case


def _taken_up(act: Act, case: Case) -> Case:
    agent = act.actor.id if act.actor.kind == "agent" else None
    return moved(
        case,
        moves.TAKE_UP,
        act.now,
        agent_id=agent,
        assigned_to=case.assigned_to or agent,
        started_at=case.started_at or act.now,
    )


async def _may_wait(act: Act, case: Case) -> bool:
    """A case that was only counted has no line to wait in."""
    return case.lined or (await act.directory()).queue(case.queue_id).inbox


async def _change(act: Act, seen: Case, to: Case, by: Move, **told: Any) -> Case:
    return await _write(act, seen, to, by, told)


async def _write(act: Act, seen: Case, to: Case, by: Move, told: Mapping[str, Any]) -> Case:
    """Write a case after a move for which the action has asked who may make it."""
    await act.store.cases.replace(seen, to)
    await act.settle(seen, to)
    await act.store.journal.add([act.fact(to, by.fact, told)])
    return to
