"""JSON Schema (2020-12) of what a webhook of ours says, for each kind of fact in the catalogue."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

import msgspec

from nowserving.bookings.rules import Punctuality
from nowserving.cases.case import Case
from nowserving.cases.work import Link
from nowserving.journal.catalogue import CATALOGUE, Kind
from nowserving.people.attendance import Presence
from nowserving.queues.line import Rule

Json = dict[str, Any]

DRAFT = "https://json-schema.org/draft/2020-12/schema"
ADDRESS = "/api/v1/facts/schemas"


class Agent(msgspec.Struct):
    """An agent's attendance after the fact."""

    id: UUID
    presence: Presence
    since: datetime
    unit_id: UUID | None
    workspace_id: UUID | None


class Desk(msgspec.Struct):
    """A desk after the fact: who sits there, if anybody, and since when that is so."""

    id: UUID
    unit_id: UUID
    number: int
    agent_id: UUID | None
    since: datetime


class Customer(msgspec.Struct):
    """A customer after the fact, without what is personal."""

    id: UUID
    number: int
    version: int
    archived: bool
    merged_into_id: UUID | None


class Record(msgspec.Struct):
    """A record of a table after the fact, without what it says."""

    id: UUID
    table_id: UUID
    version: int


class Booked(msgspec.Struct):
    """The seat of an appointment: `start` in minutes after midnight on the unit's wall."""

    calendar_id: UUID
    day: date
    index: int
    start: int
    minutes: int
    starts_at: datetime
    agent_id: UUID | None
    staff_only: bool
    series_id: UUID | None
    group_id: UUID | None


SUBJECTS: Mapping[str, Any] = {
    "case": Case,
    "agent": Agent,
    "desk": Desk,
    "customer": Customer,
    "record": Record,
}
"""What the subject of a fact looks like in its data, by the first part of the kind's name."""

BESIDE: Mapping[str, Any] = {
    "rule": Rule,
    "reason": str,
    "from_queue_id": UUID,
    "from_unit_id": UUID,
    "served_by": UUID | None,
    "changed": list[str],
    "note_id": UUID | None,
    "why": str,
    "task_id": UUID | None,
    "counted_only": bool,
    "into_id": UUID,
    "from_id": UUID,
    "link": Link,
    "other_id": UUID,
    "file_id": UUID,
    "held": bool,
    "media_type": str,
    "size": int,
    "files": int,
    "notes": int,
    "appointment": Booked,
    "before": Booked,
    "punctuality": Punctuality,
    "overridden": bool,
    "forced": bool,
    "left_by": UUID,
}
"""What each thing is that a fact says beside its subject."""


def address_of(kind: str) -> str:
    """Where the schema of a kind is found."""
    return f"{ADDRESS}/{kind}.json"


def names() -> list[Json]:
    """The kinds of facts there are, each with its sentence and the address of its schema."""
    return [
        {"type": kind.name, "about": kind.sentence, "schema": address_of(kind.name)}
        for kind in CATALOGUE.values()
    ]


@cache
def schema_of(kind: str) -> Json:
    """The schema of one kind of fact; KeyError for one there is not.

    Whatever is not listed may come in later versions: receivers ignore what they do not know.
    """
    one = CATALOGUE[kind]
    of = {
        one.subject: SUBJECTS[one.subject],
        **{name: BESIDE.get(name, Any) for name in one.beside},
    }
    schemas, shared = msgspec.json.schema_components(of.values(), ref_template="#/$defs/{name}")
    return {
        "$schema": DRAFT,
        "$id": address_of(kind),
        "title": kind,
        "description": one.sentence,
        **_envelope(one),
        "$defs": {
            **{name: _plain(shared_one) for name, shared_one in shared.items()},
            "Data": _data(dict(zip(of, schemas, strict=True))),
        },
    }


def _envelope(kind: Kind) -> Json:
    members: Json = {
        "id": {**_ID, "description": "Of the fact; the same each time it is told."},
        "type": {"const": kind.name},
        "timestamp": {"type": "string", "format": "date-time", "description": "When it happened."},
        "subject": {**_ID, "description": f"Of the {kind.subject} it happened to."},
        "ver": {
            "type": "integer",
            "minimum": 1,
            "description": "Counts the facts of the subject from 1, without holes.",
        },
        "epoch": {**_or_null(_ID), "description": "Of the feed; another one after a restore."},
        "pos": {
            **_or_null({"type": "integer"}),
            "description": "Its place in the feed; null once it is not kept there any more.",
        },
        "data": {"$ref": "#/$defs/Data"},
        "link": {
            "type": "string",
            "format": "uri-reference",
            "description": "Where the whole fact is found, if it was too large to be sent.",
        },
    }
    required = [name for name in members if name not in ("data", "link")]
    return {"type": "object", "properties": members, "required": required}


def _data(members: Json) -> Json:
    return {
        "type": "object",
        "description": "What the fact says, where the endpoint asks for it; nothing personal.",
        "properties": members,
        "required": list(members),
    }


def _plain(schema: Json) -> Json:
    """A shape without what its docstring tells our own programmers."""
    return {name: value for name, value in schema.items() if name != "description"}


def _or_null(schema: Json) -> Json:
    return {"anyOf": [schema, {"type": "null"}]}


_ID: Json = {"type": "string", "format": "uuid"}
