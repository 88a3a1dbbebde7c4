"""Webhooks of the sample branch, to a far end that does as a test wants."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.dialects.cubu.hooks import cubu_endpoint
from nowserving.people.actor import system
from nowserving.places.endpoints import Endpoint, EndpointState, Why
from nowserving.store.deliveries import Attempt, Wanted
from nowserving.store.store import Store
from tests.hooks.far import Far
from tests.journal.facts import set_state, until


@dataclass
class Webhooks:
    """What is told to a far end."""

    house: House
    branch: Sample
    far: Far

    async def add(self, name: str = "Reports") -> Endpoint:
        """Tell the far end, in Cubu's words."""
        organization_id = self.branch.organization.id
        async with self.house.acting(system(organization_id, "test")) as act:
            endpoint = cubu_endpoint(
                organization_id,
                act.new_id(),
                self.far.url,
                secret="sesame",
                vault=self.house.vault,
                now=act.now,
                allowed=True,
            )
            endpoint = _named(endpoint, name)
            await act.store.endpoints.add(endpoint)
        return endpoint

    async def attempts(self, **wanted: Any) -> list[Attempt]:
        """What was tried."""
        async with self.house.engine.reading() as connection:
            store = Store(connection, self.branch.organization.id)
            return await store.deliveries.search(Wanted(**wanted))

    async def until_tried(self, count: int) -> list[Attempt]:
        """Wait until so much was tried."""

        async def enough() -> bool:
            return len(await self.attempts()) >= count

        await until(enough)
        return await self.attempts()

    async def disable(self, endpoint: UUID) -> None:
        """As after five days without success."""
        async with self.house.engine.writing() as connection:
            health = Store(connection, self.branch.organization.id).health
            assert await health.disable(endpoint, Why.FAILING)

    async def enable(self, endpoint: UUID) -> None:
        """Tell it again."""
        async with self.house.engine.writing() as connection:
            endpoints = Store(connection, self.branch.organization.id).endpoints
            await set_state(endpoints, endpoint, EndpointState.ACTIVE)


def _named(endpoint: Endpoint, name: str) -> Endpoint:
    return replace(endpoint, name=name)
