"""A program that acts for a person who works here (reference/cubu.md 2.3)."""

from uuid import UUID

from nowserving.actions.house import House
from nowserving.kit.problems import Forbidden, NotFound
from nowserving.people.actor import Actor, ActorKind, grants_of
from nowserving.people.permissions import Permission
from nowserving.store.engines import Looking
from nowserving.store.store import Store


async def impersonated(house: House, program: Actor, *, agent_id: UUID) -> Actor:
    """The agent a program acts for, with the agent's own permissions and nobody else's.

    Raises Forbidden unless the program may act for agents, NotFound for an unknown one.
    """
    if not program.may_anywhere(Permission.IMPERSONATE):
        raise Forbidden(permission=Permission.IMPERSONATE)
    people = Store(Looking(house.engine), program.organization_id).people
    agent = await people.agent(agent_id)
    if agent is None or agent.archived:
        raise NotFound(what="agent", id=agent_id)
    return Actor(
        program.organization_id,
        ActorKind.AGENT,
        agent.id,
        agent.name,
        grants_of(await people.roles_of(agent.id)),
    )
