"""Lanes: what it costs to claim some and to give them back, however many there are."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import bindparam, text

from nowserving.kit.clock import wall
from nowserving.store.engines import Statement
from nowserving.store.lanes import Completion, Lanes
from nowserving.store.types import Id
from tests.journal.facts import Office
from tests.journal.watched import rows_read

_FILL = Statement(
    text(
        """
        insert into lanes (organization_id, endpoint_id, subject_id, head, tail, attempt, due)
        select :organization, :endpoint, gen_random_uuid(), 0, 1, 0, now()
        from generate_series(1, 2000) as n
        """
    ).bindparams(bindparam("organization", type_=Id), bindparam("endpoint", type_=Id))
)


@pytest.mark.parametrize("engine_name", ["postgres"])
async def test_lanes_are_given_back_without_reading_the_others(office: Office) -> None:
    """Also while the database knows little of the table; SQLite is asked for each lane anyhow."""
    endpoint = await office.subscribe("http://127.0.0.1:1/")
    now = wall() + timedelta(minutes=1)
    async with office.engine.writing() as connection:
        lanes = Lanes(connection, office.id)
        await connection.run(_FILL, organization=office.id, endpoint=endpoint.id)
        claimed = await lanes.claim(
            {endpoint.id: 64},
            lease=UUID(int=7),
            now=now,
            until=now + timedelta(minutes=1),
            most=64,
        )
        given_back = await lanes.complete([Completion(lane, 1, 0, None) for lane in claimed])
        assert len(given_back) == 64
        read = await rows_read(connection, "lanes")
    assert read <= 4 * len(claimed)
