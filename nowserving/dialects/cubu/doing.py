"""One request done for an application: who asks, once for each key, and the answer on the wire."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import msgspec
from litestar.types import ASGIApp

from nowserving.actions.act import Act
from nowserving.actions.doorway import doorway
from nowserving.actions.impersonation import impersonated
from nowserving.actions.replies import once
from nowserving.dialects.cubu.caller import caller, id_in_path
from nowserving.dialects.cubu.wire import Wire
from nowserving.kit.http import AnyRequest, Reply, body_of, header, straight
from nowserving.people.actor import Actor

Do = Callable[[Act], Awaitable[Any]]
Say = Callable[[Any], Reply]


async def impersonating(request: AnyRequest) -> Actor:
    """The agent in the address, for whom the calling application acts."""
    program = await caller(request)
    agent_id = id_in_path(request, "user_id")
    return await impersonated(doorway(request).house, program, agent_id=agent_id)


async def wire_of(request: AnyRequest) -> tuple[Wire, bytes]:
    """The body, read; nothing at all counts as an empty object."""
    body = await body_of(request)
    return Wire(body if body.strip() else b"{}"), body


async def shown(request: AnyRequest, actor: Actor, ask: Do) -> ASGIApp:
    """The answer to a question."""
    async with doorway(request).house.acting(actor) as act:
        found = await ask(act)
    return straight(said(200, found))


async def done(request: AnyRequest, actor: Actor, do: Do, say: Say, body: bytes) -> ASGIApp:
    """The answer to an order, the same one again for the same idempotency key."""
    key = once(header(request, b"idempotency-key"), request.method, request.scope["path"], body)
    return straight(await doorway(request).house.perform(actor, do, say, once=key))


def said(status: int, found: Any) -> Reply:
    """Something on the wire."""
    return Reply(status, msgspec.json.encode(found).decode())


def nothing(_: Any) -> Reply:
    """200 with no content, as the vendor has it."""
    return Reply(200, "")


def in_path(request: AnyRequest, name: str) -> UUID:
    """A GUID in the address; NotFound if it is none."""
    return id_in_path(request, name)
