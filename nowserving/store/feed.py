"""The feed: all that happened in an organization in one dense order, and a place in it.

Whoever has read up to a place has missed nothing before it: nothing is ever put in between.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    Integer,
    bindparam,
    insert,
    literal_column,
    select,
    text,
    update,
)

from nowserving.kit.facts import Fact
from nowserving.kit.ids import made_at
from nowserving.store.engines import Connection, Statement
from nowserving.store.rows import columns_for
from nowserving.store.tables import facts, feed, feed_heads
from nowserving.store.types import Id

ERASED = ("case.erased", "customer.erased")
"""Facts after which nothing personal of their subject is kept."""

_COMMITTED_WITHIN = timedelta(minutes=1)
"""How much later than it happened a fact is committed at the most: a transaction ends by then."""

_ROUTED_TOGETHER = 10_000
"""Facts that may stand in another order than they were committed in, and more than that."""

_FACT = columns_for(Fact, facts)
_ORGANIZATION: BindParameter[Any] = bindparam("organization")
_ADD_HEAD = Statement(insert(feed_heads))
_HEAD = select(feed_heads.c.epoch, feed_heads.c.position).where(
    feed_heads.c.organization_id == _ORGANIZATION
)
_READ_HEAD = Statement(_HEAD)
_PLACE = Statement(
    select(feed_heads.c.epoch, feed.c.position)
    .join(feed, feed.c.organization_id == feed_heads.c.organization_id)
    .where(
        feed_heads.c.organization_id == _ORGANIZATION,
        feed.c.subject_id == bindparam("subject"),
        feed.c.version == bindparam("version"),
    )
)
_HEADS_OF = select(feed_heads.c.organization_id, feed_heads.c.position)
_HEADS = Statement(
    _HEADS_OF,
    postgresql=_HEADS_OF.where(text("organization_id = any(cast(:organizations as uuid[]))")),
)
_NEW_EPOCH = Statement(
    update(feed_heads)
    .where(feed_heads.c.organization_id == _ORGANIZATION)
    .values(epoch=bindparam("new_epoch"))
)
_THE_FACT = (
    (facts.c.organization_id == feed.c.organization_id)
    & (facts.c.subject_id == feed.c.subject_id)
    & (facts.c.version == feed.c.version)
)
_IN_FEED = select(feed.c.position, *_FACT).join(facts, _THE_FACT)
_OURS = feed.c.organization_id == _ORGANIZATION
_AFTER = Statement(
    _IN_FEED.where(_OURS, feed.c.position > bindparam("after"))
    .order_by(feed.c.position)
    .limit(bindparam("most", type_=Integer))
)
_NEXT = Statement(
    select(feed.c.position, facts.c.at)
    .join(facts, _THE_FACT)
    .where(_OURS, feed.c.position >= bindparam("position"))
    .order_by(feed.c.position)
    .limit(1)
)
_CALLED = Statement(
    _IN_FEED.where(
        _OURS,
        feed.c.position > bindparam("after"),
        feed.c.position <= bindparam("up_to"),
        facts.c.id == bindparam("id", type_=Id),
    ).limit(1)
)
_ERASED_AFTER = Statement(
    select(facts.c.subject_id)
    .join(feed, _THE_FACT)
    .where(
        _OURS,
        feed.c.position > bindparam("after"),
        facts.c.kind.in_([literal_column(f"'{kind}'") for kind in ERASED]),
    )
    .distinct()
)
_NEWEST = Statement(
    _IN_FEED.where(_OURS, feed.c.position <= bindparam("up_to"))
    .order_by(feed.c.position.desc())
    .limit(bindparam("most", type_=Integer))
)


async def feed_positions(
    connection: Connection, organizations: Collection[UUID]
) -> dict[UUID, int]:
    """How far the feeds of some organizations have come."""
    if connection.dialect == "postgresql":
        rows = await connection.all(_HEADS, organizations=list(organizations))
    else:
        rows = await connection.all(_HEADS)
    return {id: int(position) for id, position in rows if id in organizations}


class Feed:
    """The feed of one organization."""

    def __init__(self, connection: Connection, organization_id: UUID) -> None:
        self._connection = connection
        self._organization = organization_id

    async def begin(self, epoch: UUID) -> None:
        """Begin it."""
        await self._connection.run(
            _ADD_HEAD, organization_id=self._organization, epoch=epoch, position=0
        )

    async def begin_epoch(self, epoch: UUID) -> None:
        """Begin a new epoch: cursors into the feed as it was before are good no longer."""
        await self._connection.run(_NEW_EPOCH, organization=self._organization, new_epoch=epoch)

    async def head(self) -> tuple[UUID, int]:
        """The feed's epoch and last position."""
        row = await self._connection.first(_READ_HEAD, organization=self._organization)
        assert row is not None, "an organization is made with its feed"
        return row[0], int(row[1])

    async def place(self, subject: UUID, version: int) -> tuple[UUID, int] | None:
        """Epoch and position of a fact in the feed; None while, or once, it is not there."""
        row = await self._connection.first(
            _PLACE, organization=self._organization, subject=subject, version=version
        )
        return None if row is None else (row[0], int(row[1]))

    async def after(self, position: int, most: int) -> list[tuple[int, Fact]]:
        """What stands behind a position: dense, committed, in order."""
        rows = await self._connection.all(
            _AFTER, organization=self._organization, after=position, most=most
        )
        return [(int(row[0]), Fact(*row[1:])) for row in rows]

    async def position_at(self, at: datetime) -> int:
        """A place in the feed behind which everything stands that happened at `at` or later.

        Facts of one moment may be committed the other way round: whoever goes on from here
        still looks at the instants themselves.
        """
        since = at - _COMMITTED_WITHIN
        _, high = await self.head()
        low = 0
        while low < high:
            middle = (low + high) // 2
            row = await self._connection.first(
                _NEXT, organization=self._organization, position=middle + 1
            )
            if row is None or row[1] >= since:
                high = middle
            else:
                low = int(row[0])
        return low

    async def called(self, id: UUID) -> Fact | None:
        """The fact with this id: it says when it happened, and so about where it stands."""
        try:
            at = made_at(id)
            until = at + 3 * _COMMITTED_WITHIN
        except OverflowError:
            return None  # no id of ours: it would have been made when calendars have ended
        row = await self._connection.first(
            _CALLED,
            organization=self._organization,
            after=await self.position_at(at),
            up_to=await self.position_at(until) + _ROUTED_TOGETHER,
            id=id,
        )
        return None if row is None else Fact(*row[1:])

    async def erased_since(self, at: datetime) -> list[UUID]:
        """The subjects that have been erased since an instant."""
        newest = await self.newest(1)
        if not newest or newest[0].at < at - _COMMITTED_WITHIN:
            return []
        after = await self.position_at(at)
        rows = await self._connection.all(
            _ERASED_AFTER, organization=self._organization, after=after
        )
        return [row[0] for row in rows]

    async def newest(self, most: int) -> list[Fact]:
        """The newest facts of the feed, newest first."""
        _, head = await self.head()
        rows = await self._connection.all(
            _NEWEST, organization=self._organization, up_to=head, most=most
        )
        return [Fact(*row[1:]) for row in rows]
