"""Endpoints, and the lanes on which facts travel to them, one lane for endpoint and case.

Claim short, send outside any transaction, complete with the lease as a fencing token: who
was stopped past the end of its lease completes nothing.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from time import monotonic
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    Text,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal_column,
    null,
    select,
    text,
    type_coerce,
    update,
)

from nowserving.places.endpoints import Endpoint, EndpointState
from nowserving.store.engines import Connection, Engine, Statement
from nowserving.store.rows import columns_for
from nowserving.store.tables import endpoints, lanes
from nowserving.store.types import Id, Instant

ASK_CLOCK_EVERY = 10.0
SET_BACK = timedelta(seconds=30)
"""A clock that is so much behind what it said before was set back; less is drift."""

RESOLUTION = timedelta(milliseconds=1)
"""SQLite's clock says no less."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Lane:
    """What one endpoint still has to be told about one subject: versions head+1 to tail.

    `gap`: the first of the versions up to the head that were passed over and never told.
    """

    endpoint_id: UUID
    subject_id: UUID
    head: int
    tail: int
    attempt: int
    lease: UUID
    gap: int | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What some endpoints want to hear of: patterns of kinds, and (unless None) where."""

    kinds: tuple[str, ...]
    unit_ids: frozenset[UUID] | None = None
    service_ids: frozenset[UUID] | None = None

    @property
    def narrow(self) -> bool:
        """Does it matter where something happened?"""
        return self.unit_ids is not None or self.service_ids is not None


@dataclass(frozen=True, slots=True)
class Rest:
    """A lane as it lies: what has yet to be told, and when it goes on.

    `due` None: nobody tries any more; it is parked, unless there is a `lease`.
    """

    endpoint_id: UUID
    subject_id: UUID
    head: int
    tail: int
    attempt: int
    due: datetime | None
    lease: UUID | None
    gap: int | None


@dataclass(frozen=True, slots=True)
class Completion:
    """A lane given back: delivered up to `head`, and due again if more is to be told.

    `due` None parks it: it rests until something new happens to its subject.
    """

    lane: Lane
    head: int
    attempt: int
    due: datetime | None
    gap: int | None = None


_ORGANIZATION: BindParameter[Any] = bindparam("organization")
_TOLD = endpoints.c.state.in_(
    [literal_column(f"'{state}'") for state in EndpointState if state.told]
)
_DELETED: ColumnElement[Any] = literal_column("'deleted'")
_ENDPOINTS_OF = select(*columns_for(Endpoint, endpoints)).where(
    endpoints.c.organization_id == _ORGANIZATION, endpoints.c.state != _DELETED
)
_EVERY_ENDPOINT = Statement(
    select(endpoints.c.id).where(endpoints.c.organization_id == _ORGANIZATION)
)
_ENDPOINTS = Statement(_ENDPOINTS_OF.order_by(endpoints.c.id))
_ENDPOINT = Statement(
    _ENDPOINTS_OF.where(endpoints.c.id == bindparam("endpoint")),
    postgresql=_ENDPOINTS_OF.where(text("endpoints.id = any(cast(:endpoints as uuid[]))")),
)
_SUBSCRIPTIONS = Statement(
    select(
        endpoints.c.id,
        type_coerce(endpoints.c.kinds, Text),
        type_coerce(endpoints.c.unit_ids, Text),
        type_coerce(endpoints.c.service_ids, Text),
    ).where(endpoints.c.organization_id == _ORGANIZATION, endpoints.c.state != _DELETED)
)
# Each only ever grows: how many there are, how often they were changed, how many are deleted.
EDITION = """
select count(*) || ' ' || coalesce(sum(version), 0) || ' ' ||
  count(case when state = 'deleted' then 1 end)
