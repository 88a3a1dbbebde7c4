"""The journal: facts, written with their change, and the feed they are told in.

A fact and one narrow outbox row go into the transaction of the change. The router, holding
the organization's head row, moves *all* visible outbox rows of that organization into a
dense feed and onto the lanes of its endpoints. Taking outbox rows with SKIP LOCKED from
several processes would put facts out of order and lose some; a cursor over ids would miss
late commits (docs/decisions/0003).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
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
from nowserving.store.engines import Connection, Statement
from nowserving.store.lanes import EDITION
from nowserving.store.rows import columns_for, row_maker
from nowserving.store.tables import facts, feed, feed_heads, outbox
from nowserving.store.types import Id, Instant

ERASED = ("case.erased", "customer.erased")
"""Facts after which nothing personal of their subject is kept."""

_fact_row = row_maker(facts)
_FACT = columns_for(Fact, facts)
_ORGANIZATION: BindParameter[Any] = bindparam("organization")

_FACTS_OF = Statement(
    select(*_FACT)
    .where(
        facts.c.organization_id == _ORGANIZATION,
        facts.c.subject_id == bindparam("subject"),
        facts.c.version > bindparam("after"),
    )
    .order_by(facts.c.version)
    .limit(bindparam("most", type_=Integer))
)
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
_ADD_HEAD = Statement(insert(feed_heads))
_HEAD = select(feed_heads.c.epoch, feed_heads.c.position).where(
    feed_heads.c.organization_id == _ORGANIZATION
)
_READ_HEAD = Statement(_HEAD)
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
_PLACE = Statement(
    select(feed_heads.c.epoch, feed.c.position)
    .join(feed, feed.c.organization_id == feed_heads.c.organization_id)
    .where(
        feed_heads.c.organization_id == _ORGANIZATION,
        feed.c.subject_id == bindparam("subject"),
        feed.c.version == bindparam("version"),
    )
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
_HEADS_OF = select(feed_heads.c.organization_id, feed_heads.c.position)
_HEADS = Statement(
    _HEADS_OF,
    postgresql=_HEADS_OF.where(text("organization_id = any(cast(:organizations as uuid[]))")),
)
_FACT_NAMES = ", ".join(column.name for column in _FACT)
_ON_THIS_LANE = f"""
select {_FACT_NAMES} from facts
where organization_id = :organization and subject_id = {{subject}}
  and version > {{after}} and version <= {{last}} order by version limit :most"""
_ON_LANES = Statement(
    text(
        f"select :lane, {_FACT_NAMES} from ("
        + _ON_THIS_LANE.format(subject=":subject", after=":after", last=":last")
        + ")"
    )
    .bindparams(bindparam("organization", type_=Id), bindparam("subject", type_=Id))
    .columns(literal_column("lane"), *_FACT),
    postgresql=text(
        f"""
        select l.lane - 1, {_FACT_NAMES}
        from unnest(cast(:subjects as uuid[]), cast(:afters as int[]), cast(:lasts as int[]))
             with ordinality as l(subject, after, last, lane)
        cross join lateral ("""
        + _ON_THIS_LANE.format(subject="l.subject", after="l.after", last="l.last")
        + ") as f order by l.lane, f.version"
    )
    .bindparams(bindparam("organization", type_=Id), bindparam("most", type_=Integer))
    .columns(literal_column("lane"), *_FACT),
)
_DATA_OF = Statement(
    select(facts.c.subject_id, facts.c.version, facts.c.data).where(
        facts.c.organization_id == _ORGANIZATION,
        facts.c.subject_id == bindparam("subject"),
        facts.c.version == bindparam("version"),
    ),
    postgresql=text(
        """
        select f.subject_id, f.version, f.data
        from unnest(cast(:subjects as uuid[]), cast(:versions as int[])) as u(subject, version)
        join facts f on f.organization_id = :organization and f.subject_id = u.subject
          and f.version = u.version
        """
    )
    .bindparams(bindparam("organization", type_=Id))
    .columns(facts.c.subject_id, facts.c.version, facts.c.data),
)
_NEW_EPOCH = Statement(
    update(feed_heads)
    .where(feed_heads.c.organization_id == _ORGANIZATION)
    .values(epoch=bindparam("new_epoch"))
)
_FEED_AFTER = Statement(
    select(feed.c.position, *_FACT)
    .join(
        facts,
        (facts.c.organization_id == feed.c.organization_id)
        & (facts.c.subject_id == feed.c.subject_id)
        & (facts.c.version == feed.c.version),
    )
    .where(feed.c.organization_id == _ORGANIZATION, feed.c.position > bindparam("after"))
    .order_by(feed.c.position)
    .limit(bindparam("most", type_=Integer))
)

_FEED_FROM = select(feed.c.position, facts.c.at).join(
    facts,
    (facts.c.organization_id == feed.c.organization_id)
    & (facts.c.subject_id == feed.c.subject_id)
    & (facts.c.version == feed.c.version),
)
_NEXT_IN_FEED = Statement(
    _FEED_FROM.where(
        feed.c.organization_id == _ORGANIZATION, feed.c.position >= bindparam("position")
    )
    .order_by(feed.c.position)
    .limit(1)
)
_ERASED_AFTER = Statement(
    select(facts.c.subject_id)
    .join(
        feed,
        (facts.c.organization_id == feed.c.organization_id)
        & (facts.c.subject_id == feed.c.subject_id)
        & (facts.c.version == feed.c.version),
    )
    .where(
        feed.c.organization_id == _ORGANIZATION,
        feed.c.position > bindparam("after"),
        facts.c.kind.in_([literal_column(f"'{kind}'") for kind in ERASED]),
    )
    .distinct()
)
_NEWEST = Statement(
    select(feed.c.position, *_FACT)
    .join(
        facts,
        (facts.c.organization_id == feed.c.organization_id)
        & (facts.c.subject_id == feed.c.subject_id)
        & (facts.c.version == feed.c.version),
    )
    .where(feed.c.organization_id == _ORGANIZATION, feed.c.position <= bindparam("up_to"))
    .order_by(feed.c.position.desc())
    .limit(bindparam("most", type_=Integer))
)

# A lane never gets shorter and never loses a lease or a backoff: only its tail moves on.
_EXTEND_LANE = """
insert into lanes (organization_id, endpoint_id, subject_id, head, tail, due, attempt)
{source}
on conflict (organization_id, endpoint_id, subject_id) do update set
  tail = case when lanes.tail > excluded.tail then lanes.tail else excluded.tail end,
  due = coalesce(lanes.due, excluded.due)
"""
_EXTEND_ONE = Statement(
    text(
        _EXTEND_LANE.format(
            source="values (:organization, :endpoint, :subject, :head, :tail, :due, 0)"
        )
    ).bindparams(
        bindparam("organization", type_=Id),
        bindparam("endpoint", type_=Id),
        bindparam("subject", type_=Id),
        bindparam("due", type_=Instant),
    )
)
_EXTEND_MANY = Statement(
    text("select"),
    postgresql=text(
        _EXTEND_LANE.format(
            source="""
            select :organization, l.endpoint, l.subject, l.head, l.tail, :due, 0
            from unnest(cast(:endpoints as uuid[]), cast(:subjects as uuid[]),
                        cast(:heads as int[]), cast(:tails as int[]))
                 as l(endpoint, subject, head, tail)
            order by l.endpoint, l.subject"""
        )
    ).bindparams(bindparam("organization", type_=Id), bindparam("due", type_=Instant)),
)


_COMMITTED_WITHIN = timedelta(minutes=1)
"""How much later than it happened a fact is committed at the most: a transaction ends by then."""


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


@dataclass(frozen=True, slots=True)
class Stretch:
    """The versions of one subject that one endpoint has newly to be told."""

    endpoint_id: UUID
    subject_id: UUID
    first: int
    last: int


async def organizations_to_route(connection: Connection) -> list[UUID]:
    """The organizations with facts that are not yet in their feed."""
    return [row[0] for row in await connection.all(_UNROUTED)]


async def feed_positions(
    connection: Connection, organizations: Collection[UUID]
) -> dict[UUID, int]:
    """How far the feeds of some organizations have come."""
    if connection.dialect == "postgresql":
        rows = await connection.all(_HEADS, organizations=list(organizations))
    else:
        rows = await connection.all(_HEADS)
    return {id: int(position) for id, position in rows if id in organizations}


class Journal:
    """The facts of one organization."""

    def __init__(self, connection: Connection, organization_id: UUID) -> None:
        self._connection = connection
        self._organization = organization_id

    async def add(self, new: Sequence[Fact]) -> None:
        """Record facts, to be told onward once this transaction is committed."""
        await self._connection.insert(facts, [_fact_row(fact) for fact in new])
        await self._connection.insert(
            outbox,
            [(fact.organization_id, fact.version, fact.subject_id, fact.kind) for fact in new],
        )

    async def of(self, subject: UUID, *, after: int = 0, most: int = 1000) -> list[Fact]:
        """What happened to one subject, in order, after a version."""
        rows = await self._connection.all(
            _FACTS_OF, organization=self._organization, subject=subject, after=after, most=most
        )
        return [Fact(*row) for row in rows]

    async def open_feed(self, epoch: UUID) -> None:
        """Begin an organization's feed."""
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

    async def take_unrouted(self, most: int) -> Taken | None:
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

    async def data_of(self, routed: Sequence[Unrouted]) -> dict[tuple[UUID, int], str]:
        """What some facts say, by subject and version."""
        if self._connection.dialect == "postgresql":
            rows = await self._connection.all(
                _DATA_OF,
                organization=self._organization,
                subjects=[fact.subject_id for fact in routed],
                versions=[fact.version for fact in routed],
            )
        else:
            rows = await self._connection.each(
                _DATA_OF,
                [
                    {
                        "organization": self._organization,
                        "subject": fact.subject_id,
                        "version": fact.version,
                    }
                    for fact in routed
                ],
            )
        return {(subject, version): data for subject, version, data in rows}

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

    async def extend_lanes(self, stretches: Sequence[Stretch], due: datetime) -> None:
        """Put stretches of facts onto the lanes of their endpoints."""
        if not stretches:
            return
        if self._connection.dialect == "postgresql":
            await self._connection.run(
                _EXTEND_MANY,
                organization=self._organization,
                due=due,
                endpoints=[stretch.endpoint_id for stretch in stretches],
                subjects=[stretch.subject_id for stretch in stretches],
                heads=[stretch.first - 1 for stretch in stretches],
                tails=[stretch.last for stretch in stretches],
            )
            return
        await self._connection.each(
            _EXTEND_ONE,
            [
                {
                    "organization": self._organization,
                    "due": due,
                    "endpoint": stretch.endpoint_id,
                    "subject": stretch.subject_id,
                    "head": stretch.first - 1,
                    "tail": stretch.last,
                }
                for stretch in stretches
            ],
        )

    async def on_lanes(
        self, stretches: Sequence[tuple[UUID, int, int]], most: int
    ) -> list[list[Fact]]:
        """For each (subject, after, last): its facts after a version up to another, in order.

        At most `most` of each.
        """
        found: list[list[Fact]] = [[] for _ in stretches]
        if self._connection.dialect == "postgresql":
            rows = await self._connection.all(
                _ON_LANES,
                organization=self._organization,
                subjects=[subject for subject, _, _ in stretches],
                afters=[after for _, after, _ in stretches],
                lasts=[last for _, _, last in stretches],
                most=most,
            )
        else:
            rows = await self._connection.each(
                _ON_LANES,
                [
                    {
                        "organization": self._organization,
                        "lane": lane,
                        "subject": subject,
                        "after": after,
                        "last": last,
                        "most": most,
                    }
                    for lane, (subject, after, last) in enumerate(stretches)
                ],
            )
        for lane, *fact in rows:
            found[lane].append(Fact(*fact))
        return found

    async def feed_after(self, position: int, most: int) -> list[tuple[int, Fact]]:
        """The feed behind a position: dense, committed, in order."""
        rows = await self._connection.all(
            _FEED_AFTER, organization=self._organization, after=position, most=most
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
                _NEXT_IN_FEED, organization=self._organization, position=middle + 1
            )
            if row is None or row[1] >= since:
                high = middle
            else:
                low = int(row[0])
        return low

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
