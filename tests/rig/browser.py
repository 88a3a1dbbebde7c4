"""A real browser, and what we ask of every page: no axe violation, no sideways scrolling."""

import importlib.util
import os
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, Playwright, async_playwright, expect

SHELLS = ("chromium-headless-shell", "chrome-headless-shell")
"""Chromium without windows to put pages in: a third of the work for the processor."""

NAMES = (*SHELLS, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WCAG_2_2_AA = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")

PATIENCE = 20_000
"""Milliseconds for which a page is waited for: long, for machines with much else to do."""

ON_SQLITE = pytest.mark.parametrize("engine_name", ["sqlite"])
ON_POSTGRES = pytest.mark.parametrize("engine_name", ["postgres"])
"""Where only the browser does something new, an engine is as good as the other: they take turns."""

expect.set_options(timeout=PATIENCE)

RUN_AXE = """async ([tags, colorsOnly]) => {
    Element.prototype.animate = () => {}; // what is half faded in has not its contrast yet
    document.getAnimations()
        .filter(one => Number.isFinite(one.effect.getComputedTiming().endTime))
        .forEach(one => one.finish());
    const colors = () => axe.getRules(tags).filter(rule => rule.tags.includes("cat.color"));
    const runOnly = colorsOnly ? colors().map(rule => rule.ruleId) : tags;
    const said = await axe.run(document, {runOnly, resultTypes: ["violations"]});
    return said.violations;
}"""

BEYOND_THE_EDGE = """() => {
    const root = document.documentElement, width = root.clientWidth;
    if (root.scrollWidth <= width) return [];
    const beyond = [...document.body.querySelectorAll("*")].filter(
        element => element.getBoundingClientRect().right > width + 0.5
            || element.getBoundingClientRect().left < -0.5);
    return [`page: ${root.scrollWidth} px wide in ${width} px`, ...beyond.slice(0, 10).map(
        element => element.cloneNode(false).outerHTML.slice(0, 120))];
}"""


class ChromiumMissing(Exception):
    """No Chromium: install `chromium-headless-shell` or name it in NOWSERVING_CHROMIUM."""

    def __str__(self) -> str:
        return str(self.__doc__)


@asynccontextmanager
async def open_browser() -> AsyncIterator[Browser]:
    """Chromium, closed again at the end."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=find_chromium(playwright), args=ARGUMENTS
        )
        try:
            yield browser
        finally:
            await browser.close()


def find_chromium(playwright: Playwright) -> str:
    """The system's Chromium, else the one Playwright has fetched."""
    found = find_system_chromium()
    if found:
        return found
    fetched = playwright.chromium.executable_path
    if Path(fetched).exists():
        return fetched
    raise ChromiumMissing


def find_system_chromium() -> str | None:
    return os.environ.get("NOWSERVING_CHROMIUM") or first_of(NAMES)


def first_of(names: Sequence[str]) -> str | None:
    """The path of the first of these programs that is here."""
    return next((path for path in map(shutil.which, names) if path), None)


async def stand_still(page: Page) -> None:
    """Stop the page's clock, a second on; `page.clock.run_for` moves it, and nothing else."""
    now: float = await page.evaluate("Date.now()")
    await page.clock.pause_at(now / 1000 + 1)


async def cut_off(page: Page) -> None:
    """Take the network away, and let the seconds pass after which a live page says so."""
    await page.clock.install()
    await page.evaluate(
        "() => { window.cut = new Promise(done => addEventListener('offline', () => done())); }"
    )
    await page.context.set_offline(True)
    await page.evaluate("() => window.cut")
    await page.clock.run_for(3_000)


async def axe(
    page: Page, *, tags: Sequence[str] = WCAG_2_2_AA, colors_only: bool = False
) -> list[dict[str, Any]]:
    """The violations axe-core finds on the page as it stands; a strict CSP is no hindrance."""
    if not await page.evaluate("() => 'axe' in window"):
        await page.evaluate(axe_source())
    violations: list[dict[str, Any]] = await page.evaluate(RUN_AXE, [list(tags), colors_only])
    return violations


@cache
def axe_source() -> str:
    """axe-core, out of the package that carries it."""
    spec = importlib.util.find_spec("axe_playwright_python")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).with_name("axe.min.js").read_text(encoding="utf-8")


async def for_everybody(page: Page, *, tags: Sequence[str] = WCAG_2_2_AA) -> None:
    """No violation, by light and in the dark, and nothing beyond the edge of a narrow screen.

    In the dark axe looks at colors alone: nothing else depends on it, a test of our styles
    sees to that. The page is left as it was.
    """
    size = page.viewport_size
    await no_violations(page, tags=tags)
    await page.emulate_media(color_scheme="dark")
    await no_violations(page, tags=tags, colors_only=True)
    await page.emulate_media(color_scheme="light")
    await no_overflow(page)
    if size:
        await page.set_viewport_size(size)


async def no_violations(
    page: Page, *, tags: Sequence[str] = WCAG_2_2_AA, colors_only: bool = False
) -> None:
    """Fail with a line for every element axe objects to."""
    said = [
        f"{violation['id']} ({violation['impact']}): {violation['help']}\n    {node['html']}"
        for violation in await axe(page, tags=tags, colors_only=colors_only)
        for node in violation["nodes"]
    ]
    assert not said, f"axe on {page.url}:\n" + "\n".join(said)


async def no_overflow(page: Page, *, width: int = 320, height: int = 800) -> None:
    """Fail when the page can be scrolled sideways at this width."""
    await page.set_viewport_size({"width": width, "height": height})
    beyond: list[str] = await page.evaluate(BEYOND_THE_EDGE)
    assert not beyond, f"{page.url} at {width} px:\n" + "\n".join(beyond)
