"""Giving somebody a new password."""

from uuid import UUID

from nowserving.actions.desk_posts import leave_desks
from nowserving.actions.house import House
from nowserving.actions.sign_in import hash_password, matches
from nowserving.kit.problems import NotFound
from nowserving.people.actor import system
from nowserving.people.staff import PASSWORDS_REMEMBERED, WeakPassword, strong
from nowserving.places.organization import WhyLeft
from nowserving.store.engines import Looking
from nowserving.store.store import Store


async def set_password(house: House, *, organization_id: UUID, login: str, password: str) -> None:
    """Set a password and end the agent's sessions: they leave their desk.

    The operator's act: no door offers it.

    Raises WeakPassword, also for one of the last five (reference/cubu.md 4.2).
    """
    if not strong(password):
        raise WeakPassword()
    people = Store(Looking(house.engine), organization_id).people
    agent = await people.agent_called(login)
    if agent is None:
        raise NotFound(what="agent", id=login)
    used = [agent.password_hash, *await people.old_passwords(agent.id, PASSWORDS_REMEMBERED - 1)]
    for hash in used:
        if await matches(hash, password):
            raise WeakPassword()
    new = await hash_password(password)
    async with house.acting(system(organization_id, "operator")) as act:
        await act.store.people.keep_old_password(agent.id, act.now, agent.password_hash)
        await act.store.people.set_password(agent.id, new)
        await act.store.people.forget_failures(agent.id)
        await act.store.people.end_sessions(agent.id)
        await leave_desks(act, agent_id=agent.id, why=WhyLeft.SIGNED_OUT)