from endpoints where organization_id = :organization"""
"""A word that is another whenever an endpoint was added, changed or deleted."""

_SET_STATE = Statement(
    update(endpoints)
    .where(endpoints.c.organization_id == _ORGANIZATION, endpoints.c.id == bindparam("endpoint"))
    .values(state=bindparam("new_state"))
)
_DUE_ANYWHERE = Statement(
    select(lanes.c.organization_id)
    .where(lanes.c.due.is_not(None), lanes.c.due <= bindparam("now", type_=Instant))
    .distinct()
)
_DUE_ENDPOINTS = Statement(
    select(endpoints.c.id).where(
        endpoints.c.organization_id == _ORGANIZATION,
        _TOLD,
        exists().where(
            lanes.c.organization_id == _ORGANIZATION,
            lanes.c.endpoint_id == endpoints.c.id,
            lanes.c.due <= bindparam("now", type_=Instant),
        ),
    )
)
_CLOCK = Statement(
    text("select cast((julianday('now') - 2440587.5) * 86400000000 as integer)").columns(
        lanes.c.due
    ),
    postgresql=text("select clock_timestamp()").columns(lanes.c.due),
)

# At most `room` lanes of an endpoint, so that a busy one leaves room for the others. In
# PostgreSQL the fence `materialized` stays: without it the planner may claim more rows than
# the limit.
_DUE_OF_ENDPOINT = """
select endpoint_id, subject_id from lanes
where organization_id = :organization and endpoint_id = {endpoint} and due <= :now
order by due limit {room}"""
_PICK_PARAMETERS = (
    bindparam("organization", type_=Id),
    bindparam("lease", type_=Id),
    bindparam("now", type_=Instant),
    bindparam("until", type_=Instant),
)
_PICK = Statement(
    text(
        f"""
        update lanes set lease = :lease, due = :until
        where organization_id = :organization and (endpoint_id, subject_id) in (
            {_DUE_OF_ENDPOINT.format(endpoint=":endpoint", room=":room")})
          and exists (select 1 from endpoints
            where organization_id = :organization and id = :endpoint
              and state in ('active', 'degraded'))
        returning endpoint_id, subject_id, head, tail, attempt, lease, gap
        """
    )
    .bindparams(*_PICK_PARAMETERS, bindparam("endpoint", type_=Id))
    .columns(*columns_for(Lane, lanes)),
    postgresql=text(
        f"""
        with pick as materialized (
          select l.endpoint_id, l.subject_id
          from unnest(cast(:endpoints as uuid[]), cast(:rooms as int[])) as r(endpoint, room)
          join endpoints e on e.organization_id = :organization and e.id = r.endpoint
            and e.state in ('active', 'degraded')
          cross join lateral (
            {_DUE_OF_ENDPOINT.format(endpoint="r.endpoint", room="r.room")}
            for update skip locked) l
          limit :most)
        update lanes l set lease = :lease, due = :until from pick p
        where l.organization_id = :organization and l.endpoint_id = p.endpoint_id
          and l.subject_id = p.subject_id
        returning l.endpoint_id, l.subject_id, l.head, l.tail, l.attempt, l.lease, l.gap
        """
    )
    .bindparams(*_PICK_PARAMETERS, bindparam("most", type_=Integer))
    .columns(*columns_for(Lane, lanes)),
)
# The lease is the fence. Not `head = tail`: the tail may have moved on while we were sending.
# Rows are locked in the order in which they are given, which is the router's; with the limit they
# are looked up one by one, where the planner might read all lanes there are.
_COMPLETE = Statement(
    text(
        """
        update lanes set head = :head, lease = null, attempt = :attempt, gap = :gap,
          due = case when tail > :head then :due end
        where organization_id = :organization and endpoint_id = :endpoint
          and subject_id = :subject and lease = :lease
        returning endpoint_id, subject_id, due
        """
    )
    .bindparams(
        bindparam("organization", type_=Id),
        bindparam("endpoint", type_=Id),
        bindparam("subject", type_=Id),
        bindparam("lease", type_=Id),
        bindparam("due", type_=Instant),
    )
    .columns(lanes.c.endpoint_id, lanes.c.subject_id, lanes.c.due),
    postgresql=text(
        """
        with done as materialized (
          select l.*, d.head, d.attempt, d.due, d.gap
          from unnest(cast(:endpoints as uuid[]), cast(:subjects as uuid[]),
                      cast(:leases as uuid[]), cast(:heads as int[]), cast(:attempts as int[]),
                      cast(:dues as timestamptz[]), cast(:gaps as int[]))
               as d(endpoint, subject, lease, head, attempt, due, gap)
          cross join lateral (
            select organization_id, endpoint_id, subject_id from lanes
            where organization_id = :organization and endpoint_id = d.endpoint
              and subject_id = d.subject and lease = d.lease
            limit 1 for update) l)
        update lanes l set head = d.head, lease = null, attempt = d.attempt, gap = d.gap,
          due = case when l.tail > d.head then d.due end
        from done d
        where l.organization_id = d.organization_id and l.endpoint_id = d.endpoint_id
          and l.subject_id = d.subject_id
        returning l.endpoint_id, l.subject_id, l.due
        """
    )
    .bindparams(bindparam("organization", type_=Id))
    .columns(lanes.c.endpoint_id, lanes.c.subject_id, lanes.c.due),
)
# Only what nobody else holds: an endpoint that is back should not wait for the router.
_RESTING = """
select endpoint_id, subject_id from lanes
where organization_id = :organization and endpoint_id = :endpoint and lease is null
  and tail > head and (due is null or due > :now)"""
_HURRIED = """
update lanes set due = :now
where organization_id = :organization and (endpoint_id, subject_id) in ({resting})"""
_HURRY_PARAMETERS = (
    bindparam("organization", type_=Id),
    bindparam("endpoint", type_=Id),
    bindparam("now", type_=Instant),
)
_HURRY = Statement(
    text(_HURRIED.format(resting=_RESTING)).bindparams(*_HURRY_PARAMETERS),
    postgresql=text(
        _HURRIED.format(resting=f"{_RESTING} order by subject_id for update skip locked")
    ).bindparams(*_HURRY_PARAMETERS),
)
_FORGET_LANES = Statement(
    delete(lanes).where(
        lanes.c.organization_id == _ORGANIZATION,
        lanes.c.endpoint_id == bindparam("endpoint"),
        lanes.c.due.is_(None),
        lanes.c.lease.is_(None),
        lanes.c.head == lanes.c.tail,
        lanes.c.gap.is_(None),
    )
)
_ADD_ENDPOINT = Statement(
    insert(endpoints).values(
        {column.name: bindparam(column.name) for column in columns_for(Endpoint, endpoints)}
    )
)
_RESTS = select(*columns_for(Rest, lanes)).where(lanes.c.organization_id == _ORGANIZATION)
_AT_REST = lanes.c.due.is_(None) & lanes.c.lease.is_(None) & (lanes.c.tail > lanes.c.head)
_PARKED = Statement(
    _RESTS.where(_AT_REST)
    .order_by(lanes.c.endpoint_id, lanes.c.subject_id)
    .limit(bindparam("most", type_=Integer))
)
_PARKED_OF = Statement(
    _RESTS.where(_AT_REST, lanes.c.endpoint_id == bindparam("endpoint"))
    .order_by(lanes.c.subject_id)
    .limit(bindparam("most", type_=Integer))
)
_PARKED_EACH = Statement(
    select(lanes.c.endpoint_id, func.count())
    .where(lanes.c.organization_id == _ORGANIZATION, _AT_REST)
    .group_by(lanes.c.endpoint_id)
)
_LANE = Statement(
    _RESTS.where(
        lanes.c.endpoint_id == bindparam("endpoint"), lanes.c.subject_id == bindparam("subject")
    )
)
_RESUME = Statement(
    update(lanes)
    .where(
        lanes.c.organization_id == _ORGANIZATION,
        lanes.c.endpoint_id == bindparam("endpoint"),
        lanes.c.subject_id == bindparam("subject"),
        lanes.c.lease.is_(None),
        lanes.c.tail > lanes.c.head,
    )
    .values(due=bindparam("now", type_=Instant), attempt=0)
)
_FREE_LEASES = Statement(
    update(lanes)
    .where(lanes.c.lease.is_not(None))
    .values(lease=null(), due=bindparam("now", type_=Instant))
)

# A lease begins with the number of the process that holds it.
_HOLDERS = Statement(
    text("select 0"),
    postgresql=text(
        """
        select distinct substr(cast(lease as text), 1, 8) from (
          select lease from lanes where due is not null and lease is not null
          union all select lease from replays where due is not null and lease is not null) l
        """
    ),
)
_FREE_OF = [
    Statement(
        text("select 0"),
        postgresql=text(
            f"""
            update {table} set lease = null, due = :now
            where due is not null and lease >= :first and lease <= :last
            returning organization_id
            """
        )
        .bindparams(
            bindparam("now", type_=Instant),
            bindparam("first", type_=Id),
            bindparam("last", type_=Id),
        )
        .columns(lanes.c.organization_id),
    )
    for table in ("lanes", "replays")
]


_HURRY_ALL = [
    Statement(
        text(
            f"update {table} set due = :now where due > :now and lease is null"
            " returning organization_id"
        )
        .bindparams(bindparam("now", type_=Instant))
        .columns(lanes.c.organization_id),
        postgresql=text(
            f"""
            update {table} set due = :now where ({key}) in (
              select {key} from {table} where due > :now and lease is null
              order by {key} for update)
            returning organization_id
            """
        )
        .bindparams(bindparam("now", type_=Instant))
        .columns(lanes.c.organization_id),
    )
    for table, key in (
        ("lanes", "organization_id, endpoint_id, subject_id"),
        ("replays", "organization_id, id"),
    )
]


class DatabaseClock:
    """The database's clock, asked now and then: leases of all processes go by it.

    It is known as well as the answer was quick. What is due is given an instant that is past in any
    case, and looked for by one that may be to come: else who looks at once might not see it.

    `set_back`: it was, since somebody last said that it was not; what is due "tomorrow" by the
    clock as it was is due now.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._asked = float("-inf")
        self._ahead = EPOCH
        self._unsure = timedelta()
        self.set_back = False

    async def earliest(self) -> datetime:
        """An instant that is past by the database's clock, as short a while as we know."""
        return await self.now() - self._unsure

    async def latest(self) -> datetime:
        """An instant that is not past by the database's clock, as far as we know."""
        return await self.now() + self._unsure

    async def now(self) -> datetime:
        """The instant by the database's clock, within some milliseconds."""
        if monotonic() - self._asked > ASK_CLOCK_EVERY:
            async with self._engine.reading() as connection:
                before = monotonic()
                instant = await database_clock(connection)
            self._asked = monotonic()
            ahead = instant - timedelta(seconds=(before + self._asked) / 2)
            self._unsure = timedelta(seconds=(self._asked - before) / 2) + RESOLUTION
            if ahead < self._ahead - SET_BACK:
                self.set_back = True
            self._ahead = ahead
        return self._ahead + timedelta(seconds=monotonic())


