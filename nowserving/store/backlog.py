"""What has no words yet by which it is found, and how far somebody has come with that."""

from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, Integer, Text, bindparam, column, delete, select, text, update

from nowserving.store import tables
from nowserving.store.engines import Connection, Statement
from nowserving.store.types import Flag, Id

FIRST = UUID(int=0)

_ORGANIZATION: BindParameter[Any] = bindparam("organization", type_=Id)
_backlog = tables.words_backlog
_BEHIND = Statement(select(_backlog.c.organization_id).distinct())
_LEFT = (
    select(_backlog.c.kind, _backlog.c.after_id)
    .where(_backlog.c.organization_id == _ORGANIZATION)
    .order_by(_backlog.c.kind)
    .limit(1)
)
# Whoever finds one held takes the other, or lets somebody else get on with it.
_HOLD = Statement(_LEFT, postgresql=_LEFT.with_for_update(skip_locked=True))
_ONE = (
    _backlog.c.organization_id == _ORGANIZATION,
    _backlog.c.kind == bindparam("which", type_=Text),
)
_MOVE = Statement(update(_backlog).where(*_ONE).values(after_id=bindparam("so_far", type_=Id)))
_DONE = Statement(delete(_backlog).where(*_ONE))


def _next(kind: str) -> Statement:
    """The next ones by their key, with words or without, and which of them have none."""
    sql = f"""
select next.id, not exists (
  select 1 from {kind}_words as known
  where known.organization_id = :organization and known.{kind}_id = next.id) as wordless
from (
  select id from {kind}s where organization_id = :organization and id > :after
  order by id limit :most) as next
order by next.id
"""
    return Statement(
        text(sql)
        .bindparams(_ORGANIZATION, bindparam("after", type_=Id), bindparam("most", type_=Integer))
        .columns(column("id", Id), column("wordless", Flag))
    )


_NEXT = {kind: _next(kind) for kind in ("case", "customer")}


async def behind(connection: Connection) -> list[UUID]:
    """The organizations of which something has no words yet."""
    return [row[0] for row in await connection.all(_BEHIND)]


class Backlog:
    """What of one organization has no words yet."""

    def __init__(self, connection: Connection, organization_id: UUID) -> None:
        self._connection = connection
        self._organization = organization_id

    async def hold(self) -> tuple[str, UUID] | None:
        """What is left to do, held: `case` or `customer`, and the id after which to go on.

        None if nothing is left, or others are at all of it.
        """
        row = await self._connection.first(_HOLD, organization=self._organization)
        return None if row is None else (row[0], row[1] or FIRST)

    async def next(self, kind: str, after: UUID, *, most: int) -> list[tuple[UUID, bool]]:
        """The ids that follow, in their order, and whether each has no words."""
        rows = await self._connection.all(
            _NEXT[kind], organization=self._organization, after=after, most=most
        )
        return [(row[0], bool(row[1])) for row in rows]

    async def move(self, kind: str, so_far: UUID) -> None:
        """All up to this id is dealt with."""
        await self._connection.run(
            _MOVE, organization=self._organization, which=kind, so_far=so_far
        )

    async def done(self, kind: str) -> None:
        """Nothing of this kind is left."""
        await self._connection.run(_DONE, organization=self._organization, which=kind)
