"""The booking page over HTTP, on both engines: the steps, lost times, moving, calling off."""

import asyncio
from datetime import timedelta
from html import unescape

import httpx
import pytest

from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.bookings.calendar import Calendar
from nowserving.people.actor import Actor
from nowserving.places.needs import Need
from nowserving.web.booking import common
from tests.web.booking import HOME, SERVICE, Surgery, booked, held, hidden


@pytest.fixture
async def surgery(house: House, branch: Sample, program: Actor) -> Surgery:
    return await Surgery.of(house, branch, program)


@pytest.fixture
async def calendar(surgery: Surgery) -> Calendar:
    return await surgery.opened()


async def test_six_steps_from_the_service_to_the_confirmation(
    client: httpx.AsyncClient, surgery: Surgery, calendar: Calendar
) -> None:
    start = await client.get(HOME)
    assert "Advice by appointment" in start.text
    where = await client.get(SERVICE)
    assert where.status_code == 303
    times = await client.get(where.headers["location"])
    first = hidden(times.text.partition("<h2>")[0], "slot")
    assert first.startswith(str(calendar.id))
    assert "Berlin" in times.text
    chosen = await client.post(
        f"{SERVICE}/times", data={"key": hidden(times.text, "key"), "slot": first}
    )
    details = chosen.headers["location"]
    assert "We keep this time for you until 08:05" in (await client.get(details)).text
    form = {"name": "Ada", "email": "ada@example.org", "phone": "030 123456"}
    told = await client.post(details, data=form)
    check = await client.get(told.headers["location"])
    assert "ada@example.org" in check.text
    assert "ada@" not in str(check.url).lower().replace("%40", "@")
    done = await client.post(told.headers["location"])
    assert done.status_code == 303
    mine = await client.get(done.headers["location"])
    assert "Your appointment is booked" in mine.text
    assert "1 Market Square" in mine.text
    link = done.headers["location"].rpartition("/")[2]
    calendar_file = await client.get(f"/ical/appointments/{link}.ics")
    assert "BEGIN:VEVENT" in calendar_file.text
    assert client.cookies.get("booking") is None
    for one in (start, times, check, mine):
        assert len(one.text.encode()) <= 25_000


async def test_pressed_twice_it_is_booked_once(
    client: httpx.AsyncClient, surgery: Surgery, calendar: Calendar
) -> None:
    details = await held(client, calendar, 600)
    told = await client.post(details, data={"name": "Ada"})
    address = told.headers["location"]
    answers = await asyncio.gather(*(client.post(address) for _ in range(4)))
    answers.append(await client.post(address))
    assert {one.status_code for one in answers} == {303}
    assert len({one.headers["location"] for one in answers}) == 1
    assert (await surgery.day(calendar)).calendar.appointments == 1


async def test_what_is_missing_is_told_beside_its_field(
    client: httpx.AsyncClient, surgery: Surgery, calendar: Calendar
) -> None:
    details = await held(client, calendar, 600)
    refused = await client.post(details, data={"name": "Ada", "email": "nowhere"})
    assert refused.status_code == 400
    assert "<title>Error:" in refused.text
    assert 'id="email-error"' in refused.text
    assert 'href="#email"' in refused.text
    assert 'value="Ada"' in refused.text
    none = await client.post(f"{SERVICE}/times", data={"key": "k"})
    assert none.status_code == 400
    assert "Choose a time." in none.text
    day = await client.get(f"{SERVICE}/times", params={"day": "tomorrow"})
    assert (day.status_code, 'id="day-error"' in day.text) == (400, True)


async def test_a_time_that_was_lost_costs_nobody_what_they_typed(
    client: httpx.AsyncClient, surgery: Surgery, calendar: Calendar
) -> None:
    details = await held(client, calendar, 600)
    told = await client.post(details, data={"name": "Ada", "email": "ada@example.org"})
    surgery.now += timedelta(minutes=6)
    await surgery.book(calendar, 600)
    lost = await client.post(told.headers["location"])
    assert lost.status_code == 409
    assert "The nearest times that are still free" in lost.text
    near = lost.text.partition('class="card near"')[2].partition("</form>")[0]
    assert near.count('type="radio"') == 3
    other = {
        "key": hidden(near, "key"),
        "slot": near.partition('name="slot" value="')[2].split('"')[0],
    }
    again = await client.post(f"{SERVICE}/times", data=other)
    assert "/check?" in again.headers["location"]
    assert "ada@example.org" in (await client.get(again.headers["location"])).text
    assert (await client.post(again.headers["location"])).status_code == 303


