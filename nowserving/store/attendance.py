"""Who is at work: asked, and written only over what was seen."""

from dataclasses import fields
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, bindparam, insert, select, update

from nowserving.kit.problems import Stale
from nowserving.people.attendance import Attendance
from nowserving.store.engines import Connection, Statement
from nowserving.store.rows import columns_for
from nowserving.store.tables import attendance

_ORGANIZATION: BindParameter[Any] = bindparam("organization")
_COLUMNS = columns_for(Attendance, attendance)
_CHANGING = [f.name for f in fields(Attendance) if f.name not in ("organization_id", "agent_id")]
_OURS = attendance.c.organization_id == _ORGANIZATION

_OF = select(*_COLUMNS).where(_OURS, attendance.c.agent_id == bindparam("agent"))
_OF_AGENT = Statement(_OF)
_HOLD = Statement(_OF, postgresql=_OF.with_for_update())
_IN = Statement(select(*_COLUMNS).where(_OURS, attendance.c.unit_id == bindparam("unit")))
_ADD = Statement(insert(attendance))
_REPLACE = Statement(
    update(attendance)
    .where(
        _OURS,
        attendance.c.agent_id == bindparam("agent"),
        attendance.c.version == bindparam("seen_version"),
    )
    .values({name: bindparam(name) for name in _CHANGING})
)


class Attendances:
    """The attendance of one organization's agents."""

    def __init__(self, connection: Connection, organization_id: UUID) -> None:
        self._connection = connection
        self._organization = organization_id

    async def of(self, agent: UUID) -> Attendance | None:
        """Whether an agent is there; None if nothing was ever written."""
        row = await self._connection.first(_OF_AGENT, organization=self._organization, agent=agent)
        return None if row is None else Attendance(*row)

    async def hold(self, agent: UUID) -> Attendance | None:
        """The same, kept from everybody else's hands until the transaction ends."""
        row = await self._connection.first(_HOLD, organization=self._organization, agent=agent)
        return None if row is None else Attendance(*row)

    async def at(self, unit: UUID) -> list[Attendance]:
        """Of all agents who work in a unit, there or not."""
        rows = await self._connection.all(_IN, organization=self._organization, unit=unit)
        return [Attendance(*row) for row in rows]

    async def write(self, seen: Attendance, new: Attendance) -> None:
        """Write `new` only if nobody changed it meanwhile; Clash or Stale otherwise."""
        values = {name: getattr(new, name) for name in _CHANGING}
        if seen.version == 0:
            await self._connection.run(
                _ADD, organization_id=self._organization, agent_id=new.agent_id, **values
            )
            return
        written = await self._connection.run(
            _REPLACE,
            organization=self._organization,
            agent=seen.agent_id,
            seen_version=seen.version,
            **values,
        )
        if written != 1:
            raise Stale(agent=seen.agent_id)
