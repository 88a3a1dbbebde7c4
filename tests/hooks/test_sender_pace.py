"""How much goes out at once, to whom, and when an endpoint is left in peace."""

import asyncio
from collections import Counter
from itertools import pairwise
from random import Random
from uuid import UUID, uuid4

import pytest

from nowserving.hooks import pace as pacing
from nowserving.hooks.hosts import FEW, LANES_AT_HOST, REMEMBERED_FOR, STRANGERS
from nowserving.hooks.pace import Pace, Trip
from nowserving.hooks.posters import PER_HOST

A, B = UUID(int=1), UUID(int=2)


class Watch:
    """A clock that a test turns."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def watch() -> Watch:
    """A clock that stands."""
    return Watch()


async def test_who_answers_gets_more_at_once(watch: Watch) -> None:
    pace = Pace(clock=watch)
    assert pace.room(A) == 2
    trip = pace.set_out(A)
    assert pace.room(A) == 1
    pace.answered(A)
    assert pace.room(A) == 31
    trip.ends()
    assert pace.room(A) == 32
    watch.now = 61
    assert pace.room(A) == 2


async def test_who_fails_five_times_rests_longer_each_time(watch: Watch) -> None:
    pace = Pace(clock=watch, chance=lambda: 1.0)
    rests = []
    for _ in range(12):
        pace.failed(A)
        began = watch.now
        while not pace.room(A):
            watch.now += 1
        rests.append(watch.now - began)
    assert rests == [0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900]
    assert pace.room(A) == 1
    assert pace.answered(A)
    assert not pace.answered(A)
    assert pace.room(A) == 32


async def test_those_who_failed_together_do_not_come_back_together(watch: Watch) -> None:
    """Or whoever is too slow only beside the others would be tried beside them for ever."""
    pace = Pace(clock=watch, chance=Random(1).random)
    back: dict[UUID, list[float]] = {A: [], B: []}
    for at in range(10):
        for id in (A, B):
            watch.now = sum(back[id])
            began = watch.now
            pace.failed(id)
            while not pace.room(id):
                watch.now += 0.5
            if at >= 4:
                back[id].append(watch.now - began)
    steps = [30, 60, 120, 240, 480, 900]
    for rests in back.values():
        assert all(step / 2 <= rest <= step for rest, step in zip(rests, steps, strict=True))
    assert all(one != other for one, other in zip(*back.values(), strict=True))


async def test_who_asks_to_wait_is_left_in_peace(watch: Watch) -> None:
    pace = Pace(clock=watch)
    pace.failed(A, wait=100.0)
    assert pace.room(A) == 0
    watch.now = 100
    assert pace.room(A) == 2


async def test_any_number_of_dead_endpoints_leaves_room(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pacing, "SLOW_AFTER", 0.01)
    pace = Pace(clock=watch, quick=8, slow=20)
    pace.answered(A)
    trips: list[Trip] = []
    for _ in range(200):
        dead = uuid4()
        if pace.room(dead):
            trips.append(pace.set_out(dead))
        else:
            await asyncio.sleep(0.001)
        assert pace.free >= 2
        assert pace.room(A) == 32
    assert 20 <= len(trips) <= 26
    for trip in trips:
        trip.ends()
    assert (pace.free, pace._slow, pace._unproven) == (8, 0, 0)


async def test_an_endpoint_that_wanted_more_is_told_when_there_is_room(watch: Watch) -> None:
    pace = Pace(clock=watch)
    first, second = pace.set_out(B), pace.set_out(B)
    pace.want_more(B)
    assert first.ends()
    assert not second.ends()


async def test_posts_to_one_endpoint_take_turns(watch: Watch) -> None:
    pace = Pace(clock=watch)
    pace.answered(A)
    trips = [pace.set_out(A) for _ in range(9)]
    turns = [await trip.turn(until=0.02) for trip in trips]
    assert turns == [True] * 8 + [False]
    waits = asyncio.create_task(trips[8].turn(until=5))
    await asyncio.sleep(0)
    trips[0].turn_ends()
    assert await waits


async def test_who_waited_does_not_post_to_an_endpoint_that_rests(watch: Watch) -> None:
    pace = Pace(clock=watch)
    trip = pace.set_out(A)
    for _ in range(5):
        pace.failed(A)
    assert not await trip.turn(until=5)


async def test_who_mostly_fails_is_left_in_peace_too(watch: Watch) -> None:
    """One in five is taken: never five failures in a row for long."""
    pace = Pace(clock=watch)
    for at in range(9):
        if at % 5 == 4:
            pace.answered(A)
        else:
            pace.failed(A)
        assert pace.room(A) > 0
    pace.failed(A)
    pace.failed(A)
    assert pace.room(A) == 0
    watch.now = 30
    assert pace.room(A) == 1


async def test_what_failed_long_ago_is_forgotten(watch: Watch) -> None:
    pace = Pace(clock=watch)
    for _ in range(3):
        for _ in range(4):
            pace.failed(A)
        watch.now += 301
        pace.answered(A)
    assert pace.room(A) == 32


async def test_an_endpoint_has_as_many_posts_at_once_as_it_wants(watch: Watch) -> None:
    pace = Pace(clock=watch)
    pace.allow(A, concurrency=2, rate=None)
    pace.answered(A)
    assert pace.room(A) == 8
    trips = [pace.set_out(A) for _ in range(3)]
    assert [await trip.turn(until=0.01) for trip in trips] == [True, True, False]


async def test_several_processes_share_what_an_endpoint_allows(watch: Watch) -> None:
    pace = Pace(clock=watch)
    pace.sharing = 3
    pace.allow(A, concurrency=8, rate=None)
    pace.allow(B, concurrency=1, rate=None)
    for id in (A, B):
        pace.answered(id)
    assert (pace.room(A), pace.room(B)) == (8, 4)


async def test_posts_begin_no_faster_than_an_endpoint_wants() -> None:
    pace = Pace()
    pace.allow(A, concurrency=8, rate=50)
    pace.answered(A)
    loop = asyncio.get_running_loop()
    began = []
    for _ in range(6):
        trip = pace.set_out(A)
        assert await trip.turn(until=loop.time() + 5)
        began.append(loop.time())
        trip.turn_ends()
    apart = [later - earlier for earlier, later in pairwise(began)]
    assert sum(apart) >= 5 * 0.02 - 0.005


async def test_who_cannot_have_its_turn_in_time_does_not_wait_for_it(watch: Watch) -> None:
    pace = Pace(clock=watch)
    pace.allow(A, concurrency=8, rate=1)
    pace.answered(A)
    assert pace.room(A) == 5
    first, second = pace.set_out(A), pace.set_out(A)
    assert await first.turn(until=0.5)
    assert not await second.turn(until=0.5)


async def test_nobody_sets_out_whose_turn_is_too_far_away(watch: Watch) -> None:
    """Eight processes share one post in a second: a lane would come back untold, over and over."""
    pace = Pace(clock=watch)
    pace.sharing = 8
    pace.allow(A, concurrency=1, rate=1)
    trip = pace.set_out(A)
    assert await trip.turn(until=5)
    trip.turn_ends()
    trip.ends()
    assert not pace.has_room(A)
    watch.now = 3
    assert pace.has_room(A)


async def test_what_is_told_again_leaves_the_turn_to_what_is_new(watch: Watch) -> None:
    pace = Pace(clock=watch)
    pace.allow(A, concurrency=2, rate=None)
    pace.answered(A)
    assert pace.begin_again(A)
    assert not pace.begin_again(A)  # half of what there is, at most
    pace.end_again(A)
    trips = [pace.set_out(A) for _ in range(3)]
    assert await trips[0].turn(until=1)
    assert await trips[1].turn(until=1)
    waits = asyncio.create_task(trips[2].turn(until=5))
    await asyncio.sleep(0)
    assert not pace.begin_again(A)
    trips[0].turn_ends()
    assert await waits
    trips[1].turn_ends()
    trips[2].turn_ends()
    assert pace.begin_again(A)


async def test_endpoints_at_one_host_take_turns_in_its_connections(watch: Watch) -> None:
    pace = Pace(clock=watch)
    ids = [uuid4() for _ in range(PER_HOST + 2)]
    for id in ids:
        pace.allow(id, concurrency=8, rate=None, host="http://far")
    pace.allow(B, concurrency=8, rate=None, host="http://near")
    trips = [pace.set_out(id) for id in ids]
    assert [await trip.turn(until=5) for trip in trips[:PER_HOST]] == [True] * PER_HOST
    first, second = (asyncio.create_task(trip.turn(until=5)) for trip in trips[PER_HOST:])
    await asyncio.sleep(0)
    trips[0].turn_ends()
    again = asyncio.create_task(trips[0].turn(until=5))
    assert await first
    assert await pace.set_out(B).turn(until=5)
    trips[1].turn_ends()
    assert await second
    assert not again.done()  # who had a turn waits behind the others
    again.cancel()
    trips[2].turn_ends()
    assert await trips[1].turn(until=5)


async def test_lanes_of_one_host_leave_room_for_those_of_others(watch: Watch) -> None:
    pace = Pace(clock=watch)
    ids = [uuid4() for _ in range(2 * LANES_AT_HOST)]
    for id in ids:
        pace.allow(id, concurrency=8, rate=None, host="http://far")
    for id in ids:
        pace.answered(id)
    rooms = pace.rooms(ids)
    assert list(rooms) == ids[:LANES_AT_HOST]  # each its part, and the first ones first
    assert set(rooms.values()) == {1}
    trips = [pace.set_out(id) for id in rooms]
    assert not pace.has_room(ids[-1])
    assert pace.has_room(B)
    woken = [id for trip in trips for id in trip.ends()]
    assert woken == ids[LANES_AT_HOST:]  # all of them, in their order
    assert pace.rooms([A, ids[0]]) == {A: 2, ids[0]: 32}


async def test_those_who_do_not_answer_have_a_few_places_at_their_host(watch: Watch) -> None:
    pace = Pace(clock=watch)
    dead = [uuid4() for _ in range(3 * FEW)]
    for id in (A, *dead):
        pace.allow(id, concurrency=8, rate=None, host="http://far")
    pace.answered(A)
    rooms = pace.rooms(dead)
    assert list(rooms) == dead[: FEW + 1]  # an answer makes one place more
    trips = [pace.set_out(id) for id in rooms]
    assert not any(pace.has_room(id) for id in dead)
    assert pace.rooms([A, *dead]) == {A: 32}
    for id in rooms:
        pace.failed(id)
    woken = [id for trip in trips for id in trip.ends()]
    assert woken[: 2 * FEW - 1] == dead[FEW + 1 :]  # those first who were not tried yet


async def test_a_host_where_they_answer_has_room_for_all_of_them(watch: Watch) -> None:
    pace = Pace(clock=watch)
    ids = [uuid4() for _ in range(3 * LANES_AT_HOST)]
    for id in ids:
        pace.allow(id, concurrency=8, rate=None, host="http://far")
    rounds, left = 0, ids
    while left:
        rooms = pace.rooms(left)
        trips = [pace.set_out(id) for id in rooms]
        for id, trip in zip(rooms, trips, strict=True):
            pace.answered(id)
            trip.ends()
        left = [id for id in left if id not in rooms]
        rounds += 1
    assert rounds == 7  # 8, 16, 32, 64, and 128 from then on


async def test_who_answers_waits_no_longer_with_those_who_do_not(watch: Watch) -> None:
    pace = Pace(clock=watch)
    dead = [uuid4() for _ in range(2 * FEW)]
    for id in (A, *dead):
        pace.allow(id, concurrency=8, rate=None, host="http://far")
    trip = pace.set_out(A)
    others = [pace.set_out(id) for id in pace.rooms(dead)]
    pace.want_more(A)  # behind the dead who found no place
    pace.answered(A)
    assert A in trip.ends()
    assert pace.room(A) == 32
    for other in others:
        other.ends()


async def test_many_strangers_at_one_host_are_told_as_slowly_as_a_few(watch: Watch) -> None:
    """Or who adds a hundred endpoints for somebody's address has us flood it."""
    pace, strangers, known = Pace(clock=watch), [uuid4() for _ in range(100)], uuid4()
    told: Counter[UUID] = Counter()
    for _ in range(60):
        for id in [*strangers, known]:
            pace.allow(id, concurrency=1, rate=1, host="http://far", confirmed=id is known)
        for id in [*strangers, known]:
            if pace.begin_again(id):
                pace.end_again(id)
                told[id] += 1
        watch.now += 1
    assert told.pop(known) == 60
    assert len(told) == 100
    assert told.total() <= 100 + 60 * STRANGERS


