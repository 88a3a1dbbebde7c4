"""What a replay of failures costs at each step, however much has failed."""

from datetime import timedelta
from itertools import count
from uuid import UUID, uuid4

import pytest

from nowserving.kit.clock import wall
from nowserving.kit.ids import uuid7
from nowserving.store.deliveries import Attempt, Tried
from nowserving.store.engines.sqlite import Sqlite
from nowserving.store.store import Store
from tests.journal.facts import Office

CASES, MOST = 400, 10
OPCODES_A_ROW = 65
"""What SQLite does for a row, with the look for a later success."""


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_a_step_looks_at_no_more_than_it_tells(office: Office) -> None:
    """PostgreSQL reads all of a table that is as small as this one."""
    endpoint, cases = uuid4(), sorted(uuid4() for _ in range(CASES))
    steps, hour, half = count(), timedelta(hours=1), CASES // 2
    assert isinstance(office.engine, Sqlite)
    async with office.engine.writing() as connection:
        await Store(connection, office.id).deliveries.log(
            [
                _tried(office, endpoint, case, version=version, taken=version == 2)
                for case in cases
                for version in (1, 2)
            ]
        )
    office.engine._writer.set_progress_handler(lambda: next(steps) and 0, 1)
    async with office.engine.writing() as connection:
        found = await Store(connection, office.id).replays.failed_facts(
            endpoint,
            since=wall() - hour,
            until=wall() + hour,
            after=(cases[half], 1),
            most=MOST,
        )
        looked_at = next(steps) / OPCODES_A_ROW
    assert found == [(case, 1) for case in cases[half + 1 :][:MOST]]
    assert looked_at <= 3 * MOST


def _tried(office: Office, endpoint: UUID, case: UUID, *, version: int, taken: bool) -> Tried:
    now = wall()
    return Tried(
        Attempt(
            organization_id=office.id,
            endpoint_id=endpoint,
            id=uuid7(now),
            subject_id=case,
            version=version,
            fact_id=uuid4(),
            number=1,
            at=now,
            microseconds=1000,
            status=200 if taken else 500,
            error=None,
            response=None,
            kind="case.queued",
            taken=taken,
        )
    )
