"""What those who have booked are to be told, and when."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, Integer, bindparam, delete, select, update

from nowserving.bookings.notice import Notice, Occasion
from nowserving.store.engines import Connection, Statement
from nowserving.store.rows import columns_for, row_maker
from nowserving.store.tables import notices
from nowserving.store.types import Instant, Word

_OURS = notices.c.organization_id == bindparam("organization")
_OF_CASE = notices.c.case_id == bindparam("case")
_NOW: BindParameter[Any] = bindparam("now", type_=Instant)
_IS_DUE = notices.c.due.is_not(None) & (notices.c.due <= _NOW)

_DUE_IN = Statement(select(notices.c.organization_id).where(_IS_DUE).distinct())
_DUE = Statement(
    select(*columns_for(Notice, notices))
    .where(_OURS, _IS_DUE)
    .order_by(notices.c.due, notices.c.case_id)
    .limit(bindparam("most", type_=Integer))
)
_OF = Statement(
    select(*columns_for(Notice, notices)).where(_OURS, _OF_CASE).order_by(notices.c.occasion)
)
_DROP = Statement(delete(notices).where(_OURS, _OF_CASE))
_SEEN = (
    _OURS,
    _OF_CASE,
    notices.c.occasion == bindparam("about", type_=Word(Occasion)),
    notices.c.due == bindparam("seen", type_=Instant),
)
_CLAIM = Statement(update(notices).where(*_SEEN).values(due=bindparam("again", type_=Instant)))
_SETTLE = Statement(
    update(notices)
    .where(*_SEEN)
    .values({name: bindparam(f"new_{name}") for name in ("due", "tries", "mailed", "texted")})
)
_FORGET = Statement(delete(notices).where(_OURS, notices.c.starts_at < _NOW))

_row = row_maker(notices)


async def organizations_to_notify(connection: Connection, now: datetime) -> list[UUID]:
    """The organizations with a notice that is due."""
    return [row[0] for row in await connection.all(_DUE_IN, now=now)]


class Notices:
    """The notices of one organization."""

    def __init__(self, connection: Connection, organization_id: UUID) -> None:
        self._connection = connection
        self._organization = organization_id

    async def add(self, new: Sequence[Notice]) -> None:
        """Have these told when they are due."""
        if new:
            await self._connection.insert(notices, [_row(one) for one in new])

    async def drop(self, case: UUID) -> None:
        """Tell nothing of what was to be told about a case."""
        await self._connection.run(_DROP, organization=self._organization, case=case)

    async def of(self, case: UUID) -> list[Notice]:
        """All about one case, told or not."""
        rows = await self._connection.all(_OF, organization=self._organization, case=case)
        return [Notice(*row) for row in rows]

    async def due(self, now: datetime, most: int = 50) -> list[Notice]:
        """What is to be told now, the longest due first."""
        rows = await self._connection.all(_DUE, organization=self._organization, now=now, most=most)
        return [Notice(*row) for row in rows]

    async def claim(self, notice: Notice, again: datetime) -> bool:
        """Take it on; it is due again then unless it is settled. False: it is not as seen."""
        return bool(
            await self._connection.run(
                _CLAIM,
                organization=self._organization,
                case=notice.case_id,
                about=notice.occasion,
                seen=notice.due,
                again=again,
            )
        )

    async def settle(self, claimed: datetime, notice: Notice) -> None:
        """Write what became of one that was claimed until then, unless it was replaced."""
        await self._connection.run(
            _SETTLE,
            organization=self._organization,
            case=notice.case_id,
            about=notice.occasion,
            seen=claimed,
            **{
                f"new_{name}": getattr(notice, name)
                for name in ("due", "tries", "mailed", "texted")
            },
        )

    async def forget(self, before: datetime) -> None:
        """Drop those of times long ago."""
        await self._connection.run(_FORGET, organization=self._organization, now=before)
