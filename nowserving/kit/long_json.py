"""JSON with files in it: texts too long for a text are led aside while the body is read.

What stays is ordinary JSON of a bounded size, in which a word stands for each text that was
led aside; so a body with megabytes of base64 is never held as a whole, by us or the parser.
"""

import asyncio
import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from nowserving.kit.http import BODY_AT_MOST, TooLarge
from nowserving.kit.json_tree import PIECES_AT_MOST
from nowserving.kit.problems import Invalid

LONG = 64 * 1024
"""Bytes from which on a text is led aside. No text that is no file may be as long."""

AT_ONCE = 16 * 1024
"""Bytes that are looked at before others have their turn: in the worst case all are escapes."""

Taken = TypeVar("Taken")
Take = Callable[[AsyncIterator[bytes]], Awaitable[Taken]]

_ESCAPE = re.compile(rb'\\(["\\/bfnrt]|u[0-9A-Fa-f]{4})')
# Not possessive: before 3.11.5 what failed in such a group was not taken back
# (python/cpython#106052). Where nothing follows, nothing is tried again.
_PASSED = re.compile(rb'(?:[^"\\]+|\\.)*', re.DOTALL)
_TEXT = re.compile(rb'(?:[^"\\]+|\\["\\/bfnrt]|\\u[0-9A-Fa-f]{4})*')
_QUOTE = ord('"')
_ESCAPE_AT_MOST = 6
_SIMPLE = {
    b'"': b'"',
    b"\\": b"\\",
    b"/": b"/",
    b"b": b"\b",
    b"f": b"\f",
    b"n": b"\n",
    b"r": b"\r",
    b"t": b"\t",
}


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

    TooLarge if what stays has more than `at_most` bytes, or if there are too many texts.
    How long one of them may be is for `take` to say: it is asked to read, and may stop.
    """
    reading = _Reading(body, long)
    name = f"file-{secrets.token_hex(8)}-"
    kept = bytearray()
    taken: dict[str, Taken] = {}
    texts = breath = 0
    while (piece := await reading.until_quote()) is not None:
        kept += piece
        texts += reading.in_text
        if texts > PIECES_AT_MOST:
            raise TooLarge(texts=PIECES_AT_MOST)
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
        if len(kept) - breath > AT_ONCE:
            breath = len(kept)
            await asyncio.sleep(0)
    return Split(bytes(kept), taken)


class _Reading:
    """Where we are in the body: outside of texts, or behind the opening quote of one.

    `_at` is a place in `_here`. What is behind us is let go of only when more is read: a
    body of nothing but short texts would else be copied once for each of them.
    """

    def __init__(self, body: AsyncIterator[bytes], long: int) -> None:
        self._body = body
        self._long = long
        self._here = b""
        self._at = 0
        self._ended = False
        self.in_text = False

    async def until_quote(self) -> bytes | None:
        """What stands before the next text, at most so much as came together; None at the end."""
        if self._at == len(self._here) and not await self._more():
            return None
        quote = self._here.find(b'"', self._at)
        end = len(self._here) if quote < 0 else quote
        before, self._at = self._here[self._at : end], end + (quote >= 0)
        self.in_text = quote >= 0
        return before

    async def short_text(self) -> bytes | None:
        """The text as it stands, quotes and all; None, and nothing is lost, if it is long."""
        read = 0
        while True:
            found = _PASSED.match(self._here, self._at + read, self._at + self._long)
            assert found is not None, "nothing matches as well"
            end = found.end()
            read = end - self._at
            left = len(self._here) - end
            if read >= self._long or (left > 1 and self._here[end] != _QUOTE):
                return None
            if left and self._here[end] == _QUOTE:
                text = b'"' + self._here[self._at : end + 1]
                self._at, self.in_text = end + 1, False
                return text
            if not await self._more():
                raise Invalid(reason="the body ends within a text")

    async def long_text(self) -> AsyncIterator[bytes]:
        """The text from here to its closing quote, its escapes undone."""
        while self.in_text:
            escapes = self._here.find(b"\\", self._at) >= 0
            ends = self._at + AT_ONCE if escapes else len(self._here)
            found = _TEXT.match(self._here, self._at, ends)
            assert found is not None, "nothing matches as well"
            self._at, text = found.end(), found[0]
            if b"\\" in text:
                yield _ESCAPE.sub(_unescaped, text)
                await asyncio.sleep(0)
            elif text:
                yield text
            left = len(self._here) - self._at
            if left and self._here[self._at] == _QUOTE:
                self._at, self.in_text = self._at + 1, False
            elif text and left:
                continue  # what was looked at ended there, and perhaps within an escape
            elif left >= _ESCAPE_AT_MOST:
                raise Invalid(reason="an escape in a text that is none")
            elif not await self._more():
                raise Invalid(reason="the body ends within a text")

    async def finish_text(self) -> None:
        """Pass over what `take` has left of a text."""
        async for _ in self.long_text():
            pass

    async def _more(self) -> bool:
        """Read on; False at the end of the body."""
        while not self._ended:
            part = await anext(self._body, None)
            if part is None:
                self._ended = True
            elif part:
                self._here, self._at = self._here[self._at :] + part, 0
                return True
        return False


def _unescaped(escape: "re.Match[bytes]") -> bytes:
    sign = escape[1]
    if sign[:1] == b"u":
        return chr(int(sign[1:], 16)).encode(errors="replace")
    return _SIMPLE[sign]
