"""Who is next: one pure rule, used by "call next" and by the estimate of waiting times.

A line is ordered by *rank*, an instant that is settled when a case joins or changes: the
time from which it counts as waiting, less a head start. A priority is a head start of so
many minutes, not a class of its own, so everybody ages at the same speed: whoever waits
longer than the others' head start is called before them, and nobody starves. A booked time
is not called before its lead; where it stands among the others is the queue's `Merge`
(docs/decisions/0016). Because a rank never changes with time, the database finds the first
of a line in one step of an index, and the rule only has to choose among the first of each
queue.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from heapq import nsmallest
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from nowserving.kit.clock import micros
from nowserving.places.services import Merge

HEAD_STARTS = (timedelta(0), timedelta(minutes=20), timedelta(minutes=60))
"""The head start of each priority: 0 usual, 1 raised, 2 urgent."""

APPOINTMENT_HEAD_START = timedelta(hours=12)
"""The head start of a booked time that shall reach the front: longer than anybody waits."""

APPOINTMENT_LEAD = timedelta(minutes=10)
"""How long before its booked time a checked-in appointment may be called."""


class Rule(StrEnum):
    """Why this one now; the fact of a call records it."""

    ONLY_ONE = "only_one_waiting"
    FOR_AGENT = "assigned_to_this_agent"
    APPOINTMENT = "appointment_due"
    FROM_BOOKED_TIME = "waited_longest_from_the_booked_time"
    TURN_OF_APPOINTMENT = "turn_of_an_appointment"
    TURN_OF_WALK_IN = "turn_of_somebody_without_an_appointment"
    PRIORITY = "priority"
    AGED = "waited_longer_than_a_head_start"
    LONGEST = "waited_longest"
    CHOSEN = "chosen_by_the_agent"


class InLine(Protocol):
    """What the rule needs to know of somebody who waits."""

    @property
    def id(self) -> UUID: ...
    @property
    def queue_id(self) -> UUID: ...
    @property
    def rank(self) -> int: ...
    @property
    def callable_at(self) -> int: ...
    @property
    def joined_at(self) -> datetime: ...
    @property
    def priority(self) -> int: ...
    @property
    def appointment_at(self) -> datetime | None: ...
    @property
    def assigned_to(self) -> UUID | None: ...


Waiter = TypeVar("Waiter", bound=InLine)


@dataclass(frozen=True, slots=True)
class Server:
    """Who calls: a desk, the agent at it, and the queues of the agent's workspace.

    `merges`: how each queue merges appointments, where that is not `Merge.ON_TIME`.
    """

    desk_id: UUID | None
    agent_id: UUID | None
    queue_ids: Collection[UUID]
    merges: Mapping[UUID, Merge] = field(default_factory=dict)

    def merge(self, case: InLine) -> Merge:
        """How the queue of a case merges appointments."""
        return self.merges.get(case.queue_id, Merge.ON_TIME)


@dataclass(frozen=True, slots=True)
class Choice(Generic[Waiter]):
    """Who is next, and which rule said so."""

    case: Waiter
    rule: Rule


def rank_of(
    joined_at: datetime,
    priority: int,
    appointment_at: datetime | None,
    merge: Merge = Merge.ON_TIME,
) -> int:
    """The place in line of a case, in microseconds since 1970; the smaller is called first.

    `appointment_at` is left out for whoever comes too late to keep their place. Of an
    interleaved queue see `interleaved`.
    """
    if appointment_at is None or merge is Merge.INTERLEAVED:
        return micros(joined_at - HEAD_STARTS[priority])
    if merge is Merge.FROM_TIME:
        return micros(appointment_at - HEAD_STARTS[priority])
    return micros(appointment_at - max(APPOINTMENT_HEAD_START, HEAD_STARTS[priority]))


def interleaved(line: Iterable[InLine], joined_at: datetime, priority: int) -> int:
    """The rank of an appointment in an interleaved queue, given who waits, in order.

    Behind the last appointment in the line, one person without one is called first; if
    nobody without is left there, the place is the end of the line. Who joins later stands
    behind, so a place once given is kept. Of equal ranks the older case is called first.
    """
    place: int | None = None
    end = micros(joined_at)
    for case in line:
        end = max(end, case.rank + 1)
        if booked(case):
            place = None
        elif place is None:
            place = case.rank + 1
    return (end if place is None else place) - micros_of(HEAD_STARTS[priority])


def micros_of(length: timedelta) -> int:
    """A length of time in microseconds."""
    return length // timedelta(microseconds=1)


def rank_with(case: InLine, priority: int, merge: Merge = Merge.ON_TIME) -> int:
    """The rank of a case whose priority becomes another: only the head start changes."""
    time = case.appointment_at if booked(case) else None
    was = rank_of(case.joined_at, case.priority, time, merge)
    return case.rank + rank_of(case.joined_at, priority, time, merge) - was


def booked(case: InLine) -> bool:
    """Does a booked time count for this case? Not if the person came too late for it."""
    return case.appointment_at is not None and case.callable_at != 0


def callable_from(appointment_at: datetime | None) -> int:
    """The instant before which a case is not called, in microseconds since 1970.

    0 for who has no appointment: they can be called at once, also when the clock is set back.
    """
    return 0 if appointment_at is None else micros(appointment_at - APPOINTMENT_LEAD)


def next_in_line(server: Server, waiting: Iterable[Waiter], now: datetime) -> Choice[Waiter] | None:
    """Whoever this desk calls next, and why; None when nobody can be called.

    `waiting` may be everybody, or only the first two of each queue that can be called: the
    answer is the same.
    """
    can_be_called = [case for case in waiting if _may_call(server, case, micros(now))]
    first_two = nsmallest(2, can_be_called, key=order)
    if not first_two:
        return None
    return Choice(first_two[0], _why(server, *first_two))


def order(case: InLine) -> tuple[int, UUID]:
    """The key that sorts a line: rank, then id."""
    return case.rank, case.id


def _may_call(server: Server, case: InLine, now: int) -> bool:
    return (
        case.queue_id in server.queue_ids
        and case.callable_at <= now
        and case.assigned_to in (None, server.agent_id)
    )


def _why(server: Server, chosen: InLine, runner_up: InLine | None = None) -> Rule:
    if chosen.assigned_to is not None or runner_up is None:
        return Rule.ONLY_ONE if chosen.assigned_to is None else Rule.FOR_AGENT
    if booked(chosen):
        return _BY_APPOINTMENT[server.merge(chosen)]
    if booked(runner_up):
        return _BEFORE_APPOINTMENT[server.merge(runner_up)]
    if runner_up.rank < micros(chosen.joined_at):
        return Rule.PRIORITY
    return Rule.AGED if runner_up.priority > chosen.priority else Rule.LONGEST


_BY_APPOINTMENT = {
    Merge.ON_TIME: Rule.APPOINTMENT,
    Merge.FROM_TIME: Rule.FROM_BOOKED_TIME,
    Merge.INTERLEAVED: Rule.TURN_OF_APPOINTMENT,
}
_BEFORE_APPOINTMENT = {
    Merge.ON_TIME: Rule.AGED,
    Merge.FROM_TIME: Rule.LONGEST,
    Merge.INTERLEAVED: Rule.TURN_OF_WALK_IN,
}
"""Why somebody without an appointment is called before somebody with one."""
