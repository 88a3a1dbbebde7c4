"""The office in a real browser: in every light and language, narrow, without scripts."""

import pytest
from playwright.async_api import Page, expect

from nowserving.actions.sample import Sample
from tests.conftest import NewPage
from tests.rig.browser import no_overflow, no_violations
from tests.web.desk.rig import PASSWORD

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])


async def enter(page: Page, served: str, lang: str = "en") -> None:
    await page.goto(f"{served}/desk/sign-in?lang={lang}&next=/office/webhooks")
    await page.fill("#login", "eve")
    await page.fill("#password", PASSWORD)
    await page.press("#password", "Enter")
    await page.wait_for_url("**/office/webhooks")


@pytest.mark.parametrize(
    ("lang", "scheme"), [("en", "light"), ("de", "dark"), ("ar", "light"), ("ar", "dark")]
)
async def test_every_page_is_accessible_and_narrow(
    new_page: NewPage, served: str, branch: Sample, lang: str, scheme: str
) -> None:
    page = await new_page(java_script_enabled=True, color_scheme=scheme)
    await enter(page, served, lang)
    await looked_at(page)
    for dialect in ("native", "vcc", "cubu"):
        await page.goto(f"{served}/office/webhooks/new")
        await page.click(f"a[href$='dialect={dialect}']")
        await page.evaluate("document.querySelector('details').open = true")
        await looked_at(page)
    await page.fill("#url", "http://10.0.0.1/")
    await page.click("form.card .main-thing")
    await expect(page.locator("#url")).to_have_attribute("aria-invalid", "true")
    await looked_at(page)
    await page.fill("#url", "https://localhost/a-rather-long-address/" + "x" * 60)
    await page.click("form.card .main-thing")
    await expect(page.locator(".secret")).to_be_visible()
    await looked_at(page)
    await page.goto(f"{served}/office/webhooks")
    await looked_at(page)
    await page.goto(f"{served}/office")
    await looked_at(page)


async def looked_at(page: Page) -> None:
    await no_violations(page)
    await no_overflow(page)
    await page.set_viewport_size({"width": 1280, "height": 900})


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
