"""The stream behind a live page: topic and version, signs of life, and an end."""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID, uuid4

import pytest

from nowserving.kit.http import AnyRequest
from nowserving.web import live


class Feed:
    """A live feed under the hand of the test."""

    def __init__(self) -> None:
        self.said: asyncio.Queue[tuple[str, int] | None] = asyncio.Queue()
        self.watched: list[Collection[str]] = []

    @asynccontextmanager
    async def watching(
        self, organization_id: UUID, topics: Collection[str]
    ) -> AsyncIterator[AsyncIterator[tuple[str, int]]]:
        self.watched.append(topics)
        yield self._all()
        self.watched.remove(topics)

    async def _all(self) -> AsyncIterator[tuple[str, int]]:
        while (one := await self.said.get()) is not None:
            yield one


class Browser:
    """Whoever listens."""

    def __init__(self) -> None:
        self.feed = Feed()
        self.heard: list[dict[str, Any]] = []
        self.answered = asyncio.Event()
        self.left = asyncio.Event()

    async def listen(self, **options: Any) -> None:
        app: Any = SimpleNamespace(state=SimpleNamespace(live=self.feed))
        request = cast(AnyRequest, SimpleNamespace(app=app))
        answer = live.stream(request, uuid4(), ["unit:1"], **options)
        await answer(cast(Any, {}), self._receive, self._send)

    @property
    def text(self) -> str:
        return b"".join(message.get("body", b"") for message in self.heard).decode()

    async def _receive(self) -> Any:
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        self.heard.append(message)
        self.answered.set()


async def test_it_tells_topic_and_version_until_the_house_closes() -> None:
    browser = Browser()
    for said in (("unit:1", 7), ("unit:1", 8), None):
        browser.feed.said.put_nowait(said)
    await asyncio.wait_for(browser.listen(), 30)
    assert browser.text == "retry: 2000\n\ndata: unit:1 7\n\ndata: unit:1 8\n\n"
    assert dict(browser.heard[0]["headers"])[b"x-accel-buffering"] == b"no"
    assert browser.heard[-1]["more_body"] is False


async def test_it_ends_when_the_browser_has_gone() -> None:
    browser = Browser()
    listening = asyncio.create_task(browser.listen())
    await browser.answered.wait()
    assert browser.feed.watched == [["unit:1"]]
    browser.left.set()
    await asyncio.wait_for(listening, 30)
    assert browser.feed.watched == []


async def test_it_gives_signs_of_life_and_ends_with_the_session(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live, "BEAT", 0.01)
    browser, asked = Browser(), iter([True, True, False])

    async def still() -> bool:
        return next(asked)

    await asyncio.wait_for(browser.listen(still=still), 30)
    assert browser.text.count("event: beat") == 2
