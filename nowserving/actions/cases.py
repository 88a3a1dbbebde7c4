"""Cases seen and changed away from a desk."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from nowserving.actions.act import Act
from nowserving.actions.remarks import add_reason
from nowserving.actions.words import keep_words
from nowserving.cases import moves
from nowserving.cases.case import Case, Details, Note, moved
from nowserving.cases.correction import Correction, check, corrected
from nowserving.cases.moves import IN_LINE, State
from nowserving.cases.work import InACircle
from nowserving.kit.clock import utc
from nowserving.kit.facts import Fact
from nowserving.people.permissions import Permission
from nowserving.places.directory import Directory
from nowserving.queues.line import rank_with
from nowserving.store.lines import Place

PARENTS_AT_MOST = 20
"""How deep cases stand below each other."""


@dataclass(frozen=True, slots=True)
class Sight:
    """A case as it stands: what is personal in it, and its place while it is in a line."""

    case: Case
    details: Details
    place: Place | None
    directory: Directory


async def see(act: Act, *, case_id: UUID) -> Sight:
    """Look at one case."""
    case = await _seen(act, case_id)
    return Sight(
        case=case,
        details=await act.look.cases.details(case_id),
        place=await act.look.lines.before(case) if case.lined and case.state in IN_LINE else None,
        directory=await act.directory(),
    )


async def history(act: Act, *, case_id: UUID, after: int, most: int) -> list[Fact]:
    """What happened to a case after a version of it, oldest first."""
    await _seen(act, case_id)
    return await act.look.journal.of(case_id, after=after, most=most)


async def notes(act: Act, *, case_id: UUID) -> list[Note]:
    """The remarks on a case, oldest first."""
    await _seen(act, case_id)
    return await act.look.cases.notes(case_id)


async def waiting(
    act: Act, *, queue_id: UUID, behind: tuple[int, UUID] | None, most: int
) -> list[Case]:
    """Who waits in a queue, in the order of the calls, from a place in it on."""
    queue = (await act.directory()).queue(queue_id)
    act.must(Permission.SEE_LINE, at=queue.unit_id)
    if behind is None:
        return await act.look.lines.waiting_in(queue_id, most)
    return await act.look.lines.waiting_behind(queue_id, *behind, most)


async def cancel(act: Act, *, case_id: UUID, reason: str = "") -> Case:
    """End a case that nobody is being served for; a reason is kept as a note.

    An appointment is called off.
    """
    case = await act.store.cases.hold(case_id)
    if case.state is State.PLANNED:
        return await call_off(act, case, reason=reason)
    act.must(moves.CANCEL.needs, at=case.unit_id)
    to = moved(case, moves.CANCEL, act.now)
    return await act.change(case, to, moves.CANCEL, note_id=await add_reason(act, case, reason))


async def call_off(act: Act, case: Case, *, reason: str = "") -> Case:
    """Call off the appointment of a case that is held; its seat is free again."""
    act.must(moves.CALL_OFF.needs, at=case.unit_id, case=case.id)
    to = moved(case, moves.CALL_OFF, act.now)
    return await act.change(case, to, moves.CALL_OFF, note_id=await add_reason(act, case, reason))


async def correct(act: Act, *, case_id: UUID, correction: Correction) -> Case:
    """Put right what was taken down wrongly; another priority is another place in the line."""
    case = await act.store.cases.hold(case_id)
    act.must(moves.CORRECT.needs, at=case.unit_id)
    directory = await act.directory()
    check(correction, case, directory)
    details = await act.store.cases.details(case_id)
    service = directory.services[case.service_id]
    right = corrected(details, correction, service, directory.organization.country)
    if right != details:
        await act.store.cases.replace_details(right)
    priority = _priority(case, correction, directory)
    changes = await _also(act, case, correction, directory, priority)
    to = moved(
        case,
        moves.CORRECT,
        act.now,
        priority=priority,
        rank=rank_with(case, priority, directory.queue(case.queue_id).merge),
        tag_ids=case.tag_ids if correction.tag_ids is None else correction.tag_ids,
        **changes,
    )
    done = await act.change(case, to, moves.CORRECT, changed=correction.changed())
    await keep_words(act, done)
    return done


def _priority(case: Case, correction: Correction, directory: Directory) -> int:
    """The level of the priority: as it is named, else as it is given, else as it was."""
    named = correction.also.get("priority_id")
    if named is not None:
        return directory.priority(named).level
    return case.priority if correction.priority is None else correction.priority


async def _also(
    act: Act, case: Case, correction: Correction, directory: Directory, priority: int
) -> dict[str, Any]:
    """What else becomes another; Invalid, NotFound or InACircle if it cannot."""
    changes = dict(correction.also)
    if changes.get("outcome_id") is not None:
        directory.outcome(changes["outcome_id"])
    if changes.get("customer_id") is not None:
        await act.store.customers.get(changes["customer_id"])
    if changes.get("parent_id") is not None:
        await _check_parent(act, case, changes["parent_id"])
    if "due_at" in changes:
        changes["escalated_at"] = None
        changes["due_at"] = utc(changes["due_at"]) if changes["due_at"] else None
    if priority != case.priority:
        changes.setdefault("priority_id", None)  # its name was that of the other priority
    return changes


async def _check_parent(act: Act, case: Case, parent_id: UUID) -> None:
    above: UUID | None = parent_id
    for _ in range(PARENTS_AT_MOST):
        if above is None:
            return
        if above == case.id:
            break
        above = (await act.store.cases.get(above)).parent_id
    raise InACircle(field="parent_id", case=parent_id)


async def _seen(act: Act, case_id: UUID) -> Case:
    case = await act.look.cases.get(case_id)
    act.must(Permission.SEE_LINE, at=case.unit_id, case=case.id)
    return case
