"""In a rush those who wait for an answer come first, and everything is told all the same."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from nowserving.hooks.courtesy import APART, AT_LONGEST, Courtesy
from nowserving.kit.crowd import LULL, MANY, Crowd
from tests.hooks.far import Far, far_end
from tests.hooks.sending import Room
from tests.journal.conftest import engine, office
from tests.journal.facts import Office, until

__all__ = ["engine", "office"]


class Clock:
    """A clock that stands until it is set."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


def crowded(clock: Clock, waiting: int = MANY) -> Crowd:
    crowd = Crowd(clock)
    for _ in range(waiting):
        crowd.comes()
    return crowd


def test_nobody_gives_way_to_a_few(clock: Clock) -> None:
    courtesy = Courtesy(crowded(clock, MANY - 1), clock=clock)
    assert [courtesy.wait() for _ in range(3)] == [0, 0, 0]


def test_claims_are_apart_in_a_rush(clock: Clock) -> None:
    courtesy = Courtesy(crowded(clock), clock=clock)
    assert [courtesy.wait() for _ in range(3)] == pytest.approx([0, APART, 2 * APART])
    clock.at += 2.5 * APART
    assert courtesy.wait() == pytest.approx(APART / 2)


def test_a_rush_is_over_when_there_were_few_for_a_while(clock: Clock) -> None:
    crowd = crowded(clock)
    for _ in range(MANY):
        crowd.goes()
    assert crowd.rushing() == 0
    clock.at += LULL
    assert crowd.rushing() == LULL
    clock.at += 0.1
    assert crowd.rushing() is None
    courtesy = Courtesy(crowd, clock=clock)
    assert [courtesy.wait(), courtesy.wait()] == [0, 0]


def test_a_rush_that_does_not_end_is_no_reason_to_be_late_for_ever(clock: Clock) -> None:
    crowd = crowded(clock)
    courtesy, began = Courtesy(crowd, clock=clock), clock.at
    waits = []
    while clock.at <= began + AT_LONGEST:
        courtesy.wait()
        waits.append(courtesy.wait() > 0)
        clock.at += LULL
        crowd.comes()
    assert all(waits)
    assert [courtesy.wait(), courtesy.wait()] == [0, 0]


def test_a_rush_that_pauses_for_a_moment_is_given_way_to_half_the_time_at_most(
    clock: Clock,
) -> None:
    """Else whoever sends many requests, and stops now and then, would keep telling back."""
    crowd = crowded(clock, MANY - 1)
    courtesy, began, gave_way, step = Courtesy(crowd, clock=clock), clock.at, 0.0, LULL / 2
    for _ in range(5):
        for _ in range(round(AT_LONGEST / step)):
            crowd.comes()
            crowd.goes()
            courtesy.wait()
            gave_way += step * (courtesy.wait() > 0)
            clock.at += step
        clock.at += LULL + 0.1
    calm = 4 * (LULL + 0.1)
    assert AT_LONGEST <= gave_way <= AT_LONGEST + 2 * calm
    clock.at = began + 1000
    crowd.comes()
    assert crowd.rushing() == 0


@pytest.fixture
async def far() -> AsyncIterator[Far]:
    async with far_end() as far:
        yield far


async def test_all_is_told_in_a_rush(office: Office, far: Far, clock: Clock) -> None:
    """More than one claim of it, in order for each case."""
    await office.subscribe(far.url)
    cases = [uuid4() for _ in range(70)]
    async with Room(office.engine, crowd=crowded(clock)) as room:
        for _ in range(2):
            for case in cases:
                await office.happens(case)
            room.router.wake(office.id)
        await until(lambda: len(far.taken) == 140)
    assert far.by_case() == {str(case): [1, 2] for case in cases}
