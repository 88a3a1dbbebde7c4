"""Cases away from the desk, by plain forms: the list, kept filters, the page of one case."""

import re
from datetime import timedelta

import httpx
import pytest

from nowserving.actions.cases import see
from nowserving.actions.escalate import escalate
from nowserving.actions.house import House
from nowserving.actions.open_case import open_case
from nowserving.actions.sample import Sample
from nowserving.actions.sample_work import BackOffice
from nowserving.cases.admission import Request
from nowserving.cases.case import Case
from nowserving.cases.moves import State
from nowserving.cases.work import Opening
from nowserving.people.actor import Actor
from tests.web.desk.rig import Desk


@pytest.fixture
async def dia(client: httpx.AsyncClient, back_office: BackOffice) -> Desk:
    """An agent of the back office in a browser without scripts."""
    desk = Desk(client)
    assert (await desk.sign_in("dia")).status_code == 303
    return desk


async def opened(house: House, by: Actor, office: BackOffice, title: str, **said: object) -> Case:
    async with house.acting(by) as act:
        request = Request(service_id=office.service.id, name="Ada")
        return (await open_case(act, Opening(request, title=title, **said))).case  # type: ignore[arg-type]


async def case_of(house: House, by: Actor, id: str) -> Case:
    async with house.acting(by) as act:
        return (await see(act, case_id=id)).case  # type: ignore[arg-type]


async def test_a_letter_is_opened_worked_on_and_closed_with_a_solution(
    house: House, dia: Desk, program: Actor, back_office: BackOffice
) -> None:
    form = await dia.get("/cases/new")
    assert "Letters and complaints" in form.text
    service = str(back_office.service.id)
    refused = await dia.post("/cases/new", service=service, title=" ", key="k0")
    assert refused.status_code == 400
    said = {"service": service, "title": "Broken lamp", "name": "Ada", "email": "ada@example.org"}
    went = await dia.post("/cases/new", **said, key="k1")
    again = await dia.post("/cases/new", **said, key="k1")
    address = went.headers["location"].partition("?")[0]
    assert again.headers["location"] == went.headers["location"]
    page = await dia.get(went.headers["location"])
    assert "The case is open." in page.text
    assert "Broken lamp" in page.text

    await dia.post(f"{address}/take_up", key="k2")
    closed = next(one for one in back_office.statuses if one.name == "Closed")
    asked = await dia.post(f"{address}/status", status=str(closed.id), solution="", key="k3")
    assert asked.status_code == 400
    assert "say how it was solved" in asked.text
    done = await dia.post(f"{address}/status", status=str(closed.id), solution="Mended", key="k4")
    assert done.headers["location"] == f"{address}?said=status"
    id = address.rpartition("/")[2]
    assert (await case_of(house, program, id)).state is State.CLOSED
    assert "Mended" in (await dia.get(address)).text
    await dia.post(f"{address}/reopen", key="k5")
    assert (await case_of(house, program, id)).state is State.WAITING


async def test_only_what_is_otherwise_is_put_right(
    house: House, dia: Desk, program: Actor, back_office: BackOffice
) -> None:
    case = await opened(house, program, back_office, "Lamp")
    page = (await dia.get(f"/cases/{case.id}")).text
    shown = {
        **dict(re.findall(r'name="([\w-]+)" type="\w+"[^>]*value="([^"]*)"', page)),
        "description": "",
    }
    assert shown["title"] == "Lamp"
    await dia.post(f"/cases/{case.id}/correct", **shown, key="k1")
    assert (await case_of(house, program, str(case.id))).version == case.version
    changed = {**shown, "title": "Lantern", "due": "2031-05-01T12:00"}
    await dia.post(f"/cases/{case.id}/correct", **changed, key="k2")
    after = await case_of(house, program, str(case.id))
    assert after.version == case.version + 1
    assert after.due_at is not None
    assert after.due_at.isoformat() == "2031-05-01T10:00:00+00:00"
    await dia.post(f"/cases/{case.id}/correct", **changed, key="k3")
    assert (await case_of(house, program, str(case.id))).version == after.version
    wrong = await dia.post(f"/cases/{case.id}/correct", **changed | {"email": "nobody"}, key="k4")
    assert wrong.status_code == 400


