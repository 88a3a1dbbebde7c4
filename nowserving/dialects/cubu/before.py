"""Cubu's Before webhooks of services: what they are told, and how their answers are read.

What may be answered is known from lists of tasks only; of the names of properties two are
documented, `fields` and `status`. The others, and how an operation is canceled, are ours.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from nowserving.actions.asking import AboutCase, Question, Unreadable, Verdict
from nowserving.cases.moves import State
from nowserving.dialects.cubu.hooks import COMMON, NO_CONTACT, TRIGGERED_BY, say_case
from nowserving.dialects.cubu.seats import say_appointment
from nowserving.dialects.cubu.wire import Wire
from nowserving.dialects.cubu.words import CHANNELS
from nowserving.kit.http import read_json
from nowserving.kit.problems import Invalid
from nowserving.places.hooks import HookKind


@dataclass(frozen=True, slots=True)
class BeforeWebhook:
    """One of Cubu's Before webhooks. `inferred`: its address, or its fields, were never seen."""

    title: str
    action: str
    fields: tuple[str, ...]
    may_refuse: bool = True
    inferred: bool = False


BEFORE: Mapping[HookKind, BeforeWebhook] = {
    HookKind.BOOK: BeforeWebhook(
        "Before Book Appointment",
        "beforeBookAppointment",
        (*NO_CONTACT, *TRIGGERED_BY, "appointment"),
        inferred=True,
    ),
    HookKind.QUEUE_UP: BeforeWebhook("Before Queue-Up", "beforeQueueUp", (*COMMON, *TRIGGERED_BY)),
    HookKind.CHECK_IN: BeforeWebhook(
        "Before Check In",
        "beforeCheckIn",
        (*COMMON, *TRIGGERED_BY, "appointment"),
        inferred=True,
    ),
    HookKind.RESOLVE: BeforeWebhook(
        "Before Resolve",
        "beforeResolved",  # documented so, with a d
        (*COMMON, *TRIGGERED_BY, "lockedByUserId", "appointment"),
        may_refuse=False,
    ),
}

_REFUSALS = {"cancel", "iscanceled", "iscancelled", "canceled", "cancelled"}
_SUCCESS = {"success", "issuccess"}
_REASONS = ("message", "errormessage", "cancelreason", "error")
_STATUS = {"pending": True, "waiting": False}
_READ: Mapping[str, tuple[str, Callable[[Wire, str], Any]]] = {
    "status": ("pends", lambda wire, name: wire.word(name, _STATUS)),
    "fields": ("fields", Wire.by_guid),
    "tagIds": ("tag_ids", Wire.guids),
    "customerRecordId": ("customer_id", Wire.guid),
    "serviceTypeId": ("type_id", Wire.guid),
    "channel": ("channel", lambda wire, name: wire.word(name, CHANNELS)),
    "language": ("language", Wire.text),
    "useCustomerContactInfo": ("use_customer_contact", Wire.flag),
    "contactPhoneNumber": ("phone", Wire.text),
    "contactEmail": ("email", Wire.text),
}
"""What a property changes, and how it is read."""

REASON_AT_MOST = 500
"""Characters of a refusal's message that are passed on."""


def say_before(question: Question, about: AboutCase) -> dict[str, Any]:
    """The documented fields of the webhook, with the case as it will be or as it stands."""
    case, agent = about.case, question.agent
    unit = question.directory.unit(question.directory.services[case.service_id].unit_id)
    said = say_case(case, about.details) | {
        "unitId": unit.id,
        "triggeredByUserId": agent and agent.id,
        "triggeredByUserEmail": agent and agent.email,
        "lockedByUserId": case.agent_id if case.state is State.ACTIVE else None,
        "appointment": None if about.seat is None else say_appointment(about.seat, unit.time_zone),
    }
    return {name: said[name] for name in BEFORE[question.kind].fields}


def read_before(question: Question, status: int, body: bytes) -> Verdict:
    """What a Before webhook answered: any 2xx is success, nothing in it is no change."""
    if not 200 <= status < 300:
        raise Unreadable(f"it answered {status}")
    given = _object(body)
    named = {name.lower(): value for name, value in given.items()}
    if BEFORE[question.kind].may_refuse and _is_refusal(named):
        reason, texts = _reason(named)
        return Verdict(allows=False, reason=reason, texts=texts)
    wire = Wire(body) if given else None
    changes: dict[str, Any] = {}
    unread: set[str] = set()
    for property_, (name, read) in _READ.items():
        value = named.get(property_.lower())
        if wire is not None and value not in (None, ""):
            try:
                changes[name] = read(wire, property_)
            except Invalid:
                unread.add(name)
    if question.kind is HookKind.RESOLVE and named.get("customerrecordid", ...) is None:
        changes["customer_id"] = None  # here, and only here, nobody is somebody
    return Verdict(changes=changes, unread=frozenset(unread))


def _object(body: bytes) -> dict[str, Any]:
    """The answer; Unreadable if it is not an object. Nothing, and null, is an empty one."""
    try:
        given = read_json(body) if body.strip() else {}
    except Invalid:
        raise Unreadable("the answer is not JSON") from None
    if given is not None and not isinstance(given, dict):
        raise Unreadable("the answer is not a JSON object")
    return given or {}


def _is_refusal(named: Mapping[str, Any]) -> bool:
    return any(_flag(named.get(name)) is True for name in _REFUSALS) or any(
        _flag(named.get(name)) is False for name in _SUCCESS
    )


def _flag(value: object) -> bool | None:
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.lower())
    return value if isinstance(value, bool) else None


def _reason(named: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """Why: a text, or texts by their locale."""
    for name in _REASONS:
        found = named.get(name)
        if isinstance(found, str) and found.strip():
            return found.strip()[:REASON_AT_MOST], {}
        if isinstance(found, dict):
            texts = {
                tag: text[:REASON_AT_MOST]
                for tag, text in found.items()
                if isinstance(text, str) and text
            }
            if texts:
                return next(iter(texts.values())), texts
    return "", {}
