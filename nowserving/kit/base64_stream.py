"""Base64 that arrives piece by piece: decoded as it comes, held nowhere as a whole."""

import re
from base64 import b64decode
from collections.abc import AsyncIterator, Iterable, Iterator

from nowserving.kit.problems import Invalid

PREFIX_AT_MOST = 256
"""Characters before the comma of a `data:` URI; more than that is none."""

_SPACE = b" \t\r\n\f\v"
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_OTHER = re.compile(rb"[^A-Za-z0-9+/=_-]")


class Decoder:
    """Takes base64 in pieces and gives bytes.

    White space, a `data:` prefix, missing padding and the URL-safe letters are taken as
    well; Invalid for anything else. At most three characters, or a prefix, are kept between.
    """

    def __init__(self, field: str = "content") -> None:
        self._field = field
        self._rest = b""
        self._begun = False
        self._ended = False

    def feed(self, text: bytes) -> bytes:
        """The bytes that are complete with this piece."""
        text = text.translate(None, _SPACE)
        if not self._begun:
            given, self._rest = self._rest + text, b""
            text = self._without_prefix(given)
            if not self._begun:
                return b""
        if _OTHER.search(text) or (self._ended and text.strip(b"=")):
            raise self._wrong()
        bare, padding, behind = (self._rest + text.translate(_URL_SAFE)).partition(b"=")
        if behind.strip(b"="):
            raise self._wrong()
        self._ended = self._ended or bool(padding)
        whole = len(bare) // 4 * 4
        self._rest = bare[whole:]
        return b64decode(bare[:whole])

    def end(self) -> bytes:
        """What was still missing."""
        if not self._begun:
            if self._rest.startswith(b"data:"):
                raise self._wrong()
            self._begun, given, self._rest = True, self._rest, b""
            return self.feed(given) + self.end()
        if len(self._rest) == 1:
            raise self._wrong()
        return b64decode(self._rest + b"=" * (-len(self._rest) % 4))

    def _without_prefix(self, text: bytes) -> bytes:
        if len(text) < 5 and b"data:".startswith(text):
            self._rest = text
            return b""
        if not text.startswith(b"data:"):
            self._begun = True
            return text
        prefix, comma, behind = text.partition(b",")
        if len(prefix) > PREFIX_AT_MOST or (comma and not prefix.endswith(b";base64")):
            raise self._wrong()
        if not comma:
            self._rest = text
            return b""
        self._begun = True
        return behind

    def _wrong(self) -> Invalid:
        return Invalid(field=self._field, reason="not base64")


async def decoded(parts: AsyncIterator[bytes], field: str = "content") -> AsyncIterator[bytes]:
    """The bytes that base64 stands for, while it comes."""
    decoder = Decoder(field)
    async for part in parts:
        if some := decoder.feed(part):
            yield some
    if some := decoder.end():
        yield some


def decoded_text(text: str, field: str = "content") -> Iterable[bytes]:
    """The bytes of a short base64 text that is here as a whole."""
    if not text.isascii():
        raise Invalid(field=field, reason="not base64")
    decoder = Decoder(field)
    return _both(decoder, text.encode())


def _both(decoder: Decoder, text: bytes) -> Iterator[bytes]:
    yield decoder.feed(text)
    yield decoder.end()
