"""Routing: what was committed and is not yet in the feed is taken from the outbox into it.

The router, holding the organization's head row, moves *all* visible outbox rows of that
organization into a dense feed and onto the lanes of its endpoints. Taking outbox rows with SKIP
LOCKED from several processes would put facts out of order and lose some; a cursor over ids would
miss late commits (docs/decisions/0003).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, BindParameter, Integer, bindparam, literal_column, text, update

from nowserving.store.engines import Connection, Statement
from nowserving.store.subscriptions import EDITION
from nowserving.store.tables import feed, feed_heads, outbox
from nowserving.store.types import Id

_ORGANIZATION: BindParameter[Any] = bindparam("organization")
# From one organization to the next, however many rows there are or were.
_UNROUTED = Statement(
    text(
        """
        with recursive found as (
          select (select organization_id from outbox order by organization_id limit 1) as id
          union all
          select (select organization_id from outbox where organization_id > found.id
                  order by organization_id limit 1)
          from found where found.id is not null)
        select id from found where id is not null
        """
    ).columns(outbox.c.organization_id)
)
# Lower versions first: whatever the limit leaves behind is later than what it takes. A planner
# that knew the limit would rather sort all there is than go along the key.
_EARLIEST = """
from outbox where organization_id = :organization order by version, subject_id
limit (select cast(:most as integer))"""
_UP_TO = f"""
select position, epoch || ' ' || ({EDITION}) as edition
from feed_heads where organization_id = :organization"""
_TAKEN = (outbox.c.subject_id, outbox.c.version, outbox.c.kind)
_HEAD_AND_EDITION = Statement(
    text(_UP_TO)
    .bindparams(bindparam("organization", type_=Id))
    .columns(feed_heads.c.position, literal_column("edition"))
)
_EMPTY_OUTBOX = Statement(
    text(
        f"""
        delete from outbox where organization_id = :organization and (subject_id, version) in (
          select subject_id, version {_EARLIEST})
        returning subject_id, version, kind
        """
    )
    .bindparams(bindparam("organization", type_=Id), bindparam("most", type_=Integer))
    .columns(*_TAKEN)
)
# What is seen was committed before the head row is held: of what is earlier than it, everything
# is seen too, or was routed by whoever held the row before (docs/decisions/0003).
_HOLD_AND_EMPTY = Statement(
    text("select"),
    postgresql=text(
        f"""
        with head as materialized ({_UP_TO} for update skip locked),
        taken as (
          delete from outbox where exists (select from head) and ctid = any(array(
            select ctid {_EARLIEST}))
          returning subject_id, version, kind)
        select head.position, head.edition, taken.subject_id, taken.version, taken.kind
        from head left join taken on true
        """
    )
    .bindparams(bindparam("organization", type_=Id), bindparam("most", type_=Integer))
    .columns(feed_heads.c.position, literal_column("edition"), *_TAKEN),
)
_MOVE_HEAD = Statement(
    update(feed_heads)
    .where(feed_heads.c.organization_id == _ORGANIZATION)
    .values(position=bindparam("new_position"))
)
_APPEND = Statement(
    text("select"),
    postgresql=text(
        """
        with fed as (
          insert into feed (organization_id, position, subject_id, version)
          select :organization, :position + f.at, f.subject, f.version
          from unnest(cast(:subjects as uuid[]), cast(:versions as int[]))
               with ordinality as f(subject, version, at))
        update feed_heads set position = :position + cardinality(cast(:versions as int[]))
        where organization_id = :organization
        """
    ).bindparams(bindparam("organization", type_=Id), bindparam("position", type_=BigInteger)),
)


@dataclass(frozen=True, slots=True)
class Unrouted:
    """A fact that was committed and is not yet in the feed."""

    subject_id: UUID
    version: int
    kind: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What is to be routed, in order, behind this position of the feed.

    `edition`: of the wishes that are to be heeded. While it stays the same, so do they.
    """

    position: int
    facts: Sequence[Unrouted]
    edition: str


async def organizations_to_route(connection: Connection) -> list[UUID]:
    """The organizations with facts that are not yet in their feed."""
    return [row[0] for row in await connection.all(_UNROUTED)]


class Routing:
    """The outbox of one organization, and how it gets into the feed."""

    def __init__(self, connection: Connection, organization_id: UUID) -> None:
        self._connection = connection
        self._organization = organization_id

    async def take(self, most: int) -> Taken | None:
        """Take what is committed but unrouted.

        None if another process is routing this organization at this moment. At most `most`
        facts are taken, and of each case the earliest.
        """
        asked = {"organization": self._organization, "most": most}
        if self._connection.dialect == "postgresql":
            rows = await self._connection.all(_HOLD_AND_EMPTY, **asked)
            if not rows:
                return None
            position, edition = rows[0][:2]
            found = [row[2:] for row in rows if row[2] is not None]
        else:
            head = await self._connection.first(_HEAD_AND_EDITION, organization=self._organization)
            if head is None:
                return None
            position, edition = head
            found = await self._connection.all(_EMPTY_OUTBOX, **asked)
        facts = [Unrouted(*row) for row in found]
        facts.sort(key=lambda one: (one.version, one.subject_id))
        return Taken(position, facts, edition)

    async def append(self, position: int, routed: Sequence[Unrouted]) -> None:
        """Put facts into the feed behind `position`, in the given order."""
        if self._connection.dialect == "postgresql":
            await self._connection.run(
                _APPEND,
                organization=self._organization,
                position=position,
                subjects=[fact.subject_id for fact in routed],
                versions=[fact.version for fact in routed],
            )
            return
        rows = [
            (self._organization, at, fact.subject_id, fact.version)
            for at, fact in enumerate(routed, position + 1)
        ]
        await self._connection.insert(feed, rows)
        await self._connection.run(
            _MOVE_HEAD, organization=self._organization, new_position=position + len(rows)
        )
