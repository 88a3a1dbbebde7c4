"""Work on cases beside the line: what a new one says, how they belong together, statuses."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from nowserving.cases import moves
from nowserving.cases.admission import Request
from nowserving.cases.case import Case
from nowserving.cases.moves import Move, State
from nowserving.kit.problems import Blame, Problem
from nowserving.places.statuses import CaseStatus


class SolutionRequired(Problem):
    """This status closes the case: say how it was solved."""

    blame = Blame.INPUT


class NoSuchStatus(Problem):
    """Cases of this type have no such status."""

    blame = Blame.INPUT


class InACircle(Problem):
    """A case cannot stand above or be merged into itself."""


class Link(StrEnum):
    """How a case and another one belong together."""

    RELATED = "related"
    DUPLICATES = "duplicates"
    BLOCKS = "blocks"


@dataclass(frozen=True, slots=True)
class CaseLink:
    """One case `duplicates` or `blocks` another, or both are `related`."""

    organization_id: UUID
    from_id: UUID
    to_id: UUID
    kind: Link
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Opening:
    """What somebody asks for who opens a case that stands in no line.

    `request` says what a ticket would say too. `counted_only`: the matter is settled
    already and is written down to be counted; it is closed at once.
    """

    request: Request
    title: str | None = None
    description: str | None = None
    cc: str | None = None
    solution: str | None = None
    status_id: UUID | None = None
    priority_id: UUID | None = None
    owner_id: UUID | None = None
    assigned_to: UUID | None = None
    parent_id: UUID | None = None
    outcome_id: UUID | None = None
    due_at: datetime | None = None
    counted_only: bool = False
    extras: Mapping[str, Any] = field(default_factory=dict)


def check_status(status: CaseStatus, case: Case) -> None:
    """NoSuchStatus unless cases of this type can have it."""
    if status.archived or status.type_id not in (None, case.type_id):
        raise NoSuchStatus(field="status_id", status=status.id)


_STEPS = (
    moves.RESUME,
    moves.PEND,
    moves.TAKE_UP,
    moves.START,
    moves.RETURN,
    moves.HOLD,
    moves.RESOLVE,
    moves.CLOSE,
    moves.CANCEL,
    moves.MISS,
    moves.REOPEN,
)
"""The moves that a change of status may stand for; nobody is called by one."""


def way(case: Case, to: State) -> list[Move] | None:
    """The fewest moves that bring a case from its state to another; None if none do."""
    ways: deque[tuple[State, list[Move]]] = deque([(case.state, [])])
    seen = {case.state}
    while ways:
        state, before = ways.popleft()
        if state == to:
            return before
        for move in _STEPS:
            then = move.then
            if (
                state in move.when
                and then
                and then not in seen
                and move.lined in (None, case.lined)
            ):
                seen.add(then)
                ways.append((then, [*before, move]))
    return None


def beside(case: Case, move: Move) -> dict[str, Any]:
    """What the fact of such a move says beside the case, as it does from a desk."""
    if move is moves.RESOLVE:
        return {"served_by": case.agent_id if case.state is State.ACTIVE else None}
    return {"note_id": None} if move in (moves.HOLD, moves.CANCEL) else {}


_FORCED = {
    State.WAITING: moves.RETURN,
    State.PENDING: moves.PEND,
    State.ACTIVE: moves.START,
    State.ON_HOLD: moves.HOLD,
    State.RESOLVED: moves.RESOLVE,
    State.CLOSED: moves.CLOSE,
    State.CANCELED: moves.CANCEL,
    State.ABANDONED: moves.ABANDON,
    State.NO_SHOW: moves.MISS,
}


def forced_move(case: Case, to: State) -> Move | None:
    """The move that tells of a case forced into a state; None if there is none."""
    if case.state.over and to is State.WAITING:
        return moves.REOPEN
    return _FORCED.get(to)
