"""Serving from the desk by plain forms, and what the desk refuses."""

import asyncio
import re
from dataclasses import replace
from uuid import uuid4

import httpx

from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.cases.moves import State
from nowserving.people.actor import Actor
from nowserving.people.permissions import Role
from nowserving.people.staff import Group
from nowserving.places.organization import Unit
from nowserving.places.services import Outcome, Queue
from nowserving.store.engines.lazily import Looking
from nowserving.store.store import Store
from tests.web.desk.rig import Desk, at_desk, place, take_numbers


async def state_of(house: House, branch: Sample, case_id: object) -> State:
    look = Store(Looking(house.engine), branch.organization.id)
    return (await look.cases.get(case_id)).state  # type: ignore[arg-type]


async def test_a_person_is_served_by_plain_forms(
    client: httpx.AsyncClient, house: House, branch: Sample, program: Actor
) -> None:
    first, _ = await take_numbers(house, branch, program, 2)
    ann = await at_desk(client, branch, "ann", 1)
    before = await ann.get("/desk")
    assert "has waited longest" in before.text
    called = await ann.post("/desk/next", key="k1")
    assert called.headers["location"] == f"/desk?said=call&case={first.id}"
    shown = await ann.get(called.headers["location"])
    assert "B1 is called." in shown.text
    assert "Undo call" in shown.text
    await ann.post(f"/desk/case/{first.id}/start")
    await ann.post(f"/desk/case/{first.id}/note", text="Brought <b>photos</b>")
    assert "Brought &lt;b&gt;photos&lt;/b&gt;" in (await ann.get("/desk")).text
    outcome = next(thing for thing in branch.beginning.places if isinstance(thing, Outcome))
    await ann.post(f"/desk/case/{first.id}/resolve", outcome=str(outcome.id), solution="Printed")
    look = Store(Looking(house.engine), branch.organization.id)
    case = await look.cases.get(first.id)
    assert (case.state, case.outcome_id) == (State.RESOLVED, outcome.id)
    assert (await look.cases.details(first.id)).solution == "Printed"


