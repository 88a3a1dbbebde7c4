"""What every door needs of HTTP: bodies of a bounded size, answers, and a status for a problem."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from litestar import Request, Response
from litestar.exceptions import ClientException
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from nowserving.kit.json_tree import tree_of
from nowserving.kit.pace import neighbourhood
from nowserving.kit.problems import Blame, Invalid, Problem

BODY_AT_MOST = 1024 * 1024
"""Bytes of a request body that is not a file."""

AnyRequest = Request[Any, Any, Any]

STATUS = {
    Blame.UNKNOWN_CALLER: 401,
    Blame.FORBIDDEN: 403,
    Blame.MISSING: 404,
    Blame.INPUT: 400,
    Blame.CONFLICT: 409,
    Blame.HASTE: 429,
}
"""The status for a problem where a door's language has no word of its own."""


class TooLarge(Problem):
    """The request is larger than we take."""

    blame = Blame.INPUT


class TooSlow(Problem):
    """The request took too long to come."""

    blame = Blame.INPUT


class NoSuchPage(Problem):
    """There is nothing at this address."""

    blame = Blame.MISSING


class WrongMethod(Problem):
    """This address cannot be used in this way."""

    blame = Blame.INPUT


class Unready(Problem):
    """The server cannot do this at the moment; try again shortly."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a door answers: status, body and the headers that belong to the answer.

    `kept`: the body for whoever asks again with the same key, where something in it is shown
    once only.
    """

    status: int
    body: str
    headers: Mapping[str, str] = field(default_factory=dict)
    replayed: bool = False
    kept: str | None = None


def answer(reply: Reply, media_type: str = "application/json") -> Response[bytes]:
    """The reply on the wire; `Idempotency-Replayed` says that it was given before."""
    headers = {**reply.headers, "Idempotency-Replayed": "true"} if reply.replayed else reply.headers
    return Response(
        reply.body.encode(),
        status_code=reply.status,
        headers=dict(headers),
        media_type=media_type,
    )


def straight(reply: Reply, media_type: str = "application/json") -> ASGIApp:
    """The reply on the wire, past the framework: where microseconds count."""
    body = reply.body.encode()
    headers = [(name.lower().encode(), value.encode()) for name, value in reply.headers.items()]
    if reply.status != 204:  # which has no body, not even an empty one (RFC 9110 8.6)
        headers.append((b"content-type", media_type.encode()))
        headers.append((b"content-length", str(len(body)).encode()))
    if reply.replayed:
        headers.append((b"idempotency-replayed", b"true"))
    start: Message = {
        "type": "http.response.start",
        "status": reply.status,
        "headers": headers,
    }

    async def sent(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start)
        await send({"type": "http.response.body", "body": body, "more_body": False})

    return sent


async def body_of(request: AnyRequest, at_most: int = BODY_AT_MOST) -> bytes:
    """The whole body, to be asked for once; TooLarge if it has more than so many bytes."""
    parts = [part async for part in body_parts(request, at_most)]
    return parts[0] if len(parts) == 1 else b"".join(parts)


async def body_parts(request: AnyRequest, at_most: int) -> AsyncIterator[bytes]:
    """The body as it comes, to be asked for once; TooLarge once it has more than so many bytes.

    If a length is announced that is too large, nothing is read at all.
    """
    announced = header(request, b"content-length") or ""
    if announced.isdecimal() and (len(announced) > 15 or int(announced) > at_most):
        raise TooLarge(bytes=at_most)
    read, more = 0, True
    while more:
        message = await request.receive()
        if message["type"] != "http.request":
            raise Invalid(reason="the connection was closed before the end")
        part = message.get("body", b"")
        read += len(part)
        if read > at_most:
            raise TooLarge(bytes=at_most)
        yield part
        more = message.get("more_body", False)


def read_json(body: bytes) -> Any:
    """The JSON in a body; Invalid if it is none, or not read alike by everybody."""
    try:
        return tree_of(body)
    except ValueError as wrong:
        raise Invalid(reason=f"malformed JSON: {wrong}") from None


def as_problem(failure: Exception) -> Problem | None:
    """What the framework refuses, as a problem of ours; None for a bug."""
    if isinstance(failure, Problem):
        return failure
    status = getattr(failure, "status_code", None)
    if status == 404:
        return NoSuchPage()
    if status == 405:
        return WrongMethod()
    if status == 413:
        return TooLarge(bytes=BODY_AT_MOST)
    if isinstance(failure, ClientException):
        return Invalid(reason=failure.detail)
    return None


def status_of(problem: Problem) -> int:
    """The HTTP status of a problem where nothing else is agreed."""
    special = {TooLarge: 413, TooSlow: 408, WrongMethod: 405, Unready: 503}
    return special.get(type(problem), STATUS[problem.blame])


def address_of(request: AnyRequest) -> str:
    """Who counts as one caller where there is nothing but an address to go by."""
    return neighbourhood(request.client.host) if request.client else ""


def header(request: AnyRequest, name: bytes) -> str | None:
    """A header by its name in small letters; the framework would first copy them all."""
    for given, value in request.scope["headers"]:
        if given == name:
            return value.decode("latin-1")
    return None


def bearer(request: AnyRequest) -> str | None:
    """The token in `Authorization: Bearer ...`."""
    scheme, _, token = (header(request, b"authorization") or "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None
