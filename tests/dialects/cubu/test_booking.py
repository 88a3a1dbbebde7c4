"""Appointments Management: what is read tolerantly, what is refused, and whose time it is."""

import asyncio
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from nowserving.actions import calendars, customers
from nowserving.actions.house import House
from nowserving.bookings.calendar import Calendar
from nowserving.bookings.rules import Numbering
from nowserving.bookings.spans import Span
from nowserving.people.permissions import Role
from nowserving.store.engines import Looking
from nowserving.store.store import Store
from tests.actions.booking import Surgery
from tests.dialects.cubu.conftest import Program, program_of
from tests.dialects.cubu.test_queue_up import refusal

DAY = date(2026, 3, 3)


class Desk:
    """The application, and a service whose Tuesday is open."""

    def __init__(self, program: Program, surgery: Surgery, calendar: Calendar) -> None:
        self.program, self.surgery, self.calendar = program, surgery, calendar

    def path(self, day: str = "2026-03-03", index: str = "0", service: str = "") -> str:
        application = self.program.made.client.application_id
        return f"/{application}/calendars/{service or self.surgery.service.id}/{day}/{index}"

    async def book(self, start: object = 480, **more: Any) -> httpx.Response:
        body = {"serviceTypeId": str(self.surgery.kinds[0].id), "startTime": start, **more}
        address = f"{self.path()}/appointments"
        headers = self.program.headers
        return await self.program.client.post(address, json=body, headers=headers)

    async def get(self, path: str) -> httpx.Response:
        return await self.program.client.get(path, headers=self.program.headers)

    async def all(self) -> list[dict[str, Any]]:
        answer = await self.get(f"{self.path()}/appointments")
        found: list[dict[str, Any]] = answer.json()
        return found


@pytest.fixture
async def desk(house: House, demo: Program) -> Desk:
    """Eight to four on Tuesday; it is Monday."""
    surgery = await Surgery.of(house, demo.made, program_of(demo.made))
    await demo.sign_in()
    return Desk(demo, surgery, await surgery.opened(DAY, hours=(Span(480, 960),)))


async def customer(desk: Desk, **more: str) -> str:
    """A customer's id."""
    said = {"customer-name": "Ada", "customer-phone": "+493011111", **more}
    fields = [{"slug": slug, "value": value} for slug, value in said.items()]
    address = f"/{desk.program.made.client.application_id}/customers"
    headers = desk.program.headers
    answer = await desk.program.client.post(address, json={"fields": fields}, headers=headers)
    return str(answer.json()["recordId"])


async def test_the_customer_is_read_in_both_spellings(desk: Desk) -> None:
    ada = await customer(desk)
    assert (await desk.book(480, cusotmerRecordId=ada)).status_code == 201
    assert (await desk.book(500, CustomerRecordID=f"{{{ada.upper()}}}")).status_code == 201
    both = {"cusotmerRecordId": ada, "customerRecordId": str(uuid4())}
    assert refusal(await desk.book(520, **both)) == (400, "customerRecordId")
    assert [one["customer"]["recordId"] for one in await desk.all()] == [ada, ada]
    assert refusal(await desk.book(520, customerRecordId=str(uuid4()))) == (400, "customerRecordId")


async def test_who_was_merged_books_and_queues_up_as_the_other(desk: Desk) -> None:
    """With the old id and a contact taken from the customer: that of the other."""
    gone = await customer(desk, **{"customer-phone": "+493033333"})
    ada, application = await customer(desk), desk.program.made.client.application_id
    await desk.surgery.do(customers.merge, customer_id=UUID(gone), into_id=UUID(ada))
    asked: dict[str, Any] = {"cusotmerRecordId": gone, "useCustomerContactInfo": True}
    assert (await desk.book(480, **asked)).status_code == 201
    [found] = await desk.all()
    assert (found["customer"]["recordId"], found["contactPhoneNumber"]) == (ada, "+493011111")
    assert (await desk.program.queue_up(desk.program.services[0], **asked)).status_code == 201
    answer = await desk.get(f"/{application}/customers/{gone}")
    assert answer.json()["recordId"] == ada


async def test_the_language_is_read_by_either_name_and_said_as_language(desk: Desk) -> None:
    assert (await desk.book(480, language="de-DE")).json()["language"] == "de-DE"
    assert (await desk.book(500, locale="de-DE")).json()["language"] == "de-DE"
    assert (await desk.book(520, language="")).json()["language"] == "en-US"


async def test_contact_comes_from_the_customer_where_nothing_else_is_said(desk: Desk) -> None:
    ada = await customer(desk)
    await desk.book(480, cusotmerRecordId=ada, useCustomerContactInfo="true")
    await desk.book(
        500, cusotmerRecordId=ada, useCustomerContactInfo=True, contactPhoneNumber="030 22222"
    )
    assert [one["contactPhoneNumber"] for one in await desk.all()] == ["+493011111", "+493022222"]


async def test_tags_and_self_check_in_are_kept(desk: Desk, house: House) -> None:
    tags = [str(tag.id) for tag in desk.program.tags]
    await desk.book(480, tagIds=tags, preventSelfCheckIn="True")
    (found,) = await desk.all()
    assert (found["tags"], found["preventSelfCheckIn"]) == (tags, True)
    store = Store(Looking(house.engine), desk.program.made.organization.id)
    assert (await store.appointments.get(UUID(found["caseId"]))).staff_only


@pytest.mark.parametrize(
    ("start", "status"), [("500", 201), (500.0, 201), (None, 400), ("8:20", 400), (True, 400)]
)
async def test_a_start_is_a_whole_number_of_minutes(desk: Desk, start: Any, status: int) -> None:
    answer = await desk.book(start)
    assert answer.status_code == status, answer.text
    if status == 400:
        assert refusal(answer) == (400, "startTime")


