"""Statements as the drivers take them."""

import pytest
from sqlalchemy import bindparam, update

from nowserving.store.engines.statement import Statement
from nowserving.store.tables import agents


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_a_constant_nothing_is_a_value_and_a_missing_one_is_a_mistake(dialect: str) -> None:
    statement = Statement(
        update(agents).where(agents.c.id == bindparam("agent")).values(email=None, name="Ann")
    )
    prepared = statement.prepared(dialect)
    given = dict(zip(prepared.names, prepared.arguments({"agent": "x"}), strict=True))
    assert given == {"email": None, "name": "Ann", "agent": "x"}
    with pytest.raises(KeyError):
        prepared.arguments({})
