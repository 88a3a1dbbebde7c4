"""In a rush those who wait for an answer come first, and everything is told all the same."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from nowserving.hooks.courtesy import A_CLAIM, A_TURN, LEAST, Courtesy
from nowserving.kit.busy import Idleness
from nowserving.kit.crowd import LULL, MANY, Crowd
from tests.hooks.far import Far, far_end
from tests.hooks.sending import Room
from tests.journal.conftest import engine, office
from tests.journal.facts import Office, until

__all__ = ["engine", "office"]


class Process:
    """A process whose time stands until it passes, and how much of it was used."""

    def __init__(self, waiting: int = MANY) -> None:
        self.at = 1000.0
        self.used = 0.0
        self.crowd = Crowd(lambda: self.at)
        for _ in range(waiting):
            self.crowd.comes()
        idleness = Idleness(lambda: self.used, clock=lambda: self.at)
        self.courtesy = Courtesy(self.crowd, idleness=idleness, clock=lambda: self.at)

    def passes(self, seconds: float, *, busy: float = 1.0) -> None:
        """Time passes, and those who wait are still there."""
        self.at += seconds
        self.used += seconds * busy
        self.crowd.goes()
        self.crowd.comes()

    def sets_out(self, seconds: float, *, busy: float = 1.0, lanes: int = 64) -> float:
        """How many lanes set out in a second, if there are always as many as a claim takes."""
        began, claimed = self.at, 0
        while self.at < began + seconds:
            self.passes(max(self.courtesy.wait(), 0.001), busy=busy)
            self.courtesy.claimed(lanes)
            claimed += lanes
        return claimed / seconds


def test_nobody_gives_way_to_a_few() -> None:
    process = Process(MANY - 1)
    for _ in range(3):
        assert process.courtesy.wait() == 0
        process.courtesy.claimed(64)


def test_a_rush_is_over_when_there_were_few_for_a_while() -> None:
    process = Process()
    process.courtesy.claimed(64)
    for _ in range(MANY):
        process.crowd.goes()
    process.at += LULL
    process.courtesy.claimed(640)
    assert process.crowd.rushing
    assert process.courtesy.wait() > 0
    process.at += 0.1
    assert not process.crowd.rushing
    assert process.courtesy.wait() == 0


def test_so_many_set_out_in_a_rush_however_long_it_is() -> None:
    process = Process()
    assert process.sets_out(60) == pytest.approx(LEAST, rel=0.02)
    assert process.sets_out(600) == pytest.approx(LEAST, rel=0.02)


def test_claims_of_a_few_are_dear() -> None:
    assert Process().sets_out(60, lanes=1) == pytest.approx(LEAST / A_CLAIM, rel=0.05)


def test_whoever_has_little_to_hear_does_not_wait_for_all_that_others_have() -> None:
    """Three organizations take turns: two bring all that they may, the third a lane or two."""
    process = Process()
    most = process.courtesy.most(others_wait=True)
    assert most == A_TURN
    waits = []
    for _ in range(20):
        began = process.at
        for lanes in (most, most, 2):
            process.passes(process.courtesy.wait())
            process.courtesy.claimed(lanes)
        waits.append(process.at - began)
    assert max(waits) == pytest.approx((2 * A_TURN + A_CLAIM) / LEAST)


def test_turns_are_short_only_where_somebody_waits() -> None:
    assert Process().courtesy.most(others_wait=False) is None
    assert Process(MANY - 1).courtesy.most(others_wait=True) is None


def test_what_is_left_of_the_time_is_for_telling() -> None:
    """Many may wait for something else than us, as for a hook that is slow to answer."""
    process = Process()
    process.sets_out(10, busy=0.1)
    assert process.sets_out(10, busy=0.1) > 10 * LEAST
    process.sets_out(1, busy=0.9)
    assert process.sets_out(10, busy=0.9) == pytest.approx(LEAST, rel=0.1)


def test_a_rush_begins_as_if_there_were_no_time() -> None:
    process = Process()
    process.sets_out(10, busy=0.1)
    process.at += 2 * LULL
    assert process.courtesy.wait() == 0
    process.passes(0.01)
    process.courtesy.claimed(64)
    assert process.courtesy.wait() == pytest.approx(64 / LEAST)


@pytest.fixture
async def far() -> AsyncIterator[Far]:
    async with far_end() as far:
        yield far


async def test_all_is_told_in_a_rush(office: Office, far: Far) -> None:
    """More than one claim of it, in order for each case."""
    await office.subscribe(far.url)
    cases = [uuid4() for _ in range(70)]
    async with Room(office.engine, crowd=Process().crowd) as room:
        for _ in range(2):
            for case in cases:
                await office.happens(case)
            room.router.wake(office.id)
        await until(lambda: len(far.taken) == 140)
    assert far.by_case() == {str(case): [1, 2] for case in cases}
