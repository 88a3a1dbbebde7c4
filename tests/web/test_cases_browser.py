"""Cases in a real browser: everybody can read and use the pages."""

import pytest
from playwright.async_api import Page, expect

from nowserving.actions.house import House
from nowserving.actions.open_case import open_case
from nowserving.actions.sample_work import BackOffice
from nowserving.cases.admission import Request
from nowserving.cases.work import Opening
from nowserving.people.actor import Actor
from tests.conftest import PASSWORD, NewPage
from tests.rig.browser import for_everybody


async def signed_in(served: str, page: Page) -> None:
    await page.goto(f"{served}/desk/sign-in")
    await page.fill("[name=login]", "dia")
    await page.fill("[name=password]", PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/desk/place*")


async def opened(house: House, by: Actor, office: BackOffice) -> str:
    async with house.acting(by) as act:
        request = Request(service_id=office.service.id, name="Ada", email="ada@example.org")
        due = house.clock()
        return str((await open_case(act, Opening(request, title="Lamp", due_at=due))).case.id)


@pytest.mark.parametrize(("language", "engine_name"), [("de", "sqlite"), ("ar", "postgres")])
async def test_every_page_can_be_read_by_everybody(
    served: str, house: House, page: Page, *, program: Actor, back_office: BackOffice, language: str
) -> None:
    id = await opened(house, program, back_office)
    await signed_in(served, page)
    for path in ("/cases", "/cases/new", f"/cases/{id}"):
        await page.goto(f"{served}{path}?lang={language}")
        await page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        await for_everybody(page)


async def test_a_case_is_opened_and_found_without_scripts_by_keyboard(
    served: str, new_page: NewPage, back_office: BackOffice
) -> None:
    page = await new_page(java_script_enabled=False)
    await signed_in(served, page)
    await page.goto(f"{served}/cases/new")
    await page.fill("#title", "Broken lamp")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Broken lamp")
    await page.fill("#text", "Rang the works")
    await page.get_by_role("button", name="Save the note").press("Enter")
    await expect(page.get_by_role("status").filter(has_text="The note is saved.")).to_be_visible()
    await page.goto(f"{served}/cases")
    await page.fill("#q", "works")
    await page.keyboard.press("Enter")
    await page.get_by_role("link", name="Broken lamp").press("Enter")
    await expect(page.get_by_text("Rang the works")).to_be_visible()
