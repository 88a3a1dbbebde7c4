"""An organization's own names for where a case stands and how urgent it is.

They are labels: a status stands on a state of the one life of a case and never adds one, a
priority stands on one of the head starts of the line.
"""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Condition(StrEnum):
    """Is work still to be done on a case with this status?"""

    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class CaseStatus:
    """A name for a state (`state` is its word in cases/moves.py).

    `type_id`: only for cases of this service type; None: for all. A case that is given a
    status whose condition is Closed must say its solution (reference/wolkvox.md 4.7).
    """

    organization_id: UUID
    id: UUID
    name: str
    state: str
    condition: Condition
    position: int
    type_id: UUID | None = None
    archived: bool = False

    @property
    def needs_solution(self) -> bool:
        """Must a case with this status say how it was solved?"""
        return self.condition is Condition.CLOSED


@dataclass(frozen=True, slots=True)
class CasePriority:
    """A name for an urgency; `level` is 0 usual, 1 raised or 2 urgent, and orders a line."""

    organization_id: UUID
    id: UUID
    name: str
    level: int
    position: int
    archived: bool = False
