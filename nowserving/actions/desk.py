"""Serving people from a desk."""

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from nowserving.actions.act import Act
from nowserving.actions.amending import Amended, ask_about
from nowserving.actions.attendance import must_be_there
from nowserving.actions.remarks import TEXT_AT_MOST, add_reason, add_remark
from nowserving.actions.seats import seat_of
from nowserving.actions.words import keep_words
from nowserving.cases import moves
from nowserving.cases.case import (
    Case,
    DeskBusy,
    NoRoute,
    Note,
    NotYours,
    Visibility,
    WrongState,
    call_undone,
    called,
    called_again,
    moved,
    resolved,
    started,
)
from nowserving.cases.moves import Move, State
from nowserving.kit.clock import micros
from nowserving.kit.problems import Invalid, NotFound
from nowserving.kit.texts import kept
from nowserving.people.permissions import Permission
from nowserving.places.hooks import HookKind
from nowserving.places.services import StandsInNoLine
from nowserving.queues.line import Choice, Rule, Server, next_in_line, rank_of

BACK_WITHIN = timedelta(days=366)
"""How far off somebody on hold may be expected."""


async def call_next(
    act: Act,
    *,
    unit_id: UUID,
    queue_ids: Collection[UUID],
    desk_id: UUID | None,
    silent: bool = False,
) -> Case | None:
    """Call whoever is next in these queues to a desk; None when nobody waits.

    `silent`: no board shows or speaks it. Raises DeskBusy while somebody is called to the
    desk or served there.
    """
    act.must(moves.CALL.needs, at=unit_id)
    directory = await act.directory()
    directory.unit(unit_id)
    await must_be_there(act)
    await _check_queues(act, unit_id, queue_ids)
    await check_desk_is_at(act, unit_id, desk_id)
    merges = directory.merges_of(queue_ids)
    server = Server(desk_id, act.actor.id, frozenset(queue_ids), merges)
    waiting, here = await act.store.lines.first_of(
        queue_ids, agent=act.actor.id, desk=desk_id, now=micros(act.now)
    )
    if here is not None:
        raise DeskBusy(desk=desk_id)
    choice = next_in_line(server, waiting, act.now)
    return None if choice is None else await _call(act, choice, desk_id, silent=silent)


async def call(act: Act, *, case_id: UUID, desk_id: UUID | None) -> Case:
    """Call this one, out of turn."""
    case = await act.store.cases.hold(case_id)
    act.must(moves.CALL.needs, at=case.unit_id)
    await must_be_there(act)
    _check_assigned(act, case)
    await _check_desk(act, case.unit_id, desk_id)
    return await _call(act, Choice(case, Rule.CHOSEN), desk_id)


async def check_desk_is_at(act: Act, unit_id: UUID, desk_id: UUID | None) -> None:
    """NotFound unless a desk is one of the unit and in use."""
    if desk_id is None:
        return
    desk = (await act.directory()).desk(desk_id)
    if desk.unit_id != unit_id or not desk.active:
        raise NotFound(what="desk", id=desk_id)


async def call_again(act: Act, *, case_id: UUID) -> Case:
    """Announce the call once more, at most every 15 seconds."""
    case = await _in_hand(act, case_id)
    return await act.change(case, called_again(case, act.now), moves.CALL_AGAIN)


async def undo_call(act: Act, *, case_id: UUID) -> Case:
    """Take a call back within 10 seconds: the person stands where they stood."""
    case = await _in_hand(act, case_id)
    return await act.change(case, call_undone(case, act.now), moves.UNDO_CALL)


async def start(act: Act, *, case_id: UUID, desk_id: UUID | None = None) -> Case:
    """The person stands at the desk, or is taken up again from hold."""
    case = await _in_hand(act, case_id)
    desk_id = desk_id or case.desk_id
    if case.state is State.ON_HOLD or desk_id != case.desk_id:
        await _check_desk(act, case.unit_id, desk_id)
    to = started(case, act.now, desk_id=desk_id, agent_id=act.actor.id)
    return await act.change(case, to, moves.START)


