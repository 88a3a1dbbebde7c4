"""What Cubu's receivers get: the documented fields, signed over the bytes that are sent."""

import hmac
from base64 import b64encode
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest

from nowserving.actions import desk
from nowserving.actions.house import House
from nowserving.actions.queue_up import queue_up
from nowserving.actions.sample import Sample
from nowserving.cases.admission import Request
from nowserving.cases.case import Case
from nowserving.cases.moves import MOVES
from nowserving.dialects.cubu.hooks import (
    DIALECT,
    WEBHOOKS,
    authorization,
    cubu_endpoint,
    tell,
)
from nowserving.dialects.cubu.wire import say_instant
from nowserving.journal.telling import Telling
from nowserving.kit.facts import Fact
from nowserving.people.actor import Actor, system
from nowserving.places.endpoints import Endpoint
from nowserving.store.store import Store
from tests.hooks.far import far_end
from tests.hooks.sending import Room
from tests.journal.facts import until

SECRET = "s3cret ü"

AFTER_QUEUE_UP = {
    "caseId", "parentCaseId", "referenceDate", "unitId", "serviceId", "serviceCategoryId",
    "serviceTypeId", "status", "channel", "language", "ticket", "fields", "tagIds",
    "customerRecordId", "useCustomerContactInfo", "contactPhoneNumber", "contactEmail",
    "triggeredByUserId", "triggeredByUserEmail", "lockedByUserId",
}  # fmt: skip
START_WORK = (AFTER_QUEUE_UP - {"triggeredByUserId", "triggeredByUserEmail"}) | {
    "lockedByUserEmail",
    "appointment",
}
AFTER_RESOLVE = AFTER_QUEUE_UP | {"appointment"}


@pytest.fixture
def endpoint(house: House, branch: Sample) -> Endpoint:
    """A receiver of the sample branch."""
    now = house.clock()
    id = house.ids(now)
    return cubu_endpoint(
        branch.organization.id,
        id,
        "https://r.example/x/",
        secret=SECRET,
        vault=house.vault,
        now=now,
    )


async def told(house: House, endpoint: Endpoint, fact: Fact) -> Telling:
    async with house.engine.reading() as connection:
        telling = await tell(
            fact, endpoint, secrets=[SECRET], store=Store(connection, fact.organization_id)
        )
    assert telling is not None
    return telling


def said(telling: Telling) -> dict[str, Any]:
    text: dict[str, Any] = msgspec.json.decode(telling.body)
    return text


async def facts_of(house: House, case: Case) -> dict[str, Fact]:
    async with house.engine.reading() as connection:
        facts = await Store(connection, case.organization_id).journal.of(case.id)
    return {fact.kind: fact for fact in facts}


async def a_ticket(house: House, branch: Sample, actor: Actor, **asked: Any) -> Case:
    directory = await house.directory(branch.organization.id)
    licences = directory.services_of(directory.unit_numbered(1).id)[2]
    async with house.acting(actor) as act:
        queued = await queue_up(act, Request(service_id=licences.id, phone="+49301234567", **asked))
    return queued.case


async def a_served_case(house: House, branch: Sample, ann: Actor, program: Actor) -> Case:
    case = await a_ticket(house, branch, program)
    async with house.acting(ann) as act:
        await desk.call(act, case_id=case.id, desk_id=None)
    async with house.acting(ann) as act:
        await desk.start(act, case_id=case.id)
    async with house.acting(ann) as act:
        await desk.resolve(act, case_id=case.id)
    async with house.acting(system(branch.organization.id, "timer")) as act:
        return await desk.close(act, case_id=case.id)


async def test_after_queue_up_says_the_documented_fields(
    house: House, branch: Sample, program: Actor, endpoint: Endpoint
) -> None:
    directory = await house.directory(branch.organization.id)
    [field] = directory.fields.values()
    tag = next(iter(directory.tags))
    case = await a_ticket(
        house, branch, program, email="a@b.example", fields={field.id: "Ärzte"}, tag_ids=(tag,)
    )
    telling = await told(house, endpoint, (await facts_of(house, case))["case.queued"])
    assert telling.url == "https://r.example/x/service/actions/afterQueueUp"
    assert said(telling) == {
        "caseId": str(case.id),
        "parentCaseId": None,
        "referenceDate": say_instant(case.reference_at),
        "unitId": str(case.unit_id),
        "serviceId": str(case.service_id),
        "serviceCategoryId": str(case.category_id),
        "serviceTypeId": str(case.type_id),
        "status": "Waiting",
        "channel": "FaceToFace",
        "language": "en-US",
        "ticket": {"prefix": "C", "number": 1, "suffix": None},
        "fields": {str(field.id): "Ärzte"},
        "tagIds": [str(tag)],
        "customerRecordId": None,
        "useCustomerContactInfo": False,
        "contactPhoneNumber": "+49301234567",
        "contactEmail": "a@b.example",
        "triggeredByUserId": None,
        "triggeredByUserEmail": None,
        "lockedByUserId": None,
    }
    assert set(said(telling)) == AFTER_QUEUE_UP


async def test_who_triggered_it_is_said_of_agents_only(
    house: House, branch: Sample, ann: Actor, endpoint: Endpoint
) -> None:
    case = await a_ticket(house, branch, ann)
    body = said(await told(house, endpoint, (await facts_of(house, case))["case.queued"]))
    assert (body["triggeredByUserId"], body["triggeredByUserEmail"], body["lockedByUserId"]) == (
        str(ann.id),
        "ann@demo.example",
        None,
    )


