"""Our own webhooks: signed so that the official library believes them, and nobody else's."""

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import jsonschema
import msgspec
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from msgspec import structs
from standardwebhooks import Webhook, WebhookVerificationError

from nowserving.actions import desk
from nowserving.actions.cases import cancel
from nowserving.actions.house import House
from nowserving.actions.queue_up import queue_up
from nowserving.actions.sample import Sample
from nowserving.cases.admission import Request
from nowserving.cases.case import Case
from nowserving.dialects.native.endpoints import known
from nowserving.dialects.native.envelopes import AT_MOST
from nowserving.dialects.native.fact_schemas import schema_of
from nowserving.dialects.native.hooks import DIALECT, Tell
from nowserving.dialects.native.signing import PRIVATE, new_secret, public_key, signed
from nowserving.journal.telling import Telling
from nowserving.kit.clock import wall
from nowserving.kit.facts import Fact
from nowserving.kit.problems import Invalid
from nowserving.people.actor import Actor
from nowserving.places.endpoints import Endpoint
from nowserving.store.store import Store
from tests.hooks.far import far_end
from tests.hooks.sending import Room
from tests.journal.facts import until

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OLD = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"


def an_endpoint(house: House, branch: Sample, **settings: Any) -> Endpoint:
    """A receiver of the sample branch, with a secret that rolls."""
    now = house.clock()
    return Endpoint(
        organization_id=branch.organization.id,
        id=house.ids(now),
        dialect=DIALECT,
        url="https://r.example/hook",
        kinds=("case.queued", "case.canceled"),
        authorization="signature",
        secret=house.vault.lock(SECRET),
        old_secret=house.vault.lock(OLD),
        old_secret_until=now + timedelta(days=1),
        settings=settings,
        created_at=now,
    )


async def a_ticket(house: House, branch: Sample, actor: Actor) -> Case:
    directory = await house.directory(branch.organization.id)
    papers = directory.services_of(directory.unit_numbered(1).id)[1]
    async with house.acting(actor) as act:
        asked = Request(service_id=papers.id, name="Ada Lovelace", email="ada@example.com")
        return (await queue_up(act, asked)).case


async def facts_of(house: House, case: Case) -> list[Fact]:
    async with house.engine.reading() as connection:
        return await Store(connection, case.organization_id).journal.of(case.id)


async def told(
    house: House, endpoint: Endpoint, fact: Fact, *, at: datetime | None = None
) -> Telling:
    now = at or house.clock()
    secrets = [house.vault.unlock(locked) for locked in endpoint.secrets(now)]
    async with house.engine.reading() as connection:
        store = Store(connection, fact.organization_id)
        return await Tell(lambda: now)(fact, endpoint, secrets=secrets, store=store)


def verified(secret: str, telling: Telling) -> Any:
    return Webhook(secret).verify(telling.body, dict(telling.headers))


async def test_it_is_thin_and_the_official_library_believes_it(
    house: House, branch: Sample, program: Actor
) -> None:
    [fact] = await facts_of(house, case := await a_ticket(house, branch, program))
    telling = await told(house, an_endpoint(house, branch), fact)
    assert telling.headers["webhook-id"] == str(fact.id)
    assert telling.headers["Content-Type"] == "application/json"
    assert verified(SECRET, telling) == {
        "id": str(fact.id),
        "type": "case.queued",
        "timestamp": fact.at.isoformat().replace("+00:00", "Z"),
        "subject": str(case.id),
        "ver": 1,
        "epoch": None,
        "pos": None,
    }


async def test_full_it_says_what_the_journal_says_byte_by_byte_and_nothing_personal(
    house: House, branch: Sample, program: Actor
) -> None:
    [fact] = await facts_of(house, await a_ticket(house, branch, program))
    telling = await told(house, an_endpoint(house, branch, full=True), fact)
    assert fact.data.encode() in telling.body
    assert b"Ada" not in telling.body
    assert b"example.com" not in telling.body
    jsonschema.Draft202012Validator(schema_of(fact.kind)).validate(verified(SECRET, telling))


async def test_as_a_cloud_event_it_has_the_names_of_cloudevents(
    house: House, branch: Sample, program: Actor
) -> None:
    [fact] = await facts_of(house, case := await a_ticket(house, branch, program))
    telling = await told(house, an_endpoint(house, branch, full=True, cloudevents=True), fact)
    assert telling.headers["Content-Type"] == "application/cloudevents+json"
    assert verified(SECRET, telling) == {
        "specversion": "1.0",
        "id": str(fact.id),
        "source": f"urn:nowserving:{branch.organization.id}",
        "type": "case.queued",
        "time": fact.at.isoformat().replace("+00:00", "Z"),
        "subject": str(case.id),
        "ver": 1,
        "datacontenttype": "application/json",
        "data": msgspec.json.decode(fact.data),
    }


async def test_what_is_too_large_is_told_thin(house: House, branch: Sample, program: Actor) -> None:
    [fact] = await facts_of(house, await a_ticket(house, branch, program))
    large = structs.replace(fact, data=msgspec.json.encode({"case": {"x": "y" * AT_MOST}}).decode())
    telling = await told(house, an_endpoint(house, branch, full=True), large)
    assert "data" not in verified(SECRET, telling)
    assert len(telling.body) < 1000


async def test_each_attempt_has_the_same_body_and_a_signature_of_its_own(
    house: House, branch: Sample, program: Actor
) -> None:
    [fact] = await facts_of(house, await a_ticket(house, branch, program))
    endpoint = an_endpoint(house, branch, full=True)
    now = house.clock()
    first = await told(house, endpoint, fact, at=now)
    again = await told(house, endpoint, fact, at=now + timedelta(seconds=60))
    assert first.body == again.body
    changed = {name for name, value in first.headers.items() if again.headers[name] != value}
    assert changed == {"webhook-timestamp", "webhook-signature"}


