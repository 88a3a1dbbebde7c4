"""The board in a browser: every call is seen, and heard, in order, once."""

import asyncio
import re

import pytest
from playwright.async_api import Page, Route, expect

from nowserving.actions import desk
from nowserving.cases import case as cases
from nowserving.web.assets import assets
from tests.conftest import NewPage
from tests.rig.browser import ON_POSTGRES, ON_SQLITE, cut_off, for_everybody, stand_still
from tests.web.office import Office

BOARD = "/board/demo/1"
LOG = "document.documentElement.dataset"

LOUDSPEAKER = """() => {
    window.heard = [];
    window.AudioContext = class extends EventTarget {
        state = "suspended"; currentTime = 0; destination = {};
        async resume() { this.state = "running"; this.dispatchEvent(new Event("statechange")); }
        createOscillator() { heard.push("chime"); return this.part(); }
        createGain() { return this.part(); }
        part() {
            const ramp = () => {};
            const gain = { setValueAtTime: ramp };
            gain.linearRampToValueAtTime = gain.exponentialRampToValueAtTime = ramp;
            return { frequency: {}, gain, start() {}, stop() {}, connect: to => to };
        }
    };
    speechSynthesis.getVoices = () => ["en-US", "de-DE"].map(lang => ({ lang }));
    window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
    speechSynthesis.speak = one => {
        if (one.text.trim()) heard.push(`${one.lang}: ${one.text}`);
        setTimeout(() => one.onend?.(), 1500);
    };
}"""
"""In the place of the loudspeaker: what would be heard is written down."""


BEYOND = """() => {
    const rows = [...document.querySelectorAll(".call")].filter(row => row.checkVisibility());
    const out = (box, left, right, bottom) =>
        box.left < left - 1 || box.right > right + 1 || box.bottom > bottom + 1;
    return rows.flatMap(row => {
        const box = row.getBoundingClientRect();
        if (out(box, 0, innerWidth, innerHeight)) return [row.textContent];
        return [...row.querySelectorAll(".ticket, .desk")].filter(part =>
            out(part.getBoundingClientRect(), box.left, box.right, box.bottom)
                || (part.clientWidth && part.scrollWidth > part.clientWidth + 1)
        ).map(part => part.textContent);
    });
}"""
"""What of the rows is cut off."""


async def open_board(page: Page, served: str) -> None:
    """Open the board and wait until it hears of changes."""
    async with page.expect_response(re.compile("/now")):
        await page.goto(served + BOARD)


async def announced(page: Page) -> str:
    """The numbers announced so far."""
    log: str = await page.evaluate(f"{LOG}.announced || ''")
    return log


async def test_twenty_calls_at_once_are_all_shown_and_all_announced_in_order(
    served: str, page: Page, office: Office
) -> None:
    for _ in range(20):
        await office.join()
    await page.set_viewport_size({"width": 1920, "height": 1080})
    await page.clock.install()
    all_called = asyncio.Event()

    async def when_all_are_called(route: Route) -> None:
        await all_called.wait()
        await route.continue_()

    await page.route(re.compile("/live"), when_all_are_called)
    await page.goto(served + BOARD)
    for at in range(20):
        await office.call(counter=at % 4 + 1)
    all_called.set()
    everyone = [f"A{number}" for number in range(1, 21)]
    await expect(page.locator(".call:visible")).to_have_count(20)
    seen = await page.locator(".call:visible .ticket").all_inner_texts()
    assert sorted(seen) == sorted(everyone)
    await inside(page)
    for _ in range(22):
        await page.clock.run_for(2600)
    assert (await announced(page)).split() == everyone
    await page.clock.run_for(10_000)
    await expect(page.locator(".new")).to_have_count(0)
    await expect(page.locator(".big .ticket")).to_have_text("A20")
    await expect(page.locator(".call:visible")).to_have_count(8)


@ON_SQLITE
async def test_a_call_whose_drawing_failed_once_is_shown_a_little_later(
    served: str, page: Page, office: Office
) -> None:
    await office.join()
    await open_board(page, served)
    await page.route(re.compile("/now"), lambda route: route.fulfill(status=503), times=1)
    async with page.expect_response(lambda answer: answer.status == 503):
        await office.call()
    await expect(page.locator(".big .ticket")).to_have_text("A1")


@ON_POSTGRES
async def test_a_call_is_new_for_ten_seconds_and_a_repeated_one_again(
    served: str, page: Page, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cases, "CALL_AGAIN_AFTER", cases.CALL_AGAIN_AFTER * 0)
    await office.join(service=2)
    await page.clock.install()
    await open_board(page, served)
    case = await office.call()
    await expect(page.locator(".new.big .ticket")).to_have_text("B1")
    await stand_still(page)
    await page.clock.run_for(6_000)
    await expect(page.locator(".new")).to_have_count(1)
    await page.clock.run_for(5_000)
    await expect(page.locator(".new")).to_have_count(0)
    async with office.house.acting(office.ann) as act:
        await desk.call_again(act, case_id=case.id)
    await expect(page.locator(".new.big .ticket")).to_have_text("B1")
    assert await announced(page) == "B1 B1"


@ON_SQLITE
async def test_a_call_taken_back_is_dropped_and_not_announced(
    served: str, page: Page, office: Office
) -> None:
    for _ in range(4):
        await office.join(service=2)
    await page.clock.install()
    await open_board(page, served)
    *_, last = [await office.call(counter=counter) for counter in (1, 2, 3, 4)]
    await expect(page.locator(".call")).to_have_count(4)
    await office.undo_call(last.id)
    await expect(page.locator(".call")).to_have_count(3)
    await page.clock.run_for(12_000)
    assert await announced(page) == "B1 B2 B3"


