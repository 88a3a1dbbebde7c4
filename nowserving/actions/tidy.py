"""What the server clears away by itself, so that history does not slow the day."""

from datetime import timedelta

from nowserving.actions.house import House
from nowserving.kit.ids import first_id
from nowserving.people.actor import system
from nowserving.people.staff import AGE_AT_MOST

KEYS_FOR = timedelta(days=7)
"""How long the answer to a request with an idempotency key is kept."""

ATTEMPTS_FOR = timedelta(days=30)
"""How long attempts at deliveries can be looked at."""


async def tidy(house: House) -> None:
    """Drop, in every organization, what has run out, and lanes on which nothing is left."""
    for organization in await house.organizations():
        async with house.acting(system(organization.id, "tidy")) as act:
            await act.store.requests.forget(act.now - KEYS_FOR)
            await act.store.people.forget_tokens(act.now)
            await act.store.people.forget_sessions(act.now - AGE_AT_MOST)
            await act.store.hooks.forget(first_id(act.now - ATTEMPTS_FOR))
            await act.store.endpoints.drop_lanes_of_deleted()
            for endpoint in await act.store.lanes.endpoints():
                await act.store.lanes.forget(endpoint.id, before=first_id(act.now - ATTEMPTS_FOR))
