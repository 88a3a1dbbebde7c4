"""Where facts go: an address in a wire language, with what it wants to hear and how it fares."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from nowserving.places.secrets import signing

POSTS_AT_ONCE = 8
"""Posts to one endpoint at once, unless it says otherwise."""

UNCONFIRMED = (1, 1)
"""At once, and in a second, while nobody at the far end has said that they want it."""


class EndpointState(StrEnum):
    """How an endpoint fares."""

    ACTIVE = "active"
    DEGRADED = "degraded"
    DISABLED = "disabled"
    DELETED = "deleted"

    @property
    def told(self) -> bool:
        """Is it told what happens at this moment? A disabled one is told later."""
        return self in (EndpointState.ACTIVE, EndpointState.DEGRADED)


class Why(StrEnum):
    """Why an endpoint is disabled."""

    PAUSED = "paused"
    GONE = "gone"
    FAILING = "failing"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address that is told facts, in one wire language.

    `kinds` are the facts it wants to hear of, by name or as `case.*` or `*`; `unit_ids` and
    `service_ids` narrow them to cases there (None: everywhere). Secrets and `headers` (JSON of
    names and values) are encrypted; `old_secret`, one or some, signs beside the new one until
    `old_secret_until`. `concurrency` posts may be on their way at once, `rate` at most may
    begin in a second (None: no limit). `confirmed_at`: when it proved that it wants to be told.
    `failing_since`: since when nothing has been taken. `settings` belong to the language.
    """

    organization_id: UUID
    id: UUID
    dialect: str
    url: str
    kinds: tuple[str, ...]
    authorization: str
    secret: bytes | None
    settings: Mapping[str, Any] = field(default_factory=dict)
    state: EndpointState = EndpointState.ACTIVE
    created_at: datetime | None = None
    name: str = ""
    unit_ids: tuple[UUID, ...] | None = None
    service_ids: tuple[UUID, ...] | None = None
    old_secret: bytes | None = None
    old_secret_until: datetime | None = None
    headers: bytes | None = None
    concurrency: int = POSTS_AT_ONCE
    rate: int | None = None
    why: Why | None = None
    confirmed_at: datetime | None = None
    failing_since: datetime | None = None
    version: int = 1

    @property
    def trusted(self) -> bool:
        """The operator named this very address, so neither it nor its wish is questioned."""
        return self.settings.get("allowed") is True

    @property
    def confirmed(self) -> bool:
        """Is it known that somebody there wants to be told?"""
        return self.confirmed_at is not None or self.trusted

    @property
    def is_paused(self) -> bool:
        """Has somebody decided that it is told nothing for now?"""
        return self.state is EndpointState.DISABLED and self.why is Why.PAUSED

    @property
    def in_trouble(self) -> bool:
        """Should somebody look after it? Who paused it knows."""
        given_up = self.state is EndpointState.DISABLED and self.why is not Why.PAUSED
        return self.state is EndpointState.DEGRADED or given_up

    def pace(self, now: datetime) -> tuple[int, int | None]:
        """Posts that may be on their way at once, and those that may begin in a second.

        None: no limit. Until an endpoint has confirmed that it wants to be told, it is told
        slowly: nobody can have us flood somebody else (docs/decisions/0010).
        """
        confirmed = self.trusted or (self.confirmed_at is not None and self.confirmed_at <= now)
        return (self.concurrency, self.rate) if confirmed else UNCONFIRMED

    def secrets(self, now: datetime) -> list[bytes]:
        """The encrypted secrets that sign at this moment, the newest first."""
        return signing(self.secret, self.old_secret, self.old_secret_until, now)
