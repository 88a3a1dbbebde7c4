"""A back office, somebody who works there, and cases."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from nowserving.actions.house import House
from nowserving.actions.open_case import open_case
from nowserving.actions.sample import Sample
from nowserving.actions.sample_work import BackOffice
from nowserving.cases.admission import Request
from nowserving.cases.case import Case
from nowserving.cases.work import Opening
from nowserving.people.actor import Actor, ActorKind, grants_of
from nowserving.people.permissions import Role

OpenOne = Callable[..., Awaitable[Case]]


@pytest.fixture
def dia(branch: Sample, back_office: BackOffice) -> Actor:
    """An agent of the back office."""
    agent = branch.beginning.agents[3]
    grants = grants_of([(Role.POWER_AGENT, frozenset({back_office.unit.id}))])
    return Actor(branch.organization.id, ActorKind.AGENT, agent.id, agent.name, grants)


@pytest.fixture
def open_one(house: House, dia: Actor, back_office: BackOffice) -> OpenOne:
    """Opens a case of the back office; words of a request are said as such."""

    async def opened(*, by: Actor = dia, **said: Any) -> Case:
        asked = {
            name: said.pop(name)
            for name in ("name", "phone", "email", "customer_id", "tag_ids", "fields", "type_id")
            if name in said
        }
        request = Request(service_id=back_office.service.id, **asked)
        async with house.acting(by) as act:
            return (await open_case(act, Opening(request, **said))).case

    return opened
