"""The desk in a real browser: by keyboard, live, without scripts, in every light and language."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx
import pytest
from playwright.async_api import Page, Request, Route, expect

from nowserving.actions import desk
from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.people.actor import Actor, system
from tests.conftest import NewPage
from tests.rig.browser import cut_off, for_everybody, no_overflow, no_violations
from tests.web.desk.rig import PASSWORD, at_desk, place, take_numbers

WIDE = {"width": 1280, "height": 900}
NARROW = {"width": 320, "height": 800}

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])


@pytest.fixture
async def work(house: House, branch: Sample, program: Actor) -> "Work":
    """A branch where something can happen."""
    return Work(house, branch, program)


class Work:
    """What others do while an agent looks at the desk."""

    def __init__(self, house: House, branch: Sample, program: Actor) -> None:
        self.house, self.branch, self.program = house, branch, program

    async def arrive(self, count: int, *, service: int = 2) -> list[UUID]:
        """People take numbers."""
        cases = await take_numbers(self.house, self.branch, self.program, count, service=service)
        return [case.id for case in cases]

    async def colleague_calls(self, actor: Actor) -> None:
        """Somebody else calls the next one, without a desk."""
        unit, _, _ = place(self.branch, 1)
        directory = await self.house.directory(self.branch.organization.id)
        queues = [queue.id for queue in directory.queues_of(unit)]
        async with self.house.acting(actor) as act:
            await desk.call_next(act, unit_id=unit, queue_ids=queues, desk_id=None)


@pytest.fixture
async def desk_page(page: Page, served: str, branch: Sample) -> AsyncIterator[Page]:
    """Ann at counter 1, where she has sat down before."""
    async with httpx.AsyncClient(base_url=served) as client:
        cookies = (await at_desk(client, branch, "ann", 1)).cookies
    await page.context.add_cookies(
        [{"name": name, "value": value, "url": served} for name, value in cookies.items()]
    )
    async with page.expect_response(re.compile("/desk/now")):
        await page.goto(f"{served}/desk")
    await page.wait_for_selector("#line")
    yield page
    await page.goto("about:blank")


async def sit_down(page: Page, served: str, login: str) -> None:
    """Sign in and open the desk."""
    await page.goto(f"{served}/desk")
    await page.get_by_label("Name").fill(login)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="Open the desk").click()
    await page.wait_for_selector("#line")


async def test_a_morning_is_served_by_keyboard_only(desk_page: Page, work: Work) -> None:
    count = 6
    await work.arrive(count)
    page = desk_page
    await expect(page.locator("#next .ticket")).to_have_text("B1")
    for at in range(1, count + 1):
        await page.keyboard.press("n")
        await expect(page.locator("#ticket")).to_have_text(f"B{at}")
        await page.keyboard.press("s")
        await expect(page.locator("#finish-title")).to_be_visible()
        await page.keyboard.press(str(at % 3 + 1))
        await expect(page.locator("#next")).to_be_visible()
    await expect(page.locator("#next-title")).to_have_text("Nobody is waiting.")


async def test_a_number_taken_elsewhere_shows_at_once_without_moving_anything(
    desk_page: Page, work: Work, ann: Actor
) -> None:
    page = desk_page
    await expect(page.locator("#next-title")).to_have_text("Nobody is waiting.")
    await work.arrive(1)
    await expect(page.locator("#line .case")).to_have_count(1)
    await work.arrive(11)
    await expect(page.locator("#line .case")).to_have_count(12)
    await page.evaluate(
        """() => { window.shifts = [];
        new PerformanceObserver(list => { for (const one of list.getEntries())
            for (const source of one.sources)
                if (source.node?.closest?.('#line')) window.shifts.push(source.node.outerHTML); }
        ).observe({type: 'layout-shift'}); }"""
    )
    await page.get_by_role("button", name="Call B3", exact=True).focus()
    for _ in range(3):
        await work.colleague_calls(ann)
    await expect(page.locator("#next .ticket")).to_have_text("B4")
    focused = await page.evaluate("document.activeElement.textContent.replace(/\\s+/g, ' ').trim()")
    assert focused == "Call B3"
    assert await page.evaluate("window.shifts") == []


async def test_a_call_can_be_taken_back_with_one_key(desk_page: Page, work: Work) -> None:
    page = desk_page
    await work.arrive(2)
    await expect(page.locator("#line .case")).to_have_count(2)
    await page.keyboard.press("n")
    await expect(page.locator("#ticket")).to_have_text("B1")
    await expect(page.locator("#polite")).to_have_text("B1 is called.")
    await page.keyboard.press("u")
    await expect(page.locator("#next .ticket")).to_have_text("B1")
    await expect(page.locator("#line .case")).to_have_count(2)


async def test_a_draft_survives_what_others_do_and_a_reload(
    desk_page: Page, work: Work, ann: Actor
) -> None:
    page = desk_page
    await work.arrive(12)
    await expect(page.locator("#line .case")).to_have_count(12)
    await page.keyboard.press("n")
    await expect(page.locator("#ticket")).to_have_text("B1")
    await page.keyboard.press("e")
    await page.keyboard.type("Brought the old passport")
    await page.evaluate("() => document.activeElement.setSelectionRange(7, 10)")
    for _ in range(5):
        await work.arrive(1)
        await work.colleague_calls(ann)
    await expect(page.locator("#line .case").first).to_contain_text("B7")
    seen = await page.evaluate(
        "() => { const text = document.activeElement;"
        " return [text.id, text.value, text.selectionStart, text.selectionEnd]; }"
    )
    assert seen == ["note", "Brought the old passport", 7, 10]
    await expect(page.locator("[data-saved]")).to_have_text(re.compile("Saved"))
    await expect(page.locator("[data-kept]")).to_be_hidden()
    await page.reload()
    await expect(page.locator("#note")).to_have_value("Brought the old passport")
    await expect(page.locator("[data-saved]")).to_have_text(re.compile("Saved"))
    await page.get_by_role("button", name="Save the note").click()
    await expect(page.locator(".notes")).to_contain_text("Brought the old passport")
    await expect(page.locator("#note")).to_have_value("")
    assert await page.evaluate("Object.keys(localStorage).filter(k => k.startsWith('draft'))") == []


async def test_a_remark_that_cannot_be_saved_is_kept_here_until_it_is(
    desk_page: Page, work: Work
) -> None:
    page = desk_page
    await work.arrive(1)
    await page.keyboard.press("n")
    await expect(page.locator("#ticket")).to_have_text("B1")
    await page.route("**/draft", lambda route: route.abort())
    async with page.expect_event("requestfailed"):
        await page.locator("#note").fill("Lost on the way")
    await expect(page.locator("[data-kept]")).to_be_visible()
    await page.unroute("**/draft")
    async with page.expect_response("**/draft"):
        await page.reload()
    await expect(page.locator("#note")).to_have_value("Lost on the way")
    await expect(page.locator("[data-saved]")).to_have_text(re.compile("Saved"))
    await expect(page.locator("[data-kept]")).to_be_hidden()


async def test_what_was_being_written_is_a_note_when_the_case_is_done(
    desk_page: Page, work: Work, house: House, branch: Sample
) -> None:
    page = desk_page
    (case,) = await work.arrive(1)
    await page.keyboard.press("n")
    await expect(page.locator("#ticket")).to_have_text("B1")
    await page.keyboard.press("s")
    await expect(page.locator("#finish-title")).to_be_visible()
    await page.locator("#note").fill("Paid in cash")
    await page.locator("#note").blur()
    await page.keyboard.press("d")
    await expect(page.locator("#next-title")).to_have_text("Nobody is waiting.")
    async with house.acting(system(branch.organization.id, "look")) as act:
        assert [one.text for one in await act.look.cases.notes(case)] == ["Paid in cash"]
    assert await page.evaluate("Object.keys(localStorage).filter(k => k.startsWith('draft'))") == []


async def test_what_is_being_typed_stays_when_a_colleague_takes_the_case(
    desk_page: Page, work: Work, house: House, branch: Sample
) -> None:
    page = desk_page
    (case,) = await work.arrive(1)
    await expect(page.locator("#line .case")).to_have_count(1)
    await page.keyboard.press("n")
    await expect(page.locator("#ticket")).to_have_text("B1")
    await page.keyboard.press("e")
    await page.keyboard.type("Half a sent")
    async with house.acting(system(branch.organization.id, "night shift")) as act:
        await desk.resolve(act, case_id=case)
    await expect(page.locator("#toasts")).to_contain_text("B1 has changed: Done")
    await page.keyboard.type("ence")
    await expect(page.locator("#note")).to_have_value("Half a sentence")


async def test_letters_do_nothing_while_one_types_or_has_switched_them_off(
    desk_page: Page, work: Work
) -> None:
    page = desk_page
    await work.arrive(1)
    await expect(page.locator("#line .case")).to_have_count(1)
    await page.keyboard.press("/")
    await page.keyboard.type("nnn")
    await expect(page.locator("#q")).to_have_value("nnn")
    await page.locator("#q").blur()
    await page.keyboard.press("?")
    await page.get_by_label("Letters press buttons").uncheck()
    await page.keyboard.press("Escape")
    posts = posts_of(page)
    await page.keyboard.press("n")
    await page.evaluate("() => new Promise(requestAnimationFrame)")
    assert posts == []
    await expect(page.locator("#next .ticket")).to_have_text("B1")
    await expect(page.locator("kbd").first).to_be_hidden()


async def test_call_next_cannot_be_pressed_twice(desk_page: Page, work: Work) -> None:
    page = desk_page
    await work.arrive(3)
    await expect(page.locator("#line .case")).to_have_count(3)
    posts, go_on = posts_of(page), asyncio.Event()

    async def slowly(route: Route) -> None:
        await go_on.wait()
        await route.continue_()

    await page.route("**/desk/next", slowly)
    await page.locator("#next button").dblclick()
    await expect(page.locator("#next button")).to_contain_text("Calling…")
    await page.keyboard.press("n")
    go_on.set()
    await expect(page.locator("#ticket")).to_have_text("B1")
    assert len(posts) == 1


def posts_of(page: Page) -> list[str]:
    """Where the page posts to from now on."""
    posts: list[str] = []

    def note(asked: Request) -> None:
        if asked.method == "POST":
            posts.append(asked.url)

    page.on("request", note)
    return posts


async def test_the_page_says_when_it_is_not_live_and_recovers(desk_page: Page, work: Work) -> None:
    page = desk_page
    await work.arrive(1)
    await expect(page.locator("#line .case")).to_have_count(1)
    await cut_off(page)
    await expect(page.locator("#not-live")).to_be_visible()
    await work.arrive(1)
    await page.context.set_offline(False)
    await expect(page.locator("#line .case")).to_have_count(2)
    await expect(page.locator("#not-live")).to_be_hidden()


async def test_the_desk_works_without_scripts(
    new_page: NewPage, served: str, branch: Sample, work: Work
) -> None:
    page = await new_page(java_script_enabled=False)
    await work.arrive(2)
    await sit_down(page, served, "ann")
    await page.get_by_role("button", name="Call next").click()
    await expect(page.locator("#ticket")).to_have_text("B1")
    await page.get_by_role("button", name="Undo call").click()
    await expect(page.locator("#next .ticket")).to_have_text("B1")
    await page.get_by_role("button", name="Call next").click()
    await page.get_by_role("button", name="Start").click()
    await page.get_by_role("button", name="Done").click()
    await expect(page.locator("#toasts")).to_contain_text("B1 is done.")
    await expect(page.locator("#next .ticket")).to_have_text("B2")


@pytest.mark.parametrize(
    "looks",
    [
        {"locale": "de", "viewport": WIDE},
        {"locale": "ar", "viewport": NARROW},
        {"locale": "en", "viewport": NARROW, "forced_colors": "active"},
    ],
    ids=["de", "ar", "forced-colors"],
)
async def test_everybody_can_use_it_in_every_state(
    new_page: NewPage, served: str, work: Work, looks: dict[str, Any]
) -> None:
    page = await new_page(**looks)
    looked_at = in_forced_colors if "forced_colors" in looks else for_everybody
    await work.arrive(3)
    await work.arrive(1, service=1)
    await page.goto(f"{served}/desk")
    await looked_at(page)
    await page.locator("#login").fill("ann")
    await page.locator("#password").fill("wrong")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("#problem")
    await looked_at(page)
    await page.locator("#password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_selector("input[name=desk]")
    await looked_at(page)
    async with page.expect_response(re.compile("/desk/now")):
        await page.locator(".main-thing").click()
    await page.wait_for_selector("#next")
    await looked_at(page)
    await page.keyboard.press("n")
    await page.wait_for_selector("#ticket")
    await looked_at(page)
    await page.keyboard.press("x")
    await page.wait_for_selector("#missed")
    await looked_at(page)
    await page.keyboard.press("n")
    await page.wait_for_selector("#ticket")
    await page.keyboard.press("s")
    await page.wait_for_selector("#finish-title")
    await page.keyboard.press("t")
    await looked_at(page)
    await page.keyboard.press("?")
    await page.wait_for_selector("#help:popover-open")
    await looked_at(page)


async def in_forced_colors(page: Page) -> None:
    """They are those of the system, whatever the light."""
    await no_violations(page)
    await no_overflow(page)


async def test_the_whole_desk_with_fifty_waiting_weighs_under_thirty_kilobytes(
    page: Page, served: str, branch: Sample, work: Work
) -> None:
    await work.arrive(50)
    await sit_down(page, served, "ann")
    weights: dict[str, int] = await page.evaluate(
        """() => Object.fromEntries(['navigation', 'resource']
            .flatMap(kind => performance.getEntriesByType(kind))
            .map(one => [new URL(one.name).pathname.split('/').pop(), one.encodedBodySize]))"""
    )
    assert {"desk", "desk.css", "desk.js", "nowserving.css", "nowserving.js"} <= set(weights)
    assert min(weights.values()) > 0
    assert sum(weights.values()) <= 30 * 1024
