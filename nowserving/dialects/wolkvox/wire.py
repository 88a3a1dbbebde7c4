"""Reading what a client sends: JSON or a form, its token, its files."""

import json
from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from nowserving.actions.api_tokens import Bearer, use_token
from nowserving.actions.doorway import doorway
from nowserving.actions.files import Received, Tray, tray
from nowserving.actions.filing import must_file
from nowserving.actions.replies import Once, once
from nowserving.dialects.wolkvox.words import BadToken
from nowserving.kit.base64_stream import decoded, decoded_text
from nowserving.kit.http import (
    BODY_AT_MOST,
    AnyRequest,
    address_of,
    body_of,
    body_parts,
    header,
    read_json,
)
from nowserving.kit.long_json import split
from nowserving.kit.multipart import form_parts
from nowserving.kit.problems import Forbidden, Invalid
from nowserving.people.staff import UnknownCaller
from nowserving.people.tokens import TokenKind

TOKEN = "wolkvox-token"
_FILES = ("file", "file[]", "files", "files[]")


class Given:
    """What a request gives by name, however upper and lower case, `-` and `_` are used."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._given = {_plain(name): value for name, value in given.items()}

    def raw(self, name: str) -> Any:
        """A value as it came; None if it did not, and for "" too."""
        value = self._given.get(_plain(name))
        return None if value == "" else value

    def text(self, name: str) -> str | None:
        """A text, also given as a number; None if it is left out."""
        value = self.raw(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise Invalid(field=name, reason="must be a text")
        return str(value)

    def needed(self, *names: str) -> None:
        """Invalid unless all of these are given."""
        for name in names:
            if self.raw(name) is None:
                raise Invalid(field=name, reason="is missing", required=True)

    def must(self, name: str) -> str:
        """A text that may not be left out."""
        self.needed(name)
        return self.text(name) or ""

    def object(self, name: str) -> dict[str, Any]:
        """An object, or the JSON of one; nothing given is an empty one."""
        value = self.raw(name)
        if isinstance(value, str):
            value = read_json(value.encode(errors="replace"))
        if value is None or value == []:  # PHP writes an empty array so
            return {}
        if not isinstance(value, dict):
            raise Invalid(field=name, reason="must be an object")
        return value

    def without(self, *names: str) -> str:
        """All that is given but these, in one order, to compare it with what came before."""
        left_out = {_plain(name) for name in names}
        rest = {name: value for name, value in self._given.items() if name not in left_out}
        return json.dumps(rest, sort_keys=True)

    def objects(self, name: str) -> list[dict[str, Any]]:
        """An array of objects."""
        value = self.raw(name)
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            raise Invalid(field=name, reason="must be an array of objects")
        return value

    def limit(self, usual: int) -> int:
        """How many records are wanted, also as a text; never more than usual."""
        text = (self.text("limit") or "").strip()
        if not text:
            return usual
        if not (text.isascii() and text.isdecimal()) or len(text) > 9 or int(text) < 1:
            raise Invalid(field="limit", reason="must be a number from 1 on")
        return min(int(text), usual)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that was read: from whom, what, and the files that came with it."""

    bearer: Bearer
    given: Given
    files: list[Received] = field(default_factory=list)
    once: Once | None = None

    @property
    def operation(self) -> str:
        """The organization's name in addresses, which is the operation."""
        return self.bearer.organization.slug


@asynccontextmanager
async def asked(
    request: AnyRequest, *kinds: TokenKind, files: bool = False
) -> AsyncIterator[Asked]:
    """A request, read; its files lie on a tray until this ends.

    The token stands in a header, else in the body, which may then have no large files.
    Raises UnknownCaller without a token, and what `bearer_of` raises.
    """
    kinds = kinds or (TokenKind.INTERNAL,)
    access = header(request, TOKEN.encode())
    async with AsyncExitStack() as stack:
        if access and access.strip():
            bearer = await bearer_of(request, access.strip(), kinds)
            if files and doorway(request).house.filing is not None:
                opened = await stack.enter_async_context(tray(doorway(request).house, bearer.actor))
                given, received = await _with_files(request, opened)
            else:
                given, received = await _plain_body(request), []
        else:
            given, received = await _plain_body(request), []
            inside = given.raw(TOKEN)
            if not isinstance(inside, str):
                raise UnknownCaller()
            bearer = await bearer_of(request, inside.strip(), kinds)
            if files and given.raw("attachments") and doorway(request).house.filing is not None:
                opened = await stack.enter_async_context(tray(doorway(request).house, bearer.actor))
                received = await _short_files(opened, given.raw("attachments"), {})
        if files and given.raw("attachments") and not received:
            must_file(doorway(request).house.filing)
        given.needed("operation")
        if given.must("operation").strip().lower() != bearer.organization.slug.lower():
            raise Forbidden(reason="the token is another operation's")
        yield Asked(bearer, given, received, _once(request, given, received))


