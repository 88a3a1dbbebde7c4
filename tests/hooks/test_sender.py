"""Facts reach every endpoint, at least once, in order per case, whatever the others do."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from nowserving.hooks.hosts import FEW
from nowserving.hooks.pace import Pace
from nowserving.journal.telling import Telling
from nowserving.kit.clock import wall
from nowserving.kit.facts import Fact
from nowserving.places.endpoints import Endpoint, EndpointState
from nowserving.store.database_clock import DatabaseClock
from nowserving.store.deliveries import Attempt, Deliveries
from nowserving.store.endpoints import Endpoints
from nowserving.store.engines import Engine
from nowserving.store.lanes import Completion, Lane, Lanes
from nowserving.store.store import Store
from tests.hooks.far import Far, Post, far_end, never
from tests.hooks.sending import Room, plainly
from tests.journal.conftest import Another, another, engine, office
from tests.journal.facts import ALL, Flaky, Office, set_state, until

__all__ = ["another", "engine", "office"]

A, B = UUID(int=1), UUID(int=2)


@pytest.fixture
async def far() -> AsyncIterator[Far]:
    """A far end that takes everything."""
    async with far_end() as far:
        yield far


async def happen(office: Office, room: Room, *cases: UUID, kind: str = "case.queued") -> None:
    for case in cases:
        await office.happens(case, kind)
        room.router.wake(office.id)


async def has_taken(office: Office, far: Far, count: int) -> None:
    await until(lambda: len(far.taken) >= count)


async def test_a_fact_is_told_with_its_id(office: Office, far: Far) -> None:
    await office.subscribe(far.url + "hooks?x=1")
    async with Room(office.engine) as room:
        fact = await office.happens(A)
        room.router.wake(office.id)
        await has_taken(office, far, 1)
    [post] = far.posts
    assert (post.path, post.headers["Webhook-Id"]) == ("/hooks?x=1", str(fact.id))
    assert post.said == {"subject": str(A), "version": 1, "kind": "case.queued"}
    assert await lanes_of(office) == {}


async def test_what_took_long_to_say_is_said_anew(
    office: Office, far: Far, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By then the lane may be another's: so nothing is posted, and it counts as no attempt."""
    monkeypatch.setattr("nowserving.hooks.sender.BEGINS_WITHIN", 0.5)
    said = 0

    async def slowly_at_first(
        fact: Fact,
        endpoint: Endpoint,
        *,
        secrets: Sequence[str],
        store: Store,
        gap: int | None = None,
    ) -> Telling | None:
        nonlocal said
        said += 1
        if said == 1:
            await asyncio.sleep(0.6)
        return await plainly(fact, endpoint, secrets=secrets, store=store)

    endpoint = await office.subscribe(far.url)
    async with Room(office.engine, {"plain": slowly_at_first}) as room:
        await happen(office, room, A)
        await has_taken(office, far, 1)
    assert said > len(far.posts) == 1
    async with office.engine.reading() as connection:
        attempts = await Deliveries(connection, office.id).attempts(endpoint.id)
    assert [attempt.number for attempt in attempts] == [1]


async def lanes_of(office: Office) -> dict[UUID, tuple[int, int]]:
    """What is still to be told, by subject: head and tail."""
    far_future = wall() + timedelta(days=400)
    async with office.engine.writing() as connection:
        lanes = Lanes(connection, office.id)
        rooms = {endpoint.id: 1000 for endpoint in await Endpoints(connection, office.id).all()}
        claimed = await lanes.claim(
            rooms, lease=uuid4(), now=far_future, until=far_future, most=1000
        )
    return {lane.subject_id: (lane.head, lane.tail) for lane in claimed}


async def test_each_case_is_told_in_order_by_several_processes(
    office: Office, another: Another, far: Far
) -> None:
    chance = random.Random(2)

    async def unsteady(post: Post) -> str:
        await asyncio.sleep(chance.random() * 0.01)
        return "500 Oops" if chance.random() < 0.1 else "200 OK"

    far.answer = unsteady
    await office.subscribe(far.url)
    cases = [uuid4() for _ in range(10)]
    others = [await another() for _ in range(2)]
    processes = {id(engine): engine for engine in (office.engine, *others)}.values()
    rooms = [Room(engine) for engine in processes]
    for room in rooms:
        await room.__aenter__()
    for _ in range(150):
        await happen(office, rooms[0], chance.choice(cases), kind=chance.choice(ALL))
    await until(lambda: all_told(office, far))
    for room in rooms:
        await room.aclose()
    firsts = {case: list(dict.fromkeys(told)) for case, told in far.by_case().items()}
    assert firsts == {str(case): list(range(1, n + 1)) for case, n in office.versions.items()}


def all_told(office: Office, far: Far) -> bool:
    return {case: set(told) for case, told in far.by_case().items()} == {
        str(case): set(range(1, n + 1)) for case, n in office.versions.items()
    }


