"""Who is held while colleagues call at the same moment."""

import asyncio
from contextlib import AsyncExitStack
from uuid import UUID

import pytest

from nowserving.actions.house import House
from nowserving.actions.queue_up import queue_up
from nowserving.actions.sample import Sample
from nowserving.cases.admission import Request
from nowserving.kit.clock import micros
from nowserving.kit.problems import Stale
from nowserving.people.actor import Actor
from nowserving.store.store import Store


async def join(house: House, program: Actor, service: UUID) -> UUID:
    async with house.acting(program) as act:
        return (await queue_up(act, Request(service_id=service, phone="+4930123456"))).case.id


async def first(house: House, store: Store, queues: list[UUID]) -> UUID | None:
    now = micros(house.clock())
    found, _ = await store.lines.first_of(queues, agent=None, desk=None, now=now)
    return found[0].id if found else None


async def test_a_colleague_in_two_queues_gets_the_second_and_not_nobody(
    house: House, branch: Sample, program: Actor
) -> None:
    directory = await house.directory(branch.organization.id)
    inquiry, _, business, *_ = directory.services_of(directory.unit_numbered(1).id)
    queues = [inquiry.queue_id, business.queue_id]
    one, two = [await join(house, program, service.id) for service in (inquiry, business)]
    if house.engine.dialect == "sqlite":
        async with house.engine.writing() as connection:
            assert await first(house, Store(connection, branch.organization.id), queues) == one
        return
    async with AsyncExitStack() as stack:
        stores = [
            Store(await stack.enter_async_context(house.engine.writing()), branch.organization.id)
            for _ in range(3)
        ]
        assert await first(house, stores[0], queues) == one
        assert await first(house, stores[1], queues) == two
        with pytest.raises(Stale):
            await first(house, stores[2], queues)
        with pytest.raises(Stale):
            await first(house, stores[2], queues[:1])


async def test_a_transaction_that_is_given_up_while_it_begins_stops_nobody(house: House) -> None:
    async def write() -> None:
        async with house.engine.writing():
            pass

    await write()
    for _ in range(20):
        writing = asyncio.create_task(write())
        await asyncio.sleep(0)
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
        await write()