async def hold(
    act: Act, *, case_id: UUID, reason: str = "", back_at: datetime | None = None
) -> Case:
    """Put a case aside; it stays with its agent and gives the desk free.

    A reason is kept as a note. `back_at`: when the person is expected again, if that is known;
    Invalid if it has passed or is more than a year away.
    """
    case = await _in_hand(act, case_id, writes_more=bool(reason))
    if back_at is not None and not act.now < back_at <= act.now + BACK_WITHIN:
        raise Invalid(field="back_at", reason="within a year from now")
    to = moved(case, moves.HOLD, act.now, back_at=back_at and back_at.astimezone(UTC))
    return await act.change(case, to, moves.HOLD, note_id=await add_reason(act, case, reason))


async def return_to_line(act: Act, *, case_id: UUID) -> Case:
    """Put a case back into its line, at its old place."""
    return await _move(act, case_id, moves.RETURN)


async def pend(act: Act, *, case_id: UUID) -> Case:
    """Let a waiting case be passed over for now; it keeps its place."""
    return await _move(act, case_id, moves.PEND)


async def resume(act: Act, *, case_id: UUID) -> Case:
    """Let a pending case be called again."""
    return await _move(act, case_id, moves.RESUME)


async def transfer(act: Act, *, case_id: UUID, queue_id: UUID, keep_place: bool = True) -> Case:
    """Send a case to another queue along a route, at its own place there or at the end."""
    case = await _in_hand(act, case_id)
    directory = await act.directory()
    queue = directory.queue(queue_id)
    if queue not in directory.routes_from(case.queue_id) or not (case.lined or queue.inbox):
        raise NoRoute(queue=queue_id)
    changes = {} if keep_place else {"rank": rank_of(act.now, case.priority, None)}
    to = moved(
        case,
        moves.TRANSFER,
        act.now,
        queue_id=queue_id,
        unit_id=queue.unit_id,
        assigned_to=None,
        state_at=act.now,
        **changes,
    )
    return await act.change(
        case, to, moves.TRANSFER, from_queue_id=case.queue_id, from_unit_id=case.unit_id
    )


async def resolve(
    act: Act, *, case_id: UUID, outcome_id: UUID | None = None, solution: str | None = None
) -> Case:
    """Settle a matter, with how it ended.

    Raises HookRefused and NotConfirmed for those who are asked before.
    """
    amended = await agreed_to_resolve(act, case_id=case_id, outcome_id=outcome_id)
    writes_more = bool(solution) or amended.seen is not None
    case = await _in_hand(act, case_id, writes_more=writes_more)
    amended.must_fit(case)
    if outcome_id is not None:
        (await act.directory()).outcome(outcome_id)
    if writes_more:
        details = await act.store.cases.details(case_id)
        right = amended.details(details, await act.directory(), case)
        if solution:
            right = replace(right, solution=_short(solution))
        if right != details:
            await act.store.cases.replace_details(right)
    served_by = case.agent_id if case.state is State.ACTIVE else None
    to = replace(resolved(case, act.now, outcome_id=outcome_id), **amended.of_case)
    done = await act.change(case, to, moves.RESOLVE, served_by=served_by)
    if solution or amended.rewords:
        await keep_words(act, done)
    return done


async def agreed_to_resolve(act: Act, *, case_id: UUID, outcome_id: UUID | None = None) -> Amended:
    """Ask those who are to be asked before a case is resolved, while nothing is held.

    Who resolves several cases in one act asks for all of them first.
    """
    directory = await act.directory()
    if not directory.hooks_for(HookKind.RESOLVE):
        return Amended()
    case = await _taken(act, await act.look.cases.get(case_id))
    resolved(case, act.now, outcome_id=outcome_id)
    if outcome_id is not None:
        directory.outcome(outcome_id)
    seat = await seat_of(act.look, case)
    return await ask_about(act, HookKind.RESOLVE, case, directory, seat)


async def close(act: Act, *, case_id: UUID) -> Case:
    """No further work on a resolved case."""
    return await _move(act, case_id, moves.CLOSE)


async def miss(act: Act, *, case_id: UUID) -> Case:
    """The person did not come when called."""
    return await _move(act, case_id, moves.MISS)


