"""What the server clears away by itself, so that history does not slow the day."""

from datetime import timedelta
from uuid import UUID

from nowserving.actions.desk_posts import clear_desks
from nowserving.actions.house import House
from nowserving.kit.ids import first_id
from nowserving.people.actor import system
from nowserving.people.staff import AGE_AT_MOST

KEYS_FOR = timedelta(days=7)
"""How long the answer to a request with an idempotency key is kept."""

ATTEMPTS_FOR = timedelta(days=30)
"""How long attempts at deliveries can be looked at."""

AT_ONCE = 2000
"""Attempts dropped in one transaction: nobody waits for it longer than a moment."""


async def tidy(house: House) -> None:
    """Drop, in every organization, what has run out, and lanes on which nothing is left."""
    for organization in await house.organizations():
        async with house.acting(system(organization.id, "tidy")) as act:
            await clear_desks(act)
            await act.store.requests.forget(act.now - KEYS_FOR)
            await act.store.people.forget_tokens(act.now)
            await act.store.people.forget_sessions(act.now - AGE_AT_MOST)
            await act.store.hooks.forget(first_id(act.now - ATTEMPTS_FOR))
            await act.store.health.forget_warnings(first_id(act.now - ATTEMPTS_FOR))
            await act.store.notices.forget(act.now - ATTEMPTS_FOR)
            await act.store.lanes.drop_of_deleted()
            for endpoint in await act.store.endpoints.all():
                await act.store.lanes.forget(endpoint.id)
            told_once = await act.store.endpoints.every_id()
        for endpoint_id in told_once:
            await _tidy_attempts(house, organization.id, endpoint_id)


async def _tidy_attempts(house: House, organization_id: UUID, endpoint_id: UUID) -> None:
    """Drop old attempts, some at a time."""
    dropped = AT_ONCE
    while dropped >= AT_ONCE:
        async with house.acting(system(organization_id, "tidy")) as act:
            before = first_id(act.now - ATTEMPTS_FOR)
            dropped = await act.store.deliveries.forget(endpoint_id, before=before, most=AT_ONCE)
