"""The list of cases as a table, and mail that was not sent: on the pages and over the API."""

import csv
import io
from dataclasses import replace

import httpx
import pytest

from nowserving.actions import case_export, letters
from nowserving.actions.house import House
from nowserving.actions.open_case import open_case
from nowserving.actions.sample_work import BackOffice
from nowserving.cases.admission import Request
from nowserving.cases.case import Case
from nowserving.cases.letters import ATTEMPTS_AT_MOST, Letter
from nowserving.cases.work import Opening
from nowserving.kit.spreadsheet import original
from nowserving.people.actor import Actor
from tests.web.desk.rig import Desk


@pytest.fixture
async def dia(client: httpx.AsyncClient, back_office: BackOffice) -> Desk:
    desk = Desk(client)
    assert (await desk.sign_in("dia")).status_code == 303
    return desk


async def opened(house: House, by: Actor, office: BackOffice, title: str, **said: str) -> Case:
    async with house.acting(by) as act:
        request = Request(service_id=office.service.id, **{"name": "Ada", **said})  # type: ignore[arg-type]
        return (await open_case(act, Opening(request, title=title))).case


async def test_the_list_is_saved_as_a_table_with_the_same_filter(
    house: House,
    dia: Desk,
    program: Actor,
    back_office: BackOffice,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(case_export, "PAGE_AT_MOST", 2)
    titles = ["=1+1 lamp", "'quoted lamp", "+x lamp", "@x\r\nlamp", "lamp", "noise"]
    cases = [
        await opened(house, program, back_office, title, phone="+41 79 123 45 67")
        for title in titles
    ]
    page = (await dia.get("/cases?q=lamp&condition=any")).text
    address = page.partition('href="/cases/table.csv?')[2].partition('"')[0].replace("&amp;", "&")
    saved = await dia.get(f"/cases/table.csv?{address}")
    assert saved.headers["content-type"] == "text/csv; charset=utf-8"
    assert saved.headers["content-disposition"].startswith("attachment;")
    assert saved.headers["cache-control"] == "no-store"
    head, *rows = csv.reader(io.StringIO(saved.content.decode("utf-8-sig"), newline=""))
    found = [dict(zip(head, map(original, row), strict=True)) for row in rows]
    assert [one["title"] for one in found] == titles[4::-1]
    assert [one["number"] for one in found] == [str(case.number) for case in cases[4::-1]]
    assert {one["phone"] for one in found} == {"+41791234567"}
    assert {row[head.index("phone")] for row in rows} == {"'+41791234567"}
    assert not any(cell[:1] in "=+-@\t\r" for row in rows for cell in row if cell)


async def test_the_table_holds_what_one_may_see_and_nothing_else(
    house: House,
    client: httpx.AsyncClient,
    program: Actor,
    back_office: BackOffice,
) -> None:
    await opened(house, program, back_office, "Confidential")
    nobody = Desk(client)
    assert (await nobody.get("/cases/table.csv")).headers["location"] == "/desk/sign-in"
    assert (await client.get("/api/v1/cases.csv")).status_code == 401
    ann = Desk(client)
    await ann.sign_in("ann")
    saved = await ann.get("/cases/table.csv?condition=any&lined=1")
    assert saved.status_code == 200
    assert "Confidential" not in saved.text


async def given_up(house: House, by: Actor, case: Case) -> Letter:
    async with house.acting(by) as act:
        await letters.write(act, case_id=case.id, text="Hello")
        [letter] = await act.store.letters.of(case.id)
        lost = replace(letter, attempts=ATTEMPTS_AT_MOST, due_at=None, error="it answered 550")
        assert await act.store.letters.write_letter(letter, lost)
    return letter


async def test_mail_that_was_given_up_is_shown_and_sent_again(
    house: House, dia: Desk, program: Actor, back_office: BackOffice
) -> None:
    case = await opened(house, program, back_office, "Lamp", email="ada@example.org")
    letter = await given_up(house, program, case)
    here = f"/cases/{case.id}"
    page = (await dia.get(here)).text
    assert ("Not sent" in page, "it answered 550" in page, "Send again" in page) == (True,) * 3
    went = await dia.post(f"{here}/again", letter=str(letter.id), key="k1")
    assert went.headers["location"] == f"{here}?said=again"
    page = (await dia.get(here)).text
    assert ("Not sent" in page, "Send again" in page) == (False, False)
    assert (await dia.post(f"{here}/again", letter=str(letter.id), key="k2")).status_code == 409
    for odd in ("", str(case.id)):
        assert (await dia.post(f"{here}/again", letter=odd)).status_code in (400, 404)
    taken = []

    async def take(one: Letter) -> str:
        taken.append(one.id)
        return ""

    assert await letters.hand_in(house, program.organization_id, take) == 1
    assert taken == [letter.id]
    assert "Handed in" in (await dia.get(here)).text
