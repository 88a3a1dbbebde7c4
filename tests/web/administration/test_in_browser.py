"""The office in a real browser: in every light and language, narrow, without scripts."""

import pytest
from playwright.async_api import Page, expect

from nowserving.actions.sample import Sample
from tests.conftest import NewPage
from tests.rig.browser import ON_POSTGRES, for_everybody
from tests.web.desk.rig import PASSWORD


async def enter(page: Page, served: str, lang: str = "en") -> None:
    await page.goto(f"{served}/desk/sign-in?lang={lang}&next=/office/webhooks")
    await page.fill("#login", "eve")
    await page.fill("#password", PASSWORD)
    await page.press("#password", "Enter")
    await page.wait_for_url("**/office/webhooks")


@pytest.mark.parametrize(("lang", "engine_name"), [("de", "sqlite"), ("ar", "postgres")])
async def test_every_page_is_accessible_and_narrow(
    page: Page, served: str, branch: Sample, lang: str
) -> None:
    await enter(page, served, lang)
    await for_everybody(page)
    for dialect in ("native", "vcc", "cubu"):
        await page.goto(f"{served}/office/webhooks/new")
        await page.click(f"a[href$='dialect={dialect}']")
        await page.evaluate("document.querySelector('details').open = true")
        await for_everybody(page)
    await page.fill("#url", "http://10.0.0.1/")
    await page.click("form.card .main-thing")
    await expect(page.locator("#url")).to_have_attribute("aria-invalid", "true")
    await for_everybody(page)
    await page.fill("#url", "https://localhost/a-rather-long-address/" + "x" * 60)
    await page.click("form.card .main-thing")
    await expect(page.locator(".secret")).to_be_visible()
    await for_everybody(page)
    await page.goto(f"{served}/office/webhooks")
    await for_everybody(page)
    await page.goto(f"{served}/office")
    await for_everybody(page)


@ON_POSTGRES
async def test_all_of_it_works_without_scripts(
    new_page: NewPage, served: str, branch: Sample
) -> None:
    page = await new_page(java_script_enabled=False)
    await enter(page, served)
    await page.click("text=Add a webhook")
    await page.click("text=Nowserving >> nth=0")
    await page.fill("#url", "https://localhost/hooks")
    await page.fill("#name", "CRM")
    await page.click("form.card .main-thing")
    await expect(page.locator(".secret")).to_contain_text("whsec_")
    await page.click("button:has-text('Pause')")
    await expect(page.locator("main")).to_contain_text("Paused by hand")
    await page.click("button:has-text('Resume')")
    await expect(page.locator("main")).to_contain_text("Resumed.")
    await page.click("summary:has-text('Delete this webhook')")
    await page.click("button:has-text('Delete for good')")
    await expect(page.locator("main")).to_contain_text("Nobody is told yet.")
