"""What the API offers, as a table: the routes, the OpenAPI document and the pages are read from it.

An operation is a plain function. Its signature is its contract: ids are in the address,
`order` is the body, `query` the query, the docstring is what people read about it.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from inspect import getdoc
from typing import Any, TypeVar, get_args, get_type_hints
from uuid import UUID

import msgspec

from nowserving.actions.doorway import Doorway
from nowserving.dialects.native.orders import Nothing
from nowserving.dialects.native.strict import Malformed
from nowserving.kit.http import TooLarge, TooSlow, Unready
from nowserving.kit.problems import (
    Forbidden,
    Invalid,
    KeyReused,
    NotFound,
    Problem,
    Stale,
    StillRunning,
)
from nowserving.people.staff import UnknownCaller
from nowserving.places.organization import Organization

Do = Callable[..., Awaitable[Any]]
Does = TypeVar("Does", bound=Do)
Say = Callable[[Doorway, Organization, Any], msgspec.Struct]


class Caller(Enum):
    """Who may ask: whoever has a token, whoever has a ticket's link, or anybody."""

    TOKEN = "token"
    LINK = "link"
    ANYBODY = "anybody"


@dataclass(frozen=True, slots=True)
class Knock:
    """A request of somebody who is not known yet: the token and credentials they bring.

    `address`: who counts as one caller where there is nothing else to go by.
    """

    here: Doorway
    address: str
    token: str | None
    basic: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class Wire:
    """What is on the wire where it is not JSON both ways: `do` gets the request, and answers it.

    `takes`: the schema of the body for each media type. `gives`: the media type of the answer.
    `asks` and `tells`: headers of the request and of the answer, by name. `also`: answers with
    another status and no body. `order`: a shape that `takes` speaks of. `once`: it knows
    idempotency keys.
    """

    takes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    gives: str = ""
    asks: tuple[str, ...] = ()
    tells: tuple[str, ...] = ()
    also: Mapping[int, str] = field(default_factory=dict)
    order: type[msgspec.Struct] | None = None
    once: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that can be asked for over HTTP.

    `say` turns what `do` answers into its shape, where `do` does not answer one itself.
    `at` is the address of what was made, below the door. `shown_once`: members of the answer
    that are null when a repeated request is answered again.
    """

    chapter: str
    method: str
    path: str
    do: Do
    say: Say | None
    status: int
    caller: Caller
    order: type[msgspec.Struct] | None
    query: type[msgspec.Struct] | None
    answer: type[msgspec.Struct] | None
    or_nothing: bool
    form: bool
    at: Callable[[Any], str] | None
    example: Mapping[str, Any] | None
    ids: tuple[str, ...]
    problems: frozenset[type[Problem]]
    shown_once: tuple[str, ...] = ()
    wire: Wire | None = None

    @property
    def name(self) -> str:
        """The name of the operation, unique."""
        return self.do.__name__

    @property
    def summary(self) -> str:
        """What it does, in a line."""
        return (getdoc(self.do) or "").partition("\n")[0]

    @property
    def more(self) -> str:
        """What else is to be known of it."""
        return " ".join((getdoc(self.do) or "").partition("\n")[2].split())

    @property
    def cached(self) -> bool:
        """Does the answer have an ETag, so that it need not be given twice?"""
        return self.method == "GET" and (self.wire is None or "ETag" in self.wire.tells)

    @property
    def writes(self) -> bool:
        """Does it change anything, so that it may have an idempotency key?"""
        keyed = self.wire is None or self.wire.once
        return self.method != "GET" and self.caller is not Caller.ANYBODY and keyed


@dataclass(frozen=True, slots=True)
class Chapter:
    """Operations that belong together."""

    title: str
    about: str
    operations: list[Operation] = field(default_factory=list)

    def get(self, path: str, **more: Any) -> Callable[[Does], Does]:
        """Offer a question."""
        return self._offer("GET", path, **more)

    def post(self, path: str, **more: Any) -> Callable[[Does], Does]:
        """Offer something to do."""
        return self._offer("POST", path, **more)

    def patch(self, path: str, **more: Any) -> Callable[[Does], Does]:
        """Offer to change something."""
        return self._offer("PATCH", path, **more)

    def delete(self, path: str, **more: Any) -> Callable[[Does], Does]:
        """Offer to take something away."""
        return self._offer("DELETE", path, **more)

    def _offer(
        self,
        method: str,
        path: str,
        *,
        say: Say | None = None,
        status: int = 200,
        caller: Caller = Caller.TOKEN,
        form: bool = False,
        at: Callable[[Any], str] | None = None,
        example: Mapping[str, Any] | None = None,
        raises: tuple[type[Problem], ...] = (),
        shown_once: tuple[str, ...] = (),
        wire: Wire | None = None,
        answer: type[msgspec.Struct] | None = None,
    ) -> Callable[[Does], Does]:
        def offered(do: Does) -> Does:
            hints = get_type_hints(do)
            answers = _shapes_in(get_type_hints(say)["return"] if say else hints["return"])
            answers = answers if answer is None else [answer]
            ids = tuple(name for name, hint in hints.items() if hint is UUID)
            bare = None if method == "GET" or wire is not None else Nothing
            order, query = hints.get("order") or bare, hints.get("query")
            operation = Operation(
                chapter=self.title,
                method=method,
                path=path,
                do=do,
                say=say,
                status=status if answers or (wire is not None and wire.gives) else 204,
                caller=caller,
                order=order,
                query=query,
                answer=answers[0] if answers else None,
                or_nothing=type(None) in get_args(hints["return"]),
                form=form,
                at=at,
                example=example,
                ids=ids,
                problems=frozenset(raises)
                | _usual(method, caller, names_things=bool(ids) or _names_things(order, query)),
                shown_once=shown_once,
                wire=wire,
            )
            self.operations.append(operation)
            return do

        return offered


def _shapes_in(hint: Any) -> list[type[msgspec.Struct]]:
    return [one for one in (hint, *get_args(hint)) if hasattr(one, "__struct_fields__")]


def _names_things(*shapes: type[msgspec.Struct] | None) -> bool:
    """Is there an id in a body or a query, which may be that of nothing?"""
    names = [name for shape in shapes if shape for name in shape.__struct_fields__]
    return any(name.endswith(("_id", "_ids")) for name in names)


def _usual(method: str, caller: Caller, *, names_things: bool) -> frozenset[type[Problem]]:
    """What can always go wrong with such an operation."""
    usual: set[type[Problem]] = {Unready, Invalid}
    if caller is Caller.TOKEN:
        usual |= {UnknownCaller, Forbidden}
    if names_things or caller is Caller.LINK:
        usual |= {NotFound}
    if method != "GET":
        usual |= {Malformed, TooLarge, TooSlow}
        if caller is not Caller.ANYBODY:
            usual |= {Stale, StillRunning, KeyReused}
    return frozenset(usual)
