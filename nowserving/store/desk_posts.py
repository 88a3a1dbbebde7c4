"""Who sits at which desk, and how many facts each desk has."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, bindparam, delete, insert, select, text

from nowserving.places.organization import DeskPost
from nowserving.store.engines import Connection, Statement
from nowserving.store.rows import columns_for
from nowserving.store.tables import desk_posts, desk_versions, desks
from nowserving.store.types import Id

_ORGANIZATION: BindParameter[Any] = bindparam("organization")
_COLUMNS = columns_for(DeskPost, desk_posts)
_OURS = desk_posts.c.organization_id == _ORGANIZATION
_THIS = desk_posts.c.desk_id == bindparam("desk")

_AT = Statement(select(*_COLUMNS).where(_OURS, _THIS))
_OF = Statement(
    select(*_COLUMNS)
    .where(_OURS, desk_posts.c.agent_id == bindparam("agent"))
    .order_by(desk_posts.c.desk_id)
)
_BEFORE = Statement(
    select(*_COLUMNS)
    .where(_OURS, desk_posts.c.since <= bindparam("since"))
    .order_by(desk_posts.c.desk_id)
)
_IN = Statement(
    select(*_COLUMNS)
    .join(
        desks,
        (desks.c.organization_id == desk_posts.c.organization_id)
        & (desks.c.id == desk_posts.c.desk_id),
    )
    .where(_OURS, desks.c.unit_id == bindparam("unit"))
)
_ADD = Statement(insert(desk_posts))
_LEAVE = Statement(
    delete(desk_posts).where(
        _OURS,
        _THIS,
        desk_posts.c.agent_id == bindparam("agent"),
        desk_posts.c.since == bindparam("since"),
    )
)
# Two who tell of one desk follow each other: the second waits here until the first has committed.
_NEXT_VERSION = Statement(
    text(
        """
        insert into desk_versions (organization_id, desk_id, version)
        values (:organization, :desk, 1)
        on conflict (organization_id, desk_id) do update set version = desk_versions.version + 1
        returning version
        """
    )
    .bindparams(bindparam("organization", type_=Id), bindparam("desk", type_=Id))
    .columns(desk_versions.c.version)
)


class DeskPosts:
    """Who sits at the desks of one organization."""

    def __init__(self, connection: Connection, organization_id: UUID) -> None:
        self._connection = connection
        self._organization = organization_id

    async def at(self, desk: UUID) -> DeskPost | None:
        """Who sits at a desk."""
        row = await self._connection.first(_AT, organization=self._organization, desk=desk)
        return None if row is None else DeskPost(*row)

    async def of(self, agent: UUID) -> list[DeskPost]:
        """Where an agent sits, in the order of the desks' ids."""
        rows = await self._connection.all(_OF, organization=self._organization, agent=agent)
        return [DeskPost(*row) for row in rows]

    async def inside(self, unit: UUID) -> list[DeskPost]:
        """Who sits at the desks of a unit."""
        rows = await self._connection.all(_IN, organization=self._organization, unit=unit)
        return [DeskPost(*row) for row in rows]

    async def before(self, instant: datetime) -> list[DeskPost]:
        """Who sat down by then and has not left, in the order of the desks' ids."""
        rows = await self._connection.all(_BEFORE, organization=self._organization, since=instant)
        return [DeskPost(*row) for row in rows]

    async def take(self, post: DeskPost) -> None:
        """Somebody sits down. Raises Clash if the desk is taken."""
        values = {column.name: getattr(post, column.name) for column in _COLUMNS}
        await self._connection.run(_ADD, **values)

    async def leave(self, post: DeskPost) -> bool:
        """Somebody gets up; did they sit there as it was seen?"""
        left = await self._connection.run(
            _LEAVE,
            organization=self._organization,
            desk=post.desk_id,
            agent=post.agent_id,
            since=post.since,
        )
        return left == 1

    async def next_version(self, desk: UUID) -> int:
        """The version of the next fact of a desk; nobody else gets one until the commit."""
        row = await self._connection.first(
            _NEXT_VERSION, organization=self._organization, desk=desk
        )
        assert row is not None
        return int(row[0])
