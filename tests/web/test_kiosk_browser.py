"""The kiosk in a browser: touched, typed at, left alone, and without its module."""

import pytest
from playwright.async_api import Page, expect

from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.people.actor import Actor
from tests.actions.booking import Surgery
from tests.conftest import NewPage
from tests.rig.browser import ON_POSTGRES, ON_SQLITE, WCAG_2_2_AA, for_everybody, stand_still
from tests.web.office import Office

HOME = "/kiosk/demo/1"
CONTRAST = (*WCAG_2_2_AA, "wcag2aaa")
"""With these tags axe asks for a contrast of 7:1 too."""

SMALL = """() => {
    const targets = "main a, main button, main input:not([type=hidden]), header a";
    return [...document.querySelectorAll(targets)]
        .filter(one => one.checkVisibility() && !one.closest(".problem, .follow"))
        .map(one => [one.textContent.trim(), one.getBoundingClientRect()])
        .filter(([, box]) => box.height < 80 || box.width < 80).map(([name]) => name);
}"""


async def test_from_the_kiosk_to_the_counter(
    served: str, new_page: NewPage, office: Office
) -> None:
    kiosk, phone, board = await new_page(), await new_page(), await new_page()
    await board.goto(f"{served}/board/demo/1")
    await kiosk.goto(served + HOME)
    await kiosk.get_by_role("button", name="Inquiry").click()
    await expect(kiosk.get_by_role("heading", name="Your number is A1")).to_be_visible()
    address = await kiosk.locator(".follow a").get_attribute("href")
    assert address is not None
    await phone.goto(address)
    await expect(phone.locator(".before")).to_have_text("You are next")
    async with phone.expect_response("**/live"):
        await phone.reload()

    await office.call(counter=4)
    await expect(phone.locator(".desk")).to_have_text("Counter 4")
    await expect(board.locator(".big .ticket")).to_have_text("A1")
    await expect(board.locator(".big .desk")).to_have_text("Counter 4")
    await expect(phone).to_have_title("(!) Counter 4")

    await kiosk.get_by_role("link", name="All done").click()
    await expect(kiosk.get_by_role("heading", name="What can we do for you?")).to_be_visible()


@ON_SQLITE
async def test_two_touches_for_a_walk_in_and_no_more(served: str, page: Page) -> None:
    await page.goto(served + HOME)
    await page.get_by_role("link", name="Passports and identity cards").click()
    await page.get_by_role("button", name="Identity card").click()
    await expect(page.get_by_role("heading", name="Your number is B1")).to_be_visible()


async def test_a_double_click_is_one_ticket(served: str, page: Page, office: Office) -> None:
    await page.goto(served + HOME)
    await page.get_by_role("button", name="Inquiry").dblclick()
    await expect(page.get_by_role("heading", name="Your number is A1")).to_be_visible()
    assert (await office.join()).place.before == 1


@ON_POSTGRES
async def test_by_keyboard_alone(served: str, page: Page, office: Office) -> None:
    await page.goto(served + HOME)
    for _ in range(20):
        await page.keyboard.press("Tab")
        focused = await page.evaluate("document.activeElement.textContent.trim()")
        if "Business licences" in focused:
            break
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Business licences")).to_be_visible()
    await page.get_by_label("Phone number").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert").filter(has_text="phone number")).to_be_visible()
    assert (await page.title()).startswith("Error:")
    await page.get_by_label("Phone number").focus()
    await page.keyboard.type("030 123456")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Your number is C1")).to_be_visible()


@ON_SQLITE
async def test_whoever_walks_away_leaves_nothing_behind(served: str, page: Page) -> None:
    await page.clock.install()
    await page.goto(f"{served}{HOME}/3?language=de-DE")
    await page.get_by_label("Telefonnummer").fill("030 123456")
    await stand_still(page)
    await page.clock.run_for(21_000)
    await expect(page.get_by_role("alertdialog")).to_be_visible()
    await page.get_by_role("button", name="Ich brauche mehr Zeit").click()
    await expect(page.get_by_role("alertdialog")).to_be_hidden()
    await page.clock.run_for(21_000)
    await expect(page.get_by_role("alertdialog")).to_be_visible()
    await page.clock.run_for(10_000)
    await expect(page.get_by_role("heading", name="What can we do for you?")).to_be_visible()


@ON_POSTGRES
async def test_without_javascript(served: str, new_page: NewPage, office: Office) -> None:
    page = await new_page(java_script_enabled=False)
    await page.goto(f"{served}{HOME}?language=de-DE")
    await page.get_by_role("button", name="Inquiry").click()
    await page.get_by_role("link", name="/t/1.").click()
    await page.get_by_role("button", name="Schlange verlassen").click()
    await expect(page.locator(".advice")).to_have_text("Sie haben die Schlange verlassen.")
    await page.get_by_role("button", name="Zurückkommen").click()
    await expect(page.locator(".before")).to_have_text("Sie sind als Nächstes dran")
    await office.call()
    await page.reload()
    await expect(page.locator(".desk")).to_have_text("Counter 1")


@pytest.mark.parametrize(("scripts", "engine_name"), [(True, "sqlite"), (False, "postgres")])
async def test_an_appointment_is_checked_in_by_keyboard_and_without_javascript(
    served: str,
    new_page: NewPage,
    house: House,
    *,
    branch: Sample,
    program: Actor,
    scripts: bool,
) -> None:
    surgery = await Surgery.of(house, branch, program)
    calendar = await surgery.opened(surgery.now.date())
    booked = await surgery.book(calendar, 600)
    surgery.now = booked.appointment.starts_at
    page = await new_page(java_script_enabled=scripts)
    await page.goto(f"{served}{HOME}")
    await page.get_by_role("link", name="I have an appointment").press("Enter")
    await page.get_by_label("The code of your confirmation").fill(booked.code)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="You are checked in")).to_contain_text(
        str(booked.case.ticket)
    )
    if scripts:
        await check(page)


@pytest.mark.parametrize(("language", "engine_name"), [("en-US", "sqlite"), ("ar-EG", "postgres")])
async def test_for_everybody(served: str, new_page: NewPage, office: Office, language: str) -> None:
    page = await new_page(viewport={"width": 1080, "height": 1920})
    for address in (HOME, f"{HOME}/2", f"{HOME}/3", f"{HOME}/check-in"):
        await page.goto(f"{served}{address}?language={language}")
        await check(page)
        if await page.locator("form.form").count():
            await page.locator("button.main-thing").click()
            await expect(page.locator(".wrong")).to_be_visible()
            await check(page)
    await page.goto(f"{served}{HOME}?language={language}")
    await page.locator("button.tile").first.click()
    await expect(page.locator(".slip")).to_be_visible()
    await check(page)


async def check(page: Page) -> None:
    """Large, plain to see, and within the screen."""
    await page.set_viewport_size({"width": 1080, "height": 1920})
    assert await page.evaluate(SMALL) == []
    await for_everybody(page, tags=CONTRAST)
