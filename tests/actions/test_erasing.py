"""Erasing while something is on its way: what comes back later is erased, too."""

from nowserving.actions.erase import erase_again, erase_case
from nowserving.actions.house import House
from nowserving.actions.queue_up import queue_up
from nowserving.actions.sample import Sample
from nowserving.cases.admission import Request
from nowserving.journal.router import Router
from nowserving.kit.ids import uuid7
from nowserving.people.actor import Actor, system
from nowserving.store.deliveries import Attempt, Deliveries, Spoken, Tried
from nowserving.store.engines import Looking
from tests.journal.facts import until


async def test_an_attempt_that_comes_back_after_its_case_was_erased_is_not_kept(
    house: House, branch: Sample, program: Actor
) -> None:
    inquiry = next(iter((await house.directory(branch.organization.id)).services))
    async with house.acting(program) as act:
        case = (await queue_up(act, Request(service_id=inquiry, name="Ada"))).case
    async with house.acting(system(branch.organization.id, "test")) as act:
        await erase_case(act, case_id=case.id)
    now, organization = house.clock(), branch.organization.id
    attempt = Attempt(
        *(organization, uuid7(now), uuid7(now), case.id, 1, uuid7(now)),
        number=1,
        at=now,
        microseconds=5,
        status=200,
        error=None,
        response="Thank you, Ada",
        kind="case.queued",
        taken=True,
    )
    spoken = Spoken("https://crm.example/", {}, b'{"name": "Ada"}')
    async with house.engine.writing() as connection:
        await Deliveries(connection, organization).log([Tried(attempt, spoken)])

    look = Deliveries(Looking(house.engine), organization)
    async with Routed(house):
        await until(lambda: gone(house, look, attempt))
    kept = await look.attempt(attempt.endpoint_id, attempt.id)
    assert kept is not None
    assert kept.response is None


class Routed:
    """Facts are put into the feed while this is open."""

    def __init__(self, house: House) -> None:
        self._router = Router(house.engine, every=0.05)

    async def __aenter__(self) -> None:
        await self._router.start()

    async def __aexit__(self, *_: object) -> None:
        await self._router.stop()


async def gone(house: House, look: Deliveries, attempt: Attempt) -> bool:
    await erase_again(house)
    said, _ = await look.content(attempt)
    return said is None
