"""JSON with files in it: texts too long for a text are led aside while the body is read.

What stays is ordinary JSON of a bounded size, in which a word stands for each text that was
led aside; so a body with megabytes of base64 is never held as a whole, by us or the parser.
"""

import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from nowserving.kit.http import BODY_AT_MOST, TooLarge
from nowserving.kit.problems import Invalid

LONG = 64 * 1024
"""Bytes from which on a text is led aside. No text that is no file may be as long."""

Taken = TypeVar("Taken")
Take = Callable[[AsyncIterator[bytes]], Awaitable[Taken]]

_STOP = re.compile(rb'["\\]')
_UNICODE = re.compile(rb"[0-9A-Fa-f]{4}")
_SIMPLE = {b'"': b'"', b"\\": b"\\", b"/": b"/", b"n": b"\n", b"r": b"\r", b"t": b"\t"}


@dataclass(frozen=True, slots=True)
class Split(Generic[Taken]):
    """A body as it was read: the JSON that stayed, and what was made of the long texts."""

    json: bytes
    taken: dict[str, Taken] = field(default_factory=dict)

    def of(self, text: object) -> Taken | None:
        """What was made of the long text in whose place this one stands, if it is such a one."""
        return self.taken.get(text) if isinstance(text, str) else None


async def split(
    body: AsyncIterator[bytes],
    take: Take[Taken],
    *,
    long: int = LONG,
    at_most: int = BODY_AT_MOST,
    files_at_most: int = 100,
) -> Split[Taken]:
    """Read a body; `take` is given each long text, its escapes undone, as it comes.

    TooLarge if what stays has more than `at_most` bytes, or if there are too many long texts.
    How long one of them may be is for `take` to say: it is asked to read, and may stop.
    """
    reading = _Reading(body, long)
    name = f"file-{secrets.token_hex(8)}-"
    kept = bytearray()
    taken: dict[str, Taken] = {}
    while (piece := await reading.until_quote()) is not None:
        kept += piece
        text = await reading.short_text() if reading.in_text else b""
        if text is not None:
            kept += text
        elif len(taken) == files_at_most:
            raise TooLarge(files=files_at_most)
        else:
            word = f"{name}{len(taken)}"
            taken[word] = await take(reading.long_text())
            await reading.finish_text()
            kept += f'"{word}"'.encode()
        if len(kept) > at_most:
            raise TooLarge(bytes=at_most)
    return Split(bytes(kept), taken)


class _Reading:
    """Where we are in the body: outside of texts, or behind the opening quote of one."""

    def __init__(self, body: AsyncIterator[bytes], long: int) -> None:
        self._body = body
        self._long = long
        self._here = b""
        self._ended = False
        self.in_text = False

    async def until_quote(self) -> bytes | None:
        """What stands before the next text, at most so much as came together; None at the end."""
        if not self._here and not await self._more():
            return None
        before, quote, self._here = self._here.partition(b'"')
        self.in_text = bool(quote)
        return before

    async def short_text(self) -> bytes | None:
        """The text as it stands, quotes and all; None, and nothing is lost, if it is long."""
        at = 0
        while True:
            found = _STOP.search(self._here, at)
            if found is None:
                at = len(self._here)
            elif found[0] == b"\\":
                at = found.end() + 1
            else:
                text = b'"' + self._here[: found.end()]
                self._here, self.in_text = self._here[found.end() :], False
                return text
            if at > self._long:
                return None
            if at >= len(self._here) and not await self._more():
                raise Invalid(reason="the body ends within a text")

    async def long_text(self) -> AsyncIterator[bytes]:
        """The text from here to its closing quote, its escapes undone."""
        while self.in_text:
            found = _STOP.search(self._here)
            plain = self._here if found is None else self._here[: found.start()]
            self._here = b"" if found is None else self._here[found.end() :]
            if plain:
                yield plain
            if found is None:
                if not await self._more():
                    raise Invalid(reason="the body ends within a text")
            elif found[0] == b'"':
                self.in_text = False
            else:
                yield await self._escaped()

    async def finish_text(self) -> None:
        """Whatever `take` left of the text is an error of ours, unless it is nothing."""
        async for _ in self.long_text():
            pass

    async def _escaped(self) -> bytes:
        sign = await self._exactly(1)
        if sign in _SIMPLE:
            return _SIMPLE[sign]
        digits = await self._exactly(4) if sign == b"u" else b""
        if not _UNICODE.fullmatch(digits):
            raise Invalid(reason="an escape in a text that is none")
        return chr(int(digits, 16)).encode(errors="replace")

    async def _exactly(self, count: int) -> bytes:
        while len(self._here) < count:
            if not await self._more():
                raise Invalid(reason="the body ends within a text")
        some, self._here = self._here[:count], self._here[count:]
        return some

    async def _more(self) -> bool:
        """Read on; False at the end of the body."""
        while not self._ended:
            part = await anext(self._body, None)
            if part is None:
                self._ended = True
            elif part:
                self._here += part
                return True
        return False
