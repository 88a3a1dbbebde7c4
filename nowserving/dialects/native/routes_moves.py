"""The moves of a case: one address for each."""

from uuid import UUID

from nowserving.actions import cases, desk
from nowserving.actions.act import Act
from nowserving.cases.case import (
    DeskBusy,
    NoRoute,
    NotYours,
    TooLate,
    TooSoon,
    WrongState,
)
from nowserving.dialects.native import orders, say, shapes
from nowserving.dialects.native.operations import Chapter
from nowserving.places.hooks import HookRefused, NotConfirmed

CHAPTER = Chapter(
    "Moves",
    "What can be done to a case. Each answers with the case after it; a move that the case's "
    "state does not allow is refused with `wrong-state`.",
)
_TO_DESK = {"desk_id": "0198c0de-0000-7000-8000-000000000004"}


@CHAPTER.post("/cases/{case_id}/call", raises=(WrongState, NotYours, DeskBusy), example=_TO_DESK)
async def call(act: Act, case_id: UUID, order: orders.ToDesk) -> shapes.Case:
    """Call this one, out of turn.

    Where the service does not confirm arrival, the case is active at once.
    """
    return say.case(await desk.call(act, case_id=case_id, desk_id=order.desk_id))


@CHAPTER.post("/cases/{case_id}/call-again", raises=(WrongState, NotYours, TooSoon))
async def call_again(act: Act, case_id: UUID) -> shapes.Case:
    """Announce the call once more, at most every 15 seconds."""
    return say.case(await desk.call_again(act, case_id=case_id))


@CHAPTER.post("/cases/{case_id}/undo-call", raises=(WrongState, NotYours, TooLate))
async def undo_call(act: Act, case_id: UUID) -> shapes.Case:
    """Take a call back within 10 seconds: the person stands where they stood."""
    return say.case(await desk.undo_call(act, case_id=case_id))


@CHAPTER.post("/cases/{case_id}/start", raises=(WrongState, NotYours, DeskBusy), example=_TO_DESK)
async def start(act: Act, case_id: UUID, order: orders.ToDesk) -> shapes.Case:
    """The person stands at the desk, or is taken up again from hold."""
    return say.case(await desk.start(act, case_id=case_id, desk_id=order.desk_id))


@CHAPTER.post(
    "/cases/{case_id}/hold", raises=(WrongState, NotYours), example={"reason": "Fills in a form."}
)
async def hold(act: Act, case_id: UUID, order: orders.Hold) -> shapes.Case:
    """Put a case aside; it stays with its agent and gives the desk free."""
    return say.case(
        await desk.hold(act, case_id=case_id, reason=order.reason, back_at=order.back_at)
    )


@CHAPTER.post("/cases/{case_id}/return", raises=(WrongState, NotYours))
async def return_to_line(act: Act, case_id: UUID) -> shapes.Case:
    """Put a case back into its line, at its old place."""
    return say.case(await desk.return_to_line(act, case_id=case_id))


@CHAPTER.post("/cases/{case_id}/pend", raises=(WrongState, NotYours))
async def pend(act: Act, case_id: UUID) -> shapes.Case:
    """Let a waiting case be passed over for now; it keeps its place."""
    return say.case(await desk.pend(act, case_id=case_id))


@CHAPTER.post("/cases/{case_id}/resume", raises=(WrongState, NotYours))
async def resume(act: Act, case_id: UUID) -> shapes.Case:
    """Let a pending case be called again."""
    return say.case(await desk.resume(act, case_id=case_id))


@CHAPTER.post(
    "/cases/{case_id}/transfer",
    raises=(WrongState, NotYours, NoRoute),
    example={"queue_id": "0198c0de-0000-7000-8000-000000000002", "keep_place": True},
)
async def transfer(act: Act, case_id: UUID, order: orders.Transfer) -> shapes.Case:
    """Send a case to another queue along a route."""
    return say.case(
        await desk.transfer(
            act, case_id=case_id, queue_id=order.queue_id, keep_place=order.keep_place
        )
    )


@CHAPTER.post(
    "/cases/{case_id}/resolve",
    raises=(WrongState, NotYours, HookRefused, NotConfirmed),
    example={"solution": "A new passport was ordered."},
)
async def resolve(act: Act, case_id: UUID, order: orders.Resolve) -> shapes.Case:
    """Settle a matter, with how it ended."""
    return say.case(
        await desk.resolve(
            act, case_id=case_id, outcome_id=order.outcome_id, solution=order.solution
        )
    )


@CHAPTER.post("/cases/{case_id}/close", raises=(WrongState, NotYours))
async def close(act: Act, case_id: UUID) -> shapes.Case:
    """No further work on a resolved case."""
    return say.case(await desk.close(act, case_id=case_id))


@CHAPTER.post(
    "/cases/{case_id}/cancel", raises=(WrongState,), example={"reason": "Office closed early."}
)
async def cancel(act: Act, case_id: UUID, order: orders.Because) -> shapes.Case:
    """End a case that nobody is being served for."""
    return say.case(await cases.cancel(act, case_id=case_id, reason=order.reason))


@CHAPTER.post("/cases/{case_id}/miss", raises=(WrongState, NotYours))
async def miss(act: Act, case_id: UUID) -> shapes.Case:
    """The person did not come when called."""
    return say.case(await desk.miss(act, case_id=case_id))


@CHAPTER.post("/cases/{case_id}/reopen", raises=(WrongState, NotYours))
async def reopen(act: Act, case_id: UUID) -> shapes.Case:
    """Take up an ended case again: it stands in its line at its old place."""
    return say.case(await desk.reopen(act, case_id=case_id))
