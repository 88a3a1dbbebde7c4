"""Checking in at the kiosk: by code, and by a customer number of which another system is told."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from nowserving.actions import bookings, customers
from nowserving.actions.customers import Given
from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.bookings.rules import Numbering
from nowserving.cases.admission import Request
from nowserving.cases.moves import State
from nowserving.people.actor import Actor, system
from nowserving.places.hooks import HookKind, OnFailure
from tests.actions.booking import Surgery
from tests.dialects.cubu.test_before import Enabled
from tests.hooks.asked import asked_far, asking
from tests.web.test_kiosk import HOME, hidden

ADDRESS = f"{HOME}/check-in"


@pytest.fixture
async def surgery(house: House, branch: Sample, program: Actor) -> Surgery:
    """A service that is booked; it is eight o'clock, and the next time is at ten."""
    return await Surgery.of(house, branch, program)


async def check_in(client: httpx.AsyncClient, typed: str, **form: str) -> httpx.Response:
    """Type something and touch the button."""
    key = hidden((await client.get(ADDRESS)).text, "key")
    return await client.post(ADDRESS, data={"code": typed, "key": key, **form})


async def test_the_code_of_the_confirmation_checks_in_once(
    client: httpx.AsyncClient, surgery: Surgery
) -> None:
    await surgery.rules(numbering=Numbering.ON_ARRIVAL)
    booked = await surgery.book(await surgery.opened(surgery.now.date()), 600)
    start = (await client.get(HOME)).text
    assert f'href="{ADDRESS}?language=en-US"' in start
    assert "customer number" not in (await client.get(ADDRESS)).text
    early = await check_in(client, booked.code)
    assert early.status_code == 409
    assert "It is too early to check in for this appointment." in early.text
    assert f'value="{booked.code}"' in early.text

    surgery.now = booked.appointment.starts_at - timedelta(minutes=5)
    form = {"code": booked.code.lower(), "key": "once"}
    first = await client.post(ADDRESS, data=form)
    again = await client.post(ADDRESS, data=form)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.text == again.text
    case = await surgery.case(booked.case.id)
    assert case.state is State.WAITING
    assert str(case.ticket) in first.text
    assert "Your appointment is at 10:00" in first.text
    over = await check_in(client, booked.code)
    assert over.status_code == 409
    assert "You are checked in already" in over.text


@pytest.mark.parametrize("typed", ["", "  ", "7" * 300, "ABCD1234", '"><script>x'])
async def test_what_opens_nothing_is_told_and_stays_text(
    client: httpx.AsyncClient, surgery: Surgery, typed: str
) -> None:
    answer = await check_in(client, typed, language="de-DE")
    assert answer.status_code in (400, 404)
    assert "<title>Fehler:" in answer.text
    assert "kein Termin hier gefunden" in answer.text
    assert "<script>x" not in answer.text


async def test_another_site_cannot_check_anybody_in(
    client: httpx.AsyncClient, surgery: Surgery
) -> None:
    foreign = await client.post(
        ADDRESS, data={"code": "x"}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert foreign.status_code == 403


class Legacy:
    """Another system that makes the appointment while the kiosk waits."""

    def __init__(self, surgery: Surgery, customer: Any, calendar: Any) -> None:
        self.surgery, self.customer, self.calendar = surgery, customer, calendar
        self.made: list[Any] = []

    async def book(self) -> None:
        async def booking(act: Any) -> Any:
            asked = Request(service_id=self.surgery.service.id, customer_id=self.customer.id)
            return await bookings.book(act, asked, calendar_id=self.calendar.id, start=600)

        self.made.append(await self.surgery.do(booking))


async def test_a_customer_number_is_told_before_appointments_are_looked_for(
    client: httpx.AsyncClient, surgery: Surgery, house: House, branch: Sample
) -> None:
    async with asking(house):
        org = Enabled(house, branch.organization.id)
        given = Given(contact={"name": "Ada"}, keys={"customer-id": "S-4711"})
        known = await surgery.do(
            customers.create, system(branch.organization.id, "test"), given=given
        )
        calendar = await surgery.opened(surgery.now.date())
        surgery.now += timedelta(minutes=100)
        legacy = Legacy(surgery, known.customer, calendar)
        assert (await check_in(client, "s-4711")).status_code == 404

        async def made_on_the_fly(post: Any) -> int:
            await legacy.book()
            return 200

        async with asked_far(made_on_the_fly) as far:
            await (await org.at(far)).hook(HookKind.APPOINTMENTS)
            assert "or your customer number" in (await client.get(ADDRESS)).text
            arrived = await check_in(client, " s-4711 ", language="de-DE")
            assert arrived.status_code == 200, arrived.text
            unknown = await check_in(client, "S-0")
            assert unknown.status_code == 404
            again = await check_in(client, "S-4711")
        said = {name: far.said[0][name] for name in ("queryType", "customerId", "locale")}
        assert said == {"queryType": "CustomerId", "customerId": "s-4711", "locale": "de-DE"}
        assert far.said[0]["unitId"] == str(surgery.unit.id)
        case = await surgery.case(legacy.made[0].case.id)
        assert case.state is State.WAITING
        assert str(case.ticket) in arrived.text
        assert again.status_code in (200, 404, 409)


async def test_who_has_to_answer_and_does_not_is_said(
    client: httpx.AsyncClient, surgery: Surgery, house: House, branch: Sample
) -> None:
    async with asking(house), asked_far(lambda post: 500) as far:
        org = Enabled(house, branch.organization.id)
        await (await org.at(far)).hook(HookKind.APPOINTMENTS, on_failure=OnFailure.DENY)
        silent = await check_in(client, "S-4711")
        assert silent.status_code == 409
        assert 'aria-invalid="true"' in silent.text
