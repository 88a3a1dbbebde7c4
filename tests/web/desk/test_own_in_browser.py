"""One's own state at the desk in a real browser: by keyboard, live, without scripts, for all."""

import re
from typing import Any

import pytest
from playwright.async_api import Page, expect

from nowserving.actions import attendance
from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.people.actor import Actor, system
from nowserving.people.attendance import Presence, Reason
from nowserving.places.organization import BackOfficeTask
from tests.conftest import NewPage
from tests.rig.browser import for_everybody
from tests.web.desk.rig import PASSWORD
from tests.web.desk.test_in_browser import NARROW, WIDE

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])


@pytest.fixture(autouse=True)
async def tracked(house: House, branch: Sample) -> None:
    """The organization keeps attendance, and has a task for the back office."""
    async with house.acting(system(branch.organization.id, "test")) as act:
        task = BackOfficeTask(branch.organization.id, act.new_id(), "Filing")
        await act.store.places.add([task])
        await attendance.track(act, tracked=True)


async def sit_down(page: Page, served: str) -> None:
    """Ann comes to work."""
    await page.goto(f"{served}/desk")
    await page.locator("#login").fill("ann")
    await page.locator("#password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await page.locator(".main-thing").click()
    await page.wait_for_selector("#line")


async def presence_of(house: House, agent: Actor) -> Presence:
    async with house.acting(agent) as act:
        return (await attendance.presence(act)).presence


async def test_a_break_by_keyboard_and_what_others_do_to_it_shows_at_once(
    page: Page, served: str, house: House, ann: Actor
) -> None:
    async with page.expect_response(re.compile("/desk/now")):
        await sit_down(page, served)
    state = page.locator("#me .tag")
    await expect(state).to_have_text("You: Available")
    await page.keyboard.press("g")
    await page.keyboard.press("3")
    await expect(page.locator("#next-title")).to_have_text("You take nobody now.")
    await expect(page.locator("#polite")).to_have_text("You take nobody for now.")
    await expect(state).to_have_text("You: Filing")
    await expect(page.locator("#me details[open]")).to_have_count(0)
    await expect(page.get_by_role("button", name="Take people again")).to_be_focused()
    await page.keyboard.press("a")
    await expect(page.locator("#next-title")).to_have_text("Nobody is waiting.")
    async with house.acting(ann) as act:
        await attendance.become_unavailable(act, reason=Reason.MEETING)
    await expect(state).to_have_text("You: Meeting")
    await page.keyboard.press("g")
    await page.locator("#why").fill("Fire drill")
    await page.get_by_role("button", name="Take nobody for now").click()
    await expect(state).to_have_text("You: Fire drill")
    await page.keyboard.press("g")
    await page.keyboard.press("9")
    await expect(page.get_by_role("button", name="Clock in and open the desk")).to_be_visible()
    assert await presence_of(house, ann) is Presence.AWAY


async def test_it_works_without_scripts(
    new_page: NewPage, served: str, house: House, ann: Actor
) -> None:
    page = await new_page(java_script_enabled=False)
    await sit_down(page, served)
    await page.locator("#me summary").click()
    await page.get_by_role("button", name="Meeting").click()
    await expect(page.locator("#me .tag")).to_have_text("You: Meeting")
    await page.get_by_role("button", name="Take people again").click()
    await expect(page.locator("#me .tag")).to_have_text("You: Available")
    assert await presence_of(house, ann) is Presence.AVAILABLE


@pytest.mark.parametrize(
    "looks",
    [
        {"locale": "de", "viewport": WIDE},
        {"locale": "ar", "viewport": NARROW},
    ],
    ids=["de", "ar"],
)
async def test_everybody_can_use_it_in_every_state(
    new_page: NewPage, served: str, looks: dict[str, Any]
) -> None:
    page = await new_page(**looks)
    await sit_down(page, served)
    await page.keyboard.press("g")
    await page.wait_for_selector("#why")
    await for_everybody(page)
    await page.keyboard.press("1")
    await page.wait_for_selector("#next .main-thing[data-key=a]")
    await for_everybody(page)
    await page.goto(f"{served}/desk/place")
    await for_everybody(page)
