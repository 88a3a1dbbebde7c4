"""A whole day over the API, on both engines."""

import asyncio
from typing import Any

import httpx

from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from tests.dialects.native.api import Api
from tests.dialects.native.conftest import Places, after, places_of, queued


async def test_a_visit_from_the_ticket_to_the_facts_of_it(api: Api, places: Places) -> None:
    begin = (await api.get("/facts"))["head"]
    new = await api.post(
        "/cases",
        {"service_ext_ref": "SVC-003", "name": "Ada", "phone": "030 123456", "fields": _FIELDS},
        expect=201,
    )
    id, desk = new["case"]["id"], places.desks[0]
    assert (new["case"]["ticket"], new["case"]["state"]) == ("C1", "waiting")
    assert new["place"] == {"before": 0, "counted": True}

    unit = f"/units/{places.unit['id']}"
    everything = {"workspace_id": _named(places.workspaces, "Everything"), "desk_id": desk["id"]}
    called = await api.post(f"{unit}/call-next", everything)
    assert (called["id"], called["state"], called["desk_id"]) == (id, "called", desk["id"])
    board = await api.get(f"{unit}/board")
    assert [(call["ticket"], call["desk"]) for call in board["calls"]] == [("C1", desk["name"])]

    assert (await api.post(f"/cases/{id}/start"))["state"] == "active"
    note = await api.post(f"/cases/{id}/notes", {"text": "Has all papers."}, expect=201)
    assert (await api.get(f"/cases/{id}/notes"))["notes"] == [note]
    done = {"outcome_id": _named(places.outcomes, "Done"), "solution": "Licence granted."}
    resolved = await api.post(f"/cases/{id}/resolve", done)
    assert (resolved["state"], resolved["version"]) == ("resolved", 5)

    file = await api.get(f"/cases/{id}")
    assert file["case"] == resolved
    assert file["contact"] == {
        "name": "Ada",
        "phone": "+4930123456",
        "email": None,
        "fields": _FIELDS,
        "solution": "Licence granted.",
        "needs": [],
        **dict.fromkeys(("title", "description", "cc")),
    }
    assert file["moves"] == ["close", "reopen"]

    history = (await api.get(f"/cases/{id}/history"))["facts"]
    kinds = ["case.queued", "case.called", "case.started", "case.noted", "case.resolved"]
    assert [(fact["version"], fact["kind"]) for fact in history] == list(enumerate(kinds, 1))
    assert await _feed(api, begin, 5) == history
    assert (await api.post(f"{unit}/call-next", everything, expect=204)) is None


async def test_the_feed_is_whole_and_in_order_while_many_work(api: Api, places: Places) -> None:
    unit, queue_ids = places.unit["id"], [queue["id"] for queue in places.queues]

    async def one() -> None:
        await queued(api)
        called = await api.post(f"/units/{unit}/call-next", {"queue_ids": queue_ids})
        await api.post(f"/cases/{called['id']}/resolve")

    await asyncio.gather(*(one() for _ in range(12)))
    facts = await _feed(api, None, 36)
    versions: dict[str, list[int]] = {}
    for fact in facts:
        versions.setdefault(fact["subject_id"], []).append(fact["version"])
    assert list(versions.values()) == [[1, 2, 3]] * 12


async def test_an_agent_works_with_a_token_of_their_own(agent: Api, api: Api) -> None:
    places = await places_of(agent)
    desk = await agent.post(f"/desks/{places.desks[1]['id']}/sit-down")
    id = await queued(api)
    me = await agent.get("/me")
    called = await agent.post(f"/cases/{id}/call", {"desk_id": desk["id"]})
    assert (called["agent_id"], me["name"], me["kind"]) == (me["id"], "Ann Example", "agent")
    view = await agent.get(f"/units/{places.unit['id']}/desk?desk_id={desk['id']}")
    assert view["current"] == called
    await agent.post(f"/cases/{id}/cancel", expect=403)
    await agent.post("/get-up", expect=204)
    await agent.post("/sign-out", expect=204)
    await agent.get("/me", expect=401)


async def test_a_program_sits_at_no_desk(api: Api, places: Places) -> None:
    await api.post(f"/desks/{places.desks[1]['id']}/sit-down", expect=403)
    await api.post("/get-up", expect=403)


async def test_everything_that_can_be_done_to_a_case(api: Api, places: Places) -> None:
    consulting = _named(places.queues, "Consulting")
    id = await after(api, "pend", "resume", "call", "undo-call", "call", "start")
    assert (await api.post(f"/cases/{id}/hold", {"reason": "form"}))["state"] == "on_hold"
    assert (await api.post(f"/cases/{id}/return"))["state"] == "waiting"
    moved = await api.post(f"/cases/{id}/transfer", {"queue_id": consulting, "keep_place": False})
    assert (moved["queue_id"], moved["state"]) == (consulting, "waiting")
    assert (await api.post(f"/cases/{id}/call"))["state"] == "called"
    await api.post(f"/cases/{id}/call-again", expect=429)
    assert (await api.post(f"/cases/{id}/miss"))["state"] == "no_show"
    assert (await api.post(f"/cases/{id}/reopen"))["state"] == "waiting"
    assert (await api.post(f"/cases/{id}/resolve"))["state"] == "resolved"
    assert (await api.post(f"/cases/{id}/close"))["state"] == "closed"
    canceled = await api.post(f"/cases/{await queued(api)}/cancel", {"reason": "fire alarm"})
    assert canceled["state"] == "canceled"


