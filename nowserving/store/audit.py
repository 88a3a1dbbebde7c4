"""Who changed what and when, among the things that administrators set."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, Integer, bindparam, insert, select

from nowserving.store.engines import Connection, Statement
from nowserving.store.rows import columns_for
from nowserving.store.tables import audit
from nowserving.store.types import Id


@dataclass(frozen=True, slots=True)
class Change:
    """One change: what was done by whom, and the values before and after; never a secret."""

    organization_id: UUID
    id: UUID
    at: datetime
    actor: str
    subject_kind: str
    subject_id: UUID
    verb: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]


_ORGANIZATION: BindParameter[Any] = bindparam("organization")
_ADD = Statement(insert(audit))
_OF = Statement(
    select(*columns_for(Change, audit))
    .where(
        audit.c.organization_id == _ORGANIZATION,
        audit.c.subject_id == bindparam("subject"),
        audit.c.id < bindparam("before_id", type_=Id),
    )
    .order_by(audit.c.id.desc())
    .limit(bindparam("most", type_=Integer))
)
NEWEST = UUID(int=2**128 - 1)


class Audit:
    """The changes in one organization."""

    def __init__(self, connection: Connection, organization_id: UUID) -> None:
        self._connection = connection
        self._organization = organization_id

    async def add(self, change: Change) -> None:
        """Write down a change, in the transaction that makes it."""
        await self._connection.run(_ADD, **asdict(change))

    async def of(self, subject: UUID, *, before: UUID = NEWEST, most: int = 50) -> list[Change]:
        """What was changed of one thing, the newest first."""
        rows = await self._connection.all(
            _OF, organization=self._organization, subject=subject, before_id=before, most=most
        )
        return [Change(*row) for row in rows]