async def database_clock(connection: Connection) -> datetime:
    """The instant by the database's clock: leases and due times of all processes use it."""
    row = await connection.first(_CLOCK)
    assert row is not None
    instant: datetime = row[0]
    return instant


async def organizations_due(connection: Connection, now: datetime) -> list[UUID]:
    """The organizations with a lane that is due."""
    return [row[0] for row in await connection.all(_DUE_ANYWHERE, now=now)]


async def free_leases(connection: Connection, now: datetime) -> None:
    """Make leased lanes due again: right only where no other process can hold a lease."""
    await connection.run(_FREE_LEASES, now=now)


async def hurry_all(connection: Connection, now: datetime) -> set[UUID]:
    """Make due whatever waits for a later time and is in nobody's hands; in which organizations.

    It can be done twice: the worst is an attempt that was not yet meant to be. It waits for those
    who are just writing on a lane: one that was passed over would rest until its old time.
    """
    found: set[UUID] = set()
    for statement in _HURRY_ALL:
        found.update(row[0] for row in await connection.all(statement, now=now))
    return found


async def lease_holders(connection: Connection) -> set[int]:
    """The numbers of the processes that hold a lease; for PostgreSQL, where there are several."""
    return {int(row[0], 16) for row in await connection.all(_HOLDERS)}


