"""The router: a dense feed in the order of each case, whoever commits and however many route."""

import asyncio
import random
from collections import defaultdict
from uuid import UUID, uuid4

from nowserving.journal.router import MOST, Router
from nowserving.journal.wishes import stretches_of
from nowserving.store.endpoints import Endpoints
from nowserving.store.engines import Engine
from nowserving.store.lanes import Lane, Lanes, Stretch
from nowserving.store.routing import Routing, Unrouted
from nowserving.store.subscriptions import Wish
from tests.journal.conftest import Another
from tests.journal.facts import NOON, Flaky, Office, until

A, B, C = (UUID(int=at) for at in (1, 2, 3))


async def unrouted(office: Office) -> int:
    async with office.engine.writing() as connection:
        taken = await Routing(connection, office.id).take(1_000_000)
        assert taken is not None
        count = len(taken.facts)
        await Routing(connection, office.id).append(taken.position, taken.facts)
    return count


async def claim_all(office: Office) -> list[Lane]:
    """Every lane that is due by the year 3000."""
    far = NOON.replace(year=3000)
    async with office.engine.writing() as connection:
        lanes = Lanes(connection, office.id)
        rooms = dict.fromkeys([e.id for e in await Endpoints(connection, office.id).all()], 1000)
        return await lanes.claim(rooms, lease=uuid4(), now=far, until=far, most=100_000)


async def test_what_is_committed_is_in_the_feed_a_moment_later(office: Office) -> None:
    router = Router(office.engine)
    await router.start()
    first = await office.happens(A)
    router.wake(office.id)
    second = await office.happens(A, "case.called")
    router.wake(office.id)
    await until(lambda: is_feed(office, [(1, first), (2, second)]))
    await router.stop()


async def is_feed(office: Office, expected: object) -> bool:
    return await office.feed() == expected


async def test_what_was_left_behind_is_routed_at_the_start(office: Office) -> None:
    facts = [await office.happens(A) for _ in range(3)]
    router = Router(office.engine)
    await router.start()
    await until(lambda: is_feed(office, list(enumerate(facts, 1))))
    await router.stop()


async def test_hearers_are_told_whose_lanes_grew(office: Office) -> None:
    heard = []

    class Ear:
        def wake(self, organization_id: UUID, endpoint_ids: object = None) -> None:
            heard.append((organization_id, endpoint_ids))

    wants = await office.subscribe("http://127.0.0.1:1/", ["case.queued"])
    await office.subscribe("http://127.0.0.1:1/", ["case.closed"])
    router = Router(office.engine, [Ear()])
    await office.happens(A)
    await router.start()
    await until(lambda: bool(heard))
    await router.stop()
    assert heard == [(office.id, {wants.id})]


async def test_only_one_routes_an_organization_at_a_time(office: Office, another: Another) -> None:
    """The trap: two routers that split versions 1 and 2 of a case between them lose one."""
    await office.happens(A)
    other = await another()
    if other is office.engine:
        return  # SQLite: there is one writer
    async with office.engine.writing() as ours:
        taken = await Routing(ours, office.id).take(MOST)
        assert taken is not None
        await office.happens(A, "case.called", on=other)
        async with other.writing() as theirs:
            assert await Routing(theirs, office.id).take(MOST) is None
        await Routing(ours, office.id).append(taken.position, taken.facts)
    async with other.writing() as theirs:
        taken = await Routing(theirs, office.id).take(MOST)
        assert taken is not None
        assert (taken.position, taken.facts) == (1, [Unrouted(A, 2, "case.called")])


async def test_what_a_limit_leaves_behind_is_later(office: Office) -> None:
    for subject in (A, B):
        for _ in range(3):
            await office.happens(subject)
    async with office.engine.writing() as connection:
        taken = await Routing(connection, office.id).take(3)
    assert taken is not None
    assert [(one.version, one.subject_id) for one in taken.facts] == [(1, A), (1, B), (2, A)]


async def test_the_feed_is_dense_and_in_order_under_eight_committers_and_three_routers(
    office: Office, another: Another
) -> None:
    """The trap again, by force: nothing lost, nothing out of order, no hole, no lane short."""
    endpoint = await office.subscribe("http://127.0.0.1:1/")
    engines = [await another() for _ in range(3)]
    routers = [Router(engine, every=0.01) for engine in engines]
    cases = [uuid4() for _ in range(12)]
    chance = random.Random(1)

    async def commit(engine: Engine, router: Router) -> None:
        for _ in range(40):
            await office.happens(chance.choice(cases), chance.choice(KINDS), on=engine)
            router.wake(office.id)

    for router in routers:
        await router.start()
    await asyncio.gather(*(commit(engines[at % 3], routers[at % 3]) for at in range(8)))
    await until(lambda: has_length(office, 320))
    for router in routers:
        await router.stop()

    feed = await office.feed()
    assert [position for position, _ in feed] == list(range(1, 321))
    by_case = defaultdict(list)
    for _, fact in feed:
        by_case[fact.subject_id].append(fact.version)
    assert by_case == {case: list(range(1, n + 1)) for case, n in office.versions.items()}
    lanes = {(lane.endpoint_id, lane.subject_id): lane for lane in await claim_all(office)}
    assert {key: (lane.head, lane.tail) for key, lane in lanes.items()} == {
        (endpoint.id, case): (0, n) for case, n in office.versions.items()
    }
    assert await unrouted(office) == 0


KINDS = ("case.queued", "case.called", "case.started", "case.resolved")


async def has_length(office: Office, count: int) -> bool:
    return len(await office.feed()) == count


async def test_an_endpoint_is_told_what_happens_from_its_beginning(office: Office) -> None:
    router = Router(office.engine)
    await router.start()
    await office.happens(A)
    router.wake(office.id)
    await until(lambda: has_length(office, 1))
    await office.subscribe("http://127.0.0.1:1/")
    await office.happens(A, "case.called")
    router.wake(office.id)
    await until(lambda: has_length(office, 2))
    await router.stop()
    assert [(lane.head, lane.tail) for lane in await claim_all(office)] == [(1, 2)]


def test_a_stretch_goes_from_the_first_to_the_last_wanted_fact() -> None:
    facts = [
        Unrouted(A, 1, "queued"),
        Unrouted(B, 1, "queued"),
        Unrouted(A, 2, "called"),
        Unrouted(A, 3, "noted"),
        Unrouted(A, 4, "called"),
        Unrouted(A, 5, "noted"),
    ]
    wants = [(A, Wish(("called",))), (C, Wish(("queued", "noted")))]
    assert stretches_of(facts, wants, {}) == [
        Stretch(A, A, 2, 4),
        Stretch(C, A, 1, 5),
        Stretch(C, B, 1, 1),
    ]


async def test_a_router_survives_an_outage_of_its_database(office: Office) -> None:
    flaky = Flaky(office.engine)
    router = Router(flaky, every=0.02)
    await router.start()
    flaky.out = True
    fact = await office.happens(A)
    router.wake(office.id)
    await asyncio.sleep(0.1)
    flaky.out = False
    await until(lambda: is_feed(office, [(1, fact)]))
    await router.stop()
