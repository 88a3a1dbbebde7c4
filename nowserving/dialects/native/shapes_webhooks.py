"""What is answered about endpoints and the facts they are told."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta

from nowserving.dialects.native.shapes import Instant
from nowserving.places.endpoints import EndpointState, Why


class FactKind(msgspec.Struct):
    """A kind of fact. `beside`: what its data say beside the subject after it."""

    kind: str
    subject: Annotated[str, Meta(description="What it happened to: the member of its data.")]
    sentence: str
    beside: list[str]


class FactKinds(msgspec.Struct):
    """Every kind of fact that anybody can be told."""

    kinds: list[FactKind]


class LastAttempt(msgspec.Struct):
    """How the last attempt to tell an endpoint something went."""

    at: Instant
    status: Annotated[int | None, Meta(description="Null: nothing was answered.")]
    error: str | None


class EndpointHealth(msgspec.Struct):
    """How an endpoint fares."""

    waiting: Annotated[
        int, Meta(description="Cases of which it has yet to be told; counted to 1000.")
    ]
    failing_since: Annotated[
        Instant | None, Meta(description="Since when it has taken nothing; null: it takes.")
    ]
    last_attempt: LastAttempt | None


class Endpoint(msgspec.Struct):
    """An address that is told facts. Its secret and the values of its headers are never shown.

    Null in `unit_ids` or `service_ids`: everywhere.
    """

    id: UUID
    version: Annotated[int, Meta(description="Give it with a change.")]
    name: str
    dialect: Annotated[str, Meta(description="The wire language: native, cubu or vcc.")]
    url: str
    state: EndpointState
    why: Annotated[Why | None, Meta(description="Why it is disabled.")]
    kinds: Annotated[list[str], Meta(description="Names, or `case.*`, or `*`.")]
    unit_ids: list[UUID] | None
    service_ids: list[UUID] | None
    authorization: Annotated[str, Meta(description="hmac or none.")]
    has_secret: bool
    old_secret_until: Annotated[
        Instant | None, Meta(description="Until when the old secret signs beside the new one.")
    ]
    header_names: list[str]
    settings: Annotated[dict[str, Any], Meta(description="What its language lets be set.")]
    concurrency: Annotated[int, Meta(description="Posts on their way at once, at most.")]
    rate: Annotated[int | None, Meta(description="Posts in a second, at most; null: no limit.")]
    confirmed: Annotated[
        bool, Meta(description="Has it said that it wants to be told? Until then: 1 in a second.")
    ]
    confirmed_at: Instant | None
    created_at: Instant


class EndpointFile(Endpoint):
    """An endpoint and how it fares."""

    health: EndpointHealth


class KeyedEndpoint(Endpoint):
    """An endpoint, and its secret if it was made just now.

    It is shown this once: a repeated request with the same key is answered without it.
    """

    secret: str | None


class Endpoints(msgspec.Struct):
    """Endpoints, the oldest first. Ask again with `next` as `after` unless it is null."""

    endpoints: list[EndpointFile]
    next: str | None
