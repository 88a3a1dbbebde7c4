"""Figures about deliveries, for Prometheus."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import structlog
from prometheus_client import Counter, Gauge, Histogram

from nowserving.hooks.run import Run
from nowserving.places.endpoints import EndpointState
from nowserving.store.database_clock import DatabaseClock
from nowserving.store.engines import Clash, Engine, Unavailable
from nowserving.store.health import standing

_log = structlog.get_logger("nowserving.figures")

LOOK_EVERY = 15.0
"""Seconds between two looks at how deliveries stand."""

ATTEMPTS = Counter("nowserving_delivery_attempts_total", "Attempts at telling", ["taken"])
SECONDS = Histogram(
    "nowserving_delivery_seconds",
    "From the start of an attempt to its answer",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15),
)
LOST = Counter("nowserving_leases_lost_total", "Lanes that were another's when they came back")
ENDPOINTS = Gauge(
    "nowserving_endpoints",
    "Endpoints by how they fare",
    ["state"],
    multiprocess_mode="mostrecent",
)
PARKED = Gauge(
    "nowserving_lanes_parked",
    "Cases that an endpoint does not take and nobody tries any more",
    multiprocess_mode="mostrecent",
)
OLDEST = Gauge(
    "nowserving_oldest_due_seconds",
    "For how long the oldest lane of an endpoint that is told has been due",
    multiprocess_mode="mostrecent",
)
UNROUTED = Gauge(
    "nowserving_unrouted_facts",
    "Facts that are committed and not yet in their feed",
    multiprocess_mode="mostrecent",
)
_TAKEN, _NOT_TAKEN = ATTEMPTS.labels("yes"), ATTEMPTS.labels("no")


def count(runs: Sequence[Run], *, lost: int) -> None:
    """Count what some lanes have been through, once it is committed."""
    tried = [one.attempt for run in runs for one in run.tries]
    taken = sum(attempt.taken for attempt in tried)
    _TAKEN.inc(taken)
    _NOT_TAKEN.inc(len(tried) - taken)
    for attempt in tried:
        SECONDS.observe(attempt.microseconds / 1_000_000)
    if lost:
        LOST.inc(lost)


class Gauges:
    """Looks now and then how deliveries stand, and sets the gauges by it."""

    def __init__(self, engine: Engine, *, every: float = LOOK_EVERY) -> None:
        self._engine = engine
        self._every = every
        self._clock = DatabaseClock(engine)
        self._looking: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin."""
        self._looking = asyncio.create_task(self._look(), name="gauges")

    async def stop(self) -> None:
        """End."""
        if self._looking is not None:
            self._looking.cancel()
            with suppress(asyncio.CancelledError):
                await self._looking

    async def look(self) -> None:
        """Set the gauges."""
        now = await self._clock.now()
        async with self._engine.reading() as connection:
            found = await standing(connection)
        for state in EndpointState:
            ENDPOINTS.labels(state.value).set(found.endpoints.get(state.value, 0))
        PARKED.set(found.parked)
        UNROUTED.set(found.unrouted)
        late = 0.0 if found.oldest_due is None else (now - found.oldest_due).total_seconds()
        OLDEST.set(max(late, 0.0))

    async def _look(self) -> None:
        while True:
            try:
                await self.look()
            except (Clash, Unavailable):
                pass  # whoever works with the database says so
            except Exception:
                _log.exception("looking how deliveries stand failed")
            await asyncio.sleep(self._every)
