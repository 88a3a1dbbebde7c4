"""Holds: times that are kept for somebody for a few minutes."""

from typing import Any
from uuid import UUID

from sqlalchemy import Integer, bindparam, delete, select, update

from nowserving.bookings.appointment import Hold
from nowserving.store.engines import Connection, Statement
from nowserving.store.rows import columns_for, row_maker
from nowserving.store.tables import holds

_HOLD = columns_for(Hold, holds)
_hold_row = row_maker(holds)
_OURS = holds.c.organization_id == bindparam("organization")
_LET_GO = Statement(delete(holds).where(_OURS, holds.c.id == bindparam("id")).returning(*_HOLD))
_GET_HOLD = Statement(select(*_HOLD).where(_OURS, holds.c.id == bindparam("id")))
_SET_HOLD = Statement(
    update(holds).where(_OURS, holds.c.id == bindparam("hold")).values(until=bindparam("until"))
)
_HOLD_NUMBERED = Statement(
    select(*_HOLD).where(_OURS, holds.c.number == bindparam("number", type_=Integer))
)


class Holds:
    """The times that are held in one organization."""

    def __init__(self, connection: Connection, organization_id: UUID) -> None:
        self._connection = connection
        self._organization = organization_id

    async def get(self, id: UUID) -> Hold | None:
        """The hold with this id, if there is one."""
        row = await self._first(_GET_HOLD, id=id)
        return None if row is None else Hold(*row)

    async def numbered(self, number: int) -> Hold | None:
        """The hold with this number, if there is one."""
        row = await self._first(_HOLD_NUMBERED, number=number)
        return None if row is None else Hold(*row)

    async def add(self, hold: Hold) -> None:
        """Keep a hold whose seat is taken."""
        await self._connection.insert(holds, [_hold_row(hold)])

    async def prolong(self, hold: Hold) -> None:
        """Write until when a time is held; its calendar is held."""
        await self._connection.run(
            _SET_HOLD, organization=self._organization, hold=hold.id, until=hold.until
        )

    async def let_go(self, id: UUID) -> Hold | None:
        """Take a hold away; its calendar is held. The seat is still to be given back."""
        row = await self._first(_LET_GO, id=id)
        return None if row is None else Hold(*row)

    async def _first(self, statement: Statement, **values: Any) -> tuple[Any, ...] | None:
        return await self._connection.first(statement, organization=self._organization, **values)
