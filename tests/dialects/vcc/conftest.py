"""A project of VCC Live's: a service of the sample branch, with somebody who has come."""

from collections.abc import Sequence
from typing import Any

import pytest

from nowserving.actions.house import House
from nowserving.actions.queue_up import queue_up
from nowserving.actions.sample import Sample
from nowserving.cases.admission import Request
from nowserving.cases.case import Case
from nowserving.dialects.vcc.endpoints import KINDS, NAME
from nowserving.kit.facts import Fact
from nowserving.people.actor import Actor
from nowserving.places.endpoints import Endpoint
from nowserving.places.services import Outcome, Service
from nowserving.store.store import Store

KEY = "very secret key"


def an_endpoint(
    house: House, branch: Sample, url: str, *, kinds: Sequence[str] = KINDS, **settings: Any
) -> Endpoint:
    """A receiver of the sample branch; with `encrypt` it has a key."""
    now = house.clock()
    return Endpoint(
        organization_id=branch.organization.id,
        id=house.ids(now),
        dialect=NAME,
        url=url,
        kinds=tuple(kinds),
        authorization="none",
        secret=house.vault.lock(KEY) if "encrypt" in settings else None,
        settings={"allowed": True, **settings},
        created_at=now,
    )


@pytest.fixture
def papers(branch: Sample) -> Service:
    """The service of passports: project 2."""
    return next(
        thing
        for thing in branch.beginning.places
        if isinstance(thing, Service) and thing.number == 2
    )


@pytest.fixture
def outcomes(branch: Sample) -> dict[str, Outcome]:
    """How a case can end, by name."""
    return {one.name: one for one in branch.beginning.places if isinstance(one, Outcome)}


async def a_ticket(house: House, actor: Actor, service: Service, **asked: Any) -> Case:
    """Somebody who has joined the line of a service."""
    async with house.acting(actor) as act:
        return (await queue_up(act, Request(service_id=service.id, **asked))).case


async def facts_of(house: House, case: Case) -> list[Fact]:
    """What happened to a case."""
    async with house.engine.reading() as connection:
        return await Store(connection, case.organization_id).journal.of(case.id)
