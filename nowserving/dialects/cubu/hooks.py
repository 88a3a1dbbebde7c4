"""Cubu's After webhooks: facts told as `POST [base-url]/service/actions/<action>`.

Each webhook carries exactly the fields that Cubu documents for it. After Check In and After
Close exist, but nobody has seen their pages: their fields are our inference.
"""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hmac import digest
from typing import Any
from uuid import UUID

import msgspec

from nowserving.actions.seats import seat_of
from nowserving.cases.case import NO_NUMBER, Case, Details
from nowserving.cases.moves import ARRIVE, CLOSE, PLAN, QUEUE_UP, RESOLVE, START, State
from nowserving.dialects.cubu.seats import say_appointment
from nowserving.dialects.cubu.wire import say_instant
from nowserving.dialects.cubu.words import CHANNEL_OF, STATUS_OF
from nowserving.journal.telling import Telling
from nowserving.kit.facts import Fact
from nowserving.kit.vault import Vault
from nowserving.people.actor import agent_named
from nowserving.people.staff import Agent
from nowserving.places.endpoints import Endpoint
from nowserving.places.services import Channel
from nowserving.store.store import Store

DIALECT = "cubu"
HMAC, NONE = "hmac", "none"

COMMON = (
    "caseId",
    "parentCaseId",
    "referenceDate",
    "unitId",
    "serviceId",
    "serviceCategoryId",
    "serviceTypeId",
    "status",
    "channel",
    "language",
    "ticket",
    "fields",
    "tagIds",
    "customerRecordId",
    "useCustomerContactInfo",
    "contactPhoneNumber",
    "contactEmail",
)
TRIGGERED_BY = ("triggeredByUserId", "triggeredByUserEmail")


@dataclass(frozen=True, slots=True)
class Webhook:
    """One of Cubu's After webhooks. `inferred`: its page was never seen."""

    title: str
    action: str
    fields: tuple[str, ...]
    inferred: bool = False


_CONTACT = ("useCustomerContactInfo", "contactPhoneNumber", "contactEmail")
NO_CONTACT = tuple(name for name in COMMON if name not in _CONTACT)

WEBHOOKS: Mapping[str, Webhook] = {
    PLAN.fact: Webhook(
        "After Book Appointment",
        "afterBookAppointment",
        (*NO_CONTACT, *TRIGGERED_BY, "appointment"),
    ),
    QUEUE_UP.fact: Webhook(
        "After Queue-up", "afterQueueUp", (*COMMON, *TRIGGERED_BY, "lockedByUserId")
    ),
    START.fact: Webhook(
        "After Start Work",
        "startWork",  # documented so, without "after"
        (*COMMON, "lockedByUserId", "lockedByUserEmail", "appointment"),
    ),
    RESOLVE.fact: Webhook(
        "After Resolve",
        "afterResolve",
        (*COMMON, *TRIGGERED_BY, "lockedByUserId", "appointment"),
    ),
    ARRIVE.fact: Webhook(
        "After Check In", "afterCheckIn", (*COMMON, *TRIGGERED_BY, "appointment"), inferred=True
    ),
    CLOSE.fact: Webhook(
        "After Close",
        "afterClose",
        (*COMMON, *TRIGGERED_BY, "lockedByUserId", "appointment"),
        inferred=True,
    ),
}


def cubu_endpoint(
    organization_id: UUID,
    id: UUID,
    base_url: str,
    *,
    secret: str | None,
    vault: Vault,
    now: datetime,
    actions: Mapping[str, str] | None = None,
    allowed: bool = False,
) -> Endpoint:
    """An endpoint that is told what Cubu tells: with a secret signed, without one not.

    `actions` gives action names other than the documented ones, by the kind of fact.
    `allowed`: the operator lets us go there, even if it is this machine.
    """
    settings: dict[str, Any] = {"actions": dict(actions)} if actions else {}
    return Endpoint(
        organization_id=organization_id,
        id=id,
        dialect=DIALECT,
        url=base_url.rstrip("/"),
        kinds=tuple(WEBHOOKS),
        authorization=NONE if secret is None else HMAC,
        secret=None if secret is None else vault.lock(secret),
        settings=settings | ({"allowed": True} if allowed else {}),
        created_at=now,
    )


