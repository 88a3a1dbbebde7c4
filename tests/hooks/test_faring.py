"""An endpoint that takes nothing is called degraded, then disabled; who is gone is left alone."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from nowserving.hooks import known
from nowserving.kit.clock import wall
from nowserving.places.endpoints import Endpoint, EndpointState, Why
from nowserving.store.endpoints import Endpoints
from nowserving.store.lanes import Lanes
from nowserving.store.store import Store
from tests.hooks.far import Far, far_end
from tests.hooks.sending import Room
from tests.journal.conftest import engine, office
from tests.journal.facts import Office, set_state, until

__all__ = ["engine", "office"]

A, B = UUID(int=1), UUID(int=2)


@pytest.fixture
async def far() -> AsyncIterator[Far]:
    async with far_end() as far:
        yield far


class Clock:
    """The house's clock, put forward by a test; the database's goes as it goes."""

    ahead = timedelta()

    def __call__(self) -> datetime:
        return wall() + self.ahead


async def endpoint_of(office: Office) -> Endpoint:
    async with office.engine.reading() as connection:
        [endpoint] = await Endpoints(connection, office.id).all()
    return endpoint


async def is_failing(office: Office) -> bool:
    return (await endpoint_of(office)).failing_since is not None


async def alarms(office: Office) -> list[str]:
    async with office.engine.reading() as connection:
        health = Store(connection, office.id).health
        return [one.kind for one in await health.warnings_due(wall() + timedelta(days=99))]


async def test_a_quarter_of_an_hour_without_success_is_degraded_and_five_days_the_end(
    office: Office, far: Far
) -> None:
    far.answer = lambda post: "500 Oops"
    clock = Clock()
    await office.subscribe(far.url)

    async def is_(state: EndpointState) -> bool:
        return (await endpoint_of(office)).state is state

    async with Room(office.engine, clock=clock) as room:
        await office.happens(A)
        room.router.wake(office.id)

        await until(lambda: is_failing(office))
        assert await alarms(office) == []
        clock.ahead = timedelta(minutes=16)
        await until(lambda: is_(EndpointState.DEGRADED))
        assert await alarms(office) == ["degraded"]
        clock.ahead = timedelta(days=5, minutes=1)
        await until(lambda: is_(EndpointState.DISABLED))
        endpoint = await endpoint_of(office)
        assert endpoint.why is Why.FAILING
        assert endpoint.in_trouble
        assert await alarms(office) == ["degraded", "failing"]

        # Nothing is lost: whoever enables it finds the lanes where they were.
        posts = len(far.posts)
        await office.happens(A)
        room.router.wake(office.id)
        far.answer = lambda post: "200 OK"
        async with office.engine.writing() as connection:
            lanes = Lanes(connection, office.id)
            await set_state(Endpoints(connection, office.id), endpoint.id, EndpointState.ACTIVE)
            await lanes.hurry(endpoint.id, wall())
        await until(lambda: len(far.taken) == 2)
        assert len(far.posts) == posts + 2
    assert far.by_case() == {str(A): [1, 2]}


async def test_who_takes_again_is_active_again(office: Office, far: Far) -> None:
    far.answer = lambda post: "500 Oops"
    clock = Clock()
    await office.subscribe(far.url)
    async with Room(office.engine, clock=clock) as room:
        await office.happens(A)
        room.router.wake(office.id)
        await until(lambda: is_failing(office))
        clock.ahead = timedelta(hours=1)

        async def is_degraded() -> bool:
            return (await endpoint_of(office)).state is EndpointState.DEGRADED

        await until(is_degraded)
        version = (await endpoint_of(office)).version
        far.answer = lambda post: "200 OK"

        async def is_well() -> bool:
            endpoint = await endpoint_of(office)
            return endpoint.state is EndpointState.ACTIVE and endpoint.failing_since is None

        await until(is_well)
        assert (await endpoint_of(office)).version == version + 1


async def test_who_says_gone_is_told_nothing_more(office: Office, far: Far) -> None:
    far.answer = lambda post: "410 Gone"
    endpoint = await office.subscribe(far.url)
    async with Room(office.engine) as room:
        for case in (A, B):
            await office.happens(case)
        room.router.wake(office.id)

        async def is_gone() -> bool:
            return (await endpoint_of(office)).why is Why.GONE

        await until(is_gone)
        assert await alarms(office) == ["gone"]
        posts = len(far.posts)
        assert posts <= 2
        await office.happens(A)
        room.router.wake(office.id)
        far.answer = lambda post: "200 OK"
        async with office.engine.writing() as connection:
            await set_state(Endpoints(connection, office.id), endpoint.id, EndpointState.ACTIVE)
        await until(lambda: len(far.taken) == 3)
        assert len(far.posts) == posts + 3
    assert far.by_case() == {str(A): [1, 2], str(B): [1]}


async def test_whoever_disables_an_endpoint_hears_nothing_more_of_it(
    office: Office, far: Far, monkeypatch: pytest.MonkeyPatch
) -> None:
    """I12: a lane with many facts is on its way; the next one is not told any more."""
    monkeypatch.setattr(known, "BELIEVED_FOR", 0.0)
    endpoint = await office.subscribe(far.url)
    disabled_at = 0

    async def answer(_post: object) -> str:
        nonlocal disabled_at
        if len(far.posts) == 3:
            async with office.engine.writing() as connection:
                await set_state(
                    Endpoints(connection, office.id), endpoint.id, EndpointState.DISABLED
                )
            disabled_at = len(far.posts)
        return "200 OK"

    far.answer = answer
    for _ in range(12):
        await office.happens(A)
    async with Room(office.engine):
        await until(lambda: disabled_at > 0)
    assert len(far.posts) == disabled_at == 3
