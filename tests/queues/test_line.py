"""Who is next: the rule by itself."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from nowserving.kit.clock import micros
from nowserving.places.services import Merge
from nowserving.queues.line import (
    HEAD_STARTS,
    Choice,
    Rule,
    Server,
    callable_from,
    interleaved,
    next_in_line,
    order,
    rank_of,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
QUEUES = [UUID(int=n) for n in (1, 2, 3)]
ANN, BOB = UUID(int=101), UUID(int=102)
DESK = Server(UUID(int=50), ANN, frozenset(QUEUES[:2]))


@dataclass(frozen=True)
class Waiter:
    """Somebody in a line, as the rule sees them."""

    id: UUID
    queue_id: UUID
    rank: int
    callable_at: int
    joined_at: datetime
    priority: int = 0
    appointment_at: datetime | None = None
    assigned_to: UUID | None = None


def waiter(
    id: int,
    minutes: float,
    *,
    queue: int = 0,
    priority: int = 0,
    booked: float | None = None,
    assigned_to: UUID | None = None,
) -> Waiter:
    """Somebody who joined so many minutes before noon, perhaps with a booked time."""
    joined_at = NOON - timedelta(minutes=minutes)
    booked_at = None if booked is None else NOON + timedelta(minutes=booked)
    return Waiter(
        UUID(int=1000 + id),
        QUEUES[queue],
        rank_of(joined_at, priority, booked_at),
        callable_from(booked_at),
        joined_at,
        priority,
        booked_at,
        assigned_to,
    )


def test_nobody_waits() -> None:
    assert next_in_line(DESK, [], NOON) is None


def test_the_only_one_is_next() -> None:
    alone = waiter(1, 5)
    assert next_in_line(DESK, [alone], NOON) == Choice(alone, Rule.ONLY_ONE)


def test_whoever_waits_longest_is_next() -> None:
    long, short = waiter(1, 9), waiter(2, 5)
    assert next_in_line(DESK, [short, long], NOON) == Choice(long, Rule.LONGEST)


def test_a_queue_outside_the_workspace_is_passed_over() -> None:
    ours, theirs = waiter(1, 5), waiter(2, 50, queue=2)
    assert next_in_line(DESK, [theirs, ours], NOON) == Choice(ours, Rule.ONLY_ONE)


def test_a_priority_is_called_before_those_who_came_earlier() -> None:
    usual, raised = waiter(1, 15), waiter(2, 1, priority=1)
    assert next_in_line(DESK, [usual, raised], NOON) == Choice(raised, Rule.PRIORITY)


def test_whoever_waited_longer_than_the_head_start_is_called_first() -> None:
    usual, raised = waiter(1, 22), waiter(2, 1, priority=1)
    assert next_in_line(DESK, [usual, raised], NOON) == Choice(usual, Rule.AGED)


def test_an_appointment_is_called_at_its_time() -> None:
    usual, booked = waiter(1, 40), waiter(2, 5, booked=0)
    assert next_in_line(DESK, [usual, booked], NOON) == Choice(booked, Rule.APPOINTMENT)


def test_an_appointment_is_not_called_before_its_lead() -> None:
    usual, booked = waiter(1, 2), waiter(2, 30, booked=11)
    assert next_in_line(DESK, [usual, booked], NOON) == Choice(usual, Rule.ONLY_ONE)
    later = NOON + timedelta(minutes=1)
    assert next_in_line(DESK, [usual, booked], later) == Choice(booked, Rule.APPOINTMENT)


def test_a_case_assigned_to_a_colleague_is_theirs() -> None:
    mine, theirs = waiter(1, 1, assigned_to=ANN), waiter(2, 9, assigned_to=BOB)
    assert next_in_line(DESK, [mine, theirs], NOON) == Choice(mine, Rule.FOR_AGENT)


waiters = st.lists(
    st.builds(
        waiter,
        st.integers(0, 10_000),
        st.floats(0, 300, allow_nan=False).map(lambda m: round(m, 3)),
        queue=st.integers(0, 2),
        priority=st.integers(0, 2),
        booked=st.none() | st.integers(-60, 60),
        assigned_to=st.sampled_from([None, None, ANN, BOB]),
    ),
    max_size=40,
    unique_by=lambda one: one.id,
)


def test_each_queue_merges_by_its_own_rule() -> None:
    usual, booked = waiter(1, 9), waiter(2, 5, booked=0)
    turned = replace(booked, rank=usual.rank + 1)
    counted = replace(booked, rank=rank_of(NOON, 0, NOON, Merge.FROM_TIME))
    for merge, line, rules in (
        (Merge.ON_TIME, [usual, booked], (Rule.APPOINTMENT, Rule.ONLY_ONE)),
        (Merge.FROM_TIME, [usual, counted], (Rule.LONGEST, Rule.ONLY_ONE)),
        (Merge.INTERLEAVED, [usual, turned], (Rule.TURN_OF_WALK_IN, Rule.ONLY_ONE)),
    ):
        desk = replace(DESK, merges={QUEUES[0]: merge})
        first = next_in_line(desk, line, NOON)
        assert first is not None
        second = next_in_line(desk, [one for one in line if one != first.case], NOON)
        assert second is not None
        assert (first.rule, second.rule) == rules


def test_who_came_too_late_is_not_called_as_an_appointment() -> None:
    late = replace(waiter(2, 5, booked=-30), callable_at=0, rank=micros(NOON))
    usual = waiter(1, 2)
    assert next_in_line(DESK, [late, usual], NOON) == Choice(usual, Rule.LONGEST)


@given(st.lists(st.booleans(), max_size=30))
def test_interleaved_places_are_kept_whoever_comes_later(comes_booked: list[bool]) -> None:
    """Whoever has a place is never overtaken but by one appointment for each one without."""
    line: list[Waiter] = []
    for at, booked in enumerate(comes_booked):
        joined_at = NOON + timedelta(seconds=at)
        one = replace(waiter(at, 0), joined_at=joined_at, rank=micros(joined_at))
        if booked:
            rank = interleaved(sorted(line, key=order), joined_at, 0)
            one = replace(one, rank=rank, appointment_at=NOON, callable_at=1)
        line.append(one)
    kinds = ["b" if one.appointment_at else "w" for one in sorted(line, key=order)]
    came = "".join("b" if booked else "w" for booked in comes_booked)
    assert sorted(kinds) == sorted(came)
    walk_ins = [one for one in sorted(line, key=order) if not one.appointment_at]
    assert walk_ins == sorted(walk_ins, key=lambda one: one.joined_at)


@given(waiters)
def test_the_first_two_of_each_queue_give_the_same_answer_as_everybody(line: list[Waiter]) -> None:
    first_two = [
        one
        for queue in QUEUES
        for one in sorted(
            (
                one
                for one in line
                if one.queue_id == queue
                and one.callable_at <= micros(NOON)
                and one.assigned_to in (None, ANN)
            ),
            key=order,
        )[:2]
    ]
    assert next_in_line(DESK, first_two, NOON) == next_in_line(DESK, line, NOON)


@given(waiters)
def test_nobody_starves(line: list[Waiter]) -> None:
    """Whoever joined earlier than all others by more than the longest head start is next."""
    elder = replace(waiter(0, 0), id=UUID(int=1), joined_at=NOON - timedelta(days=1))
    elder = replace(elder, rank=rank_of(elder.joined_at, 0, None), callable_at=0)
    assert max(HEAD_STARTS) < timedelta(hours=18)
    choice = next_in_line(DESK, [*line, elder], NOON)
    assert choice is not None
    assert choice.case is elder


@given(waiters, st.randoms())
def test_the_answer_does_not_depend_on_the_order_of_asking(
    line: list[Waiter], chance: object
) -> None:
    mixed = list(line)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert next_in_line(DESK, mixed, NOON) == next_in_line(DESK, line, NOON)
