"""Asking in our own words: what is about to be done, and what may be answered.

A question is a signed POST of JSON; the answer is empty, or an object of this form and no
other. docs/webhooks-before.md tells receivers of it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from nowserving.actions.asking import (
    MAY_CHANGE,
    AboutArrival,
    AboutCase,
    Post,
    Question,
    Seat,
    Unreadable,
    Verdict,
)
from nowserving.dialects.native import orders, say, shapes
from nowserving.dialects.native.signing import new_secret, signed
from nowserving.dialects.native.strict import Malformed, read
from nowserving.kit.problems import Invalid
from nowserving.places.directory import Directory
from nowserving.places.endpoints import Endpoint
from nowserving.places.hooks import ABOUT_CASE, Hook, HookKind
from nowserving.places.services import Channel

DIALECT = "native"
DEADLINE = "Nowserving-Deadline"


class Line(StrEnum):
    """How somebody can stand in a line."""

    WAITING = "waiting"
    PENDING = "pending"


class Asker(msgspec.Struct):
    """Who wants it: an agent, a program, somebody at a kiosk."""

    kind: str
    id: UUID | None
    name: str


class Time(msgspec.Struct):
    """The time of an appointment: `start` in minutes after midnight on the unit's wall."""

    starts_at: shapes.Instant
    start: int
    minutes: int
    calendar: int
    staff_only: bool


class Before(msgspec.Struct, kw_only=True):
    """What is about to be done: `type` is `before.queue_up` and so on."""

    id: UUID
    type: str
    timestamp: shapes.Instant
    deadline: shapes.Instant
    dry_run: bool
    idempotency_key: str | None
    actor: Asker


class BeforeCase(Before, kw_only=True):
    """The case as it will be; before it is resolved or checked in, as it stands.

    `appointment_before`: the time it has now, before it is moved to `appointment`.
    """

    case: shapes.Case
    contact: shapes.Contact
    appointment: Time | None
    appointment_before: Time | None
    may_change: list[str]


class BeforeArrival(Before, kw_only=True):
    """Somebody has typed who they are; their appointments are looked for when you answer."""

    unit_id: UUID
    kiosk_id: UUID | None
    customer: str
    language: str


class Wanted(msgspec.Struct, forbid_unknown_fields=True):
    """What is to be otherwise. What is left out stays; null takes a value away."""

    state: Line | UnsetType = UNSET
    type_id: UUID | UnsetType = UNSET
    channel: Channel | UnsetType = UNSET
    language: Annotated[str, Meta(max_length=35)] | UnsetType = UNSET
    priority: orders.Priority | UnsetType = UNSET
    customer_id: UUID | UnsetType | None = UNSET
    use_customer_contact: bool | UnsetType = UNSET
    name: orders.Name | UnsetType | None = UNSET
    phone: orders.Word | UnsetType | None = UNSET
    email: orders.Word | UnsetType | None = UNSET
    fields: orders.Values | UnsetType = UNSET
    tag_ids: orders.Tags | UnsetType = UNSET


Reason = Annotated[str, Meta(max_length=500)]


class Answer(msgspec.Struct, forbid_unknown_fields=True):
    """Whether it may be done, and with what. `message`: a text, or texts by language."""

    allow: bool = True
    message: Reason | dict[Annotated[str, Meta(max_length=35)], Reason] = ""
    changes: Wanted = msgspec.field(default_factory=Wanted)


class NativeWords:
    """What our own hooks are asked, each at an address of its own."""

    kinds = ABOUT_CASE | {HookKind.APPOINTMENTS}
    below_endpoint = False

    def secret(self) -> str:
        """A new secret."""
        return new_secret()

    def settings(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """There are none."""
        if given:
            raise Invalid(field="settings", reason="there is nothing to set")
        return {}

    def say(
        self,
        question: Question,
        hook: Hook,
        *,
        endpoint: Endpoint | None,
        secrets: Sequence[str],
        until: datetime,
    ) -> Post:
        """The question, signed."""
        assert hook.url is not None
        body = msgspec.json.encode(_said(question, until))
        headers = signed(str(question.id), int(question.at.timestamp()), body, secrets)
        headers[DEADLINE] = until.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return Post(hook.url, body, headers)

    def read(self, question: Question, status: int, body: bytes) -> Any:
        """What was answered; nothing, or 204, agrees."""
        if not 200 <= status < 300:
            raise Unreadable(f"it answered {status}")
        if not isinstance(question.about, AboutCase):
            return None
        try:
            answer = read(body, Answer) if body.strip() else Answer()
        except (Malformed, Invalid) as wrong:
            field, reason = wrong.details.get("field"), wrong.details.get("reason")
            raise Unreadable(f"{field}: {reason}" if field else str(reason)) from None
        if not answer.allow:
            texts = answer.message if isinstance(answer.message, dict) else {}
            reason = next(iter(texts.values()), "") if texts else str(answer.message or "")
            return Verdict(allows=False, reason=reason, texts=texts)
        return _wanted(answer.changes, question.directory, question.about)


def _wanted(wanted: Wanted, directory: Directory, about: AboutCase) -> Verdict:
    given = {name: getattr(wanted, name) for name in wanted.__struct_fields__}
    changes = {name: value for name, value in given.items() if value is not UNSET}
    unread: set[str] = set()
    if "state" in changes:
        changes["pends"] = changes.pop("state") is Line.PENDING
    if "tag_ids" in changes:
        changes["tag_ids"] = tuple(dict.fromkeys(changes["tag_ids"]))
    if "fields" in changes:
        known = directory.fields_of(about.case.category_id)
        ids = {one.slug: one.id for one in known} | {str(one.id): one.id for one in known}
        if changes["fields"].keys() <= ids.keys():
            changes["fields"] = {ids[name]: value for name, value in changes["fields"].items()}
        else:
            unread.add("fields")
            del changes["fields"]
    return Verdict(changes=changes, unread=frozenset(unread))


def _said(question: Question, until: datetime) -> Before:
    common: dict[str, Any] = {
        "id": question.id,
        "type": f"before.{question.kind}",
        "timestamp": question.at,
        "deadline": until,
        "dry_run": question.dry_run,
        "idempotency_key": question.key,
        "actor": Asker(question.actor.kind, question.actor.id, question.actor.name),
    }
    about = question.about
    if isinstance(about, AboutArrival):
        return BeforeArrival(**common, **{n: getattr(about, n) for n in _OF_ARRIVAL})
    assert isinstance(about, AboutCase)
    allowed = MAY_CHANGE[question.kind]
    return BeforeCase(
        **common,
        case=say.case(about.case),
        contact=say.contact(question.directory, about.case, about.details),
        appointment=_time(about.seat),
        appointment_before=_time(about.before),
        may_change=sorted({"state" if name == "pends" else name for name in allowed}),
    )


_OF_ARRIVAL = ("unit_id", "kiosk_id", "customer", "language")


def _time(seat: Seat | None) -> Time | None:
    if seat is None:
        return None
    return Time(seat.starts_at, seat.start, seat.minutes, seat.index, seat.staff_only)


WORDS = NativeWords()
