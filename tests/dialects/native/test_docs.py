"""The page people read."""

import httpx
import pytest
from playwright.async_api import Page

from nowserving.dialects.native.contents import OPERATIONS
from nowserving.dialects.native.openapi import schemas
from nowserving.dialects.native.words import STATUS_OF
from tests.rig.browser import for_everybody, no_overflow

FEWER = """
const methods = {};
for (const chapter of document.querySelectorAll("section:has(> article)"))
  [...chapter.querySelectorAll("article")].forEach((one, at) => {
    const method = one.querySelector(".method")?.textContent;
    methods[method] = (methods[method] || 0) + 1;
    if (at && methods[method] > 3) one.remove();
  });
for (const list of document.querySelectorAll("ul, dl, tbody"))
  [...list.children].slice(6).forEach(one => one.remove());
"""
"""Leaves the first operation of each chapter, three of each method, six of what is listed."""


@pytest.fixture
def engine_name() -> str:
    """One is enough: what the page says does not come from a database."""
    return "sqlite"


async def test_it_tells_of_everything(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/docs")
    assert answer.headers["content-security-policy"].startswith("default-src 'self'")
    for operation in OPERATIONS:
        assert f'id="{operation.name}"' in answer.text
        assert operation.path in answer.text
    for problem in STATUS_OF:
        assert f'id="{problem.name()}"' in answer.text
    assert "<script" not in answer.text
    assert "style=" not in answer.text


async def test_every_link_on_it_leads_somewhere(client: httpx.AsyncClient) -> None:
    text = (await client.get("/api/v1/docs")).text
    ids = set(_all(text, 'id="'))
    assert len(ids) == len(_all(text, ' id="'))
    assert {link[1:] for link in _all(text, 'href="') if link.startswith("#")} <= ids
    for link in _all(text, 'href="'):
        if link.startswith("/"):
            assert (await client.get(link)).status_code == 200, link
    assert {f"shape-{name}" for name in ("Case", "Feed", "ProblemReport")} <= ids
    assert "Case" in schemas()


async def test_everybody_can_read_it(served: str, page: Page) -> None:
    """All of it is narrow enough; to axe some of it stands for the rest that is like it."""
    await page.goto(f"{served}/api/v1/docs")
    await page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert await page.locator("details[open]").count() > 100
    await no_overflow(page)
    await page.evaluate(FEWER)
    assert await page.locator("details[open]").count() > 30
    await for_everybody(page)


def _all(text: str, before: str) -> list[str]:
    return [part.partition('"')[0] for part in text.split(before)[1:]]