async def test_a_second_press_with_the_same_key_calls_nobody_else(
    client: httpx.AsyncClient, house: House, branch: Sample, program: Actor
) -> None:
    first, _ = await take_numbers(house, branch, program, 2)
    ann = await at_desk(client, branch, "ann", 1)
    answers = [
        await ann.post("/desk/next", {"idempotency-key": "once", "x-fragment": "1"})
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert all("B1 is called." in answer.text for answer in answers)
    look = Store(Looking(house.engine), branch.organization.id)
    assert [fact.kind for fact in await look.journal.of(first.id)] == ["case.queued", "case.called"]


async def test_agents_who_call_at_once_get_different_people(
    client: httpx.AsyncClient, house: House, branch: Sample, program: Actor
) -> None:
    await take_numbers(house, branch, program, 4)
    team = [
        await at_desk(client, branch, login, counter)
        for counter, login in enumerate(("ann", "bob", "cem", "dia"), 1)
    ]
    answers = await asyncio.gather(*(desk.post("/desk/next") for desk in team))
    assert len({answer.headers["location"] for answer in answers}) == 4


async def test_every_move_finds_its_way(
    client: httpx.AsyncClient, house: House, branch: Sample, program: Actor
) -> None:
    (case,) = await take_numbers(house, branch, program, 1)
    ann = await at_desk(client, branch, "ann", 1)
    consulting = [t for t in branch.beginning.places if isinstance(t, Queue)][1]
    story = [
        ("pend", {}, State.PENDING),
        ("resume", {}, State.WAITING),
        ("call", {}, State.CALLED),
        ("undo_call", {}, State.WAITING),
        ("call", {}, State.CALLED),
        ("hold", {}, State.ON_HOLD),
        ("start", {}, State.ACTIVE),
        ("return", {}, State.WAITING),
        ("call", {}, State.CALLED),
        ("miss", {}, State.NO_SHOW),
        ("reopen", {}, State.WAITING),
        ("call", {}, State.CALLED),
        ("transfer", {"queue": str(consulting.id), "place": "end"}, State.WAITING),
    ]
    for verb, form, then in story:
        answer = await ann.post(f"/desk/case/{case.id}/{verb}", **form)
        assert answer.status_code == 303, f"{verb}: {answer.text}"
        assert await state_of(house, branch, case.id) is then
        page = await ann.get(answer.headers["location"])
        assert page.status_code == 200
        assert len(page.content) < 30_000


async def test_what_cannot_be_done_is_said_in_words_with_the_desk_around_it(
    client: httpx.AsyncClient, house: House, branch: Sample, program: Actor
) -> None:
    first, second = await take_numbers(house, branch, program, 2)
    ann = await at_desk(client, branch, "ann", 1)
    await ann.post("/desk/next")
    soon = await ann.post(f"/desk/case/{first.id}/call_again")
    assert soon.status_code == 429
    assert "This person was called a moment ago" in soon.text
    assert "<title>Error: This person" in soon.text
    busy = await ann.post(f"/desk/case/{second.id}/call", {"x-fragment": "1"})
    assert busy.status_code == 409
    assert "Finish with the person at your desk first" in busy.text
    bob = await at_desk(client, branch, "bob", 2)
    taken = await bob.post(f"/desk/case/{first.id}/resolve", {"accept-language": "de"})
    assert taken.status_code == 409
    assert "Jemand anderes bearbeitet diesen Vorgang." in taken.text


async def test_a_form_without_our_token_is_refused(
    client: httpx.AsyncClient, house: House, branch: Sample, program: Actor
) -> None:
    (case,) = await take_numbers(house, branch, program, 1)
    ann = await at_desk(client, branch, "ann", 1)
    forged = replace(ann, csrf="guessed")
    assert (await forged.post("/desk/next")).status_code == 403
    assert (await forged.post(f"/desk/case/{case.id}/call")).status_code == 403
    assert (await forged.post("/desk/sign-out")).status_code == 403
    foreign = await ann.post("/desk/next", {"sec-fetch-site": "cross-site"})
    assert foreign.status_code == 403
    assert await state_of(house, branch, case.id) is State.WAITING


async def test_an_agent_does_nothing_at_a_unit_not_given_to_them(
    client: httpx.AsyncClient, house: House, branch: Sample, program: Actor
) -> None:
    (case,) = await take_numbers(house, branch, program, 1)
    elsewhere = Unit(branch.organization.id, uuid4(), 2, None, "Branch in the village", "UTC")
    guest = replace(branch.beginning.agents[0], id=uuid4(), number=9, login="guest")
    group = Group(branch.organization.id, uuid4(), "Village", (Role.AGENT,), (elsewhere.id,))
    async with house.engine.writing() as connection:
        store = Store(connection, branch.organization.id)
        await store.places.add([elsewhere])
        await store.people.add(agents=[guest], groups=[group], members=[(group.id, guest.id)])
    house.forget_directory(branch.organization.id)
    them = Desk(client)
    assert (await them.sign_in("guest")).status_code == 303
    assert (await them.get("/desk")).headers["location"] == "/desk/place"
    assert "Main branch" not in (await them.get("/desk/place")).text
    unit, desk, workspace = map(str, place(branch, 1))
    refused = await them.post("/desk/place", unit=unit, desk=desk, workspace=workspace)
    assert refused.status_code == 403
    assert (await them.post(f"/desk/case/{case.id}/call")).headers["location"] == "/desk/place"
    assert await state_of(house, branch, case.id) is State.WAITING


async def test_a_case_of_another_organization_is_not_there(
    client: httpx.AsyncClient,
    house: House,
    branch: Sample,
    program: Actor,
    other_branch: Sample,
) -> None:
    (case,) = await take_numbers(house, branch, program, 1)
    stranger = Desk(client)
    await stranger.sign_in("ann", organization="other")
    await stranger.sit(other_branch)
    for verb in ("call", "note", "reopen"):
        answer = await stranger.post(f"/desk/case/{case.id}/{verb}", text="x")
        assert answer.status_code == 404
    page = await stranger.get(f"/desk?said=call&case={case.id}")
    assert re.search(rf"[>\s]{case.ticket}[<\s]", page.text) is None
    unknown = await stranger.post(f"/desk/case/{uuid4()}/call")
    assert unknown.status_code == 404


async def test_a_part_is_not_sent_again_while_nothing_has_changed(
    client: httpx.AsyncClient, house: House, branch: Sample, program: Actor
) -> None:
    ann = await at_desk(client, branch, "ann", 1)
    first = await ann.get("/desk/now")
    again = await ann.get("/desk/now", **{"if-none-match": first.headers["etag"]})
    await take_numbers(house, branch, program, 1)
    news = await ann.get("/desk/now", **{"if-none-match": first.headers["etag"]})
    assert (again.status_code, news.status_code) == (304, 200)
    assert "B1" in news.text


async def test_a_colleague_who_changes_the_case_at_hand_is_named(
    client: httpx.AsyncClient, house: House, branch: Sample, program: Actor
) -> None:
    (case,) = await take_numbers(house, branch, program, 1)
    ann = await at_desk(client, branch, "ann", 1)
    await ann.post("/desk/next")
    eve = await at_desk(client, branch, "eve", 2)
    assert (await eve.post(f"/desk/case/{case.id}/resolve")).status_code == 303
    seen = await ann.get(f"/desk/now?case={case.id}")
    assert "Eve Manager has changed B1: Done" in seen.text