async def free_leases_of(connection: Connection, holder: int, now: datetime) -> Counter[UUID]:
    """Make due what a process held that is no more; how many, by organization."""
    first = UUID(int=holder << 96)
    last = UUID(int=(holder + 1 << 96) - 1)
    freed: Counter[UUID] = Counter()
    for statement in _FREE_OF:
        rows = await connection.all(statement, now=now, first=first, last=last)
        freed.update(row[0] for row in rows)
    return freed


class Lanes:
    """The endpoints of one organization and what is on its way to them."""

    def __init__(self, connection: Connection, organization_id: UUID) -> None:
        self._connection = connection
        self._organization = organization_id

    async def add_endpoint(self, endpoint: Endpoint) -> None:
        """Add an endpoint; it is told what happens from now on."""
        await self._connection.run(_ADD_ENDPOINT, **asdict(endpoint))

    async def endpoints(self) -> list[Endpoint]:
        """All endpoints that are not deleted."""
        rows = await self._connection.all(_ENDPOINTS, organization=self._organization)
        return [Endpoint(*row) for row in rows]

    async def endpoint_ids(self) -> list[UUID]:
        """All endpoints there ever were."""
        rows = await self._connection.all(_EVERY_ENDPOINT, organization=self._organization)
        return [row[0] for row in rows]

    async def some_endpoints(self, ids: Collection[UUID]) -> dict[UUID, Endpoint]:
        """Those of these endpoints that are not deleted."""
        if self._connection.dialect == "postgresql":
            rows = await self._connection.all(
                _ENDPOINT, organization=self._organization, endpoints=list(ids)
            )
        else:
            rows = await self._connection.each(
                _ENDPOINT, [{"organization": self._organization, "endpoint": id} for id in ids]
            )
        return {endpoint.id: endpoint for row in rows for endpoint in (Endpoint(*row),)}

    async def subscriptions(self) -> list[tuple[UUID, Wish]]:
        """Each endpoint that is not deleted, with what it wants to hear of."""
        rows = await self._connection.all(_SUBSCRIPTIONS, organization=self._organization)
        return [(id, _wish(*wish)) for id, *wish in rows]

    async def set_state(self, endpoint: UUID, state: EndpointState) -> None:
        """Enable, disable or delete an endpoint."""
        await self._connection.run(
            _SET_STATE, organization=self._organization, endpoint=endpoint, new_state=state
        )

    async def due_endpoints(self, now: datetime) -> list[UUID]:
        """The active endpoints that have a lane which is due."""
        rows = await self._connection.all(_DUE_ENDPOINTS, organization=self._organization, now=now)
        return [row[0] for row in rows]

    async def claim(
        self, rooms: Mapping[UUID, int], *, lease: UUID, now: datetime, until: datetime, most: int
    ) -> list[Lane]:
        """Claim due lanes until an instant, ours alone: of each endpoint as many as it has room.

        The lanes of endpoints that are not active stay where they are.
        """
        picked = {"organization": self._organization, "lease": lease, "now": now, "until": until}
        if self._connection.dialect == "postgresql":
            rows = await self._connection.all(
                _PICK, **picked, endpoints=list(rooms), rooms=list(rooms.values()), most=most
            )
            return [Lane(*row) for row in rows]
        claimed: list[Lane] = []
        for endpoint, room in rooms.items():
            if len(claimed) < most:
                room_left = min(room, most - len(claimed))
                rows = await self._connection.all(
                    _PICK, **picked, endpoint=endpoint, room=room_left
                )
                claimed += [Lane(*row) for row in rows]
        return claimed

    async def complete(
        self, done: Sequence[Completion]
    ) -> dict[tuple[UUID, UUID], datetime | None]:
        """Give lanes back; answers by (endpoint, subject) when each is due again.

        Those whose lease was lost meanwhile are left as they are, and are not in the answer.
        """
        done = sorted(done, key=lambda one: (one.lane.endpoint_id, one.lane.subject_id))
        if self._connection.dialect == "postgresql":
            rows = await self._connection.all(
                _COMPLETE,
                organization=self._organization,
                endpoints=[one.lane.endpoint_id for one in done],
                subjects=[one.lane.subject_id for one in done],
                leases=[one.lane.lease for one in done],
                heads=[one.head for one in done],
                attempts=[one.attempt for one in done],
                dues=[one.due for one in done],
                gaps=[one.gap for one in done],
            )
        else:
            rows = await self._connection.each(
                _COMPLETE,
                [
                    {
                        "organization": self._organization,
                        "endpoint": one.lane.endpoint_id,
                        "subject": one.lane.subject_id,
                        "lease": one.lane.lease,
                        "head": one.head,
                        "attempt": one.attempt,
                        "due": one.due,
                        "gap": one.gap,
                    }
                    for one in done
                ],
            )
        return {(endpoint, subject): due for endpoint, subject, due in rows}

    async def hurry(self, endpoint: UUID, now: datetime) -> None:
        """Make all that an endpoint has still to be told due at once, what was parked too."""
        await self._connection.run(
            _HURRY, organization=self._organization, endpoint=endpoint, now=now
        )

    async def parked(self, endpoint: UUID | None = None, most: int = 100) -> list[Rest]:
        """Lanes on which nobody tries any more, of one endpoint or of all."""
        if endpoint is None:
            rows = await self._connection.all(_PARKED, organization=self._organization, most=most)
        else:
            rows = await self._connection.all(
                _PARKED_OF, organization=self._organization, endpoint=endpoint, most=most
            )
        return [Rest(*row) for row in rows]

    async def parked_counts(self) -> dict[UUID, int]:
        """How many lanes are parked, by endpoint."""
        rows = await self._connection.all(_PARKED_EACH, organization=self._organization)
        return {endpoint: int(count) for endpoint, count in rows}

    async def lane(self, endpoint: UUID, subject: UUID) -> Rest | None:
        """What one endpoint has yet to be told of one subject; None: nothing, and never had."""
        row = await self._connection.first(
            _LANE, organization=self._organization, endpoint=endpoint, subject=subject
        )
        return None if row is None else Rest(*row)

    async def resume(self, endpoint: UUID, subject: UUID, now: datetime) -> bool:
        """Try again at once, with all attempts before it; False if there is nothing to tell."""
        return bool(
            await self._connection.run(
                _RESUME,
                organization=self._organization,
                endpoint=endpoint,
                subject=subject,
                now=now,
            )
        )

    async def forget(self, endpoint: UUID) -> None:
        """Drop an endpoint's lanes on which nothing is left: made anew when they are needed."""
        await self._connection.run(
            _FORGET_LANES, organization=self._organization, endpoint=endpoint
        )


@lru_cache(maxsize=4096)
def _wish(kinds: str, units: str | None, services: str | None) -> Wish:
    return Wish(
        msgspec.json.decode(kinds, type=tuple[str, ...]),
        None if units is None else msgspec.json.decode(units, type=frozenset[UUID]),
        None if services is None else msgspec.json.decode(services, type=frozenset[UUID]),
    )
