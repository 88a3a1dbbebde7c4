"""What can be asked for about endpoints."""

from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from nowserving.actions.endpoint_terms import (
    AT_ONCE_AT_MOST,
    HEADER_AT_MOST,
    HEADERS_AT_MOST,
    KINDS_AT_MOST,
    NAME_AT_MOST,
    PLACES_AT_MOST,
    RATE_AT_MOST,
    URL_AT_MOST,
)
from nowserving.dialects.native.orders import UUID_PATTERN, Limit, Order, Secret

Name = Annotated[str, Meta(max_length=NAME_AT_MOST)]
Url = Annotated[str, Meta(min_length=1, max_length=URL_AT_MOST, description="https, in full.")]
Kinds = Annotated[
    list[Annotated[str, Meta(max_length=100)]],
    Meta(
        min_length=1,
        max_length=KINDS_AT_MOST,
        description="Kinds of facts by name, or `case.*`, or `*`.",
    ),
]
Places = Annotated[
    list[UUID], Meta(min_length=1, max_length=PLACES_AT_MOST, description="Null: everywhere.")
]
Headers = Annotated[
    dict[
        Annotated[str, Meta(max_length=100)],
        Annotated[str, Meta(max_length=HEADER_AT_MOST)],
    ],
    Meta(max_length=HEADERS_AT_MOST, description="They go with every post; kept encrypted."),
]
Settings = Annotated[
    dict[str, Any], Meta(description="What the language lets be set; see docs/webhooks.md.")
]
Concurrency = Annotated[int, Meta(ge=1, le=AT_ONCE_AT_MOST)]
Rate = Annotated[int, Meta(ge=1, le=RATE_AT_MOST, description="Posts in a second; null: no limit.")]
Authorization = Literal["hmac", "none"]


class AddEndpoint(Order):
    """An address, the language it is told in, and what it wants to hear of.

    What is left out is what is usual in that language. A secret is made unless one is given.
    """

    dialect: Literal["native", "cubu", "vcc"]
    url: Url
    name: Name = ""
    kinds: Kinds | None = None
    unit_ids: Places | None = None
    service_ids: Places | None = None
    authorization: Authorization | None = None
    secret: Secret | None = None
    settings: Settings | None = None
    headers: Headers | None = None
    concurrency: Concurrency = 8
    rate: Rate | None = None


class ChangeEndpoint(Order):
    """What is to be otherwise, over the version that was seen. What is left out stays."""

    version: Annotated[int, Meta(ge=1, le=2**31 - 1)]
    url: Url | UnsetType = UNSET
    name: Name | UnsetType = UNSET
    kinds: Kinds | UnsetType = UNSET
    unit_ids: Places | UnsetType | None = UNSET
    service_ids: Places | UnsetType | None = UNSET
    authorization: Authorization | UnsetType = UNSET
    settings: Settings | UnsetType = UNSET
    headers: Headers | UnsetType = UNSET
    concurrency: Concurrency | UnsetType = UNSET
    rate: Rate | UnsetType | None = UNSET


class RollSecret(Order):
    """For how many hours the old secret signs beside the new one; left out: a day.

    A language that says one signature only takes the new one at once.
    """

    both_for_hours: Annotated[int, Meta(ge=0, le=168)] | None = None
    secret: Secret | None = None


class EndpointsPage(Order):
    """Which part of the endpoints. `after`: what the part before gave as `next`."""

    after: Annotated[str, Meta(pattern=f"^{UUID_PATTERN}$")] | UnsetType = UNSET
    limit: Limit = 50
