"""What must be known to say a ticket: the places, and the people who are named in it."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from nowserving.cases.case import Case
from nowserving.dialects.vcc.ticket import People, assigned
from nowserving.people.actor import ActorKind, agent_named
from nowserving.places.directory import Directory
from nowserving.store.store import Store

ORGANIZATIONS_AT_MOST = 1000


class Known:
    """The directories of organizations, read anew when they have changed."""

    def __init__(self) -> None:
        self._directories: dict[UUID, Directory] = {}

    async def directory(self, store: Store) -> Directory:
        """What the organization of a store is made of, as it is now."""
        kept = self._directories.get(store.organization_id)
        if kept is None or kept.version != await store.places.version():
            if len(self._directories) >= ORGANIZATIONS_AT_MOST:
                self._directories.clear()
            kept = self._directories[store.organization_id] = await store.places.directory()
        return kept


async def people_of(store: Store, cases: Sequence[Case], actors: Iterable[str]) -> People:
    """Those who are named in these cases, and the agents who acted."""
    principals = {case.opened_by for case in cases}
    ids = {agent_named(one) for one in (*principals, *actors)} | {assigned(one) for one in cases}
    agents = [await store.people.agent(id) for id in sorted(ids - {None}, key=str) if id]
    customers = [await store.people.customer(id) for id in {one.customer_id for one in cases} if id]
    return People(
        agents={one.id: one for one in agents if one is not None},
        creators={one: name for one in principals if (name := await _creator(store, one))},
        customers={one.id: one.number for one in customers if one is not None},
    )


async def _creator(store: Store, principal: str) -> str | None:
    """The name of a program or a device that opens cases."""
    kind, _, name = principal.partition(":")
    if kind == ActorKind.CLIENT:
        client = await store.people.client(UUID(name))
        return None if client is None else client.name
    return name if kind in (ActorKind.VISITOR, ActorKind.SYSTEM) else None
