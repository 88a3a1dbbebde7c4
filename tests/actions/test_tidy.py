"""What is cleared away, and what stays."""

from datetime import timedelta

from nowserving.actions.endpoints import remove
from nowserving.actions.house import House
from nowserving.actions.queue_up import queue_up
from nowserving.actions.replies import once
from nowserving.actions.sample import Sample
from nowserving.actions.tidy import tidy
from nowserving.cases.admission import Request
from nowserving.kit.http import Reply
from nowserving.kit.ids import first_id, uuid7
from nowserving.people.actor import Actor, system
from nowserving.places.endpoints import Endpoint
from nowserving.store.deliveries import Attempt, Tried
from nowserving.store.engines import Looking
from nowserving.store.lanes import Stretch
from nowserving.store.store import Store


async def test_answers_are_kept_for_a_week_and_attempts_for_a_month(
    house: House, branch: Sample, program: Actor
) -> None:
    inquiry = next(iter((await house.directory(branch.organization.id)).services))
    key = once("key", "POST", "/")
    assert key is not None
    await house.perform(
        program,
        lambda act: queue_up(act, Request(service_id=inquiry, phone="+4930123456")),
        lambda queued: Reply(201, str(queued.case.id)),
        once=key,
    )
    now = house.clock()
    endpoint = Endpoint(
        branch.organization.id,
        uuid7(now),
        "cubu",
        "https://a.example",
        (),
        "none",
        None,
        created_at=now,
    )
    old, young = (
        Attempt(
            *(branch.organization.id, endpoint.id, uuid7(now - age), uuid7(now), 1, uuid7(now)),
            number=1,
            at=now - age,
            microseconds=5,
            status=200,
            error=None,
            response=None,
            kind="case.queued",
            taken=True,
        )
        for age in (timedelta(days=31), timedelta(days=29))
    )
    async with house.engine.writing() as connection:
        store = Store(connection, branch.organization.id)
        await store.endpoints.add(endpoint)
        await store.deliveries.log([Tried(old), Tried(young)])

    look = Store(Looking(house.engine), branch.organization.id)
    await tidy(house)
    assert await look.requests.kept(program.principal, "key") is not None
    assert [attempt.id for attempt in await look.deliveries.attempts(endpoint.id)] == [young.id]
    house.clock = lambda: now + timedelta(days=8)
    await tidy(house)
    assert await look.requests.kept(program.principal, "key") is None


async def test_what_was_on_its_way_to_a_deleted_endpoint_is_dropped(
    house: House, branch: Sample
) -> None:
    now = house.clock()
    organization, gone, kept = branch.organization.id, uuid7(now), uuid7(now)
    async with house.engine.writing() as connection:
        store = Store(connection, organization)
        for id in (gone, kept):
            await store.endpoints.add(
                Endpoint(
                    organization, id, "cubu", "https://a.example", (), "none", None, created_at=now
                )
            )
        await store.lanes.extend([Stretch(id, uuid7(now), 1, 2) for id in (gone, kept)], now)
    async with house.acting(system(organization, "test")) as act:
        await remove(act, endpoint_id=gone)
    await tidy(house)
    look = Store(Looking(house.engine), organization)
    assert [(await look.endpoints.health(id)).waiting for id in (gone, kept)] == [0, 1]


def test_the_first_id_of_an_instant_is_before_all_others() -> None:
    from nowserving.kit.clock import wall

    now = wall()
    assert all(first_id(now) <= uuid7(now) for _ in range(100))
    assert uuid7(now - timedelta(milliseconds=2)) < first_id(now)
