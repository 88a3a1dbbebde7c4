"""Who empties a mailbox: one process at a time, for as long as it says again that it does."""

from datetime import timedelta
from uuid import UUID

from nowserving.actions.house import House
from nowserving.people.actor import system
from nowserving.store.engines import Clash

HELD_FOR = timedelta(minutes=2)
"""Longer than one mail takes; whoever dies with a mailbox in hand keeps others from it so long."""


async def hold(house: House, organization_id: UUID, name: str, holder: UUID) -> bool:
    """Have a mailbox for oneself for a while, or for a while longer; False if another has it."""
    try:
        async with house.acting(system(organization_id, "mail")) as act:
            return await act.store.letters.hold_box(
                name, holder, now=act.now, until=act.now + HELD_FOR
            )
    except Clash:
        return False  # another was first


async def let_go(house: House, organization_id: UUID, name: str, holder: UUID) -> None:
    """Have it no longer."""
    async with house.acting(system(organization_id, "mail")) as act:
        await act.store.letters.let_go_box(name, holder, now=act.now)
