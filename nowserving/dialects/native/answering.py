"""From a request to its answer: who asks, what for, once for each key, and what went wrong."""

import hashlib
from base64 import b64decode
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, unquote_plus
from uuid import UUID

import msgspec
from litestar import Response
from litestar.types import ASGIApp

from nowserving.actions.doorway import doorway
from nowserving.actions.replies import once
from nowserving.actions.ticket import holder_of
from nowserving.dialects.native.operations import Caller, Knock, Operation
from nowserving.dialects.native.orders import Nothing
from nowserving.dialects.native.strict import Malformed, pairs, read, shaped
from nowserving.kit.http import AnyRequest, Reply, address_of, answer, bearer, body_of, straight
from nowserving.kit.problems import Invalid, NotFound
from nowserving.people.actor import Actor
from nowserving.people.staff import UnknownCaller

Answer = Response[bytes]

NO_STORE = {"Cache-Control": "no-store"}
_FORM = "application/x-www-form-urlencoded"


async def answer_to(request: AnyRequest, operation: Operation) -> Answer | ASGIApp:
    """Do what an operation says, and answer."""
    if operation.caller is Caller.ANYBODY:
        return await _open(request, operation)
    actor = await _caller(request, operation)
    if operation.wire is not None:
        given = await _given(request, operation, b"")
        answer: Answer = await operation.do(request, actor, **given)
        return answer
    if operation.method == "GET":
        return await _shown(request, operation, actor)
    return await _done(request, operation, actor)


async def _open(request: AnyRequest, operation: Operation) -> Answer:
    knock = Knock(doorway(request), address_of(request), bearer(request), _basic(request))
    found = await operation.do(knock, **await _given(request, operation, await body_of(request)))
    return sent(_reply(operation, found))


async def _shown(request: AnyRequest, operation: Operation, actor: Actor) -> Answer:
    house, given = doorway(request).house, await _given(request, operation, b"")
    # Who is shown may be written down first, as another system knows them: others do that too.
    reply = await house.perform(
        actor, lambda act: operation.do(act, **given), lambda found: _reply(operation, found)
    )
    etag = f'"{hashlib.sha256(reply.body.encode()).hexdigest()[:32]}"'
    if _known(request.headers.get("if-none-match", ""), etag):
        return Response(b"", status_code=304, headers={**NO_STORE, "ETag": etag})
    return sent(reply, {"ETag": etag})


async def _done(request: AnyRequest, operation: Operation, actor: Actor) -> ASGIApp:
    here, body = doorway(request), await body_of(request)
    key = request.headers.get("idempotency-key")
    only = once(key, request.method, request.scope["path"], body)
    given = await _given(request, operation, body)
    organization = await here.house.organization(actor.organization_id)

    def say(found: Any) -> Reply:
        shape = found if operation.say is None else operation.say(here, organization, found)
        made = {"Location": f"/api/v1{operation.at(found)}"} if operation.at else {}
        return _reply(operation, shape, made)

    reply = await here.house.perform(actor, lambda act: operation.do(act, **given), say, once=only)
    return straight(replace(reply, headers={**NO_STORE, **reply.headers}))


async def _caller(request: AnyRequest, operation: Operation) -> Actor:
    """A program, an agent, or the holder of a ticket's link."""
    here = doorway(request)
    if operation.caller is Caller.LINK:
        return await holder_of(here.house, str(request.path_params["link"]))
    return await here.callers.anybody(bearer(request))


async def _given(request: AnyRequest, operation: Operation, body: bytes) -> dict[str, Any]:
    """What the operation asks for by name: ids, the query, the order."""
    given: dict[str, Any] = {name: _id(request, name) for name in operation.ids}
    query = pairs(parse_qsl(request.scope["query_string"].decode("latin-1"), True))
    if operation.query is not None:
        given["query"] = shaped(query, operation.query, strict=False)
    elif query:
        raise Invalid(field=next(iter(query)), reason="there is nothing to ask for here")
    if operation.order is Nothing:
        read(body or b"{}", Nothing)
    elif operation.order is not None:
        given["order"] = _order(request, operation, body)
    return given


def _order(request: AnyRequest, operation: Operation, body: bytes) -> Any:
    assert operation.order is not None
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not operation.form or kind != _FORM:
        return read(body or b"{}", operation.order)
    try:
        named = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=50)
    except ValueError:
        raise Malformed(reason="the form cannot be read") from None
    return shaped(pairs(named), operation.order, strict=False)


def _id(request: AnyRequest, name: str) -> UUID:
    """An id in the address; NotFound if it is none, for nothing has such an id."""
    try:
        return UUID(str(request.path_params[name]))
    except ValueError:
        raise NotFound(what=name.removesuffix("_id"), id=request.path_params[name]) from None


def _basic(request: AnyRequest) -> tuple[str, str] | None:
    """User and password of HTTP Basic, as RFC 6749 wants them written."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, _, password = b64decode(encoded.strip(), validate=True).decode().partition(":")
    except ValueError:
        raise UnknownCaller() from None
    return unquote_plus(user), unquote_plus(password)


def _reply(operation: Operation, shape: Any, headers: dict[str, str] | None = None) -> Reply:
    if shape is None:
        return Reply(204, "")
    body, kept = msgspec.json.encode(shape).decode(), None
    if operation.shown_once:
        without = msgspec.structs.replace(shape, **dict.fromkeys(operation.shown_once))
        kept = msgspec.json.encode(without).decode()
    return Reply(operation.status, body, headers or {}, kept=kept)


def sent(reply: Reply, headers: dict[str, str] | None = None) -> Answer:
    """A reply on the wire."""
    on_wire = answer(reply)
    for name, value in {**NO_STORE, **(headers or {})}.items():
        on_wire.headers[name] = value
    return on_wire


def _known(wanted: str, etag: str) -> bool:
    listed = {one.strip().removeprefix("W/") for one in wanted.split(",")}
    return etag in listed or "*" in listed
