"""The list of a project's tickets, and all that it can be asked by."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from nowserving.actions import desk
from nowserving.actions.cases import correct
from nowserving.actions.house import House
from nowserving.actions.open_case import open_case
from nowserving.actions.sample import Sample
from nowserving.actions.work import assign
from nowserving.cases.admission import Request
from nowserving.cases.case import Case
from nowserving.cases.correction import Correction
from nowserving.cases.work import Opening
from nowserving.dialects.vcc.tickets import MOMENTS
from nowserving.people.actor import Actor, ActorKind, grants_of, system
from nowserving.people.permissions import Role
from nowserving.places.services import Service
from tests.dialects.vcc.conftest import Program, a_ticket

BAD = {"errorcode": 417, "errormessage": "error.bad_arguments"}


def numbers(rows: list[Any]) -> list[int]:
    return [row["ticketId"] for row in rows]


async def test_tickets_come_in_pages_oldest_first(
    house: House, program: Actor, papers: Service, vcc: Program
) -> None:
    cases = [await a_ticket(house, program, papers) for _ in range(5)]
    rows, total = await vcc.rows(2)
    assert (numbers(rows), total) == ([case.number for case in cases], 5)
    rows, total = await vcc.rows(2, start=1, limit=2)
    assert (numbers(rows), total) == ([case.number for case in cases[1:3]], 5)
    assert await vcc.rows(2, limit=0) == ([], 5)
    assert await vcc.rows(2, start=5) == ([], 5)
    assert await vcc.rows(1) == ([], 0)


async def test_a_row_says_all_that_a_ticket_says_and_when_what_happened(
    house: House, ann: Actor, program: Actor, papers: Service, vcc: Program
) -> None:
    case = await a_ticket(house, program, papers)
    texts = {"title": "Renewal", "cc": "boss@example.com"}
    async with house.acting(program) as act:
        await correct(act, case_id=case.id, correction=Correction(texts=texts))
    async with house.acting(ann) as act:
        await desk.call(act, case_id=case.id, desk_id=None)
    async with house.acting(ann) as act:
        await desk.resolve(act, case_id=case.id)
    [row], _ = await vcc.rows(2)
    assert list(row)[:3] == ["ticketId", "ticketNo", "type"]
    assert {"firstOpenTime", "lastOpenTime", *MOMENTS} <= set(row)
    assert (row["title"], row["cc"], row["agentUserName"]) == ("Renewal", "boss@example.com", "ann")
    assert (row["status"], row["subStatus"], row["userId"]) == ("closed", "successful", 1)
    assert row["lastCloseTime"] is not None
    assert row["firstReceivedTime"] is None


async def test_they_are_asked_for_by_number(
    house: House, program: Actor, papers: Service, vcc: Program
) -> None:
    first, second = [await a_ticket(house, program, papers) for _ in range(2)]
    wanted = f"2-{second.day:%Y%m%d}-{second.sequence:06d}"
    rows, total = await vcc.rows(2, ticketNo=wanted)
    assert (numbers(rows), total) == ([second.number], 1)
    assert rows[0]["ticketNo"] == wanted
    for foreign in (wanted.replace("2-", "3-", 1), "130-20240215-270338", "x", "2-20249999-000001"):
        assert await vcc.rows(2, ticketNo=foreign) == ([], 0)
    assert first.number != second.number


async def test_one_that_stands_in_no_line_is_asked_for_by_number_too(
    house: House, papers: Service, vcc: Program
) -> None:
    async with house.acting(system(papers.organization_id, "test")) as act:
        opening = Opening(Request(service_id=papers.id), counted_only=True)
        case = (await open_case(act, opening)).case
    [row], _ = await vcc.rows(2)
    assert row["ticketNo"].endswith(f"-9{case.number:06d}")
    assert await vcc.rows(2, ticketNo=row["ticketNo"]) == ([row], 1)
    another_day = f"2-20200101-9{case.number:06d}"
    assert await vcc.rows(2, ticketNo=another_day) == ([], 0)


async def test_they_are_asked_for_by_assignee_and_creator(
    house: House, ann: Actor, program: Actor, papers: Service, vcc: Program
) -> None:
    theirs = await a_ticket(house, ann, papers)
    served, owned, _ = [await a_ticket(house, program, papers) for _ in range(3)]
    async with house.acting(ann) as act:
        await desk.call(act, case_id=served.id, desk_id=None)
    bob = vcc.made.beginning.agents[1]
    async with house.acting(system(bob.organization_id, "test")) as act:
        await assign(act, case_id=owned.id, to={"owner_id": bob.id})
    assert numbers((await vcc.rows(2, userId=1))[0]) == [served.number]
    assert numbers((await vcc.rows(2, userId=2))[0]) == [owned.number]
    assert numbers((await vcc.rows(2, createdBy=1))[0]) == [theirs.number]
    assert await vcc.rows(2, createdBy=1, userId=1) == ([], 0)
    assert await vcc.rows(2, userId=99) == ([], 0)


async def test_they_are_asked_for_by_time(
    house: House, ann: Actor, program: Actor, papers: Service, vcc: Program
) -> None:
    now = house.clock()
    opened: list[Case] = []
    for ago in (3, 2, 1):
        house.clock = lambda ago=ago: now - timedelta(days=ago)  # type: ignore[misc]
        opened.append(await a_ticket(house, program, papers))
    house.clock = lambda: now
    async with house.acting(ann) as act:
        await desk.resolve(act, case_id=opened[0].id)
    due = Correction(also={"due_at": now + timedelta(hours=1)})
    async with house.acting(program) as act:
        await correct(act, case_id=opened[1].id, correction=due)

    async def found(field: str, first: str, last: str) -> list[int]:
        dates = {"dateField": field, "dateFrom": first, "dateTo": last}
        return [opened_numbers.index(n) for n in numbers((await vcc.rows(2, **dates))[0])]

    opened_numbers = [case.number for case in opened]
    zone = (await house.directory(program.organization_id)).unit_numbered(1).zone
    days = [str((now - timedelta(days=days)).astimezone(zone).date()) for days in (3, 2, 1, 0)]
    assert await found("firstOpenTime", days[0], days[3]) == [0, 1, 2]
    assert await found("firstOpenTime", days[1], days[1]) == [1]
    assert await found("lastCloseTime", days[0], days[3]) == [0]
    exact = opened[2].opened_at
    assert await found("firstOpenTime", exact.isoformat(), exact.isoformat()) == [2]
    before = exact - timedelta(seconds=1)
    assert await found("firstOpenTime", before.isoformat(), before.isoformat()) == []
    until = (now + timedelta(hours=2)).isoformat()
    assert await found("softDeadline", now.isoformat(), until) == [1]
    assert await found("lastReceivedTime", days[0], days[3]) == []


async def test_a_plus_that_was_not_encoded_is_understood(
    house: House, program: Actor, papers: Service, vcc: Program
) -> None:
    case = await a_ticket(house, program, papers)
    day = case.opened_at.date()
    query = f"dateField=firstOpenTime&dateFrom={day}T00:00:00+00:00&dateTo={day}T23:59:59+00:00"
    answer = await vcc.client.get(f"/v2/projects/2/tickets?{query}", auth=(vcc.user, vcc.password))
    assert numbers(answer.json()["response"]["rows"]) == [case.number]


@pytest.mark.parametrize(
    "query",
    [
        {"dateFrom": "2024-01-01"},
        {"dateTo": "2024-01-01"},
        {"dateField": "firstOpenTime"},
        {"dateFrom": "2024-01-01", "dateTo": "2024-01-02"},
        {"dateFrom": "2024-01-01", "dateField": "firstOpenTime"},
        {"dateFrom": "yesterday", "dateTo": "2024-01-02", "dateField": "firstOpenTime"},
        {"dateFrom": "2024-01-01", "dateTo": "9999-12-31", "dateField": "softDeadline"},
        {"dateFrom": "2024-01-01", "dateTo": "2024-01-02", "dateField": "createTime"},
        {"start": "-1"},
        {"limit": "all"},
        {"userId": "ann"},
        {"createdBy": "99999999999999999999"},
    ],
    ids=str,
)
async def test_what_makes_no_sense_is_417(vcc: Program, query: dict[str, str]) -> None:
    answer = await vcc.ask("/projects/2/tickets", **query)
    assert answer.status_code == 417
    said = answer.json()
    assert said["response"] is None
    [error] = said["errors"]
    assert {name: error[name] for name in BAD} == BAD
    assert error["detail"]


async def test_a_place_that_may_not_be_seen_has_no_project(
    house: House, branch: Sample, papers: Service, program: Actor
) -> None:
    from nowserving.actions.case_lists import cases_of_service
    from nowserving.kit.problems import Forbidden
    from nowserving.store.case_lists import Wanted

    await a_ticket(house, program, papers)
    elsewhere = house.ids(house.clock())
    grants = grants_of([(Role.AGENT, frozenset({elsewhere}))])
    agent = branch.beginning.agents[0]
    stranger = Actor(branch.organization.id, ActorKind.AGENT, agent.id, agent.name, grants)
    wanted = Wanted(service_id=papers.id)
    async with house.acting(stranger) as act:
        with pytest.raises(Forbidden):
            await cases_of_service(act, wanted=wanted, start=0, most=10)
        assert await act.look.case_lists.of(wanted, start=0, most=10) == ([], 0)
    at_home = replace(stranger, grants=grants_of([(Role.AGENT, frozenset({papers.unit_id}))]))
    async with house.acting(at_home) as act:
        assert (await cases_of_service(act, wanted=wanted, start=0, most=10)).total == 1