async def test_start_work_says_who_serves(
    house: House, branch: Sample, ann: Actor, program: Actor, endpoint: Endpoint
) -> None:
    case = await a_served_case(house, branch, ann, program)
    telling = await told(house, endpoint, (await facts_of(house, case))["case.started"])
    body = said(telling)
    assert telling.url.endswith("/service/actions/startWork")
    assert set(body) == START_WORK
    assert (body["status"], body["lockedByUserId"], body["lockedByUserEmail"]) == (
        "Active",
        str(ann.id),
        "ann@demo.example",
    )
    assert body["appointment"] is None


async def test_after_resolve_says_who_had_served(
    house: House, branch: Sample, ann: Actor, program: Actor, endpoint: Endpoint
) -> None:
    case = await a_served_case(house, branch, ann, program)
    telling = await told(house, endpoint, (await facts_of(house, case))["case.resolved"])
    body = said(telling)
    assert telling.url.endswith("/service/actions/afterResolve")
    assert set(body) == AFTER_RESOLVE
    assert (body["status"], body["lockedByUserId"], body["triggeredByUserId"]) == (
        "Resolved",
        str(ann.id),
        str(ann.id),
    )


async def test_resolved_while_waiting_was_locked_by_nobody(
    house: House, branch: Sample, ann: Actor, program: Actor, endpoint: Endpoint
) -> None:
    case = await a_ticket(house, branch, program)
    async with house.acting(ann) as act:
        await desk.resolve(act, case_id=case.id)
    body = said(await told(house, endpoint, (await facts_of(house, case))["case.resolved"]))
    assert (body["status"], body["lockedByUserId"]) == ("Resolved", None)


async def test_after_close_is_our_inference(
    house: House, branch: Sample, ann: Actor, program: Actor, endpoint: Endpoint
) -> None:
    case = await a_served_case(house, branch, ann, program)
    telling = await told(house, endpoint, (await facts_of(house, case))["case.closed"])
    assert telling.url.endswith("/service/actions/afterClose")
    assert (set(said(telling)), said(telling)["status"]) == (AFTER_RESOLVE, "Closed")
    assert {w.title for w in WEBHOOKS.values() if w.inferred} == {"After Check In", "After Close"}


async def test_an_action_can_be_named_otherwise(
    house: House, branch: Sample, program: Actor
) -> None:
    now = house.clock()
    endpoint = cubu_endpoint(
        branch.organization.id,
        house.ids(now),
        "https://r.example",
        secret=None,
        vault=house.vault,
        now=now,
        actions={"case.queued": "afterEnqueue"},
    )
    case = await a_ticket(house, branch, program)
    telling = await told(house, endpoint, (await facts_of(house, case))["case.queued"])
    assert telling.url == "https://r.example/service/actions/afterEnqueue"
    assert "Authorization" not in telling.headers


async def test_what_cubu_has_no_webhook_for_is_not_told(
    house: House, branch: Sample, ann: Actor, program: Actor, endpoint: Endpoint
) -> None:
    case = await a_served_case(house, branch, ann, program)
    called = (await facts_of(house, case))["case.called"]
    async with house.engine.reading() as connection:
        store = Store(connection, case.organization_id)
        assert await tell(called, endpoint, secrets=[SECRET], store=store) is None


def test_the_check_vector() -> None:
    mac = authorization("secret", b'{"caseId":"1"}')
    assert mac == "HMAC Cwd8G6hPHRnrdlQWrnUqEkkNdGpFnTkqpIl1Cw8t96k="


def test_an_instant_always_has_six_digits_of_a_second() -> None:
    at = datetime(2024, 9, 25, 12, 41, 7, 825553, tzinfo=UTC)
    assert say_instant(at) == "2024-09-25T12:41:07.825553Z"
    assert say_instant(datetime(2024, 1, 2, tzinfo=UTC)) == "2024-01-02T00:00:00.000000Z"


def test_every_webhook_is_called_for_a_move() -> None:
    assert set(WEBHOOKS) <= {move.fact for move in MOVES}


async def test_a_receiver_hears_of_a_whole_visit(
    house: House, branch: Sample, ann: Actor, program: Actor
) -> None:
    async with far_end() as far, Room(house.engine, {DIALECT: tell}) as room:
        house.on_commit = room.router.wake
        now = house.clock()
        endpoint = cubu_endpoint(
            branch.organization.id,
            house.ids(now),
            far.url,
            secret=SECRET,
            vault=house.vault,
            now=now,
            allowed=True,
        )
        async with house.engine.writing() as connection:
            await Store(connection, branch.organization.id).endpoints.add(endpoint)
        case = await a_served_case(house, branch, ann, program)
        facts = await facts_of(house, case)
        await until(lambda: len(far.taken) == 4)
    assert [post.path.rsplit("/", 1)[1] for post in far.taken] == [
        "afterQueueUp",
        "startWork",
        "afterResolve",
        "afterClose",
    ]
    for post in far.taken:
        mac = b64encode(hmac.digest(SECRET.encode(), post.body, "sha256")).decode()
        assert post.headers["Authorization"] == f"HMAC {mac}"
        assert post.headers["Content-Type"] == "application/json"
    assert [UUID(post.headers["Webhook-Id"]) for post in far.taken] == [
        facts[f"case.{kind}"].id for kind in ("queued", "started", "resolved", "closed")
    ]
