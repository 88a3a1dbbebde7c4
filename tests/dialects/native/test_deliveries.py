"""Deliveries over the API: searched, looked into, told again; and the feed, waited for."""

import asyncio
from uuid import uuid4

from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.actions.setup import begin_epochs
from nowserving.store.store import Store
from tests.dialects.native.api import Api
from tests.dialects.native.conftest import Told, endpoint_of, queued, told_to


async def something_told(house: House, api: Api) -> tuple[str, Told]:
    endpoint_id = await endpoint_of(api)
    await api.post(f"/endpoints/{endpoint_id}/pause")
    return endpoint_id, await told_to(house, endpoint_id, await queued(api))


async def test_attempts_are_searched_and_looked_into(house: House, api: Api) -> None:
    endpoint_id, told = await something_told(house, api)
    found = await api.get(f"/deliveries?endpoint_id={endpoint_id}&status=500&taken=false")
    [attempt] = found["attempts"]
    assert (attempt["id"], attempt["kind"], found["next"]) == (told.attempt_id, "case.queued", None)
    assert (await api.get("/deliveries?status=0"))["attempts"] == []
    assert (await api.get(f"/deliveries?case_id={told.case_id}"))["attempts"] == [attempt]
    assert (await api.get(f"/deliveries?fact_id={told.fact_id}"))["attempts"] == [attempt]
    await api.get(f"/deliveries?fact_id={uuid4()}", expect=404)
    page = await api.get("/deliveries?limit=1")
    rest = await api.get(f"/deliveries?before={page['attempts'][-1]['id']}")
    assert rest["attempts"] == []
    shown = await api.get(f"/endpoints/{endpoint_id}/deliveries/{told.attempt_id}")
    assert shown["attempt"] == attempt
    assert (shown["request"]["body"], shown["answer"], shown["taken"]) == ("{}", "Oops", False)
    assert (shown["lane"]["head"], shown["lane"]["tail"]) == (0, 1)


async def test_a_lane_is_resumed(house: House, api: Api) -> None:
    endpoint_id, told = await something_told(house, api)
    path = f"/endpoints/{endpoint_id}/lanes/{told.subject_id}/resume"
    await api.ask("POST", path, expect=204)
    await api.post(f"/endpoints/{endpoint_id}/lanes/{uuid4()}/resume", expect=404)
    assert (await api.get("/deliveries/parked"))["lanes"] == []


async def test_a_replay_is_asked_for_shown_and_canceled(house: House, api: Api) -> None:
    endpoint_id, told = await something_told(house, api)
    path = f"/endpoints/{endpoint_id}"
    await api.get("/facts?wait=20")
    answer = await api.ask("POST", f"{path}/replays", {"since": "2020-01-01T00:00:00Z"}, expect=202)
    asked = answer.json()
    assert answer.headers["location"] == f"/api/v1/replays/{asked['id']}"
    assert (asked["source"], asked["total"]) == ("feed", 1)
    shown = await api.get(f"/replays/{asked['id']}")
    assert shown["state"] == "waiting"  # the endpoint is paused
    canceled = await api.post(f"/replays/{asked['id']}/cancel")
    assert canceled["state"] == "canceled"
    await api.post(f"/replays/{asked['id']}/cancel", expect=409)
    once = await api.post(f"{path}/deliveries/{told.attempt_id}/replay", expect=202)
    assert once["source"] == "fact"
    every = await api.get(f"/replays?endpoint_id={endpoint_id}")
    assert {one["id"] for one in every["replays"]} >= {asked["id"], once["id"]}
    refused = await api.post(f"{path}/test", expect=409)
    assert refused["type"] == "/api/v1/docs#not-told"
    await api.post(f"{path}/replays", {}, expect=422)


async def test_an_agent_sees_no_deliveries(agent: Api) -> None:
    for path in ("/deliveries", "/deliveries/parked", "/replays"):
        await agent.get(path, expect=403)


async def test_a_reader_waits_for_what_happens_next(api: Api) -> None:
    head = (await api.get("/facts"))["head"]
    waiting = asyncio.create_task(api.get(f"/facts?after={head}&wait=20"))
    await asyncio.sleep(0)
    case_id = await queued(api)
    [fact] = (await waiting)["facts"]
    assert (fact["subject_id"], fact["kind"]) == (case_id, "case.queued")


async def test_a_reader_waits_no_longer_than_it_said(api: Api) -> None:
    head = (await api.get("/facts"))["head"]
    page = await api.get(f"/facts?after={head}&wait=1")
    assert (page["facts"], page["next"], page["more"]) == ([], head, False)
    await api.get("/facts?wait=21", expect=422)


async def test_a_reader_hears_of_some_kinds_alone_and_misses_none(api: Api) -> None:
    case_id = await queued(api)
    for _ in range(3):
        await api.post(f"/cases/{case_id}/notes", {"text": "Hm."}, expect=201)
    await api.post(f"/cases/{case_id}/cancel", {})
    place, kinds = "", []
    while "case.canceled" not in kinds:
        page = await api.get(f"/facts?kinds=case.queued,case.canceled&limit=1&wait=5{place}")
        kinds += [one["kind"] for one in page["facts"]]
        place = f"&after={page['next']}"
    assert kinds == ["case.queued", "case.canceled"]


async def test_a_cursor_of_another_epoch_is_gone(house: House, branch: Sample, api: Api) -> None:
    head = (await api.get("/facts"))["head"]
    await begin_epochs(house, skip_numbers=0)
    refused = await api.get(f"/facts?after={head}&wait=5", expect=410)
    assert refused["type"] == "/api/v1/docs#feed-gone"
    assert refused["details"]["head"] != head
    async with house.engine.reading() as connection:
        epoch, _ = await Store(connection, branch.organization.id).feed.head()
    assert refused["details"]["head"].startswith(str(epoch))
