"""The booking page in a browser: with and without its module, by keyboard, for everybody."""

from datetime import datetime
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from playwright.async_api import Locator, Page, expect

from nowserving.actions import bookings
from nowserving.actions.caretaking import open_ahead
from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.cases.admission import Request
from nowserving.people.actor import system
from tests.conftest import NewPage
from tests.rig.browser import ON_POSTGRES, ON_SQLITE, for_everybody, no_overflow, no_violations
from tests.web.booking import second_place

HOME = "/book/demo/1"


@pytest.fixture(autouse=True)
async def calendars(house: House, branch: Sample) -> None:
    """The days that can be booked."""
    await open_ahead(house)


async def book(page: Page, served: str, *, language: str = "en") -> None:
    """From the first page to the confirmation, the first time there is."""
    await page.goto(f"{served}{HOME}?lang={language}")
    await page.locator(".list a").first.click()
    await from_the_times(page)


async def from_the_times(page: Page) -> None:
    """From the times to the confirmation, the first time there is."""
    await page.locator(".first button").click()
    await page.locator("#name").fill("Ada")
    await page.locator("#email").fill("ada@office.example")
    await page.locator("form.form .main-thing").click()
    await page.locator("main > form:not(.deadline) .main-thing").click()
    await expect(page.locator(".slip")).to_be_visible()


async def test_booked_moved_and_called_off_without_javascript(
    served: str, new_page: NewPage
) -> None:
    page = await new_page(java_script_enabled=False)
    await page.goto(served + HOME)
    await page.locator(".list a").first.click()
    await page.get_by_label("A room for a wheelchair").check()
    await page.get_by_role("button", name="Show times that suit").click()
    await expect(page.get_by_label("A room for a wheelchair")).to_be_checked()
    await from_the_times(page)
    await expect(page.get_by_role("heading", name="Your appointment is booked")).to_be_visible()
    for told in ("A room for a wheelchair", "Free of charge", "An identity card"):
        await expect(page.locator(".slip")).to_contain_text(told)
    await page.get_by_role("link", name="Move the appointment").click()
    await page.get_by_role("button", name="Move to this time").click()
    await expect(page.get_by_role("heading", name="Your appointment is booked")).to_be_visible()
    await page.get_by_role("link", name="Move the appointment").click()
    await page.locator(".slots input[type=radio]").last.check()
    await page.get_by_role("button", name="Go on").click()
    await page.get_by_role("button", name="Move the appointment").click()
    await expect(page.get_by_role("heading", name="Your appointment is booked")).to_be_visible()
    await page.get_by_role("link", name="Cancel the appointment").click()
    await page.get_by_role("button", name="Cancel the appointment").click()
    await expect(page.get_by_role("heading", name="is canceled")).to_be_visible()


@ON_SQLITE
async def test_the_back_button_works_and_nothing_typed_is_lost(served: str, page: Page) -> None:
    await page.goto(served + HOME)
    await page.locator(".list a").first.click()
    await page.locator(".first button").click()
    await page.locator("#name").fill("Ada")
    await page.locator("form.form .main-thing").click()
    await expect(page.get_by_role("heading", name="Is everything right?")).to_be_visible()
    await page.go_back()
    await expect(page.get_by_role("heading", name="Who comes?")).to_be_visible()
    await expect(page.locator("#name")).to_have_value("Ada")
    await page.go_back()
    await page.locator(".slots input[type=radio]").last.check()
    await page.get_by_role("button", name="Go on").click()
    await expect(page.get_by_role("heading", name="Is everything right?")).to_be_visible()
    await expect(page.locator("dl")).to_contain_text("Ada")


@ON_POSTGRES
async def test_whoever_reads_elsewhere_sees_their_own_time_too(
    served: str, new_page: NewPage
) -> None:
    page = await new_page(timezone_id="Asia/Kolkata")
    await page.goto(served + HOME)
    await page.locator(".list a").first.click()
    await expect(page.locator(".first .yours")).to_contain_text("for you)")
    await expect(page.locator(".zone")).to_contain_text("Berlin")
    there = await new_page(timezone_id="Europe/Berlin")
    await there.goto(page.url)
    await expect(there.locator(".first")).to_be_visible()
    await expect(there.locator(".yours")).to_have_count(0)


@ON_SQLITE
async def test_by_keyboard_alone(served: str, page: Page) -> None:
    await page.goto(served + HOME)
    await page.locator(".list a").first.focus()
    await page.keyboard.press("Enter")
    await page.locator(".slots input[type=radio]").first.focus()
    await page.keyboard.press("Space")
    await page.keyboard.press("Enter")
    await expect(page.locator("#email")).to_be_visible()
    await page.locator("#email").focus()
    await page.keyboard.type("nowhere")
    await page.keyboard.press("Enter")
    await expect(page.locator("#email-error")).to_be_visible()
    assert (await page.title()).startswith("Error:")
    await page.locator("#email").fill("ada@office.example")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Is everything right?")).to_be_visible()


