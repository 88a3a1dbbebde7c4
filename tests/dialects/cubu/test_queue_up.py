"""Queue Up: what is asked, what is answered, what is refused."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec
import pytest
from sqlalchemy import text

from nowserving.actions.act import Act
from nowserving.actions.house import House
from nowserving.actions.sign_in import BELIEVED_FOR, TOKEN_FOR
from nowserving.cases.case import Case, Details
from nowserving.kit.vault import fingerprint
from nowserving.people.actor import Actor
from nowserving.people.customers import Customer
from nowserving.people.permissions import Role
from nowserving.places.services import EntryMode
from nowserving.store.engines import Statement, Unavailable
from nowserving.store.store import Store
from tests.dialects.cubu.conftest import Count, Program

NOW = datetime(2024, 9, 25, 12, 41, 7, 825553, tzinfo=UTC)


async def stored(house: House, program: Actor, answer: httpx.Response) -> tuple[Case, Details]:
    """The case an answer tells of, as it is in the store."""
    async with house.acting(program) as act:
        case = await act.look.cases.get(UUID(answer.json()["caseId"]))
        return case, await act.look.cases.details(case.id)


def refusal(answer: httpx.Response) -> tuple[int, str | None]:
    """Status and field of a refusal in the one form all of them have."""
    assert answer.headers["content-type"] == "application/json"
    said: dict[str, Any] = answer.json()
    assert list(said)[:3] == ["errorCode", "message", "field"]
    assert list(said)[3:] in ([], ["alternatives"])
    assert said["errorCode"] is None
    assert said["message"]
    return answer.status_code, said["field"]


async def test_the_documented_example(house: House, demo: Program) -> None:
    house.clock = lambda: NOW
    await demo.sign_in()
    service = demo.services[0]
    answer = await demo.client.post(
        demo.address(service.id),
        headers=demo.headers,
        json={
            "serviceTypeId": str(demo.type_of(service).id),
            "locale": "en-US",
            "channel": "FaceToFace",
            "cusotmerRecordId": None,
            "useCustomerContactInfo": False,
            "contactPhoneNumber": "+12221234567",
            "contactEmail": None,
            "fields": {},
            "tagIds": [],
        },
    )
    case_id, ticket_url = answer.json()["caseId"], answer.json()["ticketUrl"]
    assert (answer.status_code, answer.headers["content-type"]) == (201, "application/json")
    assert answer.text == (
        f'{{"caseId":"{case_id}","status":"Waiting",'
        '"referenceDate":"2024-09-25T12:41:07.825553Z",'
        f'"inboxId":"{service.queue_id}","inboxName":"Reception",'
        '"channel":"FaceToFace","language":"en-US",'
        '"ticket":{"prefix":"A","suffix":null,"number":1},'
        '"queueTimestamp":"2024-09-25T12:41:07.825553Z","position":1,'
        f'"calendarTimestamp":null,"ticketUrl":"{ticket_url}"}}'
    )
    assert str(UUID(case_id)) == case_id
    assert ticket_url.startswith("http://127.0.0.1:8000/t/1.")


async def test_instants_have_six_digits_even_when_they_are_zero(
    house: House, demo: Program
) -> None:
    house.clock = lambda: NOW.replace(microsecond=0)
    await demo.sign_in()
    said = (await demo.queue_up(demo.services[0])).json()
    assert said["queueTimestamp"] == "2024-09-25T12:41:07.000000Z"


async def test_everything_that_is_said_is_kept(house: House, demo: Program, program: Actor) -> None:
    business = demo.services[2]
    answer = await demo.queue_up(
        business,
        locale="de-DE",
        channel="Video",
        contactPhoneNumber="030 901820",
        contactEmail="ada@example.com",
        fields={str(demo.company.id): "Lovelace Ltd"},
        tagIds=[str(tag.id) for tag in demo.tags],
    )
    assert answer.status_code == 201, answer.text
    assert (answer.json()["language"], answer.json()["channel"]) == ("de-DE", "Video")
    case, details = await stored(house, program, answer)
    assert case.tag_ids == tuple(tag.id for tag in demo.tags)
    assert (details.phone, details.email) == ("+4930901820", "ada@example.com")
    assert details.fields == {str(demo.company.id): "Lovelace Ltd"}


async def test_positions_and_numbers_rise(demo: Program) -> None:
    said = [(await demo.queue_up(demo.services[0])).json() for _ in range(3)]
    assert [one["position"] for one in said] == [1, 2, 3]
    assert [one["ticket"]["number"] for one in said] == [1, 2, 3]
    assert (await demo.queue_up(demo.services[1])).json()["position"] == 4


async def test_a_service_may_begin_with_pending(house: House, demo: Program) -> None:
    pending = replace(demo.services[0], id=uuid4(), number=9, pends=True, prefix="", suffix="b")
    async with house.engine.writing() as connection:
        await Store(connection, demo.made.organization.id).places.add([pending])
    house.forget_directory(demo.made.organization.id)
    said = (await demo.queue_up(pending)).json()
    assert said["status"] == "Pending"
    assert said["ticket"] == {"prefix": None, "suffix": "b", "number": 1}


# --- tolerant reading -----------------------------------------------------------------------


async def test_names_words_and_ids_are_read_in_any_case(
    house: House, demo: Program, program: Actor
) -> None:
    business = demo.services[2]
    answer = await demo.client.post(
        demo.address(f"{{{str(business.id).upper()}}}", demo.made.client.application_id.hex),
        headers=demo.headers,
        json={
            "SERVICETYPEID": f"{{{demo.type_of(business).id}}}".upper(),
            "Channel": "PHONE",
            "Language": "de-de",
            "usecustomercontactinfo": "False",
            "ContactPhoneNumber": "+4930901820",
            "FIELDS": {str(demo.company.id).upper(): "Lovelace Ltd"},
            "tagids": None,
            "somethingElse": {"a": [1]},
        },
    )
    assert answer.status_code == 201, answer.text
    assert (answer.json()["language"], answer.json()["channel"]) == ("de-DE", "Phone")
    _, details = await stored(house, program, answer)
    assert details.fields == {str(demo.company.id): "Lovelace Ltd"}


async def test_what_is_left_out_is_what_the_service_does_best(demo: Program) -> None:
    service = demo.services[0]
    answer = await demo.client.post(
        demo.address(service.id),
        headers=demo.headers,
        json={"serviceTypeId": str(demo.type_of(service).id)},
    )
    said = answer.json()
    assert (answer.status_code, said["channel"], said["language"]) == (201, "FaceToFace", "en-US")


@pytest.mark.parametrize("name", ["cusotmerRecordId", "customerRecordId"])
async def test_the_customer_may_be_spelt_both_ways(
    house: House, demo: Program, program: Actor, name: str
) -> None:
    ada = await ada_lovelace(house, demo)
    business = demo.services[2]
    answer = await demo.queue_up(business, **{name: str(ada.id)}, useCustomerContactInfo="true")
    assert answer.status_code == 201, answer.text
    case, details = await stored(house, program, answer)
    assert (case.customer_id, case.use_customer_contact) == (ada.id, True)
    assert (details.name, details.phone) == (ada.name, ada.phone)


async def test_both_spellings_may_stand_there_if_they_agree(house: House, demo: Program) -> None:
    ada = await ada_lovelace(house, demo)
    same = {"cusotmerRecordId": str(ada.id), "customerRecordId": str(ada.id).upper()}
    assert (await demo.queue_up(demo.services[0], **same)).status_code == 201
    differ = {"cusotmerRecordId": str(ada.id), "customerRecordId": str(uuid4())}
    assert refusal(await demo.queue_up(demo.services[0], **differ)) == (400, "customerRecordId")
    languages = {"locale": "en-US", "language": "de-DE"}
    assert refusal(await demo.queue_up(demo.services[0], **languages)) == (400, "language")


# --- refusals -------------------------------------------------------------------------------


UNACCEPTABLE: list[tuple[dict[str, Any], str]] = [
    ({"serviceTypeId": None}, "serviceTypeId"),
    ({"serviceTypeId": "passport"}, "serviceTypeId"),
    ({"serviceTypeId": 7}, "serviceTypeId"),
    ({"serviceTypeId": str(UUID(int=1))}, "serviceTypeId"),
    ({"channel": "Telepathy"}, "channel"),
    ({"channel": "Video"}, "channel"),
    ({"channel": "Chat"}, "channel"),
    ({"channel": ["FaceToFace"]}, "channel"),
    ({"locale": "fr-FR"}, "locale"),
    ({"locale": ["en-US"]}, "locale"),
    ({"language": "fr-FR"}, "language"),
    ({"customerRecordId": str(UUID(int=1))}, "customerRecordId"),
    ({"customerRecordId": "Ada"}, "customerRecordId"),
    ({"useCustomerContactInfo": "perhaps"}, "useCustomerContactInfo"),
    ({"useCustomerContactInfo": 1}, "useCustomerContactInfo"),
    ({"contactPhoneNumber": "nobody"}, "contactPhoneNumber"),
    ({"contactPhoneNumber": 493090182}, "contactPhoneNumber"),
    ({"contactEmail": "nobody"}, "contactEmail"),
    ({"fields": ["a"]}, "fields"),
    ({"fields": {"company": "a"}}, "fields"),
    ({"fields": {str(UUID(int=1)): "a"}}, "fields"),
    ({"fields": {str(UUID(int=1)): ["a"]}}, "fields"),
    ({"tagIds": "urgent"}, "tagIds"),
    ({"tagIds": ["urgent"]}, "tagIds"),
    ({"tagIds": [str(UUID(int=1))]}, "tagIds"),
]


async def test_what_cannot_be_accepted_is_refused_and_leaves_nothing(
    demo: Program, count: Count
) -> None:
    before = await count()
    for changed, field in UNACCEPTABLE:
        assert refusal(await demo.queue_up(demo.services[0], **changed)) == (400, field), changed
    assert await count() == before
    assert (await demo.queue_up(demo.services[0])).json()["ticket"]["number"] == 1


async def test_a_service_that_needs_a_phone_refuses_without(demo: Program, count: Count) -> None:
    before = await count()
    business = demo.services[2]
    for missing in ({}, {"contactPhoneNumber": ""}, {"contactPhoneNumber": None}):
        assert refusal(await demo.queue_up(business, **missing)) == (400, "contactPhoneNumber")
    assert await count() == before


NO_OBJECTS = [
    b"",
    b"{",
    b"null",
    b"[]",
    b'"a"',
    b"\xff",
    b"[" * 100_000,
    b'{"channel":"\xed\xa0\x80"}',
]


async def test_a_body_that_is_no_object_is_refused(demo: Program, count: Count) -> None:
    before = await count()
    address = demo.address(demo.services[0].id)
    for body in NO_OBJECTS:
        answer = await demo.client.post(address, content=body, headers=demo.headers)
        assert refusal(answer) == (400, None), body[:20]
    assert await count() == before


async def test_a_body_of_ten_megabytes_is_refused(demo: Program, count: Count) -> None:
    before = await count()
    address = demo.address(demo.services[0].id)
    answer = await demo.client.post(address, content=b" " * 10_000_000, headers=demo.headers)
    assert refusal(answer) == (413, None)
    assert await count() == before


async def test_a_body_sent_in_pieces_is_read_and_bounded(demo: Program) -> None:
    service = demo.services[0]
    whole = msgspec.json.encode(demo.body(service))

    async def pieces(body: bytes, size: int) -> Any:
        for at in range(0, len(body), size):
            yield body[at : at + size]

    address = demo.address(service.id)
    good = await demo.client.post(address, content=pieces(whole, 10), headers=demo.headers)
    assert good.status_code == 201, good.text
    long = pieces(b" " * 3_000_000, 65_536)
    assert refusal(await demo.client.post(address, content=long, headers=demo.headers))[0] == 413


async def test_without_a_good_token_nobody_is_served(demo: Program, count: Count) -> None:
    before = await count()
    service = demo.services[0]
    address, body = demo.address(service.id), demo.body(service)
    for given in (None, "", "Bearer", "Bearer ", "Bearer 1.abc", "Bearer abc", "Basic YTpi"):
        headers = {} if given is None else {"Authorization": given}
        answer = await demo.client.post(address, json=body, headers=headers)
        assert refusal(answer) == (401, None), given
        assert answer.headers["www-authenticate"] == "Bearer"
    assert await count() == before


async def test_a_token_runs_out(house: House, demo: Program, count: Count) -> None:
    assert (await demo.queue_up(demo.services[0])).status_code == 201
    before, now = await count(), house.clock()
    house.clock = lambda: now + TOKEN_FOR + timedelta(seconds=1)
    assert refusal(await demo.queue_up(demo.services[0])) == (401, None)
    assert await count() == before


async def test_an_archived_client_is_refused_soon(house: House, demo: Program) -> None:
    assert (await demo.queue_up(demo.services[0])).status_code == 201
    async with house.engine.writing() as connection:
        archive = "1" if connection.dialect == "sqlite" else "true"
        await connection.run(Statement(text(f"update clients set archived = {archive}")))
    now = house.clock()
    house.clock = lambda: now + BELIEVED_FOR
    assert refusal(await demo.queue_up(demo.services[0])) == (401, None)


async def test_nobody_reaches_into_another_organization(
    demo: Program, other: Program, count: Count
) -> None:
    before = await count()
    ours, theirs = demo.services[0], other.services[0]
    body = demo.body(ours)

    async def post(address: str, headers: dict[str, str]) -> tuple[int, str | None]:
        return refusal(await demo.client.post(address, json=body, headers=headers))

    assert await post(demo.address(theirs.id), demo.headers) == (404, None)
    assert await post(other.address(theirs.id), demo.headers) == (403, None)
    assert await post(other.address(ours.id), demo.headers) == (403, None)
    assert await post(demo.address(ours.id), other.headers) == (403, None)
    assert refusal(await demo.queue_up(ours, serviceTypeId=str(other.type_of(theirs).id))) == (
        400,
        "serviceTypeId",
    )
    ada = ada_lovelace_of(other)
    assert refusal(await demo.queue_up(ours, customerRecordId=str(ada.id))) == (
        400,
        "customerRecordId",
    )
    assert await count() == before


async def test_without_the_role_case_manager_nobody_queues_up(
    house: House, demo: Program, count: Count
) -> None:
    helper = replace(
        demo.made.client,
        id=uuid4(),
        application_id=uuid4(),
        secret_hash=fingerprint("secret").hex(),
        roles=(Role.CUSTOMERS_MANAGER,),
    )
    async with house.engine.writing() as connection:
        await Store(connection, helper.organization_id).people.add(clients=[helper])
    credentials = {
        **demo.credentials,
        "client_id": str(helper.id),
        "client_secret": "secret",
        "scope": f"{helper.id}/.default",
    }
    given = (await demo.client.post(demo.token_address, data=credentials)).json()
    service = demo.services[0]
    before = await count()
    answer = await demo.client.post(
        demo.address(service.id, helper.application_id),
        json=demo.body(service),
        headers={"Authorization": f"Bearer {given['access_token']}"},
    )
    assert refusal(answer) == (403, None)
    assert await count() == before


async def test_an_unknown_service_is_not_found(demo: Program) -> None:
    body = demo.body(demo.services[0])
    for service in (UUID(int=1), "inquiry", "1", "{}"):
        answer = await demo.client.post(demo.address(service), json=body, headers=demo.headers)
        assert refusal(answer) == (404, None)


async def test_a_malformed_application_id_is_not_found(demo: Program) -> None:
    service = demo.services[0]
    answer = await demo.client.post(
        demo.address(service.id, "mine"), json=demo.body(service), headers=demo.headers
    )
    assert refusal(answer) == (404, None)


async def test_an_appointment_service_has_no_line_to_join(house: House, demo: Program) -> None:
    booked = replace(demo.services[0], id=uuid4(), number=9, entry_mode=EntryMode.APPOINTMENT)
    async with house.engine.writing() as connection:
        await Store(connection, demo.made.organization.id).places.add([booked])
    house.forget_directory(demo.made.organization.id)
    assert refusal(await demo.queue_up(booked)) == (409, None)


async def test_other_methods_are_refused(demo: Program) -> None:
    answer = await demo.client.get(demo.address(demo.services[0].id), headers=demo.headers)
    assert refusal(answer) == (405, None)
    assert answer.headers["allow"] == "POST"


async def test_refusals_leave_no_hole_in_the_numbers(demo: Program) -> None:
    service = demo.services[2]
    numbers = []
    for _ in range(3):
        good = await demo.queue_up(service, contactPhoneNumber="+4930901820")
        numbers.append(good.json()["ticket"]["number"])
        await demo.queue_up(service)
        await demo.queue_up(service, contactPhoneNumber="+4930901820", channel="Telepathy")
    assert numbers == [1, 2, 3]


async def test_a_bug_is_answered_500_and_tells_nothing(
    demo: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(act: Act, request: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr("nowserving.dialects.cubu.cases.queue_up", broken)
    answer = await demo.queue_up(demo.services[0])
    assert refusal(answer) == (500, None)
    assert "secret" not in answer.text


async def test_a_database_that_does_not_answer_is_503(
    demo: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def gone(act: Act, request: object) -> None:
        raise Unavailable("refused")

    monkeypatch.setattr("nowserving.dialects.cubu.cases.queue_up", gone)
    answer = await demo.queue_up(demo.services[0])
    assert refusal(answer) == (503, None)
    assert answer.headers["retry-after"] == "2"


async def ada_lovelace(house: House, demo: Program) -> Customer:
    """A customer of the sample branch, with a phone."""
    ada = ada_lovelace_of(demo)
    async with house.engine.writing() as connection:
        await Store(connection, ada.organization_id).people.add(customers=[ada])
    return ada


def ada_lovelace_of(program: Program) -> Customer:
    return Customer(
        program.made.organization.id, uuid4(), 1, "Ada Lovelace", "+4930901820", None, NOW, NOW
    )