async def test_what_an_endpoint_did_not_subscribe_to_is_left_out(office: Office, far: Far) -> None:
    await office.subscribe(far.url, ["case.queued", "case.resolved"])
    async with Room(office.engine) as room:
        for kind in ("case.queued", "case.called", "case.noted", "case.resolved", "case.noted"):
            await happen(office, room, A, kind=kind)
        await has_taken(office, far, 2)
        await asyncio.sleep(0.1)
    assert far.by_case() == {str(A): [1, 4]}


async def test_a_dead_endpoint_holds_up_nobody_else(office: Office, far: Far) -> None:
    async with AsyncExitStack() as stack:
        dead = [await stack.enter_async_context(far_end(never)) for _ in range(5)]
        for one in dead * 4:
            await office.subscribe(one.url)
        await office.subscribe(far.url)
        async with Room(office.engine, pace=Pace(quick=32), timeout=3600.0) as room:
            await happen(office, room, *(uuid4() for _ in range(30)))
            await has_taken(office, far, 30)
            await until(lambda: all(len(one.posts) == FEW for one in dead))  # all of them wait
            for run in room.sender._running:
                run.cancel()


async def test_a_receiver_that_fails_and_recovers_is_told_all_in_order(office: Office) -> None:
    down = True

    def answer(post: Post) -> str:
        return "503 Down" if down else "200 OK"

    async with far_end(answer) as far:
        await office.subscribe(far.url)
        async with Room(office.engine) as room:
            for _ in range(3):
                await happen(office, room, A, B)
            await until(lambda: len(far.posts) > 8)
            down = False
            await has_taken(office, far, 6)
    assert far.by_case() == {str(A): [1, 2, 3], str(B): [1, 2, 3]}


async def test_a_disabled_endpoint_is_told_nothing_until_it_is_enabled(
    office: Office, far: Far
) -> None:
    endpoint = await office.subscribe(far.url, state=EndpointState.DISABLED)
    async with Room(office.engine) as room:
        await happen(office, room, A, A)
        await asyncio.sleep(0.3)
        assert far.posts == []
        async with office.engine.writing() as connection:
            await set_state(Endpoints(connection, office.id), endpoint.id, EndpointState.ACTIVE)
        await has_taken(office, far, 2)
    assert far.by_case() == {str(A): [1, 2]}


async def test_what_was_sent_and_not_completed_is_sent_again(office: Office, far: Far) -> None:
    """As when a process is killed between the two: at least once."""
    await office.subscribe(far.url)
    deaf = Flaky(office.engine)
    room = Room(deaf, lease=0.5)
    await room.__aenter__()

    def dies(post: Post) -> str:
        deaf.out = True
        return "200 OK"

    far.answer = dies
    await happen(office, room, A)
    await has_taken(office, far, 1)
    await asyncio.sleep(0.05)
    room.sender._completions._open = False  # it is dead: nothing more comes of it
    await room.aclose()
    far.answer = lambda post: "200 OK"
    async with Room(office.engine):
        await has_taken(office, far, 2)
    assert far.by_case() == {str(A): [1, 1]}


async def test_the_tail_may_move_while_we_send(office: Office) -> None:
    arrived, go_on = asyncio.Event(), asyncio.Event()

    async def answer(post: Post) -> str:
        arrived.set()
        await go_on.wait()
        return "200 OK"

    async with far_end(answer) as far:
        await office.subscribe(far.url)
        async with Room(office.engine) as room:
            await happen(office, room, A)
            await arrived.wait()
            await happen(office, room, A)
            await until(lambda: has_length(office, 2))
            go_on.set()
            await has_taken(office, far, 2)
    assert far.by_case() == {str(A): [1, 2]}
    assert await lanes_of(office) == {}


async def has_length(office: Office, count: int) -> bool:
    return len(await office.feed()) == count


async def test_who_lost_the_lease_completes_nothing(office: Office) -> None:
    endpoint = await office.subscribe("http://127.0.0.1:1/", ["case.queued"])
    async with Room(office.engine, pace=Pace(quick=0)) as room:
        await happen(office, room, A)
        await until(lambda: has_length(office, 1))
    ours = await claim(office, office.engine, timedelta(seconds=-1))
    theirs = await claim(office, office.engine, timedelta(seconds=60))
    assert (ours.head, ours.tail, theirs.head, theirs.tail) == (0, 1, 0, 1)
    async with office.engine.writing() as connection:
        lanes = Lanes(connection, office.id)
        assert await lanes.complete([Completion(ours, 1, 0, wall())]) == {}
        assert await lanes.complete([Completion(theirs, 1, 0, wall())]) == {(endpoint.id, A): None}
        assert await lanes.complete([Completion(theirs, 1, 0, wall())]) == {}


async def claim(office: Office, engine: Engine, lease: timedelta) -> Lane:
    now = await DatabaseClock(engine).now()
    async with engine.writing() as connection:
        lanes = Lanes(connection, office.id)
        [endpoint] = await Endpoints(connection, office.id).all()
        [lane] = await lanes.claim(
            {endpoint.id: 8}, lease=uuid4(), now=now, until=now + lease, most=8
        )
    return lane