@ON_POSTGRES
async def test_a_place_is_chosen_and_a_lost_time_costs_nothing_that_was_typed(
    served: str, new_page: NewPage, house: House, branch: Sample
) -> None:
    """Without JavaScript, on the narrowest phone, in a unit of another zone."""
    await second_place(house, branch, "America/New_York")
    phone = {"width": 320, "height": 640}
    page = await new_page(java_script_enabled=False, viewport=phone)
    await page.goto(served + HOME)
    await page.locator(".list a").first.click()
    await expect(page.get_by_role("heading", name="Where?")).to_be_visible()
    places = page.locator(".list a")
    await expect(places).to_have_count(2)
    await expect(places.first).to_contain_text("Main branch")
    times = [datetime.fromisoformat(text) for text in await instants(places)]
    earliest = [
        await row.get_by_text("The earliest time").count() == 1 for row in await places.all()
    ]
    assert earliest == [one == min(times) for one in times]  # both, in the hours they share
    await expect(places.last).to_contain_text("2 Quay")
    where = page.url
    await places.last.click()
    await expect(page.locator(".zone")).to_contain_text("New York")
    await page.locator(".slots input[type=radio]").last.check()
    await page.locator(".slots .main-thing").click()
    await page.locator("#name").fill("Ada")
    await page.locator("#email").fill("ada@office.example")
    await page.locator("form.form .main-thing").click()
    await expect(page.locator("dl")).to_contain_text("Harbour branch")
    await somebody_else_has_it(house, branch, page.url)
    await page.locator("main > form:not(.deadline) .main-thing").click()
    near = page.locator(".near input[type=radio]")
    await expect(near).to_have_count(3)
    await expect(page.locator("#summary")).to_be_visible()
    await no_overflow(page)
    await near.first.check()
    await page.locator(".near .main-thing").click()
    for kept in ("Ada", "ada@office.example"):
        await expect(page.locator("dl")).to_contain_text(kept)
    await page.locator("main > form:not(.deadline) .main-thing").click()
    await expect(page.locator(".slip")).to_contain_text("Harbour branch")

    reader = await new_page(timezone_id="Asia/Tokyo", viewport=phone)
    await reader.goto(where)
    await expect(reader.locator(".list .yours")).to_have_count(2)
    await no_overflow(reader)
    await no_violations(reader)
    there = await new_page(timezone_id="America/New_York")
    await there.goto(where)
    await expect(there.locator(".list a").first.locator(".yours")).to_have_count(1)
    await expect(there.locator(".list a").last.locator(".yours")).to_have_count(0)


async def instants(places: Locator) -> list[str]:
    """The times that are named beside some places."""
    return [await at.get_attribute("datetime") or "" for at in await places.locator("time").all()]


async def somebody_else_has_it(house: House, branch: Sample, address: str) -> None:
    """The time in an address is kept for nobody any more, and another has booked it."""
    asked = parse_qs(urlsplit(address).query)
    calendar, _, start = asked["slot"][0].partition(".")
    async with house.acting(system(branch.organization.id, "test")) as act:
        await bookings.release(act, hold_id=UUID(asked["hold"][0]))
    async with house.acting(system(branch.organization.id, "test")) as act:
        seen = await act.look.calendars.get(UUID(calendar))
        request = Request(service_id=seen.service_id)
        await bookings.book(act, request, calendar_id=seen.id, start=int(start))


@pytest.mark.parametrize(("language", "engine_name"), [("de", "sqlite"), ("ar", "postgres")])
async def test_for_everybody(served: str, page: Page, language: str) -> None:
    await page.goto(f"{served}{HOME}?lang={language}")
    await for_everybody(page)
    await page.locator(".list a").first.click()
    await for_everybody(page)
    await page.locator(".first button").click()
    await page.locator("#email").fill("nowhere")
    await page.locator("form.form .main-thing").click()
    await expect(page.locator("#email-error")).to_be_visible()
    await for_everybody(page)
    await page.locator("#email").fill("")
    await page.locator("form.form .main-thing").click()
    await expect(page.locator("dl")).to_be_visible()
    await for_everybody(page)
    await page.locator("main > form:not(.deadline) .main-thing").click()
    await expect(page.locator(".slip")).to_be_visible()
    await for_everybody(page)
    mine = page.url
    for step in ("/move", "/cancel"):
        await page.goto(mine + step)
        await for_everybody(page)
