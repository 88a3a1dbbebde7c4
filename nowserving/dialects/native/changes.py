"""Who changed what of something that administrators set: how it is asked for, and told."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from nowserving.dialects.native.orders import UUID_PATTERN, Limit, Order
from nowserving.dialects.native.shapes import Instant
from nowserving.store.audit import Change as Noted


class ChangesPage(Order):
    """Which part of the changes. `before`: what the part before gave as `next`."""

    before: Annotated[str, Meta(pattern=f"^{UUID_PATTERN}$")] | UnsetType = UNSET
    limit: Limit = 50

    @property
    def older_than(self) -> UUID | None:
        """The change before which the part ends; None: with the newest."""
        return None if self.before is UNSET else UUID(self.before)


class Change(msgspec.Struct):
    """One change, with the values before and after it; never a secret."""

    id: UUID
    at: Instant
    actor: str
    verb: str
    before: dict[str, Any]
    after: dict[str, Any]


class Changes(msgspec.Struct):
    """Changes, the newest first. Ask again with `next` as `before` unless it is null."""

    changes: list[Change]
    next: str | None


def say_changes(found: Sequence[Noted], query: ChangesPage) -> Changes:
    """A part of the changes, of which one more was looked for than is told."""
    told = [
        Change(one.id, one.at, one.actor, one.verb, dict(one.before), dict(one.after))
        for one in found[: query.limit]
    ]
    return Changes(told, next=str(told[-1].id) if len(found) > query.limit else None)