async def test_whoever_is_slow_has_the_time_while_nobody_else_wants_it(
    client: httpx.AsyncClient, surgery: Surgery, calendar: Calendar
) -> None:
    details = await held(client, calendar, 600)
    surgery.now += timedelta(minutes=4)
    longer = details.replace("/details?", "/longer?")
    typed = {"at": "details", "name": "Ada", "email": "half"}
    more = await client.post(longer, data=typed)
    page = await client.get(more.headers["location"])
    assert "until 08:09" in page.text
    assert 'value="half"' in page.text
    surgery.now += timedelta(minutes=20)
    kept = await client.get(details)
    assert kept.status_code == 303
    assert (await client.get(kept.headers["location"])).status_code == 200


async def test_a_held_time_is_nobody_elses(
    client: httpx.AsyncClient, surgery: Surgery, calendar: Calendar
) -> None:
    await held(client, calendar, 600)
    page = await client.get(f"{SERVICE}/times")
    assert f"{calendar.id}.600" not in page.text
    form = {"key": hidden(page.text, "key"), "slot": f"{calendar.id}.600"}
    assert (await client.post(f"{SERVICE}/times", data=form)).status_code == 409


async def test_move_has_the_new_time_before_it_lets_the_old_one_go(
    client: httpx.AsyncClient, surgery: Surgery, calendar: Calendar
) -> None:
    mine = (await booked(client, calendar, 600)).headers["location"]
    page = await client.get(f"{mine}/move")
    form = {"key": hidden(page.text, "key"), "slot": f"{calendar.id}.660"}
    chosen = await client.post(f"{mine}/move", data=form)
    check = await client.get(chosen.headers["location"])
    assert "10:00" in check.text
    assert "11:00" in check.text
    assert (await surgery.day(calendar)).calendar.appointments == 1
    answers = [await client.post(chosen.headers["location"]) for _ in range(2)]
    assert {one.headers["location"] for one in answers} == {mine}
    assert "11:00" in (await client.get(mine)).text
    day = await surgery.day(calendar)
    assert (day.calendar.appointments, day.slots[600].taken, day.slots[660].taken) == (1, 0, 1)


async def test_a_move_to_a_time_that_was_lost_keeps_the_old_one(
    client: httpx.AsyncClient, surgery: Surgery, calendar: Calendar
) -> None:
    mine = (await booked(client, calendar, 600)).headers["location"]
    form = {"key": "k", "slot": f"{calendar.id}.660"}
    chosen = await client.post(f"{mine}/move", data=form)
    surgery.now += timedelta(minutes=6)
    await surgery.book(calendar, 660)
    lost = await client.post(chosen.headers["location"])
    assert lost.status_code == 409
    assert "The nearest times" in lost.text
    assert "10:00" in (await client.get(mine)).text


async def test_cancel_without_an_account_and_only_when_told(
    client: httpx.AsyncClient, surgery: Surgery, calendar: Calendar
) -> None:
    mine = (await booked(client, calendar, 600)).headers["location"]
    await client.get(f"{mine}/cancel")
    assert (await surgery.day(calendar)).calendar.appointments == 1
    for _ in range(2):
        assert (await client.post(f"{mine}/cancel")).headers["location"] == mine
    assert "This appointment is canceled" in (await client.get(mine)).text
    assert (await surgery.day(calendar)).calendar.appointments == 0
    assert "This appointment is canceled" in (await client.get(f"{mine}/move")).text


async def test_a_link_opens_one_appointment_and_nothing_else(
    client: httpx.AsyncClient, surgery: Surgery, calendar: Calendar
) -> None:
    mine = (await booked(client, calendar, 600)).headers["location"]
    other = (await booked(client, calendar, 660)).headers["location"]
    token = mine.rpartition(".")[2]
    assert len(token) == 22
    assert mine != other
    for wrong in (f"/b/1.{token[:-1]}x", f"/b/2.{token}", "/b/1.", f"/b/{token}", "/b/1.4"):
        for page in ("", "/cancel", "/move"):
            gone = await client.get(wrong + page)
            assert gone.status_code == 404
            assert "This link opens no appointment" in gone.text
        assert (await client.post(f"{wrong}/cancel")).status_code == 404
    shown = await client.get(mine)
    assert shown.headers["cache-control"] == "private, no-store"
    assert "noindex" in shown.headers["x-robots-tag"]
    await client.post(f"{mine}/cancel")
    assert "Your appointment is booked" in (await client.get(other)).text


