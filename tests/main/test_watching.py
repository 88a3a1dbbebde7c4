"""Who watches requests knows how many wait for an answer."""

from typing import Any, cast

import pytest
from litestar import Litestar

from nowserving.kit.crowd import Crowd
from nowserving.main.watching import Watching

SCOPE: Any = {"type": "http", "method": "GET", "path": "/x", "headers": []}


async def nothing(*_: Any) -> Any:
    raise AssertionError


async def test_whoever_hears_the_first_of_an_answer_waits_no_more() -> None:
    crowd = Crowd()
    waiting = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        waiting.append(crowd.waiting)
        await send({"type": "http.response.start", "status": 200})
        waiting.append(crowd.waiting)
        await send({"type": "http.response.body", "body": b"a", "more_body": True})
        waiting.append(crowd.waiting)

    async def send(message: Any) -> None:
        pass

    await Watching(cast(Litestar, app), crowd)(SCOPE, nothing, send)
    assert (waiting, crowd.waiting) == ([1, 0, 0], 0)


async def test_whoever_goes_away_waits_no_more() -> None:
    crowd = Crowd()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await Watching(cast(Litestar, app), crowd)(SCOPE, nothing, nothing)
    assert crowd.waiting == 0
