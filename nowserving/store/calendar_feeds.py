"""Feeds of calendars: addresses at which calendar programs read appointments."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select, update

from nowserving.bookings.appointment import Feed
from nowserving.kit.problems import NotFound
from nowserving.store.engines import Connection, Statement
from nowserving.store.rows import columns_for, row_maker
from nowserving.store.tables import calendar_feeds

_FEED = columns_for(Feed, calendar_feeds)
_feed_row = row_maker(calendar_feeds)
_OURS = calendar_feeds.c.organization_id == bindparam("organization")
_FEED_BY_TOKEN = Statement(
    select(*_FEED).where(_OURS, calendar_feeds.c.token_hash == bindparam("token"))
)
_REVOKE = Statement(
    update(calendar_feeds)
    .where(_OURS, calendar_feeds.c.id == bindparam("id"))
    .values(revoked_at=bindparam("now"))
)
_GET_FEED = Statement(select(*_FEED).where(_OURS, calendar_feeds.c.id == bindparam("id")))


class CalendarFeeds:
    """The feeds of one organization."""

    def __init__(self, connection: Connection, organization_id: UUID) -> None:
        self._connection = connection
        self._organization = organization_id

    async def add(self, feed: Feed) -> None:
        """Keep a feed."""
        await self._connection.insert(calendar_feeds, [_feed_row(feed)])

    async def get(self, id: UUID) -> Feed:
        """The feed with this id."""
        row = await self._first(_GET_FEED, id=id)
        if row is None:
            raise NotFound(what="feed", id=id)
        return Feed(*row)

    async def opened_by(self, token: bytes) -> Feed | None:
        """The feed that an address opens, given its hash."""
        row = await self._first(_FEED_BY_TOKEN, token=token)
        return None if row is None else Feed(*row)

    async def revoke(self, id: UUID, now: datetime) -> None:
        """Let an address open nothing any more."""
        await self._connection.run(_REVOKE, organization=self._organization, id=id, now=now)

    async def _first(self, statement: Statement, **values: Any) -> tuple[Any, ...] | None:
        return await self._connection.first(statement, organization=self._organization, **values)
