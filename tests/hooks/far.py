"""A far end that keeps what it is told, and answers as a test wants."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import monotonic

import msgspec

from tests.hooks.receivers import Read, Write, a_request, receiving


@dataclass(frozen=True)
class Post:
    """One post as it arrived."""

    path: str
    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def said(self) -> dict[str, object]:
        """What it says."""
        said: dict[str, object] = msgspec.json.decode(self.body)
        return said


Answers = Callable[[Post], Awaitable[str] | str]


@dataclass
class Far:
    """Somebody who listens. `answer` says a status line's end, like "200 OK"."""

    answer: Answers = lambda post: "200 OK"
    url: str = ""
    posts: list[Post] = field(default_factory=list)
    taken: list[Post] = field(default_factory=list)

    async def story(self, reader: Read, writer: Write) -> None:
        """Answer one request after the other."""
        while True:
            head, body = await a_request(reader)
            line, *fields = head.decode().strip().split("\r\n")
            headers = dict(field.split(": ", 1) for field in fields)
            post = Post(line.split(" ")[1], headers, body, monotonic())
            self.posts.append(post)
            answer = self.answer(post)
            status = answer if isinstance(answer, str) else await answer
            if status.startswith("2"):
                self.taken.append(post)
            writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode())
            await writer.drain()

    def by_case(self) -> dict[str, list[int]]:
        """The versions each case was told in, in the order in which they were taken."""
        told: dict[str, list[int]] = defaultdict(list)
        for post in self.taken:
            told[str(post.said["subject"])].append(int(str(post.said["version"])))
        return dict(told)


@asynccontextmanager
async def far_end(answer: Answers | None = None) -> AsyncIterator[Far]:
    """A far end on a free port of this machine."""
    far = Far() if answer is None else Far(answer)
    async with receiving(far.story) as receiver:
        far.url = f"http://127.0.0.1:{receiver.port}/"
        yield far


async def never(_: Post) -> str:
    """Let them wait."""
    await asyncio.sleep(3600)
    return "200 OK"
