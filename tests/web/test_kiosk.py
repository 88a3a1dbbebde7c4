"""The kiosk over HTTP, on both engines: what it asks, what it gives, what it refuses."""

import asyncio
import re
from html import unescape

import httpx
import pytest

from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.cases.moves import State
from nowserving.people.actor import Actor
from nowserving.web.kiosk import drawing

HOME = "/kiosk/demo/1"


def hidden(html: str, name: str) -> str:
    """The value of a hidden input."""
    found = re.search(rf'name="{name}" value="([^"]*)"', html)
    assert found, name
    return unescape(found[1])


async def test_one_touch_gives_a_ticket(client: httpx.AsyncClient, branch: Sample) -> None:
    page = (await client.get(HOME)).text
    taken = await client.post(HOME, data={"service": "1", "key": hidden(page, "key")})
    assert taken.status_code == 303
    assert taken.headers["location"].startswith(f"{HOME}/ticket/1.")
    ticket = await client.get(taken.headers["location"])
    assert ticket.status_code == 200
    assert "A1" in ticket.text
    assert "You are next" in ticket.text
    assert "Inquiry" in ticket.text
    link = taken.headers["location"].rpartition("/")[2]
    assert f"http://127.0.0.1:8000/t/{link}" in ticket.text
    assert "<svg" in ticket.text
    assert ticket.headers["cache-control"] == "no-store"


async def test_a_double_touch_is_one_ticket(
    client: httpx.AsyncClient, house: House, branch: Sample, program: Actor
) -> None:
    form = {"service": "1", "key": hidden((await client.get(HOME)).text, "key")}
    answers = await asyncio.gather(*(client.post(HOME, data=form) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["location"] for answer in answers}) == 1
    async with house.acting(program) as act:
        queue = next(iter((await act.directory()).services.values())).queue_id
        assert await act.look.lines.length(queue) == 1


async def test_the_chosen_language_changes_all_and_travels_with_the_ticket(
    client: httpx.AsyncClient, house: House, branch: Sample, program: Actor
) -> None:
    page = (await client.get(HOME, params={"language": "ar-EG"})).text
    assert '<html lang="ar" dir="rtl">' in page
    form = {"service": "1", "language": hidden(page, "language"), "key": hidden(page, "key")}
    taken = await client.post(HOME, data=form)
    ticket = await client.get(taken.headers["location"])
    assert 'dir="rtl"' in ticket.text
    async with house.acting(program) as act:
        queue = (
            (await act.directory())
            .services_of((await act.directory()).unit_numbered(1).id)[0]
            .queue_id
        )
        [case] = await act.look.lines.waiting_in(queue)
    assert (case.language, case.state) == ("ar-EG", State.WAITING)


async def test_the_kinds_of_a_service_are_one_touch_more(
    client: httpx.AsyncClient, branch: Sample
) -> None:
    page = (await client.get(f"{HOME}/2")).text
    assert "Passport" in page
    assert "Identity card" in page
    none = await client.post(HOME, data={"service": "2", "key": hidden(page, "key")})
    assert none.status_code == 400
    assert "<title>Error:" in none.text
    taken = await client.post(HOME, data={"service": "2", "kind": "3", "key": "another"})
    assert taken.status_code == 303


async def test_what_is_missing_is_told_beside_its_field(
    client: httpx.AsyncClient, branch: Sample
) -> None:
    page = (await client.get(f"{HOME}/3")).text
    assert 'name="phone"' in page
    assert 'name="email"' not in page
    form = {"service": "3", "key": hidden(page, "key")}
    for phone in ("", "1", "call me"):
        refused = await client.post(HOME, data={**form, "phone": phone})
        assert refused.status_code == 400
        assert "<title>Error:" in refused.text
        assert 'aria-invalid="true"' in refused.text
        assert f'value="{phone}"' in refused.text
    taken = await client.post(HOME, data={**form, "phone": "030 123456"})
    assert taken.status_code == 303


async def test_a_key_is_good_for_one_request_only(
    client: httpx.AsyncClient, branch: Sample
) -> None:
    key = hidden((await client.get(HOME)).text, "key")
    assert (await client.post(HOME, data={"service": "1", "key": key})).status_code == 303
    other = await client.post(HOME, data={"service": "2", "kind": "2", "key": key})
    assert other.status_code == 400
    assert hidden(other.text, "key") != key


@pytest.mark.parametrize(
    "address", ["/kiosk/none/1", "/kiosk/demo/9", "/kiosk/demo/1/9", f"{HOME}/ticket/1.nothing"]
)
async def test_what_is_not_there(client: httpx.AsyncClient, branch: Sample, address: str) -> None:
    gone = await client.get(address)
    assert gone.status_code == 404
    assert "<title>Error:" in gone.text


async def test_another_sites_form_and_another_service_are_refused(
    client: httpx.AsyncClient, branch: Sample
) -> None:
    form = {"service": "1", "key": "k"}
    foreign = await client.post(HOME, data=form, headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 403
    assert (await client.post(HOME, data={"service": "77", "key": "k"})).status_code == 404
    assert (await client.post(HOME, data={})).status_code == 404


async def test_one_address_takes_so_many_tickets_and_no_more(
    client: httpx.AsyncClient, branch: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawing, "TICKETS_A_MINUTE", 3)
    statuses = [
        (await client.post(HOME, data={"service": "1", "key": f"key {at}"})).status_code
        for at in range(5)
    ]
    assert statuses == [303, 303, 303, 429, 429]


async def test_markup_in_an_answer_stays_text(client: httpx.AsyncClient, branch: Sample) -> None:
    evil = '"><script>alert(1)</script>'
    page = await client.post(HOME, data={"service": "3", "phone": evil, "key": "k"})
    assert page.status_code == 400
    assert "<script>alert" not in page.text
