"""A case: one matter of one customer, from first sign to closed."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from math import ceil
from typing import Any
from uuid import UUID

from nowserving.cases.moves import (
    AT_DESK,
    CALL,
    CALL_AGAIN,
    COME_BACK,
    RESOLVE,
    START,
    UNDO_CALL,
    Move,
    State,
    possible,
)
from nowserving.kit.problems import Blame, Problem
from nowserving.places.needs import Need
from nowserving.places.services import Channel

UNDO_FOR = timedelta(seconds=10)
"""How long a call can be undone."""

COME_BACK_FOR = timedelta(seconds=30)
"""How long a person who left the line can change their mind and keep their place."""

CALL_AGAIN_AFTER = timedelta(seconds=15)
"""The shortest time between two announcements of one call."""


NO_NUMBER = -1
"""On the ticket of an appointment that gets its number on arrival; its sequence is below 0."""


class WrongState(Problem):
    """The case has moved on; this can no longer be done to it."""


class NotYours(Problem):
    """Somebody else is serving this case."""


class TooLate(Problem):
    """It is too late to take this back."""


class TooSoon(Problem):
    """This person was called a moment ago; wait a little before calling again."""

    blame = Blame.HASTE


class NoRoute(Problem):
    """There is no route from this queue to that one."""


class DeskBusy(Problem):
    """Somebody is already called to this desk or served there."""


class DeskTaken(Problem):
    """Somebody else sits at this desk."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """The number called out."""

    prefix: str
    number: int
    suffix: str

    def __str__(self) -> str:
        """As it is shown: A103b. Nothing, as long as there is no number."""
        if self.number == NO_NUMBER:
            return ""
        return f"{self.prefix}{self.number}{self.suffix}"


@dataclass(frozen=True, slots=True)
class Case:
    """One matter of one customer. Nothing personal stands here; that is in `Details`.

    `sequence` counts the tickets of a service and day from 1; below 1 it tells that the case
    stands in no line and took no number of one: it is called by its own. `rank` orders a line (the
    smaller is called first; see queues/line.py), and nobody is called before
    `callable_at`. `rank` and `callable_at` are microseconds since 1970. `opened_by` is the
    principal who opened it; `status_id` an organization's own name for where it stands;
    `priority_id` its own name for the priority; `due_at` its soft deadline, `escalated_at`
    when that had passed.
    """

    organization_id: UUID
    id: UUID
    number: int
    version: int
    state: State
    unit_id: UUID
    queue_id: UUID
    service_id: UUID
    category_id: UUID
    type_id: UUID
    parent_id: UUID | None
    customer_id: UUID | None
    channel: Channel
    language: str
    day: date
    sequence: int
    prefix: str
    ticket_number: int
    suffix: str
    priority: int
    rank: int
    callable_at: int
    opened_at: datetime
    joined_at: datetime
    reference_at: datetime
    state_at: datetime
    called_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    appointment_at: datetime | None = None
    calls: int = 0
    desk_id: UUID | None = None
    agent_id: UUID | None = None
    assigned_to: UUID | None = None
    outcome_id: UUID | None = None
    use_customer_contact: bool = False
    tag_ids: tuple[UUID, ...] = ()
    extras: Mapping[str, Any] = field(default_factory=dict)
    opened_by: str = ""
    status_id: UUID | None = None
    owner_id: UUID | None = None
    due_at: datetime | None = None
    escalated_at: datetime | None = None
    merged_into_id: UUID | None = None
    priority_id: UUID | None = None
    back_at: datetime | None = None

    @property
    def lined(self) -> bool:
        """Is it a visit: with a number taken in a line, or booked and without one so far?"""
        return self.sequence > 0 or self.appointment_at is not None

    @property
    def ticket(self) -> Ticket:
        """The number called out."""
        return Ticket(self.prefix, self.ticket_number, self.suffix)

    def possible_moves(self) -> list[Move]:
        """What can be done to the case as it stands."""
        return [move for move in possible(self.state) if self.allows(move)]

    def allows(self, move: Move) -> bool:
        """Is it a move for such a case? One that was merged into another moves no more."""
        return move.lined in (None, self.lined) and not (move.then and self.merged_into_id)

    def may_undo_call(self, now: datetime) -> bool:
        """Is the call fresh enough to be undone?"""
        return self.called_at is not None and now - self.called_at <= UNDO_FOR

    def may_come_back(self, now: datetime) -> bool:
        """Has the person left the line so short a time ago that the place is still theirs?"""
        return self.state is State.ABANDONED and now - self.state_at <= COME_BACK_FOR

    def seconds_to_come_back(self, now: datetime) -> int:
        """For how long the place of somebody who left is still theirs."""
        if not self.may_come_back(now):
            return 0
        return ceil((COME_BACK_FOR - (now - self.state_at)).total_seconds())


@dataclass(frozen=True, slots=True)
class Details:
    """What is personal in a case; kept apart, with a lifetime of its own.

    `reference_key`: what another system calls it, as it is looked for: without case and accents.
    """

    organization_id: UUID
    case_id: UUID
    name: str | None = None
    phone: str | None = None
    email: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    solution: str | None = None
    title: str | None = None
    description: str | None = None
    cc: str | None = None
    reference_key: str | None = None
    needs: tuple[Need, ...] = ()


class Visibility(StrEnum):
    """Who reads a remark: colleagues only, or the customer too."""

    INTERNAL = "internal"
    PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class Draft:
    """A remark that its author still writes: of interest to nobody else, and told to nobody."""

    organization_id: UUID
    case_id: UUID
    author_id: UUID
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Note:
    """A remark on a case. It stays as it was written."""

    organization_id: UUID
    id: UUID
    case_id: UUID
    at: datetime
    author: str
    author_id: UUID | None
    text: str
    visibility: Visibility = Visibility.INTERNAL


def moved(case: Case, move: Move, now: datetime, **changes: Any) -> Case:
    """The case after a move; WrongState if its life does not allow the move now."""
    if case.state not in move.when or not case.allows(move):
        raise WrongState(case=case.id, state=case.state, move=move.verb)
    state = move.then or case.state
    if state != case.state:
        changes.setdefault("state_at", now)
        changes.setdefault("back_at", None)
        changes.setdefault("status_id", None)  # a status is a name for the state it stands on
        if state.over:
            changes.setdefault("ended_at", now)
        elif case.state.over:
            changes.setdefault("ended_at", None)
        if state not in AT_DESK and not state.over and state is not State.ON_HOLD:
            changes |= {"desk_id": None, "agent_id": None}
    return replace(case, state=state, version=case.version + 1, **changes)


def forced(case: Case, move: Move, now: datetime, **changes: Any) -> Case:
    """The case after a move that somebody forces, whatever its state; WrongState if merged."""
    return moved(case, replace(move, when=frozenset(State), lined=None), now, **changes)


def called(
    case: Case,
    now: datetime,
    *,
    desk_id: UUID | None,
    agent_id: UUID | None,
    silent: bool = False,
) -> Case:
    """The case called to a desk; `calls` counts the announcements, a silent call is none."""
    calls = 0 if silent else 1
    return moved(case, CALL, now, desk_id=desk_id, agent_id=agent_id, called_at=now, calls=calls)


def called_again(case: Case, now: datetime) -> Case:
    """The case announced once more; TooSoon within 15 seconds of the last announcement."""
    again = moved(case, CALL_AGAIN, now, called_at=now, calls=case.calls + 1)
    if case.called_at is not None and now - case.called_at < CALL_AGAIN_AFTER:
        raise TooSoon(case=case.id, seconds=CALL_AGAIN_AFTER.seconds)
    return again


def call_undone(case: Case, now: datetime) -> Case:
    """The case back at its old place, as if it had not been called."""
    undone = moved(case, UNDO_CALL, now, called_at=None, started_at=None, calls=0)
    if case.calls > 1 or not case.may_undo_call(now):
        raise TooLate(case=case.id)
    return undone


def started(case: Case, now: datetime, *, desk_id: UUID | None, agent_id: UUID | None) -> Case:
    """The case when the person stands at the desk, or is taken up again from hold."""
    return moved(
        case,
        START,
        now,
        desk_id=desk_id,
        agent_id=agent_id,
        started_at=case.started_at or now,
    )


def resolved(case: Case, now: datetime, *, outcome_id: UUID | None) -> Case:
    """The case with its matter settled."""
    return moved(case, RESOLVE, now, outcome_id=outcome_id)


def came_back(case: Case, now: datetime) -> Case:
    """The case of somebody who left the line by mistake, at its old place; or TooLate."""
    back = moved(case, COME_BACK, now)
    if not case.may_come_back(now):
        raise TooLate(case=case.id)
    return back
