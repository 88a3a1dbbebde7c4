"""Hooks on the wire: what can be set of them, and what is told of them."""

from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from nowserving.actions.hooks import HEADERS_AT_MOST, MILLISECONDS, NAME_AT_MOST
from nowserving.dialects.native.orders import Limit, Order
from nowserving.dialects.native.shapes import Instant
from nowserving.places.hooks import HookKind, HookState, OnFailure, Outcome

Name = Annotated[str, Meta(max_length=NAME_AT_MOST)]
Url = Annotated[str, Meta(max_length=2000)]
Ids = Annotated[list[UUID], Meta(min_length=1, max_length=500)]
Timeout = Annotated[
    int,
    Meta(ge=MILLISECONDS[0], le=MILLISECONDS[-1], description="How long it is waited for."),
]
Headers = Annotated[
    dict[Annotated[str, Meta(max_length=100)], Annotated[str, Meta(max_length=2000)]],
    Meta(max_length=HEADERS_AT_MOST, description="Sent along; told to nobody again."),
]
Settings = Annotated[dict[str, Any], Meta(description="What its language wants to know.")]
Where = Annotated[Ids | None, Meta(description="Only there; null: everywhere.")]


class AddHook(Order):
    """Who is to be asked. `url` for `native`; for `cubu` the endpoint whose base URL it is."""

    kind: HookKind
    dialect: Literal["native", "cubu"] = "native"
    name: Name = ""
    url: Url | None = None
    endpoint_id: UUID | None = None
    unit_ids: Where = None
    service_ids: Where = None
    on_failure: OnFailure = OnFailure.ALLOW
    timeout: Timeout = 2000
    headers: Headers = msgspec.field(default_factory=dict)
    settings: Settings = msgspec.field(default_factory=dict)
    state: HookState = HookState.ACTIVE


class ChangeHook(Order):
    """What is to be otherwise. What is left out stays."""

    name: Name | UnsetType = UNSET
    url: Url | UnsetType = UNSET
    endpoint_id: UUID | UnsetType = UNSET
    unit_ids: Where | UnsetType = UNSET
    service_ids: Where | UnsetType = UNSET
    on_failure: OnFailure | UnsetType = UNSET
    timeout: Timeout | UnsetType = UNSET
    headers: Headers | UnsetType = UNSET
    settings: Settings | UnsetType = UNSET
    state: HookState | UnsetType = UNSET


class AskingsPage(Order):
    """How many of the newest."""

    limit: Limit = 50


class Hook(msgspec.Struct):
    """Who is asked, before what, and what its silence means. `headers`: their names."""

    id: UUID
    kind: HookKind
    dialect: str
    name: str
    url: str | None
    endpoint_id: UUID | None
    unit_ids: list[UUID] | None
    service_ids: list[UUID] | None
    on_failure: OnFailure
    timeout: int
    headers: list[str]
    settings: dict[str, Any]
    state: HookState
    created_at: Instant
    version: int


class Hooks(msgspec.Struct):
    """Who is asked, the eldest first."""

    hooks: list[Hook]


class HookWithSecret(msgspec.Struct):
    """A hook and its secret, which is shown this once; null if its endpoint's is used."""

    hook: Hook
    secret: str | None


class Asked(msgspec.Struct):
    """One time that a hook was asked. `dropped`: changes it wanted that would not do."""

    id: UUID
    kind: HookKind
    case_id: UUID | None
    at: Instant
    milliseconds: float
    outcome: Outcome
    status: int | None
    error: str | None
    response: str | None
    dropped: list[str]
    dry_run: bool


class Askings(msgspec.Struct):
    """What a hook has answered, the newest first."""

    askings: list[Asked]


class TriedHook(msgspec.Struct):
    """What a hook answered to a dry run. `allows` is null where nothing was said that counts."""

    allows: bool | None
    reason: str
    changes: Annotated[list[str], Meta(description="The names of what it would change.")]
    error: str | None
    status: int | None
    milliseconds: float
    response: str | None
