"""The life of a case, once.

The constraint in both databases, the desk's buttons, the names of facts, the coverage test
of every dialect and the picture in the docs are all read from this table.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from nowserving.people.permissions import Permission


class State(StrEnum):
    """Where a case is in its life."""

    PLANNED = "planned"
    WAITING = "waiting"
    PENDING = "pending"
    CALLED = "called"
    ACTIVE = "active"
    ON_HOLD = "on_hold"
    RESOLVED = "resolved"
    CLOSED = "closed"
    CANCELED = "canceled"
    ABANDONED = "abandoned"
    NO_SHOW = "no_show"

    @property
    def over(self) -> bool:
        """Has the case ended, as far as anybody waits for it?"""
        return self in ENDS

    @property
    def at_desk(self) -> bool:
        """Is the person called to a desk or served there?"""
        return self in AT_DESK


AT_DESK = frozenset({State.CALLED, State.ACTIVE})
IN_LINE = frozenset({State.WAITING, State.PENDING})
ENDS = frozenset({State.RESOLVED, State.CLOSED, State.CANCELED, State.ABANDONED, State.NO_SHOW})
OPEN = frozenset(State) - ENDS


@dataclass(frozen=True, slots=True)
class Move:
    """Something that can be done to a case.

    `when` empty: the move makes the case. `then` None: the state stays as it is. `lined`
    True: only for cases that stand in a line; False: only for those that stand in none.
    """

    verb: str
    when: frozenset[State]
    then: State | None
    fact: str
    needs: Permission
    lined: bool | None = None


def _move(
    verb: str,
    when: set[State],
    then: State | None,
    fact: str,
    needs: Permission,
    *,
    lined: bool | None = None,
) -> Move:
    return Move(verb, frozenset(when), then, fact, needs, lined)


S, P = State, Permission

PLAN = _move("plan", set(), S.PLANNED, "case.planned", P.BOOK)
RESCHEDULE = _move("reschedule", {S.PLANNED}, None, "case.rescheduled", P.BOOK)
CALL_OFF = _move("call_off", {S.PLANNED}, S.CANCELED, "case.called_off", P.CALL_OFF)
QUEUE_UP = _move("queue_up", set(), S.WAITING, "case.queued", P.QUEUE_UP)
OPEN_CASE = _move("open", set(), S.WAITING, "case.opened", P.QUEUE_UP, lined=False)
ARRIVE = _move("arrive", {S.PLANNED, S.NO_SHOW}, S.WAITING, "case.arrived", P.CHECK_IN)
PEND = _move("pend", {S.WAITING}, S.PENDING, "case.pended", P.SERVE)
RESUME = _move("resume", {S.PENDING}, S.WAITING, "case.resumed", P.SERVE)
CALL = _move("call", {S.WAITING, S.PENDING}, S.CALLED, "case.called", P.SERVE, lined=True)
CALL_AGAIN = _move("call_again", {S.CALLED, S.ACTIVE}, None, "case.called_again", P.SERVE)
UNDO_CALL = _move("undo_call", {S.CALLED, S.ACTIVE}, S.WAITING, "case.call_undone", P.SERVE)
START = _move("start", {S.CALLED, S.ON_HOLD}, S.ACTIVE, "case.started", P.SERVE)
TAKE_UP = _move(
    "take_up",
    {S.WAITING, S.PENDING, S.ON_HOLD},
    S.ACTIVE,
    "case.taken_up",
    P.WORK_CASES,
    lined=False,
)
HOLD = _move("hold", {S.CALLED, S.ACTIVE}, S.ON_HOLD, "case.held", P.SERVE)
RETURN = _move("return", {S.CALLED, S.ACTIVE, S.ON_HOLD}, S.WAITING, "case.returned", P.SERVE)
TRANSFER = _move(
    "transfer",
    {S.WAITING, S.PENDING, S.CALLED, S.ACTIVE, S.ON_HOLD},
    S.WAITING,
    "case.transferred",
    P.SERVE,
)
RESOLVE = _move(
    "resolve",
    {S.WAITING, S.PENDING, S.CALLED, S.ACTIVE, S.ON_HOLD},
    S.RESOLVED,
    "case.resolved",
    P.SERVE,
)
CLOSE = _move("close", {S.RESOLVED}, S.CLOSED, "case.closed", P.CHANGE_CASES)
CANCEL = _move(
    "cancel",
    {S.WAITING, S.PENDING, S.ON_HOLD},
    S.CANCELED,
    "case.canceled",
    P.CHANGE_CASES,
)
ABANDON = _move("abandon", {S.WAITING, S.PENDING, S.CALLED}, S.ABANDONED, "case.abandoned", P.LEAVE)
COME_BACK = _move("come_back", {S.ABANDONED}, S.WAITING, "case.came_back", P.LEAVE)
MISS = _move("miss", {S.PLANNED, S.CALLED, S.ACTIVE}, S.NO_SHOW, "case.missed", P.SERVE)
REOPEN = _move(
    "reopen",
    {S.RESOLVED, S.CLOSED, S.CANCELED, S.ABANDONED, S.NO_SHOW},
    S.WAITING,
    "case.reopened",
    P.SERVE,
)
MERGE = _move("merge", set(State) - AT_DESK, S.CANCELED, "case.merged", P.WORK_CASES)
TAKE_IN = _move("take_in", set(State), None, "case.took_in", P.WORK_CASES)
ASSIGN = _move("assign", set(State), None, "case.assigned", P.WORK_CASES)
LINK = _move("link", set(State), None, "case.linked", P.WORK_CASES)
UNLINK = _move("unlink", set(State), None, "case.unlinked", P.WORK_CASES)
ESCALATE = _move("escalate", set(OPEN), None, "case.escalated", P.WORK_CASES)
CORRECT = _move("correct", set(State), None, "case.corrected", P.WORK_CASES)
NOTE = _move("note", set(State), None, "case.noted", P.WORK_CASES)
ATTACH = _move("attach", set(State), None, "case.attached", P.WORK_CASES)
DETACH = _move("detach", set(State), None, "case.detached", P.WORK_CASES)
CLEAR_FILE = _move("clear_file", set(State), None, "case.file_cleared", P.WORK_CASES)
ERASE = _move("erase", set(State), None, "case.erased", P.MANAGE_CUSTOMERS)

MOVES: tuple[Move, ...] = (
    PLAN,
    RESCHEDULE,
    CALL_OFF,
    QUEUE_UP,
    OPEN_CASE,
    ARRIVE,
    PEND,
    RESUME,
    CALL,
    CALL_AGAIN,
    UNDO_CALL,
    START,
    TAKE_UP,
    HOLD,
    RETURN,
    TRANSFER,
    RESOLVE,
    CLOSE,
    CANCEL,
    ABANDON,
    COME_BACK,
    MISS,
    REOPEN,
    MERGE,
    TAKE_IN,
    ASSIGN,
    LINK,
    UNLINK,
    ESCALATE,
    CORRECT,
    NOTE,
    ATTACH,
    DETACH,
    CLEAR_FILE,
    ERASE,
)


def possible(state: State) -> Iterator[Move]:
    """The moves that can be made from a state, in the order of the table."""
    return (move for move in MOVES if state in move.when)
