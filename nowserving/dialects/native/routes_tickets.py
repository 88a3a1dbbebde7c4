"""What the holder of a ticket can do with its link; the link is the permission."""

from uuid import UUID

from nowserving.actions import ticket, views
from nowserving.actions.act import Act
from nowserving.cases.case import TooLate, WrongState
from nowserving.dialects.native import say, shapes
from nowserving.dialects.native.operations import Caller, Chapter

CHAPTER = Chapter(
    "Tickets",
    "For the holder of a ticket. `link` is the last part of `ticket_url`; whoever has it may "
    "do this, without a token.",
)


@CHAPTER.get("/tickets/{link}", caller=Caller.LINK)
async def get_ticket(act: Act) -> shapes.Ticket:
    """One's own ticket: its state, who is before it, and the desk when called."""
    return say.ticket(await views.ticket_view(act, case_id=_case(act)))


@CHAPTER.post("/tickets/{link}/leave", caller=Caller.LINK, raises=(WrongState,))
async def leave(act: Act) -> None:
    """Leave the line."""
    await ticket.leave(act, case_id=_case(act))


@CHAPTER.post("/tickets/{link}/come-back", caller=Caller.LINK, raises=(WrongState, TooLate))
async def come_back(act: Act) -> None:
    """Change one's mind within 30 seconds of leaving, and keep the place."""
    await ticket.come_back(act, case_id=_case(act))


def _case(act: Act) -> UUID:
    assert act.actor.case_id is not None, "a holder holds a ticket"
    return act.actor.case_id
