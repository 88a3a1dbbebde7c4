"""The ticket page in a browser: live, in words, and left with one tap."""

import re

import pytest
from playwright.async_api import Page, expect

from nowserving.cases import case as cases
from nowserving.web.assets import assets
from tests.rig.browser import ON_POSTGRES, ON_SQLITE, cut_off, for_everybody, no_overflow
from tests.web.office import Office


async def listening(page: Page, address: str) -> None:
    """Open a page and wait until it hears of changes."""
    async with page.expect_response(re.compile("/now")):
        await page.goto(address)


async def test_the_place_counts_down_and_the_turn_is_said_at_once(
    served: str, page: Page, office: Office
) -> None:
    for _ in range(2):
        await office.join()
    mine = await office.join()
    await listening(page, served + office.link(mine))
    await expect(page.locator(".before")).to_have_text("2 people before you")
    await office.call()
    await expect(page.locator(".before")).to_have_text("1 person before you")
    await expect(page.locator("#polite")).to_have_text("Waiting. 1 person before you")
    await expect(page.locator("#assertive")).to_be_empty()
    await office.call()
    await expect(page.locator(".before")).to_have_text("You are next")
    await office.call(counter=3)
    await expect(page.locator(".desk")).to_have_text("Counter 3")
    await expect(page.locator("#assertive")).to_have_text("It is your turn: Counter 3")
    await expect(page).to_have_title("(!) Counter 3")
    await office.resolve(mine.case.id)
    await expect(page.locator(".word")).to_have_text("Done")


async def test_leave_with_one_tap_and_come_back(served: str, page: Page, office: Office) -> None:
    mine, other = await office.join(), await office.join()
    await listening(page, served + office.link(mine))
    await page.get_by_role("button", name="Leave the line").click()
    await expect(page.locator(".advice")).to_have_text("You have left the line.")
    assert (await office.join()).place.before == 1
    await page.get_by_role("button", name="Come back").click()
    await expect(page.locator(".before")).to_have_text("You are next")
    assert (await office.call()).id == mine.case.id
    assert other.case.id != mine.case.id


@ON_SQLITE
async def test_the_way_back_closes_by_itself(
    served: str, page: Page, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await page.clock.install()
    await listening(page, served + office.link(await office.join()))
    await page.get_by_role("button", name="Leave the line").click()
    await expect(page.get_by_role("button", name="Come back")).to_be_visible()
    monkeypatch.setattr(cases, "COME_BACK_FOR", -office.house.clock().resolution)
    await page.clock.run_for(32_000)
    await expect(page.get_by_role("button", name="Come back")).to_be_hidden()
    await expect(page.locator(".advice")).to_have_text("This ticket is not valid any more.")


@ON_POSTGRES
async def test_a_page_that_is_cut_off_says_so_and_then_catches_up(
    served: str, page: Page, office: Office
) -> None:
    await listening(page, served + office.link(await office.join()))
    await cut_off(page)
    await expect(page.locator("#not-live")).to_be_visible()
    await office.call(counter=2)
    await page.context.set_offline(False)
    await expect(page.locator(".desk")).to_have_text("Counter 2")
    await expect(page.locator("#not-live")).to_be_hidden()


@ON_SQLITE
async def test_it_listens_in_a_hidden_tab_too(served: str, page: Page, office: Office) -> None:
    await listening(page, served + office.link(await office.join()))
    await page.evaluate(
        """() => {
            Object.defineProperty(document, "hidden", { get: () => true });
            document.dispatchEvent(new Event("visibilitychange"));
        }"""
    )
    await office.call()
    await expect(page).to_have_title("(!) Counter 1")


@ON_POSTGRES
async def test_the_code_is_shown_when_asked_for(served: str, page: Page, office: Office) -> None:
    await page.goto(served + office.link(await office.join()))
    code = page.get_by_role("img", name="The code to follow your ticket on a phone")
    await expect(code).to_be_hidden()
    async with page.expect_response(re.compile(r"qr\.svg")):
        await page.get_by_text("Show my code").click()
    await expect(code).to_be_visible()
    assert await code.evaluate("image => image.naturalWidth") > 0


@ON_SQLITE
async def test_the_first_load_is_light(served: str, page: Page, office: Office) -> None:
    sizes: list[int] = []

    async def weigh() -> None:
        session = await page.context.new_cdp_session(page)
        await session.send("Network.enable")
        session.on("Network.loadingFinished", lambda e: sizes.append(e["encodedDataLength"]))

    await weigh()
    await page.goto(served + office.link(await office.join()))
    await page.wait_for_load_state("load")
    assert 3_000 < sum(sizes) <= 15 * 1024, sizes
    assert len(assets()["ticket/ticket.js"].plain) < 3_000


@pytest.fixture
def no_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever left may come back for minutes."""
    monkeypatch.setattr(cases, "COME_BACK_FOR", cases.COME_BACK_FOR * 20)


@pytest.mark.usefixtures("no_hurry")
@pytest.mark.parametrize(("language", "engine_name"), [("en-US", "sqlite"), ("ar-EG", "postgres")])
async def test_for_everybody(served: str, page: Page, office: Office, language: str) -> None:
    mine = await office.join(language=language)
    await listening(page, served + office.link(mine))
    await page.locator("summary").click()
    await check(page)
    await page.locator(".leave").click()
    await expect(page.locator("[data-left]")).to_be_visible()
    await check(page)
    await page.locator(".mine .main-thing").click()
    await expect(page.locator(".leave")).to_be_visible()
    await office.call()
    await expect(page.locator(".turn")).to_be_visible()
    await check(page)
    await office.miss(mine.case.id)
    await expect(page.locator(".turn")).to_be_hidden()
    await check(page)
    await page.goto(f"{served}/t/1.nothing")
    await check(page)


async def check(page: Page) -> None:
    """Nothing for axe to object to, within 320 px, and with letters of twice the size."""
    await page.set_viewport_size({"width": 390, "height": 844})
    await for_everybody(page)
    await page.evaluate("document.documentElement.style.fontSize = '200%'")
    await no_overflow(page, width=390)
    await page.evaluate("document.documentElement.style.fontSize = ''")