@ON_POSTGRES
async def test_what_was_called_before_the_board_was_opened_is_not_announced_again(
    served: str, page: Page, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.join()
    await office.call()
    await page.clock.install(time=office.house.clock().timestamp() + 1)
    wall = office.house.clock
    monkeypatch.setattr(office.house, "clock", lambda: wall() + cases.COME_BACK_FOR)
    await open_board(page, served)
    await expect(page.locator(".big .ticket")).to_have_text("A1")
    await page.clock.run_for(5000)
    assert await announced(page) == ""


@ON_SQLITE
async def test_sound_is_off_until_somebody_starts_it_and_the_board_says_so(
    served: str, page: Page, office: Office
) -> None:
    for language in ("de-DE", "en-US", "ar-EG"):
        await office.join(language=language)
    await page.add_init_script(f"({LOUDSPEAKER})()")
    await page.clock.install()
    await open_board(page, served)
    await expect(page.locator("#sound")).to_be_visible()
    await page.get_by_role("button", name="Start sound").click()
    await expect(page.locator("#sound")).to_be_hidden()
    for counter in (1, 2, 3):
        await office.call(counter=counter)
    await expect(page.locator(".call")).to_have_count(3)
    for _ in range(20):
        await page.clock.run_for(1000)
    heard: list[str] = await page.evaluate("heard")
    assert [one for one in heard if one != "chime"] == [
        "de-DE: Nummer A, 1, bitte zu: Counter 1.",
        "en-US: Number A, 1, please go to: Counter 1.",
        "en-US: Number A, 2, please go to: Counter 2.",
        "en-US: Number A, 3, please go to: Counter 3.",
    ]
    assert heard.count("chime") == 2 * 4
    assert await page.evaluate(f"{LOG}.spoken") == "A1 A2 A3"


@ON_POSTGRES
async def test_a_board_that_is_cut_off_turns_grey_and_says_since_when(
    served: str, page: Page, office: Office
) -> None:
    await office.join()
    await open_board(page, served)
    await cut_off(page)
    await expect(page.locator("#stale")).to_be_visible()
    await expect(page.locator("#stale time")).to_have_text(re.compile(r"\d?\d:\d\d"))
    await expect(page.locator("body.lost")).to_have_count(1)
    await office.call()
    await page.context.set_offline(False)
    await expect(page.locator(".big .ticket")).to_have_text("A1")
    await expect(page.locator("#stale")).to_be_hidden()
    assert await announced(page) == "A1"


@ON_SQLITE
async def test_without_javascript(served: str, new_page: NewPage, office: Office) -> None:
    page = await new_page(java_script_enabled=False)
    await office.join()
    await office.call()
    await page.goto(served + BOARD)
    await expect(page.get_by_text("A1", exact=True)).to_be_visible()
    await expect(page.locator("#sound")).to_be_hidden()
    assert '<meta http-equiv="refresh" content="10">' in await page.content()


SIZES = [(1920, 1080), (3840, 2160), (1080, 1920), (1280, 720), (320, 800)]


@ON_POSTGRES
async def test_it_is_read_from_the_last_row(served: str, page: Page, office: Office) -> None:
    for _ in range(9):
        await office.join()
        await office.call()
    for width, height in SIZES:
        await page.set_viewport_size({"width": width, "height": height})
        await page.goto(served + BOARD)
        letters = await page.locator(".big .ticket").evaluate(
            "it => parseFloat(getComputedStyle(it).fontSize) * .7"
        )
        assert letters / height >= 0.07 if width < 400 else letters / height >= 0.09
        await inside(page)
    assert len(assets()["board/board.js"].small) + len(assets()["board/board.css"].small) < 8_000


ARROWS = """places => places.map(place => {
    const arrow = getComputedStyle(place, "::before");
    return [arrow.content, arrow.rotate, getComputedStyle(place).rotate];
})"""


@ON_SQLITE
async def test_each_number_points_to_its_desk(served: str, page: Page, office: Office) -> None:
    """Where the desk is: beneath the big number, behind the others in the direction of reading."""
    for _ in range(2):
        await office.join()
        await office.call()
    await open_board(page, served)
    await expect(page.locator(".big")).to_be_visible()
    await expect(page.locator(".call")).to_have_count(2)
    for direction, behind in (("ltr", "→"), ("rtl", "←")):
        await page.evaluate(f"document.documentElement.dir = '{direction}'")
        for row, arrow in ((".big", "↓"), (".call:not(.big)", behind)):
            arrows = await page.locator(f"{row} .to").evaluate_all(ARROWS)
            assert arrows == [[f'"{arrow}"', "none", "none"]]
        await inside(page)


@ON_POSTGRES
async def test_for_everybody(served: str, page: Page, office: Office) -> None:
    await page.set_viewport_size({"width": 1920, "height": 1080})
    await open_board(page, served)
    await for_everybody(page)
    for _ in range(12):
        await office.join()
    for _ in range(12):
        await office.call()
    await expect(page.locator(".many .new").first).to_be_visible()
    await for_everybody(page)
    await page.reload()
    await for_everybody(page)


async def inside(page: Page) -> None:
    """All there is to read stands within its own box, and the boxes within the screen."""
    beyond = await page.evaluate(BEYOND)
    assert beyond == [], page.viewport_size
