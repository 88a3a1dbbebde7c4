"""A request with an idempotency key does its work once."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import UUID

import httpx
import pytest
from litestar import Litestar

from nowserving.actions.doorway import Doorway
from nowserving.actions.house import House
from nowserving.actions.sign_in import Callers
from nowserving.main.server import create_app
from nowserving.main.settings import Settings
from tests.dialects.cubu.conftest import Count, Program


async def test_the_same_request_gets_the_same_bytes(demo: Program, count: Count) -> None:
    first = await demo.queue_up(demo.services[0], key="a")
    after = await count()
    again = await demo.queue_up(demo.services[0], key="a")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again.headers["content-type"] == first.headers["content-type"]
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert await count() == after


async def test_another_request_with_the_key_is_refused(demo: Program, count: Count) -> None:
    await demo.queue_up(demo.services[0], key="a")
    after = await count()
    body = await demo.queue_up(demo.services[0], key="a", locale="de-DE")
    service = await demo.queue_up(demo.services[1], key="a")
    refused = await demo.queue_up(demo.services[0], key="a", tagIds=[str(UUID(int=1))])
    assert [body.status_code, service.status_code, refused.status_code] == [422, 422, 422]
    assert body.json()["errorCode"] is None
    assert await count() == after


async def test_the_answer_stays_when_the_same_request_would_be_refused_by_now(
    house: House, demo: Program
) -> None:
    first = await demo.queue_up(demo.services[0], key="a")
    directory = await house.directory(demo.made.organization.id)
    service = directory.services[demo.services[0].id]
    now = house.clock()
    closed = replace(
        directory,
        services={**directory.services, service.id: replace(service, archived=True)},
    )
    house._directories[demo.made.organization.id] = (house._directories.popitem()[1][0], closed)
    house.clock = lambda: now
    assert (await demo.queue_up(demo.services[0])).status_code == 404
    again = await demo.queue_up(demo.services[0], key="a")
    assert (again.status_code, again.content) == (201, first.content)


async def test_a_refused_request_may_be_made_again_with_its_key(demo: Program) -> None:
    business = demo.services[2]
    assert (await demo.queue_up(business, key="a")).status_code == 400
    assert (
        await demo.queue_up(business, key="a", contactPhoneNumber="+4930901820")
    ).status_code == 201


async def test_keys_belong_to_their_caller(demo: Program, other: Program, count: Count) -> None:
    assert (await demo.queue_up(demo.services[0], key="a")).status_code == 201
    answer = await other.queue_up(other.services[0], key="a")
    assert (answer.status_code, "idempotency-replayed" in answer.headers) == (201, False)
    assert (await count())["cases"] == 2


async def test_a_key_that_cannot_be_one_is_refused(demo: Program, count: Count) -> None:
    before = await count()
    for key in ("", "a" * 256, "a\tb"):
        answer = await demo.queue_up(demo.services[0], key=key)
        assert (answer.status_code, answer.json()["field"]) == (400, "Idempotency-Key")
    assert await count() == before


async def test_twenty_at_once_are_one_case(demo: Program, count: Count) -> None:
    answers = await asyncio.gather(*(demo.queue_up(demo.services[0], key="a") for _ in range(20)))
    made = [answer for answer in answers if answer.status_code == 201]
    running = [answer for answer in answers if answer.status_code == 409]
    assert (len(made) + len(running), len({answer.content for answer in made})) == (20, 1)
    assert {answer.headers["retry-after"] for answer in running} <= {"1"}
    assert (await count())["cases"] == 1
    assert (await demo.queue_up(demo.services[0], key="a")).content == made[0].content
    assert (await demo.queue_up(demo.services[0])).json()["ticket"]["number"] == 2


@pytest.fixture
async def twin(
    house: House, settings: Settings, app: object, served_doors: Litestar
) -> AsyncIterator[httpx.AsyncClient]:
    """A second server on the same database, as another process would be."""
    second = House(house.engine, house.vault)
    opened = create_app(settings, house=second, doors=served_doors)
    opened.app.state.doorway = Doorway(second, Callers(second), settings.base_url)
    transport = httpx.ASGITransport(app=opened)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url=settings.base_url) as asking:
        yield asking


async def test_two_servers_asked_at_once_make_one_case(
    demo: Program, twin: httpx.AsyncClient, count: Count
) -> None:
    for attempt in range(10):
        key = f"attempt {attempt}"
        there = Program(twin, demo.made, demo.token)
        answers = await asyncio.gather(
            demo.queue_up(demo.services[0], key=key), there.queue_up(demo.services[0], key=key)
        )
        assert [answer.status_code for answer in answers] == [201, 201], answers[0].text
        assert answers[0].content == answers[1].content
    assert (await count())["cases"] == 10
