"""What was told can be seen, and told again: in order, beside what is new, through any crash."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update

from nowserving.actions import deliveries
from nowserving.actions.house import House
from nowserving.actions.outside import NONE, Language, Outside
from nowserving.hooks.guard import Guard
from nowserving.hooks.posters import Posters
from nowserving.hooks.replaying import Replayer
from nowserving.journal.catalogue import CATALOGUE
from nowserving.journal.telling import Policy, Stuck, Telling
from nowserving.kit.clock import wall
from nowserving.kit.facts import Fact
from nowserving.kit.ids import uuid7
from nowserving.kit.problems import Forbidden, Invalid, NotFound
from nowserving.kit.vault import Vault
from nowserving.people.actor import Actor, ActorKind, system
from nowserving.places.endpoints import Endpoint, EndpointState, Why
from nowserving.places.replays import NothingParked, NotTold, Replay, ReplayEnded, ReplayState
from nowserving.store.deliveries import Wanted
from nowserving.store.endpoints import Endpoints
from nowserving.store.engines import Statement
from nowserving.store.lanes import Lanes
from nowserving.store.replays import Replays
from nowserving.store.store import Store
from nowserving.store.tables import endpoints
from tests.hooks.far import Far, Post, far_end, never
from tests.hooks.sending import Room, plainly
from tests.journal.conftest import engine, office
from tests.journal.facts import Office, set_state, until
from tests.journal.watched import Watched

__all__ = ["engine", "office"]

A, B, C = (UUID(int=at) for at in (1, 2, 3))


PLAIN = Language("plain", frozenset(CATALOGUE), ("*",), (NONE,), dict, str, str, lambda *_: False)


class Desk:
    """Somebody who looks after what is told, and the process that tells it."""

    def __init__(self, office: Office, far: Far) -> None:
        self.office = office
        self.far = far
        self.house = House(office.engine, Vault(b"k" * 32))
        self.house.outside = Outside({"plain": PLAIN})
        self.stack = AsyncExitStack()
        self.options: dict[str, Any] = {}

    async def open(self, **options: Any) -> "Desk":
        self.endpoint = await self.office.subscribe(self.far.url)
        self.room = await self.stack.enter_async_context(Room(self.office.engine, **options))
        self.replayer = await self.replays()
        return self

    async def replays(self) -> Replayer:
        """Another one who replays, as another process would have."""
        sender = self.room.sender
        posters = await self.stack.enter_async_context(Posters(Guard(), clock=wall))
        replayer = Replayer(
            self.office.engine,
            sender.speaker,
            posters,
            sender._runner.policies,
            sender.pace,
            clock=wall,
            ids=uuid7,
            lease=sender.lease,
            timeout=2.0,
            every=0.02,
        )
        await replayer.start()
        self.stack.push_async_callback(replayer.stop)
        return replayer

    async def happen(self, *cases: UUID, kind: str = "case.queued") -> None:
        for case in cases:
            await self.office.happens(case, kind)
        self.room.router.wake(self.office.id)

    async def do(self, action: Any, **given: Any) -> Any:
        async with self.house.acting(system(self.office.id, "test")) as act:
            return await action(act, **given)

    async def ends(self, replay: Replay) -> Replay:
        """Wait until it has ended."""

        async def has_ended() -> bool:
            found = await self.do(deliveries.show_replay, replay_id=replay.id)
            return bool(found.state.ended)

        await until(has_ended)
        found: Replay = await self.do(deliveries.show_replay, replay_id=replay.id)
        return found

    async def all_told(self) -> None:
        """Wait until nothing is left on the lanes."""

        async def is_all_told() -> bool:
            async with self.office.engine.reading() as connection:
                for case, version in self.office.versions.items():
                    lane = await Lanes(connection, self.office.id).lane(self.endpoint.id, case)
                    if lane is None or lane.head < version:
                        return False
            return True

        await until(is_all_told)

    def again(self) -> dict[str, list[int]]:
        """The versions of each case that were told again, in their order of arrival."""
        told: dict[str, list[int]] = {}
        for post in self.far.taken:
            if post.headers.get("webhook-replay") == "true":
                told.setdefault(str(post.said["subject"]), []).append(
                    int(str(post.said["version"]))
                )
        return told


@pytest.fixture
async def far() -> AsyncIterator[Far]:
    async with far_end() as far:
        yield far


@pytest.fixture
async def desk(office: Office, far: Far) -> AsyncIterator[Desk]:
    desk = Desk(office, far)
    yield desk
    await desk.stack.aclose()


async def test_attempts_are_found_by_what_is_known_of_them(desk: Desk, far: Far) -> None:
    far.answer = lambda post: "500 No" if len(far.posts) == 1 else "200 OK"
    await desk.open()
    await desk.happen(A)
    await desk.all_told()
    await desk.happen(B, kind="case.called")
    await desk.all_told()

    async def found(**wanted: Any) -> list[tuple[UUID, int, bool]]:
        attempts = await desk.do(deliveries.search, wanted=Wanted(**wanted))
        return [(one.subject_id, one.status, one.taken) for one in attempts]

    everything = [(B, 200, True), (A, 200, True), (A, 500, False)]
    assert await found() == everything
    assert await found(endpoint_id=desk.endpoint.id) == everything
    assert await found(kind="case.called") == everything[:1]
    assert await found(taken=False) == everything[2:]
    assert await found(status=500, endpoint_id=desk.endpoint.id) == everything[2:]
    assert await found(status=0) == []
    assert await found(since=wall() + timedelta(hours=1)) == []
    assert await found(until=wall() + timedelta(hours=1)) == everything
    newest = (await desk.do(deliveries.search, wanted=Wanted(), most=1))[0]
    older = await desk.do(deliveries.search, wanted=Wanted(), before=newest.id)
    assert [one.subject_id for one in older] == [A, A]
    with pytest.raises(NotFound):
        await found(endpoint_id=uuid4())


async def test_attempts_are_found_by_the_id_that_the_receiver_saw(desk: Desk, far: Far) -> None:
    await desk.open()
    await desk.happen(A, B)
    await desk.all_told()
    await desk.happen(A)
    await desk.all_told()

    async def found(id: UUID, **wanted: Any) -> list[tuple[UUID, int]]:
        attempts = await desk.do(deliveries.search, wanted=Wanted(**wanted), fact_id=id)
        return [(one.subject_id, one.version) for one in attempts]

    for post in far.taken:
        told = UUID(str(post.said["subject"])), post.said["version"]
        id = UUID(post.headers["Webhook-Id"])
        assert await found(id) == [told]
        assert await found(id, endpoint_id=desk.endpoint.id) == [told]
        assert await found(id, taken=False) == []
    for nobody in (uuid4(), uuid7(wall()), UUID(int=0), UUID(int=2**128 - 1)):
        with pytest.raises(NotFound):
            await found(nobody)


async def test_a_delivery_shows_what_was_said_and_answered(desk: Desk, far: Far) -> None:
    await desk.open()
    await desk.happen(A)
    await desk.all_told()
    [attempt] = await desk.do(deliveries.search, wanted=Wanted())
    shown = await desk.do(deliveries.show, endpoint_id=desk.endpoint.id, attempt_id=attempt.id)
    assert (shown.taken, shown.waits, shown.attempts) == (True, False, [attempt])
    assert shown.spoken.url == far.url
    assert shown.spoken.body == far.posts[0].body
    assert shown.spoken.headers["Webhook-Id"] == str(attempt.fact_id)
    assert shown.answer == b""
    with pytest.raises(NotFound):
        await desk.do(deliveries.show, endpoint_id=desk.endpoint.id, attempt_id=uuid4())


async def test_one_fact_is_told_again_with_its_id(desk: Desk, far: Far) -> None:
    await desk.open()
    await desk.happen(A, A)
    await desk.all_told()
    first = far.posts[0]
    asked = await desk.do(deliveries.replay, endpoint_id=desk.endpoint.id, subject_id=A, version=1)
    ended = await desk.ends(asked)
    assert (ended.state, ended.total, ended.seen, ended.told) == (ReplayState.DONE, 1, 1, 1)
    last = far.posts[-1]
    assert (last.headers["webhook-replay"], last.body) == ("true", first.body)
    assert last.headers["Webhook-Id"] == first.headers["Webhook-Id"]


async def test_a_range_is_told_again_in_order_for_each_case(desk: Desk, far: Far) -> None:
    await desk.open()
    cases = [uuid4() for _ in range(7)]
    for _ in range(6):
        await desk.happen(*cases)
    await desk.all_told()
    asked = await desk.do(
        deliveries.replay, endpoint_id=desk.endpoint.id, since=wall() - timedelta(hours=1)
    )
    ended = await desk.ends(asked)
    assert (ended.state, ended.seen, ended.told) == (ReplayState.DONE, 42, 42)
    assert desk.again() == {str(case): [1, 2, 3, 4, 5, 6] for case in cases}


async def test_a_part_of_the_feed_is_told_again(desk: Desk, far: Far) -> None:
    await desk.open()
    await desk.happen(A)
    await desk.all_told()
    await desk.happen(B)
    await desk.all_told()
    await desk.happen(C)
    await desk.all_told()
    asked = await desk.do(deliveries.replay, endpoint_id=desk.endpoint.id, after=1, up_to=2)
    assert (await desk.ends(asked)).told == 1
    assert desk.again() == {str(B): [1]}
    for after, up_to, told in ((-9, 1, 1), (9**99, 9**99, 0)):
        asked = await desk.do(
            deliveries.replay, endpoint_id=desk.endpoint.id, after=after, up_to=up_to
        )
        assert (asked.total, (await desk.ends(asked)).told) == (told, told)


async def test_what_was_not_taken_is_told_again_and_nothing_else(desk: Desk, far: Far) -> None:
    """A receiver says 400 to some, and they were passed over."""
    refuses = True
    far.answer = lambda post: "400 No" if refuses and post.said["subject"] == str(A) else "200 OK"
    await desk.open(policy=Policy((), stuck=Stuck.SKIP))
    await desk.happen(A, B, A)
    await desk.all_told()
    refuses = False
    asked = await desk.do(
        deliveries.replay,
        endpoint_id=desk.endpoint.id,
        since=wall() - timedelta(hours=1),
        only_failed=True,
    )
    ended = await desk.ends(asked)
    assert (ended.state, ended.total, ended.told) == (ReplayState.DONE, 2, 2)
    assert desk.again() == {str(A): [1, 2]}
    again = await desk.do(deliveries.replay, endpoint_id=desk.endpoint.id, only_failed=True)
    assert again.total == 0


async def test_what_waits_for_its_turn_is_left_to_its_lane(desk: Desk, far: Far) -> None:
    """Otherwise a later fact would arrive before an earlier one."""
    refuses = True
    far.answer = lambda post: "400 No" if refuses and post.said["subject"] == str(A) else "200 OK"
    await desk.open(schedule=())
    await desk.happen(A, B)
    [lane] = await _parked(desk)
    assert (lane.subject_id, lane.head, lane.tail) == (A, 0, 1)
    refuses = False
    asked = await desk.do(
        deliveries.replay, endpoint_id=desk.endpoint.id, since=wall() - timedelta(hours=1)
    )
    ended = await desk.ends(asked)
    assert (ended.told, ended.on_lanes) == (1, 1)
    await desk.all_told()
    assert desk.again() == {str(B): [1]}
    assert far.by_case()[str(A)] == [1]


async def _parked(desk: Desk) -> Any:
    async def has_any() -> bool:
        return bool(await desk.do(deliveries.parked))

    await until(has_any)
    return await desk.do(deliveries.parked, endpoint_id=desk.endpoint.id)


async def test_a_parked_case_is_resumed_by_hand(desk: Desk, far: Far) -> None:
    answers = iter(["400 No"])
    far.answer = lambda post: next(answers, "200 OK")
    await desk.open(schedule=())
    await desk.happen(A)
    await _parked(desk)
    await desk.do(deliveries.resume, endpoint_id=desk.endpoint.id, subject_id=A)
    await desk.all_told()
    assert far.by_case() == {str(A): [1]}
    with pytest.raises(NothingParked):
        await desk.do(deliveries.resume, endpoint_id=desk.endpoint.id, subject_id=A)
    with pytest.raises(NotFound):
        await desk.do(deliveries.resume, endpoint_id=desk.endpoint.id, subject_id=C)


async def test_a_replay_goes_on_where_another_process_left_it(desk: Desk, far: Far) -> None:
    await desk.open()
    await desk.happen(*(uuid4() for _ in range(5)))
    await desk.all_told()
    await desk.replayer.stop()
    asked: Replay = await desk.do(
        deliveries.replay, endpoint_id=desk.endpoint.id, since=wall() - timedelta(hours=1)
    )
    # It was taken on, came to the second place, and then its process died.
    async with desk.office.engine.writing() as connection:
        replays = Replays(connection, desk.office.id)
        now = wall() + timedelta(seconds=1)
        held = await replays.claim(lease=uuid4(), now=now, until=now)
        assert held is not None
        assert held.id == asked.id
        await replays.progress(held, replace(held, cursor="2", seen=2, told=2))
    await desk.replays()
    ended = await desk.ends(asked)
    assert (ended.state, ended.seen, ended.told) == (ReplayState.DONE, 5, 5)
    assert sum(map(len, desk.again().values())) == 3


async def test_who_lost_its_lease_writes_no_progress(desk: Desk, far: Far) -> None:
    await desk.open()
    await desk.replayer.stop()
    await desk.happen(A)
    await desk.all_told()
    await desk.do(deliveries.replay, endpoint_id=desk.endpoint.id, after=0)
    async with desk.office.engine.writing() as connection:
        replays = Replays(connection, desk.office.id)
        now = wall() + timedelta(seconds=1)
        ours = await replays.claim(lease=uuid4(), now=now, until=now)
        theirs = await replays.claim(lease=uuid4(), now=now, until=now)
        assert ours is not None
        assert theirs is not None
        assert not await replays.progress(ours, replace(ours, seen=1))
        assert await replays.progress(theirs, replace(theirs, seen=1))


async def test_a_replay_that_is_canceled_goes_no_further(desk: Desk, far: Far) -> None:
    await desk.open()
    await desk.happen(A)
    await desk.all_told()
    far.answer = lambda post: "503 Later"
    asked = await desk.do(deliveries.replay, endpoint_id=desk.endpoint.id, after=0)
    await until(lambda: len(far.posts) > 1)
    canceled = await desk.do(deliveries.cancel, replay_id=asked.id)
    assert canceled.state is ReplayState.CANCELED
    assert (await desk.ends(asked)).state is ReplayState.CANCELED
    with pytest.raises(ReplayEnded):
        await desk.do(deliveries.cancel, replay_id=asked.id)


async def test_a_receiver_that_is_down_is_told_again_later(desk: Desk, far: Far) -> None:
    await desk.open()
    await desk.happen(A, B)
    await desk.all_told()
    answers = iter(["503 Down", "500 Down"])
    far.answer = lambda post: next(answers, "200 OK")
    asked = await desk.do(deliveries.replay, endpoint_id=desk.endpoint.id, after=0)
    ended = await desk.ends(asked)
    assert (ended.state, ended.seen, ended.told) == (ReplayState.DONE, 2, 2)
    assert {case: set(told) for case, told in desk.again().items()} == {str(A): {1}, str(B): {1}}


async def test_a_fact_that_alone_is_not_taken_is_left_behind(desk: Desk, far: Far) -> None:
    """A server error each time: nobody else waits until it is given up."""
    await desk.open()
    await desk.happen(A, B, A, C)
    await desk.all_told()

    def answer(post: Post) -> str:
        bad = (post.said["subject"], post.said["version"]) == (str(A), 1)
        return "500 Oops" if bad else "200 OK"

    far.answer = answer
    asked = await desk.do(deliveries.replay, endpoint_id=desk.endpoint.id, after=0)
    ended = await desk.ends(asked)
    assert (ended.state, ended.seen, ended.told) == (ReplayState.DONE, 4, 3)
    again = {case: list(dict.fromkeys(told)) for case, told in desk.again().items()}
    assert again == {str(A): [2], str(B): [1], str(C): [1]}
    failed = await desk.do(deliveries.search, wanted=Wanted(taken=False))
    assert {(one.subject_id, one.version) for one in failed} == {(A, 1)}
    assert len(failed) == 3
    far.answer = lambda post: "200 OK"
    asked = await desk.do(deliveries.replay, endpoint_id=desk.endpoint.id, only_failed=True)
    assert (await desk.ends(asked)).told == 1


async def test_who_asks_for_time_is_given_it_and_nothing_left_behind(desk: Desk, far: Far) -> None:
    """Whoever takes so many a minute says nothing of the fact that it does not take now."""
    await desk.open()
    await desk.happen(A, B, C)
    await desk.all_told()
    tries = 0

    def answer(post: Post) -> str:
        nonlocal tries
        if post.said["subject"] != str(A):
            return "200 OK"
        tries += 1
        return "429 Later" if tries < 6 else "200 OK"

    far.answer = answer
    asked = await desk.do(deliveries.replay, endpoint_id=desk.endpoint.id, after=0)
    ended = await desk.ends(asked)
    assert (ended.state, ended.seen, ended.told) == (ReplayState.DONE, 3, 3)


async def test_nothing_is_left_behind_while_nothing_is_taken(desk: Desk, far: Far) -> None:
    await desk.open()
    await desk.happen(A)
    await desk.all_told()
    tries = 0

    def answer(_: Post) -> str:
        nonlocal tries
        tries += 1
        return "500 Down" if tries < 6 else "200 OK"

    far.answer = answer
    asked = await desk.do(deliveries.replay, endpoint_id=desk.endpoint.id, after=0)
    ended = await desk.ends(asked)
    assert (ended.state, ended.seen, ended.told) == (ReplayState.DONE, 1, 1)


async def test_a_replay_to_a_disabled_endpoint_waits(desk: Desk, far: Far) -> None:
    await desk.open()
    await desk.happen(A)
    await desk.all_told()
    async with desk.office.engine.writing() as connection:
        endpoints = Endpoints(connection, desk.office.id)
        await set_state(endpoints, desk.endpoint.id, EndpointState.DISABLED)
    told = len(far.posts)
    asked = await desk.do(deliveries.replay, endpoint_id=desk.endpoint.id, after=0)

    async def waits() -> bool:
        found = await desk.do(deliveries.show_replay, replay_id=asked.id)
        return bool(found.state is ReplayState.WAITING and found.due > wall())

    await until(waits)
    assert len(far.posts) == told
    with pytest.raises(NotTold):
        await desk.do(deliveries.send_test, endpoint_id=desk.endpoint.id)


async def test_what_is_told_again_holds_no_connection_while_it_is_said(
    office: Office, far: Far
) -> None:
    """And what several cases need is asked for together, as when they were told first."""
    told, watched, begun = asyncio.Event(), Watched(office.engine), 0

    async def say(
        fact: Fact,
        endpoint: Endpoint,
        *,
        secrets: Sequence[str],
        store: Store,
        gap: int | None = None,
    ) -> Telling | None:
        nonlocal begun
        if told.is_set():
            begun += 1
            await store.cases.details(fact.subject_id)
        return await plainly(fact, endpoint, secrets=secrets, store=store)

    desk = Desk(replace(office, engine=watched), far)
    async with desk.stack:
        await desk.open(tellers={"plain": say})
        await desk.happen(A, B, C)
        await desk.all_told()
        told.set()
        watched.asked = 0
        watched.answers.clear()
        asked = await desk.do(deliveries.replay, endpoint_id=desk.endpoint.id, after=0)
        await until(lambda: begun == 3 and watched.asked == 1)
        await until(lambda: watched.in_use == 1)  # that of the question
        watched.answers.set()
        assert (await desk.ends(asked)).told == 3
    assert watched.asked <= 2


async def test_what_is_new_does_not_wait_for_a_replay(desk: Desk, far: Far) -> None:
    """A replay is in full course, and each of its posts hangs: what is new arrives at once."""
    await desk.open()
    await desk.happen(*(uuid4() for _ in range(20)))
    await desk.all_told()

    async def answer(post: Post) -> str:
        return await never(post) if "webhook-replay" in post.headers else "200 OK"

    far.answer = answer
    before = len(far.taken)
    asked = await desk.do(deliveries.replay, endpoint_id=desk.endpoint.id, after=0)
    await until(lambda: any("webhook-replay" in post.headers for post in far.posts))
    await desk.happen(*(uuid4() for _ in range(20)))
    await until(lambda: len(far.taken) == before + 20, within=1.9)  # their timeout is two seconds
    await desk.do(deliveries.cancel, replay_id=asked.id)


async def test_a_trial_is_told_once_and_shows_what_came_of_it(desk: Desk, far: Far) -> None:
    await desk.open()
    await desk.happen(A)
    await desk.all_told()
    asked = await desk.do(deliveries.send_test, endpoint_id=desk.endpoint.id)
    assert (await desk.ends(asked)).state is ReplayState.DONE
    assert far.posts[-1].headers["webhook-test"] == "true"
    far.answer = lambda post: "500 No"
    asked = await desk.do(deliveries.send_test, endpoint_id=desk.endpoint.id)
    ended = await desk.ends(asked)
    assert (ended.state, ended.error) == (ReplayState.FAILED, "answered 500")
    assert len(far.posts) == 3


async def test_who_says_gone_to_a_trial_or_a_replay_is_told_nothing_more(
    desk: Desk, far: Far
) -> None:
    await desk.open()
    await desk.happen(A)
    await desk.all_told()
    far.answer = lambda post: "410 Gone"

    async def why() -> Why | None:
        async with desk.office.engine.reading() as connection:
            [endpoint] = await Endpoints(connection, desk.office.id).all()
        return endpoint.why

    async def is_gone() -> bool:
        return await why() is Why.GONE

    asked = await desk.do(deliveries.send_test, endpoint_id=desk.endpoint.id)
    assert (await desk.ends(asked)).state is ReplayState.FAILED
    assert await is_gone()
    async with desk.office.engine.writing() as connection:
        endpoints = Endpoints(connection, desk.office.id)
        await set_state(endpoints, desk.endpoint.id, EndpointState.ACTIVE)
        await connection.run(_NOT_GONE)
    await desk.do(deliveries.replay, endpoint_id=desk.endpoint.id, after=0)
    await until(is_gone)
    assert len(far.posts) == 3
    async with desk.office.engine.reading() as connection:
        health = Store(connection, desk.office.id).health
        warned = await health.warnings_due(wall() + timedelta(minutes=1))
    assert [one.kind for one in warned] == ["gone", "gone"]


_NOT_GONE = Statement(update(endpoints).values(why=None))


async def test_nothing_is_replayed_that_was_not_asked_for(desk: Desk) -> None:
    await desk.open()
    for given, problem in (
        ({}, Invalid),
        ({"subject_id": A}, Invalid),
        ({"subject_id": A, "version": 9}, NotFound),
        ({"after": 0, "endpoint_id": uuid4()}, NotFound),
    ):
        with pytest.raises(problem):
            await desk.do(deliveries.replay, **({"endpoint_id": desk.endpoint.id} | given))


async def test_nobody_sees_deliveries_who_does_not_look_after_them(desk: Desk) -> None:
    await desk.open()
    stranger = Actor(desk.office.id, ActorKind.AGENT, uuid4(), "Ann")
    async with desk.house.acting(stranger) as act:
        for asked in (
            deliveries.search(act, wanted=Wanted()),
            deliveries.parked(act),
            deliveries.replays(act),
            deliveries.send_test(act, endpoint_id=desk.endpoint.id),
            deliveries.replay(act, endpoint_id=desk.endpoint.id, after=0),
        ):
            with pytest.raises(Forbidden):
                await asked
        assert await deliveries.in_trouble(act) == []
