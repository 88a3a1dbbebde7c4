"""What stands in a webhook of our own: which fact it is, where it belongs, and what it says.

Nothing personal, ever: the body is the same each time a fact is told, and nobody has to be
erased from a receiver's log. Whoever needs a name asks for the case.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET, Raw, UnsetType

from nowserving.kit.facts import Fact

AT_MOST = 256 * 1024
"""Bytes of a body; a fact that says more is told thin, with a link to where it says it."""

JSON = "application/json"
CLOUDEVENTS = "application/cloudevents+json"

Place = tuple[UUID, int]
"""Where a fact stands in the feed: epoch and position."""


class Envelope(msgspec.Struct):
    """A fact as it is told. `ver` counts the facts of a subject from 1, without holes."""

    id: UUID
    type: str
    timestamp: datetime
    subject: UUID
    ver: int
    epoch: UUID | None
    pos: int | None
    data: Raw | UnsetType = UNSET
    link: str | UnsetType = UNSET


class CloudEvent(msgspec.Struct):
    """The same as CloudEvents 1.0 names it, structured. Its integers are too small for `pos`."""

    specversion: str
    id: UUID
    source: str
    type: str
    time: datetime
    subject: UUID
    ver: int
    epoch: UUID | UnsetType = UNSET
    pos: str | UnsetType = UNSET
    link: str | UnsetType = UNSET
    datacontenttype: str | UnsetType = UNSET
    data: Raw | UnsetType = UNSET


def enveloped(fact: Fact, place: Place | None, *, full: bool, cloudevents: bool) -> bytes:
    """The body that tells a fact; `full`: with what it says."""
    say = _cloud_event if cloudevents else _envelope
    body = msgspec.json.encode(say(fact, place, full=full, link=UNSET))
    if len(body) <= AT_MOST:
        return body
    return msgspec.json.encode(say(fact, place, full=False, link=link_to(place)))


def link_to(place: Place | None) -> str | UnsetType:
    """Where the whole fact is found, below our address."""
    if place is None:
        return UNSET
    epoch, position = place
    return f"/api/v1/facts?after={epoch}:{position - 1}&limit=1"


def _envelope(
    fact: Fact, place: Place | None, *, full: bool, link: str | UnsetType
) -> msgspec.Struct:
    epoch, position = place or (None, None)
    return Envelope(
        id=fact.id,
        type=fact.kind,
        timestamp=fact.at,
        subject=fact.subject_id,
        ver=fact.version,
        epoch=epoch,
        pos=position,
        data=_data(fact) if full else UNSET,
        link=link,
    )


def _cloud_event(
    fact: Fact, place: Place | None, *, full: bool, link: str | UnsetType
) -> msgspec.Struct:
    found: dict[str, Any] = {"epoch": place[0], "pos": str(place[1])} if place else {}
    if full:
        found |= {"datacontenttype": JSON, "data": _data(fact)}
    return CloudEvent(
        specversion="1.0",
        id=fact.id,
        source=f"urn:nowserving:{fact.organization_id}",
        type=fact.kind,
        time=fact.at,
        subject=fact.subject_id,
        ver=fact.version,
        link=link,
        **found,
    )


def _data(fact: Fact) -> Raw:
    return Raw(fact.data.encode())
