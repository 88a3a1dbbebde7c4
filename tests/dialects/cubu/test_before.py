"""Cubu's Before webhooks: the documented fields, signed, and answers read tolerantly."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from nowserving.actions import (
    customers,
    desk,
    endpoints,
    expecting,
    remote_customers,
    texts,
)
from nowserving.actions.asking import Question, Seat, Unreadable, Verdict
from nowserving.actions.customers import Given
from nowserving.actions.gather import Queued
from nowserving.actions.house import House
from nowserving.actions.queue_up import queue_up
from nowserving.actions.sample import Sample
from nowserving.cases.admission import Request
from nowserving.cases.moves import State
from nowserving.dialects.cubu.asking import WORDS
from nowserving.dialects.cubu.before import BEFORE, read_before
from nowserving.dialects.cubu.hooks import WEBHOOKS, authorization, cubu_endpoint
from nowserving.dialects.cubu.seats import say_appointment
from nowserving.dialects.cubu.zones import windows_name
from nowserving.hooks.asking import Asker
from nowserving.hooks.breaker import FAILURES
from nowserving.kit.problems import NotFound, TooMany
from nowserving.people.actor import Actor, system
from nowserving.people.customers import Customer
from nowserving.places.endpoints import EndpointState
from nowserving.places.hooks import Hook, HookKind, NoSms, NotConfirmed, NotSent, OnFailure
from nowserving.places.services import Channel, PhoneRequired
from tests.dialects.cubu.conftest import Program
from tests.dialects.cubu.test_hooks import AFTER_QUEUE_UP, AFTER_RESOLVE
from tests.dialects.native.conftest import program_of
from tests.hooks.asked import AskedFar, add_hook, asked_far, asking
from tests.hooks.far import Post
from tests.journal.facts import set_state
from tests.rig.receiver import is_signed

SECRET = "s3cret ü"
MANY = 3
BEFORE_QUEUE_UP = AFTER_QUEUE_UP - {"lockedByUserId"}
CONTACT = {"useCustomerContactInfo", "contactPhoneNumber", "contactEmail"}


@pytest.fixture
async def asker(house: House, branch: Sample) -> AsyncIterator[Asker]:
    """The house can ask."""
    async with asking(house) as opened:
        yield opened


class Enabled:
    """An organization with a base URL, whose webhooks can be enabled."""

    def __init__(self, house: House, id: UUID) -> None:
        self.house, self.id, self.endpoint_id = house, id, UUID(int=0)

    async def at(self, far: AskedFar) -> "Enabled":
        base_url = far.url.removesuffix("/ask") + "/hooks/"
        async with self.house.acting(system(self.id, "test")) as act:
            endpoint = cubu_endpoint(
                self.id,
                act.new_id(),
                base_url,
                secret=SECRET,
                vault=self.house.vault,
                now=act.now,
                allowed=True,
            )
            await act.store.endpoints.add(endpoint)
        self.endpoint_id = endpoint.id
        return self

    async def hook(self, kind: HookKind, **more: Any) -> Hook:
        given = {"settings": {}, "secret": None, "milliseconds": 5000, **more}
        return await add_hook(
            self.house,
            self.id,
            kind,
            None,
            dialect="cubu",
            endpoint_id=self.endpoint_id,
            **given,
        )


@pytest.fixture
def org(house: House, branch: Sample, asker: Asker) -> Enabled:
    return Enabled(house, branch.organization.id)


async def queued(house: House, actor: Actor, number: int = 3, **asked: Any) -> Queued:
    directory = await house.directory(actor.organization_id)
    service = next(one for one in directory.services.values() if one.number == number)
    async with house.acting(actor) as act:
        return await queue_up(act, Request(service.id, phone="+49301234567", **asked))


# --- what is told --------------------------------------------------------------------------


async def test_before_queue_up_says_the_documented_fields(
    house: House, org: Enabled, program: Actor
) -> None:
    directory = await house.directory(org.id)
    [field], tag = directory.fields.values(), next(iter(directory.tags))
    async with asked_far() as far:
        await (await org.at(far)).hook(HookKind.QUEUE_UP)
        case = (await queued(house, program, fields={field.id: "Ä"}, tag_ids=(tag,))).case
    [post], [said] = far.posts, far.said
    assert post.path == "/hooks/service/actions/beforeQueueUp"
    assert is_signed(post.headers["Authorization"], SECRET, post.body)
    assert set(said) == BEFORE_QUEUE_UP
    assert said | {"referenceDate": None} == {
        "caseId": str(case.id),
        "parentCaseId": None,
        "referenceDate": None,
        "unitId": str(case.unit_id),
        "serviceId": str(case.service_id),
        "serviceCategoryId": str(case.category_id),
        "serviceTypeId": str(case.type_id),
        "status": "Waiting",
        "channel": "FaceToFace",
        "language": "en-US",
        "ticket": {"prefix": "C", "number": 1, "suffix": None},
        "fields": {str(field.id): "Ä"},
        "tagIds": [str(tag)],
        "customerRecordId": None,
        "useCustomerContactInfo": False,
        "contactPhoneNumber": "+49301234567",
        "contactEmail": None,
        "triggeredByUserId": None,
        "triggeredByUserEmail": None,
    }


async def test_before_resolve_says_who_serves_and_cannot_be_refused(
    house: House, org: Enabled, ann: Actor
) -> None:
    answer = {"cancel": True, "message": "No.", "customerRecordId": None, "status": "Waiting"}
    async with asked_far(lambda post: answer) as far:
        await (await org.at(far)).hook(HookKind.RESOLVE)
        case = (await queued(house, ann)).case
        async with house.acting(ann) as act:
            await desk.call(act, case_id=case.id, desk_id=None)
        async with house.acting(ann) as act:
            await desk.start(act, case_id=case.id)
        async with house.acting(ann) as act:
            resolved = await desk.resolve(act, case_id=case.id)
    [post], [said] = far.posts, far.said
    assert post.path == "/hooks/service/actions/beforeResolved"
    assert set(said) == AFTER_RESOLVE
    assert (said["status"], said["lockedByUserId"], said["triggeredByUserEmail"]) == (
        "Active",
        str(ann.id),
        "ann@demo.example",
    )
    assert said["appointment"] is None
    assert resolved.state is State.RESOLVED


async def test_each_action_name_is_a_setting(house: House, org: Enabled, program: Actor) -> None:
    async with asked_far() as far:
        await (await org.at(far)).hook(
            HookKind.QUEUE_UP, settings={"actions": {"beforeQueueUp": "before_queue_up"}}
        )
        await queued(house, program)
    assert far.posts[0].path == "/hooks/service/actions/before_queue_up"


async def test_nobody_is_asked_while_the_organization_has_switched_webhooks_off(
    house: House, org: Enabled, program: Actor
) -> None:
    async with asked_far(lambda post: 503) as far:
        await (await org.at(far)).hook(HookKind.QUEUE_UP, on_failure=OnFailure.DENY)
        for _ in range(FAILURES + 1):  # it is left in peace, and switched off all the same
            with pytest.raises(NotConfirmed):
                await queued(house, program)
        operator = system(org.id, "test")
        async with house.acting(operator) as act:
            await endpoints.pause(act, endpoint_id=org.endpoint_id)
        await queued(house, program)
        async with house.acting(operator) as act:
            await endpoints.resume(act, endpoint_id=org.endpoint_id)
        with pytest.raises(NotConfirmed):
            await queued(house, program)
        async with house.acting(operator) as act:
            await endpoints.remove(act, endpoint_id=org.endpoint_id)
        await queued(house, program)


async def test_who_failed_for_days_and_has_to_agree_is_not_passed_over(
    house: House, org: Enabled, program: Actor
) -> None:
    async with asked_far() as far:
        await (await org.at(far)).hook(HookKind.QUEUE_UP, on_failure=OnFailure.DENY)
        async with house.acting(system(org.id, "test")) as act:
            await set_state(act.store.endpoints, org.endpoint_id, EndpointState.DISABLED)
        for _ in range(FAILURES + 1):  # it is left in peace at last, and means the same
            with pytest.raises(NotConfirmed):
                await queued(house, program)
    assert far.posts == []


def test_the_fields_of_each_webhook_are_the_documented_ones() -> None:
    triggered = {"triggeredByUserId", "triggeredByUserEmail"}
    assert {kind: set(webhook.fields) for kind, webhook in BEFORE.items()} == {
        HookKind.QUEUE_UP: BEFORE_QUEUE_UP,
        HookKind.BOOK: BEFORE_QUEUE_UP - CONTACT | {"appointment"},
        HookKind.CHECK_IN: AFTER_RESOLVE - {"lockedByUserId"},
        HookKind.RESOLVE: AFTER_RESOLVE,
    }
    booked = WEBHOOKS["case.planned"]
    assert (booked.action, set(booked.fields)) == (
        "afterBookAppointment",
        BEFORE_QUEUE_UP - CONTACT | {"appointment"},
    )
    assert triggered <= BEFORE_QUEUE_UP
    assert len(WEBHOOKS) + len(BEFORE) == 10


def test_the_mac_is_that_of_the_reference() -> None:
    mac = authorization("secret", b'{"caseId":"1"}')
    assert mac == "HMAC Cwd8G6hPHRnrdlQWrnUqEkkNdGpFnTkqpIl1Cw8t96k="


def test_an_appointment_is_told_in_three_ways_of_counting_time() -> None:
    at = datetime(2023, 7, 9, 8, 51, tzinfo=UTC)
    seat = Seat(date(2023, 7, 9), 0, 711, 7, at, staff_only=True)
    assert say_appointment(seat, "Asia/Jerusalem") == {
        "date": "2023-07-09T00:00:00",
        "cuIndex": 0,
        "start": 711,
        "timeLocal": "2023-07-09T11:51:00",
        "timeUtc": "2023-07-09T08:51:00Z",
        "timeZoneId": "Israel Standard Time",
        "duration": 7,
        "preventSelfCheckIn": True,
    }


@pytest.mark.parametrize(
    ("zone", "name"),
    [
        ("Europe/Berlin", "W. Europe Standard Time"),
        ("America/Toronto", "Eastern Standard Time"),
        ("Asia/Calcutta", "India Standard Time"),
        ("Asia/Kolkata", "India Standard Time"),
        ("Europe/Kyiv", "FLE Standard Time"),
        ("Europe/Uzhgorod", "FLE Standard Time"),
        ("Europe/Zurich", "W. Europe Standard Time"),
        ("UTC", "UTC"),
        ("Antarctica/Troll", "Antarctica/Troll"),
        ("Nowhere/Else", "Nowhere/Else"),
    ],
)
def test_zones_have_the_names_of_windows(zone: str, name: str) -> None:
    assert windows_name(zone) == name


# --- what is answered ----------------------------------------------------------------------


def read(answer: Any, kind: HookKind = HookKind.QUEUE_UP, status: int = 200) -> Verdict:
    question = Question(kind, UUID(int=1), None, None, None, None)  # type: ignore[arg-type]
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    return read_before(question, status, body)


@pytest.mark.parametrize("nothing", [b"", b"  ", b"null", {}, {"unknown": 1}, {"fields": None}])
def test_nothing_is_no_change(nothing: Any) -> None:
    assert read(nothing) == Verdict()
    assert read(nothing, status=204) == Verdict()


def test_every_property_is_read_in_whatever_case() -> None:
    type_id, field_id, tag_id, customer_id = (uuid4() for _ in range(4))
    said = {
        "STATUS": "pending",
        "fields": {f"{{{str(field_id).upper()}}}": "x", str(tag_id): None},
        "tagids": [tag_id.hex],
        "customerRecordId": str(customer_id),
        "serviceTypeId": str(type_id),
        "Channel": "video",
        "language": "de",
        "useCustomerContactInfo": "true",
        "contactPhoneNumber": "030 1",
        "contactEmail": "a@b.example",
    }
    assert read(said) == Verdict(
        changes={
            "pends": True,
            "fields": {field_id: "x", tag_id: None},
            "tag_ids": (tag_id,),
            "customer_id": customer_id,
            "type_id": type_id,
            "channel": Channel.VIDEO,
            "language": "de",
            "use_customer_contact": True,
            "phone": "030 1",
            "email": "a@b.example",
        }
    )


def test_what_makes_no_sense_is_left_out_alone() -> None:
    said = {"status": "Active", "serviceTypeId": "x", "fields": [], "language": "de"}
    assert read(said) == Verdict(
        changes={"language": "de"}, unread=frozenset({"pends", "type_id", "fields"})
    )


@pytest.mark.parametrize(
    "no",
    [
        {"cancel": True},
        {"isCanceled": True},
        {"IsCancelled": "true"},
        {"canceled": True},
        {"cancelled": True},
        {"success": False},
        {"isSuccess": "False"},
    ],
)
def test_no_is_said_in_many_ways(no: dict[str, Any]) -> None:
    assert read(no) == Verdict(allows=False)
    assert read({**no, "message": "Why"}) == Verdict(allows=False, reason="Why")
    assert read({**no, "errorMessage": "Why"}).reason == "Why"
    texts = {"en-US": "Why", "de": "Darum"}
    assert read({**no, "cancelReason": texts}) == Verdict(allows=False, reason="Why", texts=texts)
    assert read(no, HookKind.RESOLVE).allows


def test_yes_is_no_refusal() -> None:
    assert read({"cancel": False, "success": True, "message": "fine"}) == Verdict()


def test_null_takes_the_customer_away_before_resolving_only() -> None:
    assert read({"customerRecordId": None}) == Verdict()
    assert read({"customerRecordId": None}, HookKind.RESOLVE).changes == {"customer_id": None}


@pytest.mark.parametrize("bad", [b"<html>", b"[]", b'"OK"', b'{"cancel": tr'])
def test_what_is_no_object_does_not_count(bad: bytes) -> None:
    with pytest.raises(Unreadable):
        read(bad)
    with pytest.raises(Unreadable, match="500"):
        read(b"{}", status=500)


async def test_a_refusal_reaches_a_program_of_cubu_in_its_own_form(
    demo: Program, house: House, branch: Sample
) -> None:
    org = Enabled(house, branch.organization.id)
    async with asked_far(lambda post: {"cancel": True, "message": "Closed today."}) as far:
        await (await org.at(far)).hook(HookKind.QUEUE_UP)
        answer = await demo.queue_up(demo.services[0])
    assert (answer.status_code, answer.json()) == (
        409,
        {"errorCode": None, "message": "Closed today.", "field": None},
    )


# --- kiosk, customers, texts ---------------------------------------------------------------


async def test_a_kiosk_waits_for_those_who_make_appointments(
    house: House, org: Enabled, ann: Actor, branch: Sample
) -> None:
    unit = next(iter((await house.directory(org.id)).units.values()))
    kiosk = uuid4()
    async with asked_far() as far:
        await (await org.at(far)).hook(HookKind.APPOINTMENTS)
        async with house.acting(ann) as act:
            await expecting.before_appointments(
                act, unit_id=unit.id, customer=" 4711 ", language="de-DE", kiosk_id=kiosk
            )
    assert far.posts[0].path == "/hooks/kiosk/actions/beforeQueryAppointments"
    assert far.said == [
        {
            "queryType": "CustomerId",
            "unitId": str(unit.id),
            "kioskId": str(kiosk),
            "customerId": "4711",
            "locale": "de-DE",
            "timeZoneId": windows_name(unit.time_zone),
        }
    ]


async def test_a_kiosk_goes_on_or_not_when_nobody_answers(
    house: House, org: Enabled, ann: Actor
) -> None:
    unit = next(iter((await house.directory(org.id)).units.values()))
    asked: dict[str, Any] = {"unit_id": unit.id, "customer": "1", "language": "en-US"}
    async with asked_far(lambda post: 500) as far:
        await org.at(far)
        await org.hook(HookKind.APPOINTMENTS)
        async with house.acting(ann) as act:
            await expecting.before_appointments(act, **asked)
        await org.hook(HookKind.APPOINTMENTS, on_failure=OnFailure.DENY)
        async with house.acting(ann) as act:
            with pytest.raises(NotConfirmed):
                await expecting.before_appointments(act, **asked)


async def test_customers_are_found_elsewhere_and_written_down_here(
    house: House, org: Enabled, ann: Actor
) -> None:
    records: list[dict[str, Any]] = [
        {
            "remoteRecordId": "C-17",
            "fields": {
                "customer-first-name": "Ann",
                "customer-last-name": "Smith",
                "phone": "030 123456",
                "email": "nonsense",
                "vip": True,
            },
        },
        {"id": 18, "fields": [{"slug": "name", "value": "Bob Smithson"}]},
        {"fields": {}},
    ]
    async with asked_far(lambda post: {"records": records, "continuationToken": None}) as far:
        hook = await (await org.at(far)).hook(HookKind.CUSTOMERS)
        found = await search(house, ann, "smith")
        assert far.posts[0].path == "/hooks/dataTable/actions/query"
        assert far.said[0] == {
            "dataTableSlug": "customers",
            "pageSize": 20,
            "continuationToken": None,
            "query": "smith",
        }
        ann_smith, bob = found
        assert (ann_smith.name, ann_smith.phone, ann_smith.email, ann_smith.fields) == (
            "Ann Smith",
            "+4930123456",
            None,
            {"vip": True},
        )
        assert (bob.name, bob.remote_id) == ("Bob Smithson", "18")
        records[0]["fields"] = {"name": "Ann Jones", "vip": False}
        again = await search(house, ann, "jones")
    assert [(one.id, one.name, one.phone, dict(one.fields)) for one in again[:1]] == [
        (ann_smith.id, "Ann Jones", "+4930123456", {"vip": False})
    ]
    asked = [one for one in await noted_of(house, hook) if one.response]
    assert asked == []  # who they are is not written down twice


async def search(house: House, actor: Actor, text: str) -> list[Customer]:
    async with house.acting(actor) as act:
        await remote_customers.look_elsewhere(act, text=text, most=20)
        return list((await customers.find(act, text=text)).customers)


async def noted_of(house: House, hook: Hook) -> list[Any]:
    async with house.acting(system(hook.organization_id, "test")) as act:
        return await act.look.hooks.askings(hook.id)


async def test_customers_known_here_are_found_when_nobody_answers(
    house: House, org: Enabled, ann: Actor
) -> None:
    async with house.acting(system(org.id, "test")) as act:
        given = Given(contact={"name": "Zoë Hundred", "email": "zoe@b.example"})
        here = (await customers.create(act, given=given)).customer
    assert await search(house, ann, "hundred") == [here]  # nobody is asked at all
    async with asked_far(lambda post: 500) as far:
        await (await org.at(far)).hook(HookKind.CUSTOMERS)
        for text in ("zoë", "ZOE", "hund"):
            assert await search(house, ann, text) == [here]
        assert await search(house, ann, "nobody") == []
    assert len(far.posts) == 3


async def test_one_customer_is_found_by_a_key_and_fetched_again(
    house: House, org: Enabled, ann: Actor
) -> None:
    answers: list[Any] = [{"record": {"recordId": "C-1", "fields": {"name": "Ann"}}}]
    async with asked_far(lambda post: answers[0]) as far:
        await (await org.at(far)).hook(HookKind.CUSTOMERS, settings={"slug": "people"})
        async with house.acting(ann) as act:
            ann_ = await remote_customers.find_customer(act, field="personal-id", value="123")
        answers[0] = {"fields": {"name": "Ann B."}}
        async with house.acting(ann) as act:
            fetched = await remote_customers.fetch_customer(act, customer_id=ann_.id)
        answers[0] = 404
        async with house.acting(ann) as act:
            gone = await remote_customers.fetch_customer(act, customer_id=ann_.id)
            with pytest.raises(NotFound):
                await remote_customers.find_customer(act, field="personal-id", value="9")
    assert [post.path.rpartition("/")[2] for post in far.posts] == [
        "find",
        "fetch",
        "fetch",
        "find",
    ]
    assert far.said[:2] == [
        {"dataTableSlug": "people", "keyFieldSlug": "personal-id", "keyFieldValue": "123"},
        {"dataTableSlug": "people", "remoteRecordId": "C-1"},
    ]
    assert (fetched.id, fetched.name, gone) == (ann_.id, "Ann B.", fetched)


async def test_a_text_is_sent_by_the_organizations_own_sender(
    house: House, org: Enabled, ann: Actor
) -> None:
    answers: list[Any] = [500, None]
    case = (await queued(house, ann)).case
    async with house.acting(ann) as act:
        with pytest.raises(NoSms):
            await texts.send_sms(act, case_id=case.id, text="Hello")
    async with asked_far(lambda post: answers.pop(0)) as far:
        await (await org.at(far)).hook(HookKind.SMS)
        async with house.acting(ann) as act:
            await texts.send_sms(act, case_id=case.id, text=" It is your turn. ")
    assert [post.path for post in far.posts] == ["/hooks/organization/actions/sendSms"] * 2
    assert far.said[0] == {
        "phoneNumber": "+49301234567",
        "message": "It is your turn.",
        "caseId": str(case.id),
        "language": "en-US",
    }
    first, second = (post.headers["Webhook-Id"] for post in far.posts)
    assert first == second


async def test_a_text_that_cannot_be_sent_is_not_said_to_be(
    house: House, org: Enabled, ann: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(texts, "WAIT", 0.0)
    case = (await queued(house, ann)).case
    async with asked_far(lambda post: 500) as far:
        await (await org.at(far)).hook(HookKind.SMS)
        for problem in [NotSent] * 5 + [TooMany]:
            async with house.acting(ann) as act:
                with pytest.raises(problem):
                    await texts.send_sms(act, case_id=case.id, text="Hello")
    async with house.acting(ann) as act:
        directory = await act.directory()
        service = next(one for one in directory.services.values() if one.number == 2)
        nobody = (await queue_up(act, Request(service.id))).case
    async with house.acting(ann) as act:
        with pytest.raises(PhoneRequired):
            await texts.send_sms(act, case_id=nobody.id, text="Hello")


def test_cubu_can_be_asked_everything_but_about_a_move() -> None:
    """Its Before Book Appointment is asked before the case exists; it has none for a move."""
    assert WORDS.kinds == frozenset(HookKind) - {HookKind.MOVE}


async def test_our_own_api_looks_elsewhere_too(
    client: httpx.AsyncClient, house: House, branch: Sample
) -> None:
    api = await program_of(client, branch)
    org = Enabled(house, branch.organization.id)
    found = {"items": [{"id": "C-1", "fields": {"name": "Ann Smith"}}]}
    async with asked_far(lambda post: found) as far:
        await (await org.at(far)).hook(HookKind.CUSTOMERS)
        page = await api.get("/customers?text=smith")
        again = await api.get("/customers?text=smith")
        await api.get("/customers")
    assert [one["name"] for one in page["customers"]] == ["Ann Smith"]
    assert again == page


async def test_our_own_api_finds_by_key_and_fetches_elsewhere_too(
    client: httpx.AsyncClient, house: House, branch: Sample
) -> None:
    api = await program_of(client, branch)
    org = Enabled(house, branch.organization.id)
    there: dict[str, Any] = {"id": "C-1", "fields": {"name": "Ann Smith"}}
    async with asked_far(lambda post: there) as far:
        await (await org.at(far)).hook(HookKind.CUSTOMERS)
        found = await api.get("/customers/by-key?kind=personal-id&value=123")
        there["fields"] = {"name": "Ann Jones"}
        fetched = await api.post(f"/customers/{found['customer']['id']}/fetch")
    assert [post.path.rpartition("/")[2] for post in far.posts] == ["find", "fetch"]
    assert far.said[0] == {
        "dataTableSlug": "customers",
        "keyFieldSlug": "personal-id",
        "keyFieldValue": "123",
    }
    assert (found["customer"]["name"], fetched["customer"]["name"]) == ("Ann Smith", "Ann Jones")
    assert fetched["customer"]["id"] == found["customer"]["id"]
    assert len(far.posts) == 2


async def test_many_may_look_for_one_whom_only_another_system_knows(
    client: httpx.AsyncClient, house: House, branch: Sample
) -> None:
    api = await program_of(client, branch)
    all_ask = asyncio.Event()

    async def ann(_: Post) -> dict[str, Any]:
        if len(far.posts) == MANY:
            all_ask.set()
        await all_ask.wait()
        return {"id": "C-1", "fields": {"name": "Ann Smith"}}

    async with asked_far(ann) as far:
        await (await Enabled(house, branch.organization.id).at(far)).hook(HookKind.CUSTOMERS)
        by_key = "/customers/by-key?kind=personal-id&value=123"
        found = await asyncio.gather(*(api.get(by_key) for _ in range(MANY)))
    assert len({one["customer"]["id"] for one in found}) == 1


async def test_who_was_merged_is_found_elsewhere_as_the_one_in_whom_they_live_on(
    client: httpx.AsyncClient, house: House, branch: Sample
) -> None:
    api = await program_of(client, branch)
    there: dict[str, Any] = {"id": "C-1", "fields": {"name": "Ann Smith"}}
    by_key = "/customers/by-key?kind=personal-id&value=123"
    async with asked_far(lambda post: there) as far:
        org = await Enabled(house, branch.organization.id).at(far)
        await org.hook(HookKind.CUSTOMERS)
        first = (await api.get(by_key))["customer"]["id"]
        second = (await api.post("/customers", {"name": "Ann Jones"}, expect=201))["customer"]["id"]
        await api.post(f"/customers/{first}/merge", {"into_id": second})
        found = [(await api.get(by_key))["customer"] for _ in range(2)]
        assert [(one["id"], one["name"]) for one in found] == [(second, "Ann Smith")] * 2
        assert found[0]["version"] == found[1]["version"]
        there["id"] = "C-2"
        third = (await api.get(by_key))["customer"]["id"]
        await api.post(f"/customers/{second}/merge", {"into_id": third})
        there.update({"id": "C-1", "fields": {"name": "Ann Miller"}})
        last = (await api.get(by_key))["customer"]
    assert (last["id"], last["name"]) == (third, "Ann Smith")
