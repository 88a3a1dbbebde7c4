"""Forms with files (RFC 7578) read as they come: no part is held as a whole."""

from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from nowserving.kit.disposition import name_in
from nowserving.kit.http import TooLarge
from nowserving.kit.problems import Invalid

PARTS_AT_MOST = 100
"""Fields and files of one form."""

FIELD_AT_MOST = 64 * 1024
"""Bytes of a field that is no file."""

_HEADERS_AT_MOST = 32 * 1024


@dataclass(slots=True)
class Part:
    """One part of a form: a field, or a file whose bytes come with `parts`.

    `filename` is None for a field, and what the sender calls the file otherwise.
    """

    name: str
    filename: str | None
    parts: AsyncIterator[bytes]

    async def text(self) -> str:
        """A field's value; TooLarge if it is longer than fields are."""
        value = b""
        async for some in self.parts:
            value += some
            if len(value) > FIELD_AT_MOST:
                raise TooLarge(bytes=FIELD_AT_MOST)
        return value.decode(errors="replace")


async def form_parts(content_type: str, body: AsyncIterator[bytes]) -> AsyncIterator[Part]:
    """The parts of a form in their order, each to be read before the next is asked for."""
    kind, options = parse_options_header(content_type)
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not 0 < len(boundary) <= 200:
        raise Invalid(field="Content-Type", reason="multipart/form-data with a boundary is needed")
    reading = _Reading(boundary, body)
    count = 0
    while (part := await reading.next_part()) is not None:
        count += 1
        if count > PARTS_AT_MOST:
            raise TooLarge(parts=PARTS_AT_MOST)
        yield part


@dataclass(slots=True)
class _Reading:
    """Turns what the parser calls back into a row of events."""

    boundary: bytes
    body: AsyncIterator[bytes]
    events: deque[tuple[str, bytes]] = field(default_factory=deque)
    parser: MultipartParser = field(init=False)
    ended: bool = False

    def __post_init__(self) -> None:
        def told(kind: str) -> object:
            def tell(data: bytes = b"", start: int = 0, end: int = 0) -> None:
                self.events.append((kind, data[start:end]))

            return tell

        names = ("part_begin", "header_field", "header_value", "header_end")
        names += ("headers_finished", "part_data", "part_end", "end")  # type: ignore[assignment]
        self.parser = MultipartParser(
            self.boundary,
            {f"on_{name}": told(name) for name in names},  # type: ignore[arg-type]
        )

    async def next_part(self) -> Part | None:
        """The next part, once its headers are here; None at the end of the form."""
        headers: dict[str, bytes] = {}
        name = value = b""
        while True:
            kind, data = await self._next()
            if kind == "end":
                return None
            if kind == "header_field":
                name += data
            elif kind == "header_value":
                value += data
            elif kind == "header_end":
                headers[name.decode("latin-1").lower()] = value
                name = value = b""
            elif kind == "headers_finished":
                return self._part(headers)
            if len(name) + len(value) > _HEADERS_AT_MOST:
                raise TooLarge(bytes=_HEADERS_AT_MOST)

    def _part(self, headers: dict[str, bytes]) -> Part:
        told = headers.get("content-disposition", b"")
        options = parse_options_header(told)[1]
        name = options.get(b"name", b"").decode(errors="replace")
        text = told.decode(errors="replace")
        is_file = b"filename" in options or "filename*" in text.lower()
        return Part(name, name_in(text) if is_file else None, self._bytes())

    async def _bytes(self) -> AsyncIterator[bytes]:
        while True:
            kind, data = await self._next()
            if kind == "part_end":
                return
            if kind == "part_data":
                yield data

    async def _next(self) -> tuple[str, bytes]:
        while not self.events:
            some = None if self.ended else await anext(self.body, None)
            if some is None:
                self.ended = True
                raise Invalid(reason="the form ends too early")
            try:
                self.parser.write(some)
            except MultipartParseError as wrong:
                raise Invalid(reason=f"the form cannot be read: {wrong}") from None
        return self.events.popleft()
