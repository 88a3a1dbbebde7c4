"""Deliveries in a browser: accessible, narrow, in other languages, and live."""

import pytest
from playwright.async_api import Page, expect

from tests.conftest import PASSWORD, NewPage
from tests.rig.browser import ON_SQLITE, for_everybody
from tests.web.administration.rig import Webhooks
from tests.web.office import Office


async def sign_in(page: Page, served: str) -> None:
    await page.goto(f"{served}/desk/sign-in?at=demo")
    await page.get_by_label("Name").fill("eve")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url("**/desk/place*")


@pytest.mark.parametrize(("language", "engine_name"), [("de", "sqlite"), ("ar", "postgres")])
async def test_every_page_is_for_everybody(
    served: str, page: Page, webhooks: Webhooks, office: Office, language: str
) -> None:
    endpoint = await webhooks.add()
    webhooks.far.answer = lambda post: "400 No"
    await office.join()
    [attempt] = await webhooks.until_tried(1)
    await webhooks.disable(endpoint.id)
    await sign_in(page, served)
    for path in (
        "deliveries",
        f"deliveries/{endpoint.id}/{attempt.id}",
        "deliveries/parked",
        "deliveries/checker",
        "replays",
    ):
        await page.goto(f"{served}/office/{path}?lang={language}")
        await for_everybody(page)


async def test_a_replay_is_seen_to_get_on(
    served: str, page: Page, webhooks: Webhooks, office: Office
) -> None:
    endpoint = await webhooks.add()
    for _ in range(3):
        await office.join()
    await webhooks.until_tried(3)
    webhooks.far.answer = lambda post: "503 Later"
    await sign_in(page, served)
    await page.goto(f"{served}/office/replays")
    await page.get_by_label("Endpoint").select_option(str(endpoint.id))
    await page.get_by_label("Everything within the time").check()
    await page.get_by_label("From").fill("2020-01-01T00:00")
    await page.get_by_role("button", name="Tell again").click()
    await expect(page.get_by_text("answered 503")).to_be_visible()
    await for_everybody(page)
    await page.get_by_role("button", name="Cancel").click()
    await expect(page.locator("#state")).to_have_text("Canceled")


@ON_SQLITE
async def test_without_its_module_there_is_a_link(
    served: str, new_page: NewPage, webhooks: Webhooks
) -> None:
    endpoint = await webhooks.add()
    page = await new_page(java_script_enabled=False)
    await sign_in(page, served)
    await page.goto(f"{served}/office/replays?endpoint={endpoint.id}&what=test")
    await page.get_by_role("button", name="Tell again").click()
    await webhooks.until_tried(1)
    for _ in range(100):
        if await page.get_by_role("link", name="Look again").count() == 0:
            break
        await page.get_by_role("link", name="Look again").click()
    await expect(page.locator("#state")).to_have_text("Done")
