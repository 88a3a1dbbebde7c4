"""Who is next: one pure rule, used by "call next" and by the estimate of waiting times.

A line is ordered by *rank*, an instant that is settled when a case joins or changes: the
time from which it counts as waiting, less a head start. A priority is a head start of so
many minutes, not a class of its own, so everybody ages at the same speed: whoever waits
longer than the others' head start is called before them, and nobody starves. A booked time
counts as waiting from that time with a head start of an hour, and is not called before
its lead. Because a rank never changes with time, the database finds the first of a line in
one step of an index, and the rule only has to choose among the first of each queue.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from heapq import nsmallest
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from nowserving.kit.clock import micros

HEAD_STARTS = (timedelta(0), timedelta(minutes=20), timedelta(minutes=60))
"""The head start of each priority: 0 usual, 1 raised, 2 urgent."""

APPOINTMENT_HEAD_START = timedelta(hours=1)
"""The head start of a booked time whose hour has come."""

APPOINTMENT_LEAD = timedelta(minutes=10)
"""How long before its booked time a checked-in appointment may be called."""


class Rule(StrEnum):
    """Why this one now; the fact of a call records it."""

    ONLY_ONE = "only_one_waiting"
    FOR_AGENT = "assigned_to_this_agent"
    APPOINTMENT = "appointment_due"
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
    """Who calls: a desk, the agent at it, and the queues of the agent's workspace."""

    desk_id: UUID | None
    agent_id: UUID | None
    queue_ids: Collection[UUID]


@dataclass(frozen=True, slots=True)
class Choice(Generic[Waiter]):
    """Who is next, and which rule said so."""

    case: Waiter
    rule: Rule


def rank_of(joined_at: datetime, priority: int, appointment_at: datetime | None) -> int:
    """The place in line of a case, in microseconds since 1970; the smaller is called first."""
    if appointment_at is not None:
        start = max(APPOINTMENT_HEAD_START, HEAD_STARTS[priority])
        return micros(appointment_at - start)
    return micros(joined_at - HEAD_STARTS[priority])


def rank_with(case: InLine, priority: int) -> int:
    """The rank of a case whose priority becomes another: only the head start changes."""
    was = rank_of(case.joined_at, case.priority, case.appointment_at)
    return case.rank + rank_of(case.joined_at, priority, case.appointment_at) - was


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
    return Choice(first_two[0], _why(*first_two))


def order(case: InLine) -> tuple[int, UUID]:
    """The key that sorts a line: rank, then id."""
    return case.rank, case.id


def _may_call(server: Server, case: InLine, now: int) -> bool:
    return (
        case.queue_id in server.queue_ids
        and case.callable_at <= now
        and case.assigned_to in (None, server.agent_id)
    )


def _why(chosen: InLine, runner_up: InLine | None = None) -> Rule:
    if chosen.assigned_to is not None:
        return Rule.FOR_AGENT
    if runner_up is None:
        return Rule.ONLY_ONE
    if chosen.appointment_at is not None:
        return Rule.APPOINTMENT
    if runner_up.rank < micros(chosen.joined_at):
        return Rule.PRIORITY
    if runner_up.priority > chosen.priority or runner_up.appointment_at is not None:
        return Rule.AGED
    return Rule.LONGEST
