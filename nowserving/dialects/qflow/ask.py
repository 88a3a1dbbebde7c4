"""One request, as the routes see it: who asks, what stands in the address, query and body."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import msgspec

from nowserving.actions.act import Act
from nowserving.actions.doorway import doorway
from nowserving.actions.replies import once
from nowserving.dialects.qflow.binding import Bound, ModelInvalid, bind, bind_query
from nowserving.dialects.qflow.models import Model
from nowserving.kit.http import AnyRequest, Reply, header
from nowserving.kit.problems import NotFound
from nowserving.people.actor import Actor

Done = TypeVar("Done")
NUMBER_AT_MOST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Ask:
    """A request of a program that is known; `order` is its method and path as we spell them."""

    request: AnyRequest
    actor: Actor
    order: str
    in_path: Mapping[str, str]
    content: bytes

    def acting(self) -> AbstractAsyncContextManager[Act]:
        """Act once, to look at something."""
        return doorway(self.request).house.acting(self.actor)

    async def do(
        self,
        action: Callable[[Act], Awaitable[Done]],
        say: Callable[[Done], Any] = lambda done: done,
    ) -> Reply:
        """Do something, once for each idempotency key; `say`: what is answered to it."""
        key = once(
            header(self.request, b"idempotency-key"),
            self.order,
            self.request.scope["query_string"],
            self.content,
        )

        def reply(done: Done) -> Reply:
            return Reply(200, msgspec.json.encode(say(done)).decode())

        return await doorway(self.request).house.perform(self.actor, action, reply, once=key)

    def body(self, model: Model) -> Bound:
        """The body, understood as a model."""
        return bind(model, self.content, header(self.request, b"content-type") or "")

    def body_or_query(self, model: Model) -> Bound:
        """The body or, if it is empty, the query: not every client can DELETE with a body."""
        if not self.content.strip() and self.request.scope["query_string"]:
            return self.query(model)
        return self.body(model)

    def query(self, model: Model) -> Bound:
        """The query, understood as a model."""
        return bind_query(model, self.given(model))

    def given(self, model: Model) -> dict[str, str]:
        """What the query gives, by name."""
        text = self.request.scope["query_string"].decode("latin-1")
        try:
            pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=100)
        except ValueError as wrong:
            raise ModelInvalid(state={model.parameter: [f"{wrong}."]}) from None
        return dict(pairs)

    def number(self, name: str = "id") -> int:
        """A number in the address; NotFound if nothing can have it, ModelInvalid if it is none."""
        text = self.in_path[name]
        digits = text.removeprefix("-")
        if not (digits.isascii() and digits.isdecimal() and len(digits) < 20):
            message = f"The value '{text}' is not valid for {name}."
            raise ModelInvalid(state={name: [message]})
        if not 0 < int(text) <= NUMBER_AT_MOST:
            raise NotFound(what=name, id=text)
        return int(text)
