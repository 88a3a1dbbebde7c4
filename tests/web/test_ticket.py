"""The ticket page over HTTP, on both engines: what it tells, and to nobody else."""

import time
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from nowserving.actions.views import TicketView
from nowserving.cases.moves import State
from nowserving.store.lines import Place
from nowserving.web.speech import LANGUAGES, speech
from nowserving.web.ticket.saying import ADVICE, CALMEST, STATES, Saying
from tests.web.office import Office


async def test_it_tells_the_place_and_then_the_desk(
    client: httpx.AsyncClient, office: Office
) -> None:
    await office.join(service=2)
    mine = await office.join(service=2)
    link = office.link(mine)
    waiting = (await client.get(link)).text
    assert "<title>B2 · 1 person before you</title>" in waiting
    assert "1 Market Square, ground floor" in waiting
    await office.call(counter=1)
    assert "You are next" in (await client.get(f"{link}/now")).text
    case = await office.call(counter=4)
    assert case.id == mine.case.id
    called = (await client.get(link)).text
    assert "<title>(!) Counter 4</title>" in called
    assert "Your turn" in called
    await office.miss(case.id)
    assert "Missed" in (await client.get(f"{link}/now")).text


async def test_the_page_is_nobody_elses_business(client: httpx.AsyncClient, office: Office) -> None:
    queued = await office.join(service=3)
    for address in ("", "/now", "/qr.svg"):
        answer = await client.get(office.link(queued) + address)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "private, no-store"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert "noindex" in answer.headers["x-robots-tag"]
        assert "+4930123456" not in answer.text
        assert str(queued.case.id) not in answer.text
    assert (
        '<meta http-equiv="refresh" content="30">' in (await client.get(office.link(queued))).text
    )


async def test_the_part_is_sent_once_and_not_again(
    client: httpx.AsyncClient, office: Office
) -> None:
    mine, other = await office.join(), await office.join()
    first = await client.get(f"{office.link(mine)}/now")
    kept = {"If-None-Match": first.headers["etag"]}
    assert (await client.get(f"{office.link(mine)}/now", headers=kept)).status_code == 304
    assert (await client.get(f"{office.link(other)}/now", headers=kept)).status_code == 200
    await office.call()
    assert (await client.get(f"{office.link(mine)}/now", headers=kept)).status_code == 200


async def test_leaving_can_be_taken_back_and_keeps_the_place(
    client: httpx.AsyncClient, office: Office
) -> None:
    mine, _ = await office.join(), await office.join()
    link = office.link(mine)
    left = await client.post(f"{link}/leave", data={"key": "leave-1"})
    assert (left.status_code, left.headers["location"]) == (303, link)
    assert (await client.post(f"{link}/leave", data={"key": "leave-1"})).status_code == 303
    page = (await client.get(link)).text
    assert 'data-state="abandoned"' in page
    assert "Come back" in page
    back = await client.post(f"{link}/back", data={"key": "back-2"})
    assert back.status_code == 303
    # the first press, sent again by a network that was slow, does not leave once more
    assert (await client.post(f"{link}/leave", data={"key": "leave-1"})).status_code == 303
    assert "You are next" in (await client.get(link)).text


async def test_it_is_too_late_to_come_back_after_half_a_minute(
    client: httpx.AsyncClient, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = office.link(await office.join())
    await client.post(f"{link}/leave", data={"key": "k"})
    wall = office.house.clock
    monkeypatch.setattr(office.house, "clock", lambda: wall() + timedelta(seconds=31))
    assert "Come back" not in (await client.get(link)).text
    late = await client.post(f"{link}/back", data={"key": "k2"})
    assert late.status_code == 409
    assert "It is too late to take this back." in late.text
    part = await client.post(f"{link}/back", data={"key": "k2"}, headers={"X-Fragment": "1"})
    assert part.text.lstrip().startswith("<article")


@pytest.mark.parametrize("form", ["1.{}x", "2.{}", "999999999.{}", "x.{}", "{}", "1.", "1.a.{}"])
async def test_a_link_that_opens_nothing_tells_nothing_after_the_same_time(
    client: httpx.AsyncClient, office: Office, form: str
) -> None:
    token = (await office.join()).link
    began = time.monotonic()
    answer = await client.get(f"/t/{form.format(token)}")
    assert time.monotonic() - began >= 0.045
    assert answer.status_code == 404
    assert "<title>Error: This link opens no ticket</title>" in answer.text
    for verb in ("leave", "back"):
        assert (await client.post(f"/t/{form.format(token)}/{verb}")).status_code == 404


async def test_another_site_cannot_make_anybody_leave(
    client: httpx.AsyncClient, office: Office
) -> None:
    link = office.link(await office.join())
    foreign = await client.post(f"{link}/leave", headers={"Origin": "https://evil.example"})
    assert foreign.status_code == 403
    assert 'data-state="waiting"' in (await client.get(link)).text


async def test_the_page_speaks_the_language_of_the_ticket_unless_asked_otherwise(
    client: httpx.AsyncClient, office: Office
) -> None:
    link = office.link(await office.join(language="de-DE"))
    english = {"Accept-Language": "en"}
    assert '<html lang="de-DE"' in (await client.get(link, headers=english)).text
    arabic = (await client.get(f"{link}?lang=ar")).text
    assert 'dir="rtl"' in arabic
    assert f'data-now="{link}/now?lang=ar"' in arabic


async def test_every_state_has_its_word_and_far_back_there_is_no_hurry(office: Office) -> None:
    queued = await office.join(service=2)
    async with office.house.acting(office.program) as act:
        directory = await act.directory()
        view = TicketView(
            now=act.now,
            case=queued.case,
            unit=directory.unit_numbered(1),
            service=directory.service(queued.case.service_id),
            desk=None,
            place=None,
        )
    for language in LANGUAGES:
        for state in State:
            saying = Saying(speech(language), replace(view, case=replace(view.case, state=state)))
            assert saying.word
            assert saying.title
            assert saying.aloud
    assert set(STATES) == set(State)
    assert set(ADVICE) | {State.PLANNED, State.ACTIVE} == set(State)

    def calm(before: int, counted: bool = True) -> int:
        return Saying(speech("en"), replace(view, place=Place(before, counted))).calm

    assert [calm(0), calm(10), calm(11), calm(60)] == [0, 0, 1_000, 8_000]
    assert calm(200, counted=False) == CALMEST