async def test_who_confirms_is_no_stranger_any_more(watch: Watch) -> None:
    pace, strangers = Pace(clock=watch), [uuid4() for _ in range(100)]

    def rates(*, confirmed: int) -> set[float | None]:
        for at, id in enumerate(strangers):
            pace.allow(id, concurrency=1, rate=1, host="http://far", confirmed=at < confirmed)
        return {pace._endpoints[id].rate for id in strangers[:confirmed] or strangers[-1:]}

    assert rates(confirmed=0) == {STRANGERS / 100}
    assert rates(confirmed=95) == {1}
    assert pace._endpoints[strangers[-1]].rate == 1
    rates(confirmed=0)
    watch.now += 2 * REMEMBERED_FOR
    pace.allow(A, concurrency=1, rate=1, host="http://far", confirmed=False)
    assert pace._endpoints[A].rate == 1


async def test_who_is_told_nothing_for_long_is_forgotten(watch: Watch) -> None:
    """Or who adds and deletes endpoints all day would fill our memory with them."""
    pace, busy = Pace(clock=watch), uuid4()
    pace.allow(busy, concurrency=1, rate=None, host="http://busy", home=A)
    on_its_way = pace.set_out(busy)
    for at in range(3 * pacing.MANY):
        id = uuid4()
        pace.allow(id, concurrency=1, rate=None, host=f"http://{at}")
        pace.set_out(id).ends()
        watch.now += 2 * pacing.FORGOTTEN_AFTER / pacing.MANY
    assert len(pace._endpoints) <= pacing.MANY + 1
    assert len(pace._hosts) <= pacing.MANY + 1
    assert (pace.home(busy), pace.room(busy)) == (A, 1)
    on_its_way.ends()


async def test_who_waits_for_a_host_is_counted_there_no_more_when_it_is_forgotten(
    watch: Watch,
) -> None:
    pace = Pace(clock=watch)
    waiting = [uuid4() for _ in range(pacing.MANY)]
    for id in waiting:
        pace.allow(id, concurrency=1, rate=None, host="http://far")
        pace.want_more(id)
    watch.now += 2 * pacing.FORGOTTEN_AFTER
    pace.allow(A, concurrency=1, rate=None, host="http://far")
    assert pace._endpoints.keys() == {A}
    assert pace.fed([A]) == []
