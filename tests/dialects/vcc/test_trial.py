"""A trial of an endpoint in VCC Live's words says something, whatever has happened."""

from typing import Any

import msgspec

from nowserving.actions import deliveries, endpoints
from nowserving.actions.desk import note
from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.dialects.vcc.hooks import Tell
from nowserving.hooks.guard import Guard
from nowserving.hooks.sources import next_items
from nowserving.journal.router import Router
from nowserving.main.outside import outside
from nowserving.people.actor import Actor, system
from nowserving.places.services import Service
from nowserving.store.store import Store
from tests.dialects.vcc.conftest import a_ticket
from tests.journal.facts import until

URL = "https://93.184.216.34/vcc"


async def tried(house: House, branch: Sample, **terms: Any) -> Any:
    """What a trial of a new endpoint tells it."""
    async with house.acting(system(branch.organization.id, "test")) as act:
        added = (await endpoints.add(act, dialect="vcc", url=URL, **terms)).endpoint
    async with house.acting(system(branch.organization.id, "test")) as act:
        asked = await deliveries.send_test(act, endpoint_id=added.id)
    async with house.engine.reading() as connection:
        store = Store(connection, branch.organization.id)
        [item] = (await next_items(store, asked, added)).items
        told = await Tell(bytes)(item.fact, added, secrets=[], store=store)
    return None if told is None else msgspec.json.decode(told.body)


async def routed(house: House, branch: Sample, count: int) -> None:
    """Wait until so many facts are in the feed."""

    async def are_there() -> bool:
        async with house.engine.reading() as connection:
            return (await Store(connection, branch.organization.id).feed.head())[1] >= count

    router = Router(house.engine)
    await router.start()
    await until(are_there)
    await router.stop()


async def test_a_trial_tells_of_a_ticket_that_began_where_it_is_wanted(
    house: House, branch: Sample, program: Actor, papers: Service
) -> None:
    house.outside = outside(Guard())
    made_up = await tried(house, branch)
    assert (made_up["action"], made_up["ticket"]["ticketId"]) == ("add", 0)
    case = await a_ticket(house, program, papers)
    async with house.acting(program) as act:
        await note(act, case_id=case.id, text="Nothing of a ticket changes.")
    await routed(house, branch, 2)
    told = await tried(house, branch, service_ids=[papers.id])
    assert (told["action"], told["ticket"]["ticketId"]) == ("add", case.number)
    other = next(
        one
        for one in (await house.directory(branch.organization.id)).services.values()
        if one.id != papers.id
    )
    elsewhere = await tried(house, branch, service_ids=[other.id])
    assert elsewhere["ticket"]["ticketId"] == 0
    assert elsewhere["ticket"]["projectId"] == other.number