@pytest.mark.parametrize("start", [-1, 1440, 2**70])
async def test_a_start_lies_within_the_day(desk: Desk, start: int) -> None:
    assert refusal(await desk.book(start)) == (400, "startTime")


async def test_what_the_service_asks_for_is_asked_for(desk: Desk) -> None:
    assert refusal(await desk.book(480, serviceTypeId=None)) == (400, "serviceTypeId")
    assert refusal(await desk.book(480, serviceTypeId=str(uuid4()))) == (400, "serviceTypeId")
    assert refusal(await desk.book(480, channel="Video")) == (400, "channel")
    assert refusal(await desk.book(480, language="fr-FR")) == (400, "language")
    assert refusal(await desk.book(480, locale="fr-FR")) == (400, "locale")


@pytest.mark.parametrize(
    "place",
    [{"day": "2026-3-3"}, {"day": "2026-W10-2"}, {"index": "-1"}, {"index": "7"}, {"service": "x"}],
)
async def test_an_address_of_no_calendar_is_not_found(desk: Desk, place: dict[str, str]) -> None:
    assert refusal(await desk.get(f"{desk.path(**place)}/appointments"))[0] == 404


async def test_a_day_without_calendars_is_an_empty_list(desk: Desk) -> None:
    path = desk.path("2026-03-05").rpartition("/")[0]
    answer = await desk.get(path)
    assert (answer.status_code, answer.json()) == (200, [])
    walk_in = desk.path(service=str(desk.program.services[0].id)).rpartition("/")[0]
    assert refusal(await desk.get(walk_in)) == (409, None)


async def test_one_of_many_gets_the_time(desk: Desk) -> None:
    answers = await asyncio.gather(*(desk.book(600) for _ in range(12)))
    assert sorted(one.status_code for one in answers) == [201] + [409] * 11
    assert len(await desk.all()) == 1
    nearest = [{"date": "2026-03-03T00:00:00", "cuIndex": 0, "start": at} for at in (580, 620, 560)]
    refused = [one.json()["alternatives"] for one in answers if one.status_code == 409]
    assert refused == [nearest] * 11
    first = refused[0][0]
    assert (await desk.book(first["start"])).status_code == 201


async def test_a_canceled_time_is_free_and_listed_no_more(desk: Desk) -> None:
    case = (await desk.book(480)).json()["caseId"]
    client, headers = desk.program.client, desk.program.headers
    for_it = f"{desk.path()}/appointments/{case}"
    answer = await client.post(f"{for_it}/actions/cancel", headers=headers)
    assert (answer.status_code, answer.content) == (200, b"")
    assert await desk.all() == []
    assert (await desk.book(480)).status_code == 201


async def test_an_order_with_a_key_is_done_once(desk: Desk) -> None:
    body = {"serviceTypeId": str(desk.surgery.kinds[0].id), "startTime": 480}
    headers = {**desk.program.headers, "Idempotency-Key": "once"}
    address = f"{desk.path()}/appointments"
    first = await desk.program.client.post(address, json=body, headers=headers)
    again = await desk.program.client.post(address, json=body, headers=headers)
    assert (first.status_code, first.content) == (201, again.content)
    assert again.headers["Idempotency-Replayed"] == "true"


async def test_a_ticket_without_a_number_is_none(desk: Desk) -> None:
    await desk.surgery.rules(numbering=Numbering.ON_ARRIVAL)
    assert (await desk.book(480)).json()["ticket"] is None
    assert [one["ticket"] for one in await desk.all()] == [None]


async def test_the_calendar_is_told_as_it_stands(desk: Desk) -> None:
    said = (await desk.book(480)).json()
    (calendar,) = (await desk.get(desk.path().rpartition("/")[0])).json()
    assert calendar["calendarTimestamp"] == said["calendarTimestamp"]
    assert calendar["stats"]["appointmentCount"] == 1
    await desk.surgery.do(calendars.close_calendar, calendar_id=desk.calendar.id)
    (closed,) = (await desk.get(desk.path().rpartition("/")[0])).json()
    assert (closed["agentsBookingActive"], closed["selfBookingActive"]) == (False, False)
    assert refusal(await desk.book(500)) == (409, None)
    vacancies = f"{desk.path()}/vacancies"
    assert refusal(await desk.get(vacancies)) == (400, "serviceTypeId")
    kind = desk.surgery.kinds[0].id
    assert refusal(await desk.get(f"{vacancies}?SERVICETYPEID={kind}")) == (409, None)


async def test_only_a_manager_of_appointments_books(desk: Desk, house: House) -> None:
    made = desk.program.made
    less = replace(made.client, roles=(Role.CASE_MANAGER,), id=uuid4(), application_id=uuid4())
    async with house.engine.writing() as connection:
        await Store(connection, made.organization.id).people.add(clients=[less])
    beginning = replace(made.beginning, clients=[less])
    other = Program(desk.program.client, replace(made, beginning=beginning))
    await other.sign_in()
    theirs = Desk(other, desk.surgery, desk.calendar)
    assert refusal(await theirs.book(480)) == (403, None)
    assert refusal(await theirs.get(theirs.path().rpartition("/")[0])) == (403, None)


async def test_other_organizations_have_no_part_in_it(desk: Desk, other: Program) -> None:
    await other.sign_in()
    theirs = Desk(other, desk.surgery, desk.calendar)
    assert refusal(await theirs.get(f"{theirs.path()}/appointments"))[0] == 404
    assert refusal(await theirs.book(480))[0] == 404
