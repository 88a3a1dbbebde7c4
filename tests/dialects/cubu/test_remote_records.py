"""Records of an organization's own tables that another system keeps: query, find and fetch."""

from typing import Any

import httpx
import pytest

from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.dialects.cubu.asking import WORDS
from nowserving.kit.problems import Invalid
from nowserving.places.hooks import HookKind, OnFailure
from tests.dialects.cubu.test_before import Enabled, asker, org
from tests.dialects.native.conftest import agent_of, program_of
from tests.dialects.native.test_data_records import CARS, Cars
from tests.hooks.asked import asked_far
from tests.hooks.far import Post

__all__ = ["asker", "org"]


@pytest.fixture
async def cars(client: httpx.AsyncClient, branch: Sample) -> Cars:
    """A table of cars, the program that reads it, and who leads."""
    eve = await agent_of(client, branch, "eve")
    api = await program_of(client, branch)
    return Cars(api, eve, await eve.post("/data-tables", CARS, expect=201))


async def test_a_record_is_found_by_its_key_written_down_and_known_again(
    cars: Cars, org: Enabled
) -> None:
    answers: list[Any] = [
        {"record": {"recordId": 17, "fields": {"plate-number": "B NS 1", "seats": "7", "x": 1}}}
    ]
    path = f"{cars.path}/records/by-key?slug=plate-number&value=b%20ns%201"
    async with asked_far(lambda post: answers[0]) as far:
        await (await org.at(far)).hook(HookKind.CUSTOMERS, settings={"tables": ["cars"]})
        found = await cars.api.get(path)
        assert far.posts[0].path == "/hooks/dataTable/actions/find"
        assert far.said == [
            {"dataTableSlug": "cars", "keyFieldSlug": "plate-number", "keyFieldValue": "b ns 1"}
        ]
        assert (found["remote_id"], found["version"]) == ("17", 1)
        assert found["fields"] == {
            "plate-number": "B NS 1",
            "chassis": None,
            "model": None,
            "seats": 7,
        }
        assert await cars.api.get(path) == found  # nothing new, so nothing is written
        answers[0] = {"fields": {"model": "Van", "seats": "many"}}
        fetched = await cars.api.post(f"/data-records/{found['id']}/fetch")
        assert far.said[-1] == {"dataTableSlug": "cars", "remoteRecordId": "17"}
        assert (fetched["fields"]["model"], fetched["fields"]["seats"]) == ("Van", 7)
        answers[0] = 404
        assert await cars.api.post(f"/data-records/{found['id']}/fetch") == fetched
        assert await cars.api.get(path) == fetched  # it is known here
        own = await cars.add(plate_number="B NS 2")
        assert (await cars.api.post(f"/data-records/{own['id']}/fetch"))["remote_id"] is None
    assert len(far.posts) == 5


async def test_what_a_text_finds_is_written_down_and_takes_up_what_is_there(
    cars: Cars, org: Enabled
) -> None:
    own = await cars.add(plate_number="B NS 1", model="Van")
    records = [
        {"id": "C-1", "fields": {"plate-number": "b ns 1", "seats": 5}},
        {"id": "C-2", "fields": {"plate-number": "B NS 2"}},
        {"id": "C-3", "fields": {"plate-number": "B NS 2"}},  # the same key: whose is it?
        {"id": "C-4", "fields": {"color": "red"}},  # nothing that we keep
    ]
    async with asked_far(lambda post: {"records": records}) as far:
        await (await org.at(far)).hook(HookKind.CUSTOMERS, settings={"tables": ["cars"]})
        page = await cars.api.get(f"{cars.path}/records/elsewhere?text=ns&limit=9")
    assert far.said == [
        {"dataTableSlug": "cars", "pageSize": 9, "continuationToken": None, "query": "ns"}
    ]
    first, second = page["records"]
    assert (first["id"], first["remote_id"], first["fields"]["seats"]) == (own["id"], "C-1", 5)
    assert (first["fields"]["model"], second["remote_id"]) == ("Van", "C-2")
    assert [one["id"] for one in (await cars.api.get(f"{cars.path}/records"))["records"]] == [
        *(own["id"], second["id"])
    ]


async def test_who_looks_here_before_it_has_answered_is_not_asked_again(
    cars: Cars, org: Enabled
) -> None:
    path = f"{cars.path}/records/by-key?slug=plate-number&value=b%20ns%201"
    own = await cars.add(plate_number="B NS 1")
    seen = []

    async def looking_here(post: Post) -> None:
        headers = {"Nowserving-Within": post.headers["Nowserving-Within"]}
        seen.append(await cars.api.ask("GET", path, headers=headers, expect=200))

    async with asked_far(looking_here) as far:
        await (await org.at(far)).hook(HookKind.CUSTOMERS, settings={"tables": ["cars"]})
        assert (await cars.api.get(path))["id"] == own["id"]
    assert (len(far.posts), len(seen)) == (1, 1)


async def test_who_does_not_keep_a_table_is_not_asked_for_it(
    cars: Cars, org: Enabled, house: House
) -> None:
    path = f"{cars.path}/records/by-key?slug=plate-number&value=1"
    async with asked_far(lambda post: 500) as far:
        await (await org.at(far)).hook(HookKind.CUSTOMERS)
        await cars.api.get(path, expect=404)
        assert (await cars.api.get(f"{cars.path}/records/elsewhere?text=1"))["records"] == []
        assert far.posts == []
        settings = {"tables": ["cars"]}
        await org.hook(HookKind.CUSTOMERS, settings=settings, on_failure=OnFailure.DENY)
        await cars.api.get(path, expect=503)
        assert len(far.posts) == 1
    with pytest.raises(Invalid):
        WORDS.settings({"tables": ["no slug"]})