async def test_attempts_are_written_down(office: Office) -> None:
    answers = iter(["500 Oops", "200 OK"])
    async with far_end(lambda post: next(answers)) as far:
        endpoint = await office.subscribe(far.url)
        async with Room(office.engine) as room:
            fact = await office.happens(A)
            room.router.wake(office.id)
            await has_taken(office, far, 1)
        tries = await attempts_at(office, endpoint.id)
    assert [(a.fact_id, a.version, a.number, a.status, a.error) for a in tries] == [
        (fact.id, 1, 2, 200, None),
        (fact.id, 1, 1, 500, None),
    ]


async def attempts_at(office: Office, endpoint: UUID) -> list[Attempt]:
    async with office.engine.reading() as connection:
        return await Deliveries(connection, office.id).attempts(endpoint)


async def test_an_exhausted_lane_rests_until_something_new_happens(office: Office) -> None:
    answers = iter(["400 No"] * 3)
    async with far_end(lambda post: next(answers, "200 OK")) as far:
        endpoint = await office.subscribe(far.url)
        async with Room(office.engine, schedule=(0.01, 0.01)) as room:
            await happen(office, room, A)
            await until(lambda: has_tries(office, endpoint.id, 3))
            await asyncio.sleep(0.3)
            assert (len(far.posts), await lanes_of(office)) == (3, {})
            await happen(office, room, A)
            await has_taken(office, far, 2)
    assert far.by_case() == {str(A): [1, 2]}


async def test_an_outage_of_the_database_burns_no_attempt(office: Office, far: Far) -> None:
    flaky = Flaky(office.engine)
    await office.subscribe(far.url)
    async with Room(flaky) as room:
        flaky.out = True
        await happen(office, room, A)
        await asyncio.sleep(0.2)
        flaky.out = False
        await has_taken(office, far, 1)
    assert far.by_case() == {str(A): [1]}


async def test_a_lane_given_back_without_our_hearing_of_it_holds_up_no_other(
    office: Office, far: Far
) -> None:
    flaky = Flaky(office.engine)
    endpoint = await office.subscribe(far.url)

    def taken(post: Post) -> str:
        flaky.answers_to_lose = 1 if len(far.posts) == 1 else 0
        return "200 OK"

    far.answer = taken
    async with Room(flaky) as room:
        await happen(office, room, A)
        await has_taken(office, far, 1)
        await happen(office, room, B)
        await until(lambda: is_logged(office, endpoint, [A, B]))
    assert far.by_case() == {str(A): [1], str(B): [1]}
    assert await lanes_of(office) == {}


async def test_what_was_claimed_without_our_hearing_of_it_is_told_when_the_lease_is_over(
    office: Office, far: Far
) -> None:
    flaky = Flaky(office.engine)
    flaky.claims_to_lose = 1
    await office.subscribe(far.url)
    async with Room(flaky, lease=0.5) as room:
        await happen(office, room, A)
        await has_taken(office, far, 1)
    assert flaky.claims_to_lose == 0
    assert far.by_case() == {str(A): [1]}
    assert await lanes_of(office) == {}


async def is_logged(office: Office, endpoint: Endpoint, cases: list[UUID]) -> bool:
    async with office.engine.reading() as connection:
        tries = await Deliveries(connection, office.id).attempts(endpoint.id)
    return sorted(one.subject_id for one in tries) == cases


async def test_what_is_on_its_way_is_finished_before_the_end(office: Office) -> None:
    arrived = asyncio.Event()

    async def slow(post: Post) -> str:
        arrived.set()
        await asyncio.sleep(0.3)
        return "200 OK"

    async with far_end(slow) as far:
        await office.subscribe(far.url)
        async with Room(office.engine) as room:
            await happen(office, room, A)
            await arrived.wait()
        assert far.by_case() == {str(A): [1]}
        assert await lanes_of(office) == {}


async def test_a_fact_that_cannot_be_said_holds_up_only_its_case(office: Office, far: Far) -> None:
    async def stumbles(
        fact: Fact,
        endpoint: Endpoint,
        *,
        secrets: Sequence[str],
        store: Store,
        gap: int | None = None,
    ) -> Telling | None:
        if fact.subject_id == A:
            raise ValueError("a bug")
        return await plainly(fact, endpoint, secrets=secrets, store=store)

    endpoint = await office.subscribe(far.url)
    async with Room(office.engine, {"plain": stumbles}, schedule=(60.0,)) as room:
        await happen(office, room, A, B)
        await has_taken(office, far, 1)
        await until(lambda: has_tries(office, endpoint.id, 2))
    assert far.by_case() == {str(B): [1]}
    errors = {(a.subject_id, a.error) for a in await attempts_at(office, endpoint.id)}
    assert errors == {(A, "it could not be said"), (B, None)}


async def has_tries(office: Office, endpoint: UUID, count: int) -> bool:
    return len(await attempts_at(office, endpoint)) == count
