"""A case that an endpoint does not take, while it takes everything else: poison, for it."""

from datetime import datetime, timedelta
from uuid import UUID

from nowserving.hooks.retries import refused
from nowserving.journal.telling import STUCK, Policy, Stuck
from nowserving.kit.facts import Fact
from nowserving.places.endpoints import Endpoint
from nowserving.store.store import Store

REFUSALS = 5
"""So many refusals of one fact in a row, while others are taken, and it is not tried again."""

TRIES_AGAIN = 3
"""Of one fact in a replay while others are taken: then it is left behind, logged as not taken."""

LATELY = timedelta(days=1)
"""Within which the endpoint must have taken something of another case."""


def choice(endpoint: Endpoint, policy: Policy) -> Stuck:
    """What becomes of such a case: the endpoint's choice, or that of its language."""
    chosen = endpoint.settings.get(STUCK)
    return Stuck(chosen) if chosen in list(Stuck) else policy.stuck


async def is_poison(store: Store, endpoint: UUID, fact: Fact, *, now: datetime) -> bool:
    """Was this fact refused each time, while others were taken? (The last time was just now.)"""
    before = await store.deliveries.of_fact(
        endpoint, fact.subject_id, fact.version, most=REFUSALS - 1
    )
    if len(before) < REFUSALS - 1 or not all(refused(one.status) for one in before):
        return False
    return await store.deliveries.taken_since(endpoint, now - LATELY, beside=fact.subject_id)


async def takes_others(store: Store, endpoint: UUID, fact: Fact) -> bool:
    """Has the endpoint taken anything of another case since it was last told this fact?"""
    before = await store.deliveries.of_fact(endpoint, fact.subject_id, fact.version, most=1)
    return bool(before) and await store.deliveries.taken_since(
        endpoint, before[0].at, beside=fact.subject_id
    )
