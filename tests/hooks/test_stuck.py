"""A case that an endpoint does not take: parked, passed over, or told in its newest state."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from nowserving.hooks import stuck
from nowserving.journal.telling import STUCK, Policy, Stuck
from nowserving.kit.clock import wall
from nowserving.store.endpoints import Endpoints
from nowserving.store.lanes import Lanes, Rest
from nowserving.store.store import Store
from tests.hooks.far import Far, Post, far_end
from tests.hooks.sending import QUICKLY, Room
from tests.journal.conftest import engine, office
from tests.journal.facts import Office, until

__all__ = ["engine", "office"]

A, B = UUID(int=1), UUID(int=2)


@pytest.fixture
async def far() -> AsyncIterator[Far]:
    async with far_end() as far:
        yield far


def refusing(version: int, status: str = "422 No") -> Any:
    """Refuse one version of A."""

    def answer(post: Post) -> str:
        is_poison = post.said["subject"] == str(A) and post.said["version"] == version
        return status if is_poison else "200 OK"

    return answer


async def lane(office: Office, subject: UUID) -> Rest | None:
    async with office.engine.reading() as connection:
        lanes = Lanes(connection, office.id)
        [endpoint] = await Endpoints(connection, office.id).all()
        return await lanes.lane(endpoint.id, subject)


async def happen(office: Office, room: Room, *cases: UUID) -> None:
    for case in cases:
        await office.happens(case)
    room.router.wake(office.id)


async def test_what_is_refused_five_times_while_others_are_taken_is_parked(
    office: Office, far: Far
) -> None:
    far.answer = refusing(1)
    await office.subscribe(far.url)
    async with Room(office.engine) as room:
        await happen(office, room, B)
        await until(lambda: len(far.taken) == 1)
        await happen(office, room, A)

        async def is_parked() -> bool:
            found = await lane(office, A)
            return found is not None and found.due is None and found.lease is None

        await until(is_parked)
        refused = [post for post in far.posts if post.said["subject"] == str(A)]
        assert len(refused) == stuck.REFUSALS
        await happen(office, room, B)
        await until(lambda: len(far.taken) == 2)
    found = await lane(office, A)
    assert found is not None
    assert (found.head, found.tail) == (0, 1)


async def test_what_is_refused_while_nothing_is_taken_is_tried_to_the_end(
    office: Office, far: Far
) -> None:
    """It may be the endpoint, and not the fact."""
    far.answer = lambda post: "422 No"
    await office.subscribe(far.url)
    async with Room(office.engine, schedule=QUICKLY[:8]) as room:
        await happen(office, room, A)

        async def is_parked() -> bool:
            found = await lane(office, A)
            return found is not None and found.due is None and found.lease is None

        await until(is_parked)
    assert len(far.posts) == 9


async def test_what_is_passed_over_is_told_of_with_what_comes_next(
    office: Office, far: Far
) -> None:
    far.answer = refusing(2)
    await office.subscribe(far.url)
    async with Room(office.engine, policy=Policy(QUICKLY[:2], stuck=Stuck.SKIP)) as room:
        await happen(office, room, A, A)

        async def is_passed_over() -> bool:
            found = await lane(office, A)
            return found is not None and found.gap == 2

        await until(is_passed_over)
        await happen(office, room, A, A)
        await until(lambda: len(far.taken) == 3)
        await until(lambda: _has_no_gap(office))
    assert far.by_case() == {str(A): [1, 3, 4]}
    assert [post.headers.get("webhook-gap") for post in far.taken] == [None, "2-2", None]
    assert [post.said.get("gap") for post in far.taken] == [None, 2, None]


async def _has_no_gap(office: Office) -> bool:
    found = await lane(office, A)
    return found is not None and found.gap is None


async def test_a_gap_outlives_the_process_that_made_it(office: Office, far: Far) -> None:
    far.answer = refusing(1)
    await office.subscribe(far.url)
    policy = Policy((), stuck=Stuck.SKIP)
    async with Room(office.engine, policy=policy) as room:
        await happen(office, room, A)
        await until(lambda: len(far.posts) == 1)

        async def is_passed_over() -> bool:
            found = await lane(office, A)
            return found is not None and found.head == 1

        await until(is_passed_over)
        async with office.engine.writing() as connection:
            lanes = Lanes(connection, office.id)
            [endpoint] = await Endpoints(connection, office.id).all()
            await lanes.forget(endpoint.id)  # tidying keeps it
    async with Room(office.engine, policy=policy) as room:
        await happen(office, room, A)
        await until(lambda: len(far.taken) == 1)
    assert far.taken[0].headers["webhook-gap"] == "1-1"


async def test_only_the_newest_is_told_where_that_is_wanted(office: Office, far: Far) -> None:
    far.answer = refusing(1)
    endpoint = await office.subscribe(far.url)
    await _set(office, endpoint.id, {"allowed": True, STUCK: "coalesce"})
    for _ in range(5):
        await office.happens(A)
    async with Room(office.engine, schedule=QUICKLY[:1]) as room:
        room.router.wake(office.id)
        await until(lambda: len(far.taken) == 1)
    assert far.by_case() == {str(A): [5]}
    assert far.taken[0].headers["webhook-gap"] == "1-4"


async def _set(office: Office, endpoint: UUID, settings: dict[str, Any]) -> None:
    """Change the settings of an endpoint, as administrators do."""
    from sqlalchemy import bindparam, update

    from nowserving.store.engines import Statement
    from nowserving.store.tables import endpoints

    change = update(endpoints).where(
        endpoints.c.organization_id == bindparam("o"), endpoints.c.id == bindparam("e")
    )
    async with office.engine.writing() as connection:
        statement = Statement(change.values(settings=bindparam("s")))
        await connection.run(statement, o=office.id, e=endpoint, s=settings)


async def test_where_only_the_newest_is_refused_it_is_parked(office: Office, far: Far) -> None:
    far.answer = refusing(1)
    await office.subscribe(far.url)
    policy = Policy((), stuck=Stuck.COALESCE)
    async with Room(office.engine, policy=policy) as room:
        await happen(office, room, A)

        async def is_parked() -> bool:
            async with office.engine.reading() as connection:
                return bool(await Lanes(connection, office.id).parked())

        await until(is_parked)
        await happen(office, room, A, A)
        await until(lambda: len(far.taken) >= 1)
        await until(lambda: far.taken[-1].said["version"] == 3)
    # It was refused once more when something new happened.
    assert far.taken[0].headers["webhook-gap"].startswith("1-")


async def test_a_language_that_takes_200_alone_is_heeded(office: Office, far: Far) -> None:
    answers = iter(["202 Perhaps", "204 None"])
    far.answer = lambda post: next(answers, "200 OK")
    await office.subscribe(far.url)
    exactly = Policy(QUICKLY, takes=lambda status: status == 200)
    async with Room(office.engine, policy=exactly) as room:
        await happen(office, room, A)
        await until(lambda: len(far.posts) == 3)

        async def is_logged() -> bool:
            async with office.engine.reading() as connection:
                store = Store(connection, office.id)
                [endpoint] = await store.endpoints.all()
                tries = await store.deliveries.attempts(endpoint.id)
                return [one.taken for one in tries] == [True, False, False]

        await until(is_logged)


async def test_whether_others_were_taken_is_asked_of_the_last_day(office: Office) -> None:
    async with office.engine.reading() as connection:
        store = Store(connection, office.id)
        since = wall() - timedelta(days=1)
        assert not await store.deliveries.taken_since(uuid4(), since, beside=A)
