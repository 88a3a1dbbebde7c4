"""Far ends that are asked, and a house that can ask them."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from nowserving.actions.house import House
from nowserving.hooks.asking import Asker
from nowserving.hooks.guard import Guard
from nowserving.hooks.posters import Posters
from nowserving.main.listeners import ASKERS
from nowserving.people.actor import system
from nowserving.places.hooks import Hook, HookKind
from nowserving.store.store import Store
from tests.hooks.far import Post
from tests.hooks.receivers import Read, Write, a_request, receiving

SECRET = "whsec_" + "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"

Answer = Mapping[str, Any] | int | bytes | None
Answers = Callable[[Post], Answer | Awaitable[Answer]]


@dataclass
class AskedFar:
    """Who is asked. `answer`: an object, a status, raw bytes to break off after, or nothing."""

    answer: Answers = lambda post: None
    url: str = ""
    posts: list[Post] = field(default_factory=list)
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def story(self, reader: Read, writer: Write) -> None:
        """Answer one question after the other."""
        while True:
            head, body = await a_request(reader)
            line, *fields = head.decode().strip().split("\r\n")
            headers = dict(field.split(": ", 1) for field in fields)
            post = Post(line.split(" ")[1], headers, body, 0.0)
            async with self._news:
                self.posts.append(post)
                self._news.notify_all()
            answer = self.answer(post)
            if isinstance(answer, Awaitable):
                answer = await answer
            if isinstance(answer, bytes):
                writer.write(answer)
                await writer.drain()
                return
            writer.write(_response(answer))
            await writer.drain()

    async def until(self, count: int) -> None:
        """Wait until so many questions have come."""
        async with asyncio.timeout(20), self._news:
            await self._news.wait_for(lambda: len(self.posts) >= count)

    @property
    def said(self) -> list[dict[str, Any]]:
        """What was asked."""
        return [json.loads(post.body) for post in self.posts]


def _response(answer: Answer) -> bytes:
    if isinstance(answer, int):
        return f"HTTP/1.1 {answer} X\r\nContent-Length: 0\r\n\r\n".encode()
    assert not isinstance(answer, bytes)
    body = b"" if answer is None else json.dumps(answer).encode()
    return f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


@asynccontextmanager
async def asked_far(answer: Answers | None = None) -> AsyncIterator[AskedFar]:
    """Somebody to ask, on a free port of this machine."""
    far = AskedFar() if answer is None else AskedFar(answer)
    async with receiving(far.story) as receiver:
        far.url = f"http://127.0.0.1:{receiver.port}/ask"
        yield far


@asynccontextmanager
async def asking(house: House, **options: Any) -> AsyncIterator[Asker]:
    """A house that can ask hooks while this is open."""
    async with (
        Posters(Guard(), clock=house.clock, per_host=64) as posters,
        Asker(
            house.engine,
            house.vault,
            posters,
            ASKERS,
            guard=Guard(),
            clock=house.clock,
            ids=house.ids,
            **options,
        ) as asker,
    ):
        house.asks = asker
        yield asker


async def add_hook(
    house: House, organization: Any, kind: HookKind, url: str | None, **more: Any
) -> Hook:
    """A hook at an address that the operator allows, in the house."""
    now = house.clock()
    defaults: dict[str, Any] = {
        "dialect": "native",
        "name": "crm",
        "endpoint_id": None,
        "secret": house.vault.lock(SECRET),
        "settings": {"allowed": True},
    }
    hook = Hook(
        organization_id=organization,
        id=house.ids(now),
        kind=kind,
        url=url,
        created_at=now,
        **{**defaults, **more},
    )
    async with house.acting(system(organization, "test")) as act:
        await act.store.hooks.add(hook)
        await act.store.places.changed()
    house.forget_directory(organization)
    return hook


async def noted(house: House, asker: Asker, hook: Hook) -> list[Any]:
    """What was written down of a hook, the newest first."""
    await asker.written()
    async with house.engine.reading() as connection:
        return await Store(connection, hook.organization_id).hooks.askings(hook.id)
