"""Which facts an endpoint wants to hear of: by kind, by unit, by service.

The router asks when it puts facts onto lanes, the sender when it tells them: what lies on a
lane between two facts that are wanted is not wanted itself.
"""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec

from nowserving.journal.catalogue import CATALOGUE
from nowserving.kit.facts import Fact
from nowserving.places.endpoints import Endpoint
from nowserving.store.subscriptions import Wish


class Where(msgspec.Struct, frozen=True):
    """Where something happened. A transfer concerns both units: the one it left, too."""

    unit_ids: tuple[UUID, ...]
    service_id: UUID | None

    def fits(self, wish: Wish) -> bool:
        """Is it somewhere that is wanted?"""
        return (wish.unit_ids is None or not wish.unit_ids.isdisjoint(self.unit_ids)) and (
            wish.service_ids is None or self.service_id in wish.service_ids
        )


def wants(endpoint: Endpoint, fact: Fact) -> bool:
    """Does this endpoint want to hear of this fact?"""
    return is_wanted(fact, wish_of(endpoint))


def is_wanted(fact: Fact, wish: Wish) -> bool:
    """Is this a fact that is wanted?"""
    if fact.kind not in kinds_of(wish.kinds):
        return False
    return not wish.narrow or where_of(fact.kind, fact.data).fits(wish)


def wish_of(endpoint: Endpoint) -> Wish:
    """What this endpoint wants to hear of."""
    units, services = endpoint.unit_ids, endpoint.service_ids
    return Wish(
        endpoint.kinds,
        None if units is None else frozenset(units),
        None if services is None else frozenset(services),
    )


@lru_cache(maxsize=4096)
def kinds_of(patterns: tuple[str, ...]) -> frozenset[str]:
    """The kinds that are meant: each by its name, `case.*` or `*` for all that begin so."""
    return frozenset(kind for pattern in patterns for kind in _meant(pattern))


def where_of(kind: str, data: str) -> Where:
    """Where a fact of this kind happened, by what it says."""
    told = _reader_of(kind.partition(".")[0])(data)
    unit_id = told.subject.unit_id
    left = told.from_unit_id
    if left is not None:
        return Where((left,) if unit_id is None else (unit_id, left), told.subject.service_id)
    return Where(() if unit_id is None else (unit_id,), told.subject.service_id)


def _meant(pattern: str) -> Iterable[str]:
    if not pattern.endswith("*"):
        return [pattern]
    return [kind for kind in CATALOGUE if kind.startswith(pattern[:-1])]


class _Subject(msgspec.Struct, frozen=True):
    unit_id: UUID | None = None
    service_id: UUID | None = None


@lru_cache(maxsize=256)
def _reader_of(subject: str) -> Callable[[str], Any]:
    """Reads where facts about such a subject happened, and passes over all else they say."""
    told = msgspec.defstruct(
        "Told",
        [("subject", _Subject, _Subject()), ("from_unit_id", UUID | None, None)],
        rename={"subject": subject},
    )
    return msgspec.json.Decoder(told).decode
