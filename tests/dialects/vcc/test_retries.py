"""VCC Live tells again after 1, 2, 4, 8 ... minutes, 15 times in all; 200 alone is success."""

from uuid import UUID

from nowserving.dialects.vcc.retries import policy
from nowserving.hooks.post import Answer
from nowserving.hooks.retries import taken, wait_after
from nowserving.places.endpoints import Endpoint


def an_endpoint(**settings: object) -> Endpoint:
    return Endpoint(
        UUID(int=1), UUID(int=2), "vcc", "https://x.example", (), "none", None, settings=settings
    )


def answered(status: int) -> Answer:
    return Answer(status, b"", None, 0.0, None)


def test_fifteen_attempts_each_twice_as_late() -> None:
    exactly = policy(an_endpoint())
    waits = [
        wait_after(answered(500), attempt, policy=exactly, chance=lambda: 0.0)
        for attempt in range(1, 16)
    ]
    assert waits[:4] == [60.0, 120.0, 240.0, 480.0]
    assert waits[-1] is None
    assert sum(wait or 0 for wait in waits) == 16383 * 60


def test_two_hundred_alone_is_success_unless_it_is_said_otherwise() -> None:
    exactly, leniently = policy(an_endpoint()), policy(an_endpoint(any_success=True))
    assert [taken(answered(status), exactly) for status in (200, 201, 204, 302)] == [
        True,
        False,
        False,
        False,
    ]
    assert [taken(answered(status), leniently) for status in (200, 204, 302)] == [
        True,
        True,
        False,
    ]
