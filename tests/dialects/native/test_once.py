"""A repeated request does its work once and gets the same answer."""

import asyncio
from typing import Any

import pytest

from nowserving.actions import queue_up
from nowserving.actions.act import Act
from tests.dialects.native.api import Api
from tests.dialects.native.conftest import Places, queued

ORDER = {"service_number": 1}


async def test_the_same_request_gets_the_same_bytes(api: Api) -> None:
    first = await api.ask("POST", "/cases", ORDER, key="k1", expect=201)
    again = await api.ask("POST", "/cases", ORDER, key="k1", expect=201)
    assert (again.content, again.headers["location"]) == (first.content, first.headers["location"])
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    line = await api.get(f"/queues/{first.json()['case']['queue_id']}/cases")
    assert len(line["cases"]) == 1


async def test_a_move_is_made_once(api: Api) -> None:
    id = await queued(api)
    first = await api.ask("POST", f"/cases/{id}/pend", key="k2")
    again = await api.ask("POST", f"/cases/{id}/pend", key="k2")
    assert again.content == first.content
    assert len((await api.get(f"/cases/{id}/history"))["facts"]) == 2


async def test_nobody_waits_is_an_answer_too(api: Api, places: Places) -> None:
    order = {"queue_ids": [queue["id"] for queue in places.queues]}
    path = f"/units/{places.unit['id']}/call-next"
    await api.ask("POST", path, order, key="k3", expect=204)
    await queued(api)
    again = await api.ask("POST", path, order, key="k3", expect=204)
    assert again.headers["idempotency-replayed"] == "true"


async def test_a_key_is_for_one_request(api: Api) -> None:
    await api.post("/cases", ORDER, key="k4", expect=201)
    refused = await api.post("/cases", {"service_number": 2}, key="k4", expect=422)
    assert refused["type"] == "/api/v1/docs#key-reused"
    id = await queued(api)
    await api.post(f"/cases/{id}/pend", key="k4", expect=422)


async def test_the_second_waits_while_the_first_is_worked_on(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slowly(act: Act, request: Any) -> Any:
        begun.set()
        await go_on.wait()
        return request, None

    monkeypatch.setattr(queue_up, "with_customer", slowly)
    first = asyncio.create_task(api.ask("POST", "/cases", ORDER, key="k5", expect=201))
    await begun.wait()
    second = await api.ask("POST", "/cases", ORDER, key="k5", expect=409)
    assert second.headers["retry-after"] == "1"
    assert second.json()["type"] == "/api/v1/docs#still-running"
    go_on.set()
    await first


async def test_a_refused_request_may_be_mended_under_its_key(api: Api) -> None:
    await api.post("/cases", {"service_ext_ref": "SVC-003"}, key="k6", expect=422)
    mended = {"service_ext_ref": "SVC-003", "phone": "030 123456"}
    await api.post("/cases", mended, key="k6", expect=201)


@pytest.mark.parametrize("key", ["x" * 256, "tab\there"])
async def test_a_key_that_is_none_is_refused(api: Api, key: str) -> None:
    await api.post("/cases", ORDER, key=key, expect=422)
