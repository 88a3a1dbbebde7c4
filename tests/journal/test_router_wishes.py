"""What the router puts on the lanes of those who want to hear of some places only."""

import asyncio
import random
from collections import defaultdict
from uuid import UUID, uuid4

from nowserving.journal.router import Router
from nowserving.journal.wanted import Where, wants
from nowserving.journal.wishes import stretches_of
from nowserving.store.engines import Engine
from nowserving.store.lanes import Stretch
from nowserving.store.routing import Unrouted
from nowserving.store.subscriptions import Wish
from tests.journal.conftest import Another
from tests.journal.facts import Office, until
from tests.journal.test_router import claim_all, has_length

CASE, HERE, THERE, LICENCES, OTHER = (UUID(int=at) for at in range(1, 6))


def test_a_stretch_goes_from_the_first_to_the_last_fact_of_a_place() -> None:
    facts = [Unrouted(CASE, version, "called") for version in range(1, 6)]
    where = {
        (CASE, 1): Where((HERE,), LICENCES),
        (CASE, 2): Where((THERE, HERE), LICENCES),
        (CASE, 3): Where((THERE,), LICENCES),
        (CASE, 4): Where((HERE, THERE), LICENCES),
        (CASE, 5): Where((HERE,), OTHER),
    }
    wishes = {
        1: Wish(("called",), unit_ids=frozenset({HERE})),
        2: Wish(("called",), unit_ids=frozenset({THERE})),
        3: Wish(("called",), unit_ids=frozenset({HERE}), service_ids=frozenset({OTHER})),
        4: Wish(("called",), unit_ids=frozenset({OTHER})),
        5: Wish(("called",), service_ids=frozenset({LICENCES})),
    }
    asked = [(UUID(int=at), wish) for at, wish in wishes.items()]
    assert stretches_of(facts, asked, where) == [
        Stretch(UUID(int=1), CASE, 1, 5),
        Stretch(UUID(int=2), CASE, 2, 4),
        Stretch(UUID(int=3), CASE, 5, 5),
        Stretch(UUID(int=5), CASE, 1, 4),
    ]


async def test_a_pattern_and_a_name_put_the_same_on_their_lanes(office: Office) -> None:
    names = await office.subscribe("http://127.0.0.1:1/", ["case.called", "case.called_again"])
    pattern = await office.subscribe("http://127.0.0.1:1/", ["case.called*"])
    for kind in ("case.queued", "case.called", "case.called_again", "case.started"):
        await office.happens(CASE, kind)
    await routed(office, 4)
    lanes = {lane.endpoint_id: (lane.head, lane.tail) for lane in await claim_all(office)}
    assert lanes == {names.id: (1, 3), pattern.id: (1, 3)}


async def test_a_case_that_comes_back_is_told_from_where_it_was_left(office: Office) -> None:
    """The lane grows again when the case returns; what happened elsewhere lies between."""
    endpoint = await office.subscribe("http://127.0.0.1:1/", ["*"], unit_ids=(HERE,))
    await office.happens(CASE, at_unit=HERE)
    await office.happens(CASE, "case.transferred", at_unit=THERE, from_unit_id=HERE)
    await routed(office, 2)
    await office.happens(CASE, "case.called", at_unit=THERE)
    await routed(office, 3)
    assert [(one.head, one.tail) for one in await claim_all(office)] == [(0, 2)]
    await office.happens(CASE, "case.transferred", at_unit=HERE, from_unit_id=THERE)
    await routed(office, 4)
    lanes = {one.endpoint_id: (one.head, one.tail) for one in await claim_all(office)}
    assert lanes == {endpoint.id: (0, 4)}


async def routed(office: Office, count: int) -> None:
    router = Router(office.engine)
    await router.start()
    await until(lambda: has_length(office, count))
    await router.stop()


async def test_no_wish_loses_anything_under_eight_committers_and_three_routers(
    office: Office, another: Another
) -> None:
    """The traps of the router, for those who want some places: every lane holds what it must."""
    endpoints = [
        await office.subscribe("http://127.0.0.1:1/", ["*"], unit_ids=(HERE,)),
        await office.subscribe("http://127.0.0.1:1/", ["case.c*"], service_ids=(LICENCES,)),
        await office.subscribe(
            "http://127.0.0.1:1/", ["*"], unit_ids=(HERE, THERE), service_ids=(OTHER,)
        ),
    ]
    engines = [await another() for _ in range(3)]
    routers = [Router(engine, every=0.01) for engine in engines]
    cases = [uuid4() for _ in range(12)]
    chance = random.Random(1)

    async def commit(engine: Engine, router: Router) -> None:
        for _ in range(40):
            units = chance.sample([HERE, THERE, LICENCES], 2)
            await office.happens(
                chance.choice(cases),
                chance.choice(["case.queued", "case.called", "case.transferred"]),
                on=engine,
                at_unit=units[0],
                for_service=chance.choice([LICENCES, OTHER]),
                from_unit_id=units[1] if chance.random() < 0.5 else None,
            )
            router.wake(office.id)

    for router in routers:
        await router.start()
    await asyncio.gather(*(commit(engines[at % 3], routers[at % 3]) for at in range(8)))
    await until(lambda: has_length(office, 320))
    for router in routers:
        await router.stop()

    wanted = defaultdict(list)
    for _, fact in await office.feed():
        for endpoint in endpoints:
            if wants(endpoint, fact):
                wanted[endpoint.id, fact.subject_id].append(fact.version)
    lanes = {(one.endpoint_id, one.subject_id): one for one in await claim_all(office)}
    assert {key: (one.head, one.tail) for key, one in lanes.items()} == {
        key: (versions[0] - 1, versions[-1]) for key, versions in wanted.items()
    }