async def bearer_of(request: AnyRequest, access: str, kinds: Collection[TokenKind]) -> Bearer:
    """Who brings a token, the use counted.

    Raises BadToken, TooMany after many bad ones or when it was used too often, Forbidden.
    """
    here = doorway(request)
    try:
        return await use_token(here.house, access, kinds=kinds)
    except UnknownCaller:
        here.failures.take(address_of(request), here.house.clock())
        raise BadToken() from None


def _once(request: AnyRequest, given: Given, received: list[Received]) -> Once | None:
    """The same request says the same, with the same files; a form's boundary may be another."""
    key = header(request, b"idempotency-key")
    if key is None:
        return None
    files = [part for one in received for part in (one.name, one.sha256)]
    said = given.without(TOKEN, "attachments")
    return once(key, request.method, request.scope["path"], said, *files)


async def _plain_body(request: AnyRequest) -> Given:
    if _is_form(request):
        return (await _form(request, None))[0]
    return Given(_object(request, await body_of(request, BODY_AT_MOST)))


async def _with_files(request: AnyRequest, opened: Tray) -> tuple[Given, list[Received]]:
    if _is_form(request):
        given, received = await _form(request, opened)
        listed = given.raw("attachments")
        if isinstance(listed, str):
            listed = read_json(listed.encode(errors="replace"))
        return given, [*received, *await _short_files(opened, listed, {})]

    async def take(text: AsyncIterator[bytes]) -> Received:
        return await opened.take(decoded(text, "attachments"), name="")

    parts = await split(_body(request, opened), take)
    given = Given(_object(request, parts.json))
    listed = given.raw("attachments")
    used = sum(parts.of(one) is not None for one in listed) if isinstance(listed, list) else 0
    if used != len(parts.taken):
        raise Invalid(reason="a text is too long")
    return given, await _short_files(opened, listed, parts.taken)


async def _short_files(opened: Tray, listed: Any, taken: Mapping[str, Received]) -> list[Received]:
    """The files of an array of base64, those that came aside in their place."""
    if listed is None:
        return []
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        raise Invalid(field="attachments", reason="must be an array of base64")
    if len(listed) > opened.filing.limits.files_of_case:
        raise Invalid(field="attachments", reason="too many")
    pieces = []
    for one in listed:
        if one not in taken:
            pieces.append(b"".join(decoded_text(one, "attachments")))  # all are tried first
            if not pieces[-1]:
                raise Invalid(field="attachments", reason="one is empty")
    short = iter(pieces)
    return [
        taken[one] if one in taken else await opened.take(_each([next(short)]), name="")
        for one in listed
    ]


async def _form(request: AnyRequest, opened: Tray | None) -> tuple[Given, list[Received]]:
    """The fields of a form, and its files if there is a tray for them."""
    fields: dict[str, Any] = {}
    received: list[Received] = []
    body = _body(request, opened)
    async for part in form_parts(request.headers["content-type"], body):
        if part.filename is None:
            fields[part.name] = await part.text()
        elif opened is None:
            must_file(doorway(request).house.filing)
            raise Invalid(field=part.name, reason="no files are taken here")
        elif part.name.lower() not in _FILES:
            raise Invalid(field=part.name[:100], reason="files come in parts named file")
        else:
            one = await opened.take(part.parts, name=part.filename)
            if one.size:
                received.append(one)
    return Given(fields), received


def _body(request: AnyRequest, opened: Tray | None) -> AsyncIterator[bytes]:
    if opened is None:
        return body_parts(request, BODY_AT_MOST)
    limits = opened.filing.limits
    return body_parts(request, (limits.case + limits.file) * 4 // 3)


def _object(request: AnyRequest, body: bytes) -> dict[str, Any]:
    """The members of a body: JSON whatever its type is said to be, as cURL sends it, or a form."""
    kind = (header(request, b"content-type") or "").partition(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded" and not body.lstrip().startswith((b"{", b"[")):
        try:
            text = body.decode(errors="replace")
            return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=100))
        except ValueError:
            raise Invalid(reason="the form cannot be read") from None
    if not body.strip():
        return {}
    given = read_json(body)
    if not isinstance(given, dict):
        raise Invalid(reason="a JSON object is expected")
    return given


def _is_form(request: AnyRequest) -> bool:
    kind = header(request, b"content-type") or ""
    return kind.strip().lower().startswith("multipart/")


def _plain(name: str) -> str:
    return name.strip().lower().replace("_", "-")


async def _each(parts: Iterable[bytes]) -> AsyncIterator[bytes]:
    for part in parts:
        yield part
