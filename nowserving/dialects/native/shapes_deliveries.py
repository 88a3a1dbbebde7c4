"""What is asked and answered about deliveries."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from nowserving.dialects.native.orders import UUID_PATTERN, Limit, Order
from nowserving.dialects.native.shapes import Instant
from nowserving.places.endpoints import EndpointState
from nowserving.places.replays import ReplayState, Source

Kind = Annotated[str, Meta(max_length=100, description="Such as case.called.")]
At = Annotated[datetime, Meta(tz=True, description="An instant with its offset from UTC.")]
Position = Annotated[int, Meta(ge=0, le=2**63 - 1)]


class AttemptsPage(Order):
    """Which attempts, newest first. `before`: the part before ended with this one.

    `status` 0 looks for those without an answer.
    """

    endpoint_id: UUID | UnsetType = UNSET
    case_id: UUID | UnsetType = UNSET
    fact_id: (
        Annotated[UUID, Meta(description="What receivers saw as `webhook-id`.")] | UnsetType
    ) = UNSET
    kind: Kind | UnsetType = UNSET
    status: Annotated[int, Meta(ge=0, le=999)] | UnsetType = UNSET
    taken: bool | UnsetType = UNSET
    since: At | UnsetType = UNSET
    until: At | UnsetType = UNSET
    before: Annotated[str, Meta(pattern=f"^{UUID_PATTERN}$")] | UnsetType = UNSET
    limit: Limit = 50


class OfEndpoint(Order):
    """Of one endpoint, or left out: of all."""

    endpoint_id: UUID | UnsetType = UNSET
    limit: Limit = 50


class AskReplay(Order):
    """What is to be told again: one fact of a case, a part of the feed by time or by position,
    or what was not taken."""

    case_id: UUID | None = None
    version: Annotated[int, Meta(ge=1, le=2**31 - 1)] | None = None
    since: At | None = None
    until: At | None = None
    after: Annotated[Position | None, Meta(description="A position in the feed.")] = None
    up_to: Annotated[Position | None, Meta(description="The last position.")] = None
    only_failed: Annotated[
        bool, Meta(description="What was not taken of what was told within the time.")
    ] = False


class AttemptAt(msgspec.Struct):
    """One try at telling one fact. `status` null: there was no answer, `error` says why."""

    id: UUID
    endpoint_id: UUID
    subject_id: UUID
    version: int
    fact_id: Annotated[UUID, Meta(description="As the receiver sees it: `webhook-id`.")]
    kind: str
    number: Annotated[int, Meta(description="The how-manieth attempt in a row.")]
    at: Instant
    microseconds: int
    status: int | None
    error: str | None
    response: Annotated[str | None, Meta(description="The beginning of the answer.")]
    taken: bool
    replay_id: UUID | None


class Attempts(msgspec.Struct):
    """Attempts, newest first. `next`: ask again with it as `before`; null: that was all."""

    attempts: list[AttemptAt]
    next: UUID | None


class SpokenTo(msgspec.Struct):
    """What was sent. What is secret in it is not shown; a body that is no text is in base64."""

    method: str
    url: str
    headers: dict[str, str]
    body: str
    body_is_base64: bool


class Rest(msgspec.Struct):
    """Where a case stands for an endpoint: told up to `head` of `tail` versions.

    `parked`: nobody tries any more. `gap`: the first of the versions that were passed over.
    """

    endpoint_id: UUID
    subject_id: UUID
    head: int
    tail: int
    attempt: int
    due: Instant | None
    parked: bool
    gap: int | None


class Rests(msgspec.Struct):
    """Cases that an endpoint does not take and that nobody tries any more."""

    lanes: list[Rest]


class DeliveryOf(msgspec.Struct):
    """One fact for one endpoint, with each attempt; what was said and answered in this one.

    `request` and `answer` are null when they are kept no longer.
    """

    endpoint_id: UUID
    endpoint_state: EndpointState | None
    taken: bool
    attempt: AttemptAt
    attempts: list[AttemptAt]
    request: SpokenTo | None
    answer: str | None
    lane: Rest | None


class ReplayAt(msgspec.Struct):
    """Telling again. Of `total` places `seen` were looked at; `told` facts were taken,
    `on_lanes` have yet to be told for the first time and are left to their lanes."""

    id: UUID
    endpoint_id: UUID
    source: Source
    state: ReplayState
    total: int
    seen: int
    told: int
    on_lanes: int
    error: str | None
    created_by: str
    created_at: Instant
    ended_at: Instant | None


class Replays(msgspec.Struct):
    """Replays and trials, newest first."""

    replays: list[ReplayAt]
