"""Beginning: a new organization with its places and people."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from nowserving.actions.house import House
from nowserving.bookings.rules import Plan
from nowserving.people.customers import Customer
from nowserving.people.staff import Agent, Client, Group
from nowserving.places.organization import Organization
from nowserving.store.places import add_organization
from nowserving.store.store import Store


@dataclass(frozen=True, slots=True)
class Beginning:
    """All that a new organization starts with."""

    organization: Organization
    places: Sequence[Any] = ()
    agents: Sequence[Agent] = ()
    groups: Sequence[Group] = ()
    members: Sequence[tuple[UUID, UUID]] = ()
    clients: Sequence[Client] = ()
    customers: Sequence[Customer] = field(default=())
    plans: Sequence[Plan] = field(default=())


async def begin(house: House, beginning: Beginning) -> None:
    """Make an organization, whole or not at all. The operator's act: no door offers it."""
    organization = beginning.organization
    async with house.engine.writing() as connection:
        store = Store(connection, organization.id)
        await add_organization(connection, organization)
        await store.feed.begin(house.ids(house.clock()))
        await store.places.add(beginning.places)
        await store.people.add(
            agents=beginning.agents,
            groups=beginning.groups,
            members=beginning.members,
            clients=beginning.clients,
            customers=beginning.customers,
        )
        for plan in beginning.plans:
            await store.plans.keep(plan)
    await house.organizations()


async def begin_epochs(house: House, *, skip_numbers: int = 0) -> int:
    """After a restore: a new epoch for every feed. Answers how many organizations there are.

    `skip_numbers`: how many numbers of each series of the last day are passed over, because
    they may stand on tickets given out after the backup was made.
    """
    organizations = await house.organizations()
    since = house.clock().date() - timedelta(days=1)
    for organization in organizations:
        async with house.engine.writing() as connection:
            store = Store(connection, organization.id)
            await store.feed.begin_epoch(house.ids(house.clock()))
            await store.series.skip_numbers(skip_numbers, since)
    return len(organizations)
