"""Figures about deliveries, for Prometheus."""

from collections.abc import Sequence

from prometheus_client import Counter, Gauge, Histogram

from nowserving.hooks.run import Run

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
    for run in runs:
        for one in run.tries:
            (_TAKEN if one.attempt.taken else _NOT_TAKEN).inc()
            SECONDS.observe(one.attempt.microseconds / 1_000_000)
    if lost:
        LOST.inc(lost)