async def test_another_sites_form_and_a_crowd_from_one_address(
    client: httpx.AsyncClient,
    surgery: Surgery,
    calendar: Calendar,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(common, "STEPS_A_MINUTE", 2)
    form = {"slot": f"{calendar.id}.600"}
    foreign = {"Sec-Fetch-Site": "cross-site"}
    assert (await client.post(f"{SERVICE}/times", data=form, headers=foreign)).status_code == 403
    statuses = [
        (await client.post(f"{SERVICE}/times", data={**form, "key": f"k{at}"})).status_code
        for at in range(3)
    ]
    assert statuses[-1] == 429


async def test_the_same_service_elsewhere_is_offered_with_its_first_time(
    client: httpx.AsyncClient, surgery: Surgery
) -> None:
    assert (await client.get(f"{HOME}/1")).status_code == 404
    assert (await client.get(f"{HOME}/4", params={"kind": "99"})).status_code == 404
    assert (await client.get("/book/none/1")).status_code == 404
    empty = await client.get(f"{SERVICE}/times")
    assert "Nothing can be booked here at the moment" in empty.text


async def test_arabic_reads_from_right_to_left(
    client: httpx.AsyncClient, surgery: Surgery, calendar: Calendar, house: House
) -> None:
    page = await client.get(HOME, params={"lang": "ar"})
    assert 'dir="rtl"' in page.text
    mine = (await booked(client, calendar, 600)).headers["location"]
    assert 'dir="rtl"' in (await client.get(mine)).text


async def test_who_needs_something_is_offered_what_suits_and_keeps_it(
    client: httpx.AsyncClient, surgery: Surgery, house: House
) -> None:
    wide = await surgery.opened(index=0, suits=(Need.WHEELCHAIR,))
    plain = await surgery.opened(index=1)
    start = await client.get(HOME)
    assert "Free of charge" in start.text
    times = await client.get(f"{SERVICE}/times")
    for said in ("Free of charge", "An identity card", "A room for a wheelchair"):
        assert said in times.text
    assert str(wide.id) not in times.text
    suited = await client.get(f"{SERVICE}/times", params={"kind": 5, "need": "wheelchair"})
    assert (str(wide.id) in suited.text, str(plain.id) in suited.text) == (True, False)
    none = await client.get(f"{SERVICE}/times?need=wheelchair&need=interpreter")
    assert "No time with what you need is free" in none.text
    action = suited.text.partition('class="slots"')[0].rpartition('action="')[2].partition('"')[0]
    form = {"key": hidden(suited.text, "key"), "slot": f"{wide.id}.600"}
    address = f"{SERVICE}/times?kind=5&need=wheelchair"
    assert unescape(action) == address
    lost = await client.post(address, data={**form, "slot": f"{plain.id}.600"})
    assert (lost.status_code, "does not have what is needed" in lost.text) == (409, True)
    details = (await client.post(address, data=form)).headers["location"]
    told = await client.post(details, data={"name": "Ada", "email": "ada@example.org"})
    check = await client.get(told.headers["location"])
    assert "A room for a wheelchair" in check.text
    mine = (await client.post(told.headers["location"])).headers["location"]
    shown = await client.get(mine)
    for said in ("A room for a wheelchair", "Free of charge", "An identity card"):
        assert said in shown.text
    other = await client.get(f"{mine}/move")
    assert (str(wide.id) in other.text, str(plain.id) in other.text) == (True, False)
    first = other.text.partition('class="card first"')[2].partition("</form>")[0]
    form = {"key": hidden(first, "key"), "slot": hidden(first, "slot")}
    assert form["slot"] == f"{wide.id}.480"
    for _ in range(2):  # two taps from the message, and once, however often it is pressed
        moved = await client.post(f"{mine}/move/now", data=form)
        assert (moved.status_code, moved.headers["location"]) == (303, mine)
    day = await surgery.day(wide)
    assert (day.calendar.appointments, day.slots[480].taken, day.slots[600].taken) == (1, 1, 0)
    await surgery.book(plain, 520)
    await surgery.book(wide, 520)
    taken = {"key": "k", "slot": f"{wide.id}.520"}
    gone = await client.post(f"{mine}/move/now", data=taken)
    assert (gone.status_code, "The nearest times" in gone.text) == (409, True)
    assert str(plain.id) not in gone.text
    assert (await client.post(f"{mine}/move/now", data={"key": "j"})).status_code == 400
