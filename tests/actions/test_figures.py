"""Figures of units: seconds, today only, and by indexes."""

from datetime import timedelta

from nowserving.actions import desk
from nowserving.actions.figures import unit_figures
from nowserving.actions.house import House
from nowserving.actions.open_case import open_case
from nowserving.actions.queue_up import queue_up
from nowserving.actions.sample import Sample
from nowserving.cases.admission import Request
from nowserving.cases.work import Opening
from nowserving.people.actor import Actor
from nowserving.store.statistics import Today
from tests.actions.booking import Surgery


async def test_waiting_service_and_target_are_counted_in_seconds(
    house: House, branch: Sample, program: Actor, ann: Actor
) -> None:
    surgery = await Surgery.of(house, branch, program)
    directory = await house.directory(branch.organization.id)
    service = directory.services_of(surgery.unit.id)[0]
    counter = directory.desks_of(surgery.unit.id)[0]
    request = Request(service_id=service.id)

    async def call() -> None:
        case = await surgery.do(
            desk.call_next,
            ann,
            unit_id=surgery.unit.id,
            queue_ids=[service.queue_id],
            desk_id=counter.id,
        )
        assert case is not None
        surgery.now += timedelta(minutes=5)
        await surgery.do(desk.resolve, ann, case_id=case.id)

    await surgery.do(queue_up, request=request)
    await surgery.do(queue_up, request=request)
    await surgery.do(open_case, opening=Opening(request, counted_only=True))
    surgery.now += timedelta(minutes=12)
    await call()
    await call()
    await surgery.do(queue_up, request=request)
    surgery.now += timedelta(minutes=2)
    (found,) = await surgery.do(unit_figures)
    waits, services = found.today.wait_seconds, found.today.service_seconds
    assert round(waits) == 12 * 60 + 17 * 60
    assert round(services) == 2 * 5 * 60
    assert found.today == Today(
        came=4,
        served=3,
        waited=2,
        abandoned=0,
        wait_seconds=waits,
        timed=2,
        service_seconds=services,
        in_target=1,
    )
    assert (found.waiting, round(found.waiting_seconds)) == (1, 120)
    assert (found.serving, found.level, found.desks) == (0, 0, 4)
    surgery.now += timedelta(days=1)
    (found,) = await surgery.do(unit_figures)
    assert found.today == Today()
