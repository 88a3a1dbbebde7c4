"""The router keeps the wishes it knows, and hears of every change to them before the next fact."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from nowserving.journal.router import Router
from nowserving.places.endpoints import Endpoint, EndpointState, Why
from nowserving.store.endpoints import Endpoints
from nowserving.store.engines import Engine
from nowserving.store.feed import Feed
from nowserving.store.lanes import Lanes
from nowserving.store.routing import Routing
from tests.journal.conftest import Another
from tests.journal.facts import Office, until
from tests.journal.test_router import claim_all, has_length

A, HERE, THERE = (UUID(int=at) for at in (1, 2, 3))
NOWHERE = "http://127.0.0.1:1/"


async def changed(engine: Engine, seen: Endpoint, **terms: Any) -> Endpoint:
    """Change an endpoint as people do it."""
    new = replace(seen, version=seen.version + 1, **terms)
    async with engine.writing() as connection:
        await Endpoints(connection, seen.organization_id).replace(seen, new)
    return new


async def edition(office: Office) -> str:
    async with office.engine.writing() as connection:
        taken = await Routing(connection, office.id).take(0)
        assert taken is not None
    return taken.edition


async def test_what_another_process_changed_is_heeded_from_the_next_fact_on(
    office: Office, another: Another
) -> None:
    other = await another()
    elsewhere = replace(office, engine=other)
    router = Router(office.engine)
    await router.start()

    async def happens() -> dict[UUID, int]:
        """Up to where the lanes of each endpoint go, once the next fact is routed."""
        fact = await office.happens(A, on=other, at_unit=HERE)
        router.wake(office.id)
        await until(lambda: has_length(office, fact.version))
        async with office.engine.reading() as connection:
            lanes, ids = (
                Lanes(connection, office.id),
                await Endpoints(connection, office.id).every_id(),
            )
            found = {id: await lanes.lane(id, A) for id in ids}
        return {id: lane.tail for id, lane in found.items() if lane is not None}

    assert await happens() == {}
    one = await elsewhere.subscribe(NOWHERE)
    assert await happens() == {one.id: 2}
    two = await elsewhere.subscribe(NOWHERE, unit_ids=(HERE,))
    assert await happens() == {one.id: 3, two.id: 3}
    one = await changed(other, one, kinds=("case.closed",))
    assert await happens() == {one.id: 3, two.id: 4}
    one = await changed(other, one, kinds=("case.*",))
    two = await changed(other, two, unit_ids=(THERE,))
    assert await happens() == {one.id: 5, two.id: 4}
    two = await changed(other, two, unit_ids=None, state=EndpointState.DISABLED, why=Why.PAUSED)
    assert await happens() == {one.id: 6, two.id: 6}
    two = await changed(other, two, state=EndpointState.ACTIVE, why=None)
    await changed(other, one, state=EndpointState.DELETED)
    three = await elsewhere.subscribe(NOWHERE)
    assert await happens() == {one.id: 6, two.id: 7, three.id: 7}
    await router.stop()
    assert {lane.endpoint_id: (lane.head, lane.tail) for lane in await claim_all(office)} == {
        two.id: (2, 7),
        three.id: (6, 7),
    }


async def test_an_edition_is_never_that_of_other_wishes(office: Office) -> None:
    """Neither of those before, nor of as many others."""
    editions = [await edition(office)]
    one = await office.subscribe(NOWHERE)
    editions.append(await edition(office))
    one = await changed(office.engine, one, kinds=("case.closed",))
    editions.append(await edition(office))
    await changed(office.engine, one, state=EndpointState.DELETED)
    editions.append(await edition(office))
    await office.subscribe(NOWHERE)
    editions.append(await edition(office))
    async with office.engine.writing() as connection:
        await Feed(connection, office.id).begin_epoch(UUID(int=7))
    editions.append(await edition(office))
    assert len(set(editions)) == len(editions)


async def test_an_edition_lasts_while_things_happen(office: Office, another: Another) -> None:
    await office.subscribe(NOWHERE)
    neighbor = Office(await another())
    await neighbor.open()
    before = await edition(office)
    await office.happens(A)
    await neighbor.subscribe(NOWHERE)
    async with office.engine.writing() as connection:
        taken = await Routing(connection, office.id).take(10)
        assert taken is not None
        await Routing(connection, office.id).append(taken.position, taken.facts)
    assert (taken.edition, await edition(office)) == (before, before)
