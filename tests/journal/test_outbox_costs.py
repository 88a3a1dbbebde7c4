"""The outbox: what it costs to take the earliest of what is in there, however much it is."""

import pytest
from sqlalchemy import bindparam, text

from nowserving.store.engines import Statement
from nowserving.store.routing import Routing
from nowserving.store.types import Id
from tests.journal.facts import Office
from tests.journal.watched import rows_read

_FILL = Statement(
    text(
        """
        insert into outbox (organization_id, subject_id, version, kind)
        select :organization, gen_random_uuid(), 1 + n % 3, 'case.queued'
        from generate_series(1, 2000) as n
        """
    ).bindparams(bindparam("organization", type_=Id))
)


@pytest.mark.parametrize("engine_name", ["postgres"])
async def test_the_earliest_are_taken_without_reading_the_others(office: Office) -> None:
    """Also while the database knows little of the table; SQLite goes along the same index."""
    async with office.engine.writing() as connection:
        await connection.run(_FILL, organization=office.id)
        taken = await Routing(connection, office.id).take(30)
        assert taken is not None
        assert [one.version for one in taken.facts] == [1] * 30
        read = await rows_read(connection, "outbox")
    assert read <= 2 * len(taken.facts)
