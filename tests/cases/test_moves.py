"""The life of a case."""

import pytest

from nowserving.cases import moves
from nowserving.cases.moves import ENDS, MOVES, OPEN, State, possible


def test_every_move_has_its_own_verb_and_fact() -> None:
    assert len({move.verb for move in MOVES}) == len(MOVES)
    assert len({move.fact for move in MOVES}) == len(MOVES)


def test_every_state_is_reached_and_every_open_one_can_be_left() -> None:
    assert {move.then for move in MOVES if move.then} == set(State)
    for state in OPEN:
        assert {move.then for move in possible(state)} - {None, state}, state


@pytest.mark.parametrize("state", sorted(ENDS))
def test_an_ended_case_is_never_called(state: State) -> None:
    verbs = {move.verb for move in possible(state)}
    assert not verbs & {"call", "call_again", "start", "hold", "transfer", "resolve"}


def test_a_place_in_the_line_is_lost_only_by_leaving_it() -> None:
    assert {move.then for move in possible(State.WAITING) if move.lined is not False} == {
        None,
        State.PENDING,
        State.CALLED,
        State.WAITING,
        State.RESOLVED,
        State.CANCELED,
        State.ABANDONED,
    }
    assert moves.TRANSFER.then is State.WAITING