async def test_a_correction_changes_what_is_given_and_nothing_else(
    api: Api, places: Places
) -> None:
    first, second = await queued(api), await queued(api)
    urgent = _named(places.tags, "Urgent")
    case = await api.patch(f"/cases/{second}", {"priority": 2, "tag_ids": [urgent], "name": "Bo"})
    assert (case["priority"], case["tag_ids"], case["version"]) == (2, [urgent], 2)
    line = await api.get(f"/queues/{case['queue_id']}/cases")
    assert [one["id"] for one in line["cases"]] == [second, first]
    await api.patch(f"/cases/{second}", {"email": "bo@example.com", "name": None})
    contact = (await api.get(f"/cases/{second}"))["contact"]
    assert (contact["name"], contact["email"]) == (None, "bo@example.com")
    facts = (await api.get(f"/cases/{second}/history?after=1"))["facts"]
    assert [fact["data"]["changed"] for fact in facts] == [
        ["priority", "tag_ids", "name"],
        ["email", "name"],
    ]
    assert "bo@example.com" not in str(facts)


async def test_a_holder_leaves_and_comes_back(api: Api, client: httpx.AsyncClient) -> None:
    new = await api.post("/cases", {"service_number": 1}, expect=201)
    link, nobody = new["ticket_url"].rpartition("/")[2], Api(client)
    ticket = await nobody.get(f"/tickets/{link}")
    assert (ticket["ticket"], ticket["state"], ticket["may_leave"]) == ("A1", "waiting", True)
    await nobody.post(f"/tickets/{link}/leave", expect=204)
    await nobody.post(f"/tickets/{link}/leave", expect=409)
    assert (await nobody.get(f"/tickets/{link}"))["may_come_back"]
    await nobody.post(f"/tickets/{link}/come-back", expect=204)
    assert (await api.get(f"/cases/{new['case']['id']}"))["case"]["state"] == "waiting"
    await nobody.get("/tickets/1.nothing", expect=404)


async def test_a_line_is_read_page_by_page(api: Api, places: Places) -> None:
    ids = [await queued(api) for _ in range(7)]
    line = f"/queues/{_named(places.queues, 'Reception')}/cases?limit=3"
    page = await api.get(line)
    found = [case["id"] for case in page["cases"]]
    while page["next"]:
        page = await api.get(f"{line}&after={page['next']}")
        found += [case["id"] for case in page["cases"]]
    assert found == ids
    await api.get(f"{line}&after=nonsense", expect=422)


async def test_a_history_is_read_page_by_page(api: Api) -> None:
    id = await after(api, "pend", "resume", "pend")
    first = await api.get(f"/cases/{id}/history?limit=3")
    assert ([fact["version"] for fact in first["facts"]], first["more"]) == ([1, 2, 3], True)
    rest = await api.get(f"/cases/{id}/history?limit=3&after=3")
    assert ([fact["version"] for fact in rest["facts"]], rest["more"]) == ([4], False)


async def test_what_has_not_changed_is_not_sent_again(api: Api) -> None:
    id = await queued(api)
    first = await api.ask("GET", f"/cases/{id}")
    known = {"If-None-Match": first.headers["etag"]}
    await api.ask("GET", f"/cases/{id}", headers=known, expect=304)
    await api.post(f"/cases/{id}/pend")
    again = await api.ask("GET", f"/cases/{id}", headers=known)
    assert again.headers["etag"] != first.headers["etag"]


async def test_a_reader_whose_place_is_gone_is_told(api: Api, house: House, branch: Sample) -> None:
    await queued(api)
    await _feed(api, None, 1)
    head = (await api.get("/facts"))["head"]
    epoch = head.partition(":")[0]
    assert (await api.get(f"/facts?after={epoch}:99", expect=410))["details"] == {"head": head}
    await api.get(f"/facts?after={house.ids(house.clock())}:0", expect=410)
    await api.get("/facts?after=nonsense", expect=422)
    assert (await api.get(f"/facts?after={head}"))["facts"] == []


_FIELDS = {"company": "Engines Ltd"}


async def _feed(api: Api, after: str | None, count: int) -> list[Any]:
    """The facts behind a place, asked for two at a time until there are so many."""
    facts: list[Any] = []
    async with asyncio.timeout(60):
        while len(facts) < count:
            place = f"&after={after}" if after else ""
            page = await api.get(f"/facts?limit=2{place}")
            positions = [fact.pop("position") for fact in page["facts"]]
            assert not positions or positions[-1] == page["next"]
            facts += page["facts"]
            after = page["next"]
            await asyncio.sleep(0.01)
    return facts


def _named(things: list[dict[str, Any]], name: str) -> str:
    return next(str(thing["id"]) for thing in things if thing["name"] == name)
