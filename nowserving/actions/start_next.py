"""Taking the next one in a workspace, with what becomes of the cases at hand."""

from collections.abc import Collection
from dataclasses import replace
from uuid import UUID

from nowserving.actions import desk
from nowserving.actions.act import Act
from nowserving.actions.before import at_once
from nowserving.cases import moves
from nowserving.cases.case import Case, moved, started
from nowserving.cases.moves import State
from nowserving.kit.clock import micros
from nowserving.places.services import StartNext, Workspace
from nowserving.queues.line import Server, next_in_line


async def start_next(
    act: Act,
    *,
    workspace: Workspace,
    queue_ids: Collection[UUID],
    desk_id: UUID | None,
    settle_first: bool,
    silent: bool,
) -> Case | None:
    """Call and start whoever is next; None when nobody waits, and then nothing has changed.

    `settle_first`: the agent's active cases are resolved before, where the workspace's way
    with them says so. Otherwise they stay active, and the desk is the new one's. The new one
    is started too where a call alone would not: who asks for this knows no step between.
    Raises what `call_next` raises.
    """
    await desk.check_desk_is_at(act, workspace.unit_id, desk_id)
    at_hand = await _at_hand(act, workspace.unit_id)
    settles = settle_first and workspace.start_next is not StartNext.ADD_TAB
    if settles:
        # Whoever has a say in it is asked now: later a transaction is open.
        await at_once(desk.agreed_to_resolve(act, case_id=case.id) for case in at_hand)
    if settles and not await _somebody_waits(act, queue_ids):
        return None
    for case in at_hand:
        if settles:
            await desk.resolve(act, case_id=case.id)
        elif desk_id is not None and case.desk_id == desk_id:
            await _make_room(act, case)
    found = await desk.call_next(
        act,
        unit_id=workspace.unit_id,
        queue_ids=queue_ids,
        desk_id=desk_id,
        silent=silent,
    )
    if found is None or found.state is not State.CALLED:
        return found
    to = started(found, act.now, desk_id=found.desk_id, agent_id=act.actor.id)
    return await act.change(found, to, moves.START)


async def _at_hand(act: Act, unit_id: UUID) -> list[Case]:
    in_hand = await act.look.lines.in_hand_at(unit_id)
    return [case for case in in_hand if case.agent_id == act.actor.id and case.state.at_desk]


async def _somebody_waits(act: Act, queue_ids: Collection[UUID]) -> bool:
    """Can anybody be called? Whoever it is is held, so that it stays true."""
    server = Server(None, act.actor.id, frozenset(queue_ids))
    waiting, _ = await act.store.lines.first_of(
        queue_ids, agent=act.actor.id, desk=None, now=micros(act.now)
    )
    return next_in_line(server, waiting, act.now) is not None


async def _make_room(act: Act, seen: Case) -> None:
    """The case stays with its agent, and gives the desk free."""
    case = await act.store.cases.hold(seen.id)
    to = replace(moved(case, moves.CORRECT, act.now), desk_id=None)
    await act.change(case, to, moves.CORRECT, changed=["desk_id"])