async def tell(
    fact: Fact,
    endpoint: Endpoint,
    *,
    secrets: Sequence[str],
    store: Store,
    gap: int | None = None,
) -> Telling | None:
    """A fact as the webhook that Cubu calls for it; None if there is none."""
    webhook = WEBHOOKS.get(fact.kind)
    if webhook is None:
        return None
    body = msgspec.json.encode(await _body(webhook, fact, store))
    action = endpoint.settings.get("actions", {}).get(fact.kind, webhook.action)
    headers = {"Content-Type": "application/json", "Webhook-Id": str(fact.id)}
    if endpoint.authorization == HMAC:
        headers["Authorization"] = authorization(secrets[0] if secrets else "", body)
    return Telling(f"{endpoint.url}/service/actions/{action}", body, headers)


def authorization(secret: str, body: bytes) -> str:
    """The value of the Authorization header: a MAC of the body's bytes and of nothing else."""
    return f"HMAC {b64encode(digest(secret.encode(), body, 'sha256')).decode()}"


class _Case(msgspec.Struct):
    """What these webhooks say of a case; a fact may tell more."""

    id: UUID
    state: State
    unit_id: UUID
    service_id: UUID
    category_id: UUID
    type_id: UUID
    parent_id: UUID | None
    customer_id: UUID | None
    channel: Channel
    language: str
    prefix: str
    ticket_number: int
    suffix: str
    reference_at: datetime
    agent_id: UUID | None = None
    appointment_at: datetime | None = None
    use_customer_contact: bool = False
    tag_ids: list[UUID] = []


class _Told(msgspec.Struct):
    case: _Case
    served_by: UUID | None = None


_read = msgspec.json.Decoder(_Told).decode


async def _body(webhook: Webhook, fact: Fact, store: Store) -> dict[str, Any]:
    told = _read(fact.data)
    details = await store.cases.details(told.case.id)
    locked_by = told.case.agent_id if fact.kind == START.fact else told.served_by
    said = say_case(told.case, details) | {"lockedByUserId": locked_by, "appointment": None}
    seat = await seat_of(store, told.case) if "appointment" in webhook.fields else None
    if fact.version > 1 or seat is not None:  # until then it is where its service is
        said["unitId"], zone = await store.places.unit_of_service(told.case.service_id)
        said["appointment"] = seat and say_appointment(seat, zone)
    if "triggeredByUserId" in webhook.fields:
        agent = await _agent(store, agent_named(fact.actor))
        said["triggeredByUserId"] = agent and agent.id
        said["triggeredByUserEmail"] = agent and agent.email
    if "lockedByUserEmail" in webhook.fields:
        agent = await _agent(store, locked_by)
        said["lockedByUserEmail"] = agent and agent.email
    return {name: said[name] for name in webhook.fields}


def say_case(case: _Case | Case, details: Details) -> dict[str, Any]:
    """What all these webhooks say of a case; `unitId` while it is where its service is."""
    return {
        "caseId": case.id,
        "parentCaseId": case.parent_id,
        "referenceDate": say_instant(case.reference_at),
        "unitId": case.unit_id,
        "serviceId": case.service_id,
        "serviceCategoryId": case.category_id,
        "serviceTypeId": case.type_id,
        "status": STATUS_OF[case.state],
        "channel": CHANNEL_OF[case.channel],
        "language": case.language,
        "ticket": _ticket(case),
        "fields": details.fields,
        "tagIds": case.tag_ids,
        "customerRecordId": case.customer_id,
        "useCustomerContactInfo": case.use_customer_contact,
        "contactPhoneNumber": details.phone,
        "contactEmail": details.email,
    }


def _ticket(case: _Case | Case) -> dict[str, Any] | None:
    """The number called out; None where an appointment gets it on arrival only, as in the API."""
    if case.ticket_number == NO_NUMBER:
        return None
    return {
        "prefix": case.prefix or None,
        "number": case.ticket_number,
        "suffix": case.suffix or None,
    }


async def _agent(store: Store, id: UUID | None) -> Agent | None:
    return None if id is None else await store.people.agent(id)
