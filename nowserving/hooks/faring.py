"""How endpoints fare: degraded after a quarter of an hour in which nothing was taken, disabled
after five days or at once when they say that they are gone. People are warned by mail."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from nowserving.hooks.run import Run
from nowserving.kit.ids import Ids
from nowserving.places.endpoints import EndpointState, Why
from nowserving.store.health import Alarm, Health

_log = structlog.get_logger("nowserving.sender")

DEGRADED_AFTER = timedelta(minutes=15)
DISABLED_AFTER = timedelta(days=5)

DEGRADED = "degraded"


async def note_how_they_fare(
    health: Health, runs: Sequence[Run], *, now: datetime, ids: Ids
) -> None:
    """Write down what the runs say of their endpoints, where that is news."""
    theirs: dict[UUID, list[Run]] = {}
    for run in runs:
        theirs.setdefault(run.lane.endpoint_id, []).append(run)
    begun = [id for id, of_one in theirs.items() if _fails_now(of_one) and not _since(of_one)]
    await health.failing(begun, now)  # together: of a host that is gone many fail at once
    for endpoint_id, of_one in theirs.items():
        if any(run.endpoint is not None for run in of_one):
            await _note(health, endpoint_id, of_one, now=now, ids=ids)


async def _note(
    health: Health, endpoint_id: UUID, runs: Sequence[Run], *, now: datetime, ids: Ids
) -> None:
    warn: str | None = None
    organization_id = runs[0].organization_id
    if any(run.gone for run in runs):
        await note_gone(health, organization_id, endpoint_id, now=now, ids=ids)
    elif any(run.took for run in runs):
        if any(_was_failing(run) for run in runs):
            await health.takes(endpoint_id)
    elif _fails_now(runs):
        warn = await _fails(health, endpoint_id, _since(runs), now)
    if warn is not None:
        await _warn(health, organization_id, endpoint_id, warn, now=now, ids=ids)


async def note_gone(
    health: Health, organization_id: UUID, endpoint_id: UUID, *, now: datetime, ids: Ids
) -> None:
    """It said that it wants nothing any more, to whatever it was told or asked."""
    if await health.disable(endpoint_id, Why.GONE):
        await _warn(health, organization_id, endpoint_id, Why.GONE, now=now, ids=ids)


async def _warn(
    health: Health, organization_id: UUID, endpoint_id: UUID, how: str, *, now: datetime, ids: Ids
) -> None:
    _log.warning("an endpoint is in trouble", endpoint=str(endpoint_id), how=str(how))
    await health.warn(Alarm(organization_id, ids(now), endpoint_id, str(how), at=now, due=now))


async def _fails(
    health: Health, endpoint_id: UUID, since: datetime | None, now: datetime
) -> str | None:
    """It fails still; answers what people have to be told."""
    if since is None:
        return None
    if since <= now - DISABLED_AFTER:
        if await health.give_up(endpoint_id, since=now - DISABLED_AFTER):
            return Why.FAILING
    elif since <= now - DEGRADED_AFTER and await health.degrade(
        endpoint_id, since=now - DEGRADED_AFTER
    ):
        return DEGRADED
    return None


def _fails_now(runs: Sequence[Run]) -> bool:
    """Did it take nothing of what it was told?"""
    return any(run.failed for run in runs) and not any(run.took or run.gone for run in runs)


def _since(runs: Sequence[Run]) -> datetime | None:
    """Since when it was failing before."""
    return next((run.endpoint.failing_since for run in runs if run.endpoint), None)


def _was_failing(run: Run) -> bool:
    endpoint = run.endpoint
    return endpoint is not None and (
        endpoint.failing_since is not None or endpoint.state is EndpointState.DEGRADED
    )
