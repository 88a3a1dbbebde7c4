"""How soon something is found in a log of a million deliveries."""

import random
import time
from datetime import timedelta
from uuid import UUID, uuid4

from bench.pairs import tell
from bench.rig import Rig, settle
from nowserving.kit.clock import wall
from nowserving.kit.ids import uuid7
from nowserving.places.replays import Source
from nowserving.store.deliveries import Attempt, Deliveries, Tried, Wanted
from nowserving.store.engines import Engine, open_engine
from nowserving.store.migrate import migrate
from nowserving.store.replays import Replays

AT_ONCE = 5000
ENDPOINTS = 200
KINDS = ("case.queued", "case.called", "case.started", "case.resolved", "case.noted")
RARE = "case.missed"
TIMES = 5
GOAL = 300.0


async def measure(rig: Rig, rows: int) -> None:
    """Fill the log, ask in every way that people ask, and tell how long that takes."""
    url = await rig.database("attempts")
    await migrate(url)
    engine = await open_engine(url, connections=2)
    organization, chance = uuid4(), random.Random(1)
    endpoints = [uuid7(wall()) for _ in range(ENDPOINTS)]
    subject = await _fill(engine, organization, endpoints, rows, chance)
    await settle(url, analyze=True)
    if engine.dialect == "sqlite":
        tell("  (SQLite has no statistics here, as in life)")
    worst = 0.0
    half = wall() - timedelta(days=15)
    for name, wanted in {
        "the newest": Wanted(),
        "one endpoint": Wanted(endpoint_id=endpoints[7]),
        "one case": Wanted(subject_id=subject),
        "one kind": Wanted(kind=KINDS[1]),
        "a rare kind": Wanted(kind=RARE),
        "a kind that never was": Wanted(kind="case.planned"),
        "failures": Wanted(taken=False),
        "failures of one endpoint": Wanted(endpoint_id=endpoints[7], taken=False),
        "one status": Wanted(status=503),
        "no answer": Wanted(status=0),
        "a status that never was": Wanted(status=418),
        "a status of one endpoint": Wanted(status=503, endpoint_id=endpoints[7]),
        "a kind at an endpoint": Wanted(kind=KINDS[1], endpoint_id=endpoints[7]),
        "a rare kind at an endpoint": Wanted(kind=RARE, endpoint_id=endpoints[7]),
        "a rare kind that failed": Wanted(kind=RARE, taken=False),
        "a status that never was, of a kind": Wanted(status=418, kind=KINDS[1]),
        "what was taken of a kind, half a log ago": Wanted(kind=KINDS[1], taken=True, until=half),
    }.items():
        times = []
        found = 0
        for _ in range(TIMES):
            began = time.perf_counter()
            async with engine.reading() as connection:
                found = len(await Deliveries(connection, organization).search(wanted, most=51))
            times.append((time.perf_counter() - began) * 1000)
        worst = max(worst, *times)
        tell(f"  {name:<44}{found:4} found  {min(times):7.1f} to {max(times):7.1f} ms")
    began = time.perf_counter()
    async with engine.reading() as connection:
        failed = await Replays(connection, organization).failed_facts(
            endpoints[7],
            since=wall() - timedelta(days=40),
            until=wall(),
            after=(UUID(int=0), 0),
            most=100,
        )
    took = (time.perf_counter() - began) * 1000
    tell(
        f"  {f'{Source.FAILED}: what a replay tells next':<44}{len(failed):4} found  {took:7.1f} ms"
    )
    tell(f"  worst {worst:.0f} ms (goal {GOAL:.0f} ms)")
    await engine.close()


async def _fill(
    engine: Engine, organization: UUID, endpoints: list[UUID], rows: int, chance: random.Random
) -> UUID:
    """Thirty days of attempts; one in ten failed. Answers a case in the middle."""
    now, subject, middle = wall(), uuid4(), uuid4()
    for first in range(0, rows, AT_ONCE):
        tries = []
        for at in range(first, min(first + AT_ONCE, rows)):
            if at % 4 == 0:
                subject = uuid4()
            if at == rows // 2:
                middle = subject
            when = now - timedelta(days=30) * (1 - at / rows)
            failed = chance.random() < 0.1
            status = chance.choice((500, 503, 404, None)) if failed else 200
            kind = RARE if chance.random() < 0.0002 else chance.choice(KINDS)
            tries.append(
                Tried(
                    Attempt(
                        organization_id=organization,
                        endpoint_id=chance.choice(endpoints),
                        id=uuid7(when),
                        subject_id=subject,
                        version=at % 4 + 1,
                        fact_id=uuid4(),
                        number=1,
                        at=when,
                        microseconds=12_000,
                        status=status,
                        error=None if status else "could not connect: Connection refused",
                        response="",
                        kind=kind,
                        taken=not failed,
                    )
                )
            )
        async with engine.writing() as connection:
            await Deliveries(connection, organization).log(tries)
    return middle
