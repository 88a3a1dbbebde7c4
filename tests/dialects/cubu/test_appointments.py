"""Appointments in Cubu's webhooks, before and after."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from nowserving.actions import arrivals, desk
from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.bookings.rules import Numbering
from nowserving.dialects.cubu.hooks import WEBHOOKS, cubu_endpoint
from nowserving.hooks.asking import Asker
from nowserving.people.actor import Actor, system
from nowserving.places.endpoints import Endpoint
from nowserving.places.hooks import HookKind, HookRefused
from nowserving.places.services import Queue, Route
from nowserving.store.store import Store
from tests.actions.booking import Surgery
from tests.dialects.cubu.test_before import SECRET, Enabled
from tests.dialects.cubu.test_hooks import facts_of, said, told
from tests.hooks.asked import asked_far, asking


@pytest.fixture
async def asker(house: House, branch: Sample) -> AsyncIterator[Asker]:
    """The house can ask."""
    async with asking(house) as opened:
        yield opened


@pytest.fixture
async def surgery(house: House, branch: Sample, program: Actor, asker: Asker) -> Surgery:
    """A service that is booked."""
    return await Surgery.of(house, branch, program)


APPOINTMENT = {
    "date": "2026-03-02T00:00:00",
    "cuIndex": 0,
    "start": 600,
    "timeLocal": "2026-03-02T10:00:00",
    "timeUtc": "2026-03-02T09:00:00Z",
    "timeZoneId": "W. Europe Standard Time",
    "duration": None,
    "preventSelfCheckIn": True,
}


async def test_an_appointment_is_told_before_and_after(
    surgery: Surgery, house: House, branch: Sample, ann: Actor
) -> None:
    org = Enabled(house, branch.organization.id)
    calendar = await surgery.opened(surgery.now.date())
    async with asked_far(lambda post: {"fields": {}, "language": "de-DE"}) as far:
        await org.at(far)
        for kind in (HookKind.BOOK, HookKind.CHECK_IN, HookKind.RESOLVE):
            await org.hook(kind)
        booked = await surgery.book(calendar, 600, staff_only=True, name="Ada")
        surgery.now = booked.appointment.starts_at
        await surgery.do(arrivals.check_in, ann, case_id=booked.case.id, override=True)
        await surgery.do(desk.resolve, ann, case_id=booked.case.id)
    expected = {**APPOINTMENT, "duration": booked.appointment.minutes}
    assert [post.path.rpartition("/")[2] for post in far.posts] == [
        "beforeBookAppointment",
        "beforeCheckIn",
        "beforeResolved",
    ]
    assert [one["caseId"] for one in far.said] == [str(booked.case.id)] * 3
    assert [one["appointment"] for one in far.said] == [expected] * 3
    assert booked.case.language == "de-DE"
    now = house.clock()
    endpoint = cubu_endpoint(
        org.id,
        house.ids(now),
        "https://r.example",
        secret=SECRET,
        vault=house.vault,
        now=now,
    )
    facts = await facts_of(house, booked.case)
    for told_of in ("case.planned", "case.arrived", "case.resolved"):
        body = said(await told(house, endpoint, facts[told_of]))
        assert body["appointment"] == expected
        assert set(body) == set(WEBHOOKS[told_of].fields)


async def test_a_time_that_was_refused_is_still_free(
    surgery: Surgery, house: House, branch: Sample
) -> None:
    org = Enabled(house, branch.organization.id)
    calendar = await surgery.opened(surgery.now.date())
    answers = [{"cancel": True, "message": "Not you."}, {}]
    async with asked_far(lambda post: answers.pop(0)) as far:
        await (await org.at(far)).hook(HookKind.BOOK)
        before = await surgery.day(calendar)
        with pytest.raises(HookRefused):
            await surgery.book(calendar, 600)
        assert await surgery.day(calendar) == before
        assert (await surgery.book(calendar, 600)).appointment.start == 600


async def test_a_number_that_comes_on_arrival_is_null_until_then(
    surgery: Surgery, house: House, branch: Sample, ann: Actor
) -> None:
    org = Enabled(house, branch.organization.id)
    await surgery.rules(numbering=Numbering.ON_ARRIVAL)
    calendar = await surgery.opened(surgery.now.date())
    async with asked_far() as far:
        await (await org.at(far)).hook(HookKind.BOOK)
        await org.hook(HookKind.CHECK_IN)
        booked = await surgery.book(calendar, 600)
        surgery.now = booked.appointment.starts_at
        arrived = await surgery.do(arrivals.check_in, ann, case_id=booked.case.id)
    assert [one["ticket"] for one in far.said] == [None, None]
    [endpoint] = await endpoints_of(house, org)
    facts = await facts_of(house, booked.case)
    tickets = [said(await told(house, endpoint, fact))["ticket"] for fact in facts.values()]
    number = {"prefix": "D", "number": arrived.ticket_number, "suffix": None}
    assert (arrived.ticket_number > 0, tickets) == (True, [None, number])


async def endpoints_of(house: House, org: Enabled) -> list[Endpoint]:
    async with house.engine.reading() as connection:
        return await Store(connection, org.id).endpoints.all()


async def test_a_case_that_went_to_another_unit_is_told_with_that_of_its_service(
    surgery: Surgery, house: House, branch: Sample
) -> None:
    org = Enabled(house, branch.organization.id)
    calendar = await surgery.opened(surgery.now.date())
    operator = system(org.id, "test")
    async with house.acting(operator) as act:
        unit = replace(surgery.unit, id=act.new_id(), number=9, time_zone="America/New_York")
        queue = Queue(org.id, act.new_id(), unit.id, "Overseas", "#009688", 0)
        await act.store.places.add([unit, queue, Route(org.id, surgery.service.queue_id, queue.id)])
    house.forget_directory(org.id)
    async with asked_far() as far:
        await (await org.at(far)).hook(HookKind.RESOLVE)
        booked = await surgery.book(calendar, 600)
        surgery.now = booked.appointment.starts_at
        await surgery.do(arrivals.check_in, operator, case_id=booked.case.id)
        await surgery.do(desk.transfer, operator, case_id=booked.case.id, queue_id=queue.id)
        done = await surgery.do(desk.resolve, operator, case_id=booked.case.id)
    assert done.unit_id == unit.id
    [endpoint] = await endpoints_of(house, org)
    facts = await facts_of(house, booked.case)
    for body in (*far.said, said(await told(house, endpoint, facts["case.resolved"]))):
        time = body["appointment"]
        assert (body["unitId"], time["timeLocal"], time["timeZoneId"]) == (
            str(surgery.unit.id),
            "2026-03-02T10:00:00",
            "W. Europe Standard Time",
        )