async def reopen(act: Act, *, case_id: UUID) -> Case:
    """Take up an ended case again: it stands in its line at its old place."""
    case = await _in_hand(act, case_id)
    queue = (await act.directory()).queue(case.queue_id)
    if not (case.lined or queue.inbox):
        raise StandsInNoLine(case=case.id)
    to = moved(case, moves.REOPEN, act.now, outcome_id=None)
    if (
        case.lined and case.sequence < 0
    ):  # an appointment that nobody came to: it has no number to call out
        raise WrongState(case=case.id, state=case.state, move=moves.REOPEN.verb)
    return await act.change(case, to, moves.REOPEN)


async def note(
    act: Act, *, case_id: UUID, text: str, visibility: Visibility = Visibility.INTERNAL
) -> Note:
    """Write a remark on a case; a public one stands on the customer's ticket page too."""
    case = await act.store.cases.hold(case_id)
    if not text.strip():
        raise Invalid(field="text", reason="empty")
    remark = await add_remark(act, case, text, visibility=visibility)
    await act.change(case, moved(case, moves.NOTE, act.now), moves.NOTE, note_id=remark.id)
    return remark


async def _call(
    act: Act, choice: Choice[Case], desk_id: UUID | None, *, silent: bool = False
) -> Case:
    case = choice.case
    to = called(case, act.now, desk_id=desk_id, agent_id=act.actor.id, silent=silent)
    case = await act.change(case, to, moves.CALL, rule=choice.rule)
    if (await act.directory()).services[case.service_id].confirms_arrival:
        return case
    to = started(case, act.now, desk_id=desk_id, agent_id=act.actor.id)
    return await act.change(case, to, moves.START)


async def _move(act: Act, case_id: UUID, move: Move, **told: str) -> Case:
    case = await _in_hand(act, case_id)
    return await act.change(case, moved(case, move, act.now), move, **told)


async def _in_hand(act: Act, case_id: UUID, *, writes_more: bool = False) -> Case:
    """The case, to be changed at once; raises what `_taken` does.

    `writes_more`: than the case. Then it is held first, as by all who write what belongs to it:
    its version does not say that a customer's name, which its words are made of, is another
    meanwhile. Who has lost a race to somebody holds it too, so that nobody loses twice.
    """
    holds = writes_more or act.again
    found = await (act.store.cases.hold(case_id) if holds else act.look.cases.get(case_id))
    return await _taken(act, found)


async def _taken(act: Act, case: Case) -> Case:
    """The case in this agent's hands; NotYours if a colleague has it in theirs.

    ClockInFirst for who has not come to work, where attendance is kept.

    Whoever sits at the desk that it was called to takes it in hand: else a colleague who has
    left would leave somebody behind whom nobody can serve, and a desk that nobody can use.
    """
    act.must(Permission.SERVE, at=case.unit_id, case=case.id)
    await must_be_there(act)
    if case.agent_id != act.actor.id and await _sits_before(act, case):
        return replace(case, agent_id=act.actor.id)
    _check_assigned(act, case)
    return case


async def _sits_before(act: Act, case: Case) -> bool:
    """Is the case at the desk where this agent sits?"""
    if case.desk_id is None or not case.state.at_desk:
        return False
    post = await act.look.posts.at(case.desk_id)
    return post is not None and post.agent_id == act.actor.id


def _check_assigned(act: Act, case: Case) -> None:
    holder = case.agent_id if not case.state.over else None
    if holder in (None, act.actor.id) and case.assigned_to in (None, act.actor.id):
        return
    if not act.actor.may(Permission.SERVE_FOR_OTHERS, at=case.unit_id):
        raise NotYours(case=case.id, state=case.state)


async def _check_desk(act: Act, unit_id: UUID, desk_id: UUID | None) -> None:
    await check_desk_is_at(act, unit_id, desk_id)
    if desk_id is not None and await act.store.lines.at_desk(desk_id) is not None:
        raise DeskBusy(desk=desk_id)


async def _check_queues(act: Act, unit_id: UUID, queue_ids: Collection[UUID]) -> None:
    directory = await act.directory()
    for queue_id in queue_ids:
        directory.queue_at(unit_id, queue_id)


def _short(text: str) -> str:
    return kept(text, field="text", at_most=TEXT_AT_MOST)
