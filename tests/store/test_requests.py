"""Answers kept for repeated requests: what it costs to look for them."""

import pytest
from sqlalchemy import BigInteger, bindparam, column, text

from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.store.engines import Statement
from nowserving.store.store import Store
from nowserving.store.types import Id

_KEEP_MANY = Statement(
    text(
        """
        insert into idempotency_keys
          (organization_id, principal, key, fingerprint, status, headers, body, at)
        select :organization, 'program', 'key ' || n, '', 201, '{}', 'answer ' || n, now()
        from generate_series(1, 20000) as n
        """
    ).bindparams(bindparam("organization", type_=Id))
)
_SCANS = Statement(
    text(
        "select seq_scan, idx_scan from pg_stat_xact_user_tables where relname = 'idempotency_keys'"
    ).columns(column("seq_scan", BigInteger), column("idx_scan", BigInteger))
)


@pytest.mark.parametrize("engine_name", ["postgres"])
async def test_keys_are_looked_up_one_by_one_however_many_are_kept(
    house: House, branch: Sample
) -> None:
    """Also while the database knows little of the table; SQLite is asked for each key anyhow."""
    asked = [("program", f"key {n}") for n in range(0, 60, 2)]
    async with house.engine.writing() as connection:
        await connection.run(_KEEP_MANY, organization=branch.organization.id)
        before = await connection.first(_SCANS)
        kept = await Store(connection, branch.organization.id).requests.all_kept(asked)
        after = await connection.first(_SCANS)
    assert before is not None
    assert after is not None
    assert {key: one.body for (_, key), one in kept.items()} == {
        f"key {n}": f"answer {n}" for n in range(2, 60, 2)
    }
    assert (after[0] - before[0], after[1] - before[1]) == (0, len(asked))