async def test_while_a_secret_rolls_both_are_believed_and_after_it_the_new_one_only(
    house: House, branch: Sample, program: Actor
) -> None:
    [fact] = await facts_of(house, await a_ticket(house, branch, program))
    endpoint = an_endpoint(house, branch)
    rolling = await told(house, endpoint, fact)
    assert rolling.headers["webhook-signature"].count("v1,") == 2
    assert verified(SECRET, rolling) == verified(OLD, rolling)
    over = replace(endpoint, old_secret_until=house.clock() - timedelta(seconds=1))
    rolled = await told(house, over, fact)
    assert rolled.headers["webhook-signature"].count("v1,") == 1
    assert verified(SECRET, rolled)
    with pytest.raises(WebhookVerificationError, match="No matching signature"):
        verified(OLD, rolled)


def tampered(telling: Telling) -> Mapping[str, Telling]:
    """What somebody on the way may try."""
    headers = dict(telling.headers)
    later = str(int(headers["webhook-timestamp"]) + 1)
    signature = headers["webhook-signature"].split(" ")[0]
    return {
        "another body": structs.replace(telling, body=telling.body.replace(b"queued", b"called")),
        "a truncated body": structs.replace(telling, body=telling.body[:-1]),
        "no body": structs.replace(telling, body=b""),
        "another id": structs.replace(telling, headers={**headers, "webhook-id": str(UUID(int=1))}),
        "another time": structs.replace(telling, headers={**headers, "webhook-timestamp": later}),
        "a truncated signature": structs.replace(
            telling, headers={**headers, "webhook-signature": signature[:-8] + "AAAA"}
        ),
        "a signature of a kind nobody knows": structs.replace(
            telling, headers={**headers, "webhook-signature": signature.replace("v1,", "v2,")}
        ),
        "no signature": structs.replace(telling, headers={**headers, "webhook-signature": ""}),
    }


async def test_whatever_is_changed_on_the_way_is_not_believed(
    house: House, branch: Sample, program: Actor
) -> None:
    [fact] = await facts_of(house, await a_ticket(house, branch, program))
    telling = await told(house, an_endpoint(house, branch), fact)
    assert verified(SECRET, telling)
    for how, changed in tampered(telling).items():
        with pytest.raises(WebhookVerificationError):
            pytest.fail(f"{how}: {verified(SECRET, changed)}")


@pytest.mark.parametrize("minutes", [-6, 6])
async def test_what_is_told_again_after_five_minutes_is_not_believed(
    house: House, branch: Sample, program: Actor, minutes: int
) -> None:
    [fact] = await facts_of(house, await a_ticket(house, branch, program))
    at = datetime.now(UTC) + timedelta(minutes=minutes)
    telling = await told(house, an_endpoint(house, branch), fact, at=at)
    with pytest.raises(WebhookVerificationError, match=r"timestamp too (old|new)"):
        verified(SECRET, telling)


def test_the_vector_of_standard_webhooks() -> None:
    body = b'{"test": 2432232314}'
    assert signed("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body, [SECRET]) == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_a_private_key_signs_what_everybody_can_verify() -> None:
    secret = new_secret(PRIVATE)
    said = signed("1", 2, b"{}", [secret, SECRET])["webhook-signature"]
    asymmetric, _, shared = said.partition(" ")
    assert shared.startswith("v1,")
    kind, _, signature = asymmetric.partition(",")
    key = Ed25519PublicKey.from_public_bytes(b64decode(public_key(secret).removeprefix("whpk_")))
    assert kind == "v1a"
    key.verify(b64decode(signature), b"1.2.{}")
    with pytest.raises(InvalidSignature):
        key.verify(b64decode(signature), b"1.3.{}")


def test_a_secret_that_somebody_brings_is_one_of_standard_webhooks() -> None:
    for secret in (SECRET, new_secret(), new_secret(PRIVATE)):
        assert known(secret) == secret
    for wrong in ("secret", "whsec_", "whsec_AAAA", "whsk_AAAA", "whpk_" + SECRET[6:], SECRET[6:]):
        with pytest.raises(Invalid):
            known(wrong)


async def test_a_receiver_hears_of_a_visit_and_where_each_fact_stands_in_the_feed(
    house: House, branch: Sample, ann: Actor, program: Actor
) -> None:
    async with far_end() as far, Room(house.engine, {DIALECT: Tell(wall)}) as room:
        house.on_commit = room.router.wake
        endpoint = replace(
            an_endpoint(house, branch, allowed=True),
            url=far.url,
            kinds=("case.queued", "case.called", "case.canceled"),
        )
        async with house.engine.writing() as connection:
            await Store(connection, branch.organization.id).endpoints.add(endpoint)
        case = await a_ticket(house, branch, program)
        async with house.acting(ann) as act:
            await desk.call(act, case_id=case.id, desk_id=None)
        async with house.acting(ann) as act:
            await desk.return_to_line(act, case_id=case.id)
        async with house.acting(program) as act:
            await cancel(act, case_id=case.id)
        await until(lambda: len(far.taken) == 3)
    said = [Webhook(SECRET).verify(post.body, post.headers) for post in far.taken]
    assert [(one["type"], one["ver"], one["pos"]) for one in said] == [
        ("case.queued", 1, 1),
        ("case.called", 2, 2),
        ("case.canceled", 4, 4),
    ]
    async with house.engine.reading() as connection:
        epoch, _ = await Store(connection, branch.organization.id).feed.head()
    assert {one["epoch"] for one in said} == {str(epoch)}
