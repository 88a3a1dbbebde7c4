"""When a fact that was not taken is told again."""

import errno
import os

import pytest

from nowserving.hooks.post import Answer
from nowserving.hooks.retries import our_outage, taken, there, wait_after
from nowserving.journal.telling import STANDARD


def answer(
    status: int | None, error: str | None = None, retry_after: float | None = None
) -> Answer:
    return Answer(status, b"", error, 0.0, retry_after)


def test_the_schedule_is_that_of_standard_webhooks() -> None:
    waits = [wait_after(answer(500), n, policy=STANDARD, chance=lambda: 1.0) for n in range(1, 11)]
    assert waits == [*STANDARD.waits, None]
    assert 3 < sum(STANDARD.waits) / 86400 < 3.5


def test_the_wait_is_anything_up_to_the_step() -> None:
    assert wait_after(answer(500), 2, policy=STANDARD, chance=lambda: 0.0) == 0
    assert wait_after(answer(500), 2, policy=STANDARD, chance=lambda: 0.5) == 150


@pytest.mark.parametrize(
    "hasty", [answer(429), answer(408), answer(None, "waited 15 s for an answer")]
)
def test_the_slow_and_the_busy_get_a_minute(hasty: Answer) -> None:
    assert wait_after(hasty, 1, policy=STANDARD, chance=lambda: 0.0) == 60


def test_what_the_receiver_asks_for_is_honoured() -> None:
    assert (
        wait_after(answer(503, retry_after=3600.0), 1, policy=STANDARD, chance=lambda: 0.5) == 3600
    )


@pytest.mark.parametrize(
    ("status", "is_taken", "is_there"),
    [
        (200, True, True),
        (204, True, True),
        (301, False, True),
        (400, False, True),
        (410, False, True),
        (408, False, False),
        (429, False, False),
        (500, False, False),
        (None, False, False),
    ],
)
def test_what_a_status_means(status: int | None, is_taken: bool, is_there: bool) -> None:
    assert (taken(answer(status)), there(answer(status))) == (is_taken, is_there)


def test_our_own_outages_are_known() -> None:
    no_network = answer(None, f"could not connect: {os.strerror(errno.ENETUNREACH)}")
    refused = answer(None, f"could not connect: {os.strerror(errno.ECONNREFUSED)}")
    assert (our_outage(no_network), our_outage(refused)) == (True, False)
