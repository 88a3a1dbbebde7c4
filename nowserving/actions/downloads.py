"""A file on its way out: saved and never shown, whole or in part, checked before it goes.

What the bytes are is not for a browser to guess, and whatever it opens them with runs in a
sandbox that may load nothing.
"""

from typing import Any

from litestar import Response
from litestar.response import Stream

from nowserving.actions.case_export import export
from nowserving.actions.doorway import doorway
from nowserving.actions.files import Opened
from nowserving.cases.finding import Filter
from nowserving.kit.disposition import NoSuchSpan, Span, as_attachment, span_of
from nowserving.kit.http import AnyRequest
from nowserving.kit.spreadsheet import MEDIA_TYPE
from nowserving.people.actor import Actor

SAFE = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Accept-Ranges": "bytes",
}


async def answer_file(
    request: AnyRequest, opened: Opened, headers: dict[str, str] | None = None
) -> Response[bytes] | Stream:
    """The answer to whoever wants a file: 200, 206, 304 or 416 (RFC 9110).

    Where several ranges are asked for the whole is given. FileDamaged before the first byte.
    """
    one = opened.attachment
    told = {**SAFE, "ETag": one.etag, **(headers or {})}
    if _has_it(request.headers.get("if-none-match", ""), one.etag):
        return Response(b"", status_code=304, headers=told)
    told["Content-Disposition"] = as_attachment(one.name)
    ranged = request.headers.get("range") if _may_be_ranged(request, one.etag) else None
    try:
        part = span_of(ranged, one.size)
    except NoSuchSpan:
        nothing = {**told, "Content-Range": f"bytes */{one.size}"}
        return Response(b"", status_code=416, headers=nothing, media_type=one.media_type)
    span = part or Span(0, one.size)
    if part is not None:
        told["Content-Range"] = f"bytes {span.first}-{span.end - 1}/{one.size}"
    told["Content-Length"] = str(span.end - span.first)
    if request.method != "HEAD":
        await opened.check(span)
    return Stream(
        opened.read(span),
        status_code=200 if part is None else 206,
        headers=told,
        media_type=one.media_type,
    )


async def answer_table(request: AnyRequest, actor: Actor, wanted: Filter) -> Response[Any]:
    """The answer to whoever wants the list of cases as a table: saved, and sent as it is read."""
    house = doorway(request).house
    told = {name: SAFE[name] for name in SAFE if name != "Accept-Ranges"}
    told["Content-Disposition"] = as_attachment("cases.csv")
    lines = await export(house, actor, wanted=wanted)
    if request.method == "HEAD":
        return Response(b"", headers=told, media_type=MEDIA_TYPE)
    return Stream(lines, headers=told, media_type=MEDIA_TYPE)


def _has_it(wanted: str, etag: str) -> bool:
    listed = {one.strip().removeprefix("W/") for one in wanted.split(",")}
    return etag in listed or "*" in listed


def _may_be_ranged(request: AnyRequest, etag: str) -> bool:
    """Not if the caller has the beginning of another content than this."""
    return request.headers.get("if-range", etag) == etag