async def test_the_list_shows_what_is_asked_for_and_keeps_it_under_a_name(
    house: House, dia: Desk, program: Actor, back_office: BackOffice
) -> None:
    due = house.clock() + timedelta(hours=1)
    lamp = await opened(house, program, back_office, "Broken lamp", due_at=due)
    await opened(house, program, back_office, "Noise at night")
    later = House(house.engine, house.vault, clock=lambda: due)
    await escalate(later, program.organization_id)
    every = (await dia.get("/cases")).text
    assert ("Broken lamp" in every, "Noise at night" in every) == (True, True)
    some = (await dia.get("/cases?q=lam&condition=open")).text
    assert ("Broken lamp" in some, "Noise at night" in some) == (True, False)
    late = (await dia.get("/cases?late=1&condition=any&order=due")).text
    assert ("Deadline passed" in late, "Noise at night" in late) == (True, False)
    assert "No case fits." in (await dia.get("/cases?q=nothing+like+it")).text
    for odd in ("status=x", "unit=%00", "order=up", "after=1.2", "after=-.x", "filter=1", "q=%00"):
        assert (await dia.get(f"/cases?{odd}")).status_code in (200, 400), odd
    kept = await dia.post("/cases/filters", name="Lamps", q="lamp", condition="open")
    shown = await dia.get(kept.headers["location"])
    assert ("Lamps" in shown.text, "Broken lamp" in shown.text) == (True, True)
    assert "Noise at night" not in shown.text
    id = kept.headers["location"].rpartition("=")[2]
    await dia.post(f"/cases/filters/{id}/drop")
    assert "Lamps" not in (await dia.get("/cases")).text
    await dia.post(f"/cases/{lamp.id}/assign", responsible="", owner="", key="k1")


async def test_pages_of_the_list_follow_each_other(
    house: House, dia: Desk, program: Actor, back_office: BackOffice
) -> None:
    cases = [await opened(house, program, back_office, f"Case {at}") for at in range(27)]
    first = (await dia.get("/cases")).text
    address = re.search(r'href="(/cases\?[^"]+after=[^"]+)"', first)
    assert address is not None
    second = (await dia.get(address[1].replace("&amp;", "&"))).text
    seen = re.findall(r'href="/cases/([0-9a-f-]{36})"', first + second)
    assert seen == [str(case.id) for case in reversed(cases)]


async def test_cases_are_linked_and_merged_by_their_numbers(
    house: House, dia: Desk, program: Actor, back_office: BackOffice
) -> None:
    one = await opened(house, program, back_office, "One")
    other = await opened(house, program, back_office, "Other")
    here = f"/cases/{one.id}"
    linked = await dia.post(f"{here}/link", kind="blocks_by", number=f"#{other.number}", key="k1")
    assert linked.headers["location"] == f"{here}?said=link"
    assert "Blocked by" in (await dia.get(here)).text
    assert "Blocks" in (await dia.get(f"/cases/{other.id}")).text
    await dia.post(f"{here}/unlink", link=f"{other.id} blocks", key="k2")
    assert "Blocked by" not in (await dia.get(here)).text
    await dia.post(f"{here}/link", kind="part", number=str(other.number), key="k4")
    assert "Part of" in (await dia.get(here)).text
    assert "Its parts" in (await dia.get(f"/cases/{other.id}")).text
    circle = await dia.post(f"/cases/{other.id}/part", number=str(one.number), key="k5")
    assert circle.status_code == 409
    await dia.post(f"{here}/part", key="k6")
    assert "Part of" not in (await dia.get(here)).text
    await dia.post(f"{here}/merge", number=str(other.number), key="k3")
    gone = (await dia.get(f"/cases/{other.id}")).text
    assert "This case was a duplicate." in gone
    for odd in ("x", "999999", "", "9" * 40):
        assert (await dia.post(f"{here}/link", kind="related", number=odd)).status_code in (
            400,
            404,
        )
    assert (await dia.post(f"{here}/link", kind="odd", number=str(one.number))).status_code == 400
    assert (await dia.post(f"{here}/nothing")).status_code == 404


async def test_the_page_tells_who_did_what_and_how_the_deadline_stands(
    house: House, dia: Desk, program: Actor, back_office: BackOffice
) -> None:
    now = house.clock()
    spans = {"Due ": timedelta(days=3), "tag warn": timedelta(hours=3), "tag bad": -timedelta(1)}
    for told, span in spans.items():
        case = await opened(house, program, back_office, "Lamp", due_at=now + span)
        page = (await dia.get(f"/cases/{case.id}")).text
        assert told in page, told
    assert "Deadline passed: " in page
    assert f"#{case.number}" in page
    assert re.search(r"Case opened\s*<span[^>]*>· <bdi>Sample integration", page)
    await dia.post(f"/cases/{case.id}/take_up", key="k1")
    page = (await dia.get(f"/cases/{case.id}")).text
    assert re.search(r"Taken on\s*<span[^>]*>· <bdi>Dia", page)
    assert re.search(r"Responsible</dt><dd>Dia", page)


async def test_strangers_and_other_units_see_nothing(
    house: House, client: httpx.AsyncClient, program: Actor, back_office: BackOffice, branch: Sample
) -> None:
    case = await opened(house, program, back_office, "Confidential")
    nobody = Desk(client)
    assert (await nobody.get("/cases")).headers["location"] == "/desk/sign-in"
    ann = Desk(client)
    await ann.sign_in("ann")
    assert "Confidential" not in (await ann.get("/cases")).text
    assert (await ann.get(f"/cases/{case.id}")).status_code == 404
    assert (await ann.post(f"/cases/{case.id}/take_up")).status_code == 404
    ann.csrf = "wrong"
    assert (await ann.post("/cases/filters", name="x")).status_code == 403
