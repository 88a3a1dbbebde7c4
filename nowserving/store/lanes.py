"""Lanes: what is on its way to endpoints, one lane for endpoint and case.

Claim short, send outside any transaction, complete with the lease as a fencing token: who
was stopped past the end of its lease completes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    Integer,
    bindparam,
    delete,
    exists,
    func,
    literal_column,
    select,
    text,
    update,
)

from nowserving.places.endpoints import EndpointState
from nowserving.store.engines import Connection, Statement
from nowserving.store.rows import columns_for
from nowserving.store.tables import endpoints, lanes
from nowserving.store.types import Id, Instant


@dataclass(frozen=True, slots=True)
class Stretch:
    """The versions of one subject that one endpoint has newly to be told."""

    endpoint_id: UUID
    subject_id: UUID
    first: int
    last: int


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
_DROP_OF_DELETED = Statement(
    delete(lanes).where(
        lanes.c.organization_id == _ORGANIZATION,
        exists().where(
            endpoints.c.organization_id == _ORGANIZATION,
            endpoints.c.id == lanes.c.endpoint_id,
            endpoints.c.state == literal_column("'deleted'"),
        ),
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


async def organizations_due(connection: Connection, now: datetime) -> list[UUID]:
    """The organizations with a lane that is due."""
    return [row[0] for row in await connection.all(_DUE_ANYWHERE, now=now)]


class Lanes:
    """What is on its way to the endpoints of one organization."""

    def __init__(self, connection: Connection, organization_id: UUID) -> None:
        self._connection = connection
        self._organization = organization_id

    async def extend(self, stretches: Sequence[Stretch], due: datetime) -> None:
        """Put stretches of facts onto lanes, and make new ones where there are none."""
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

    async def due_endpoints(self, now: datetime) -> list[UUID]:
        """The endpoints that are told and have a lane which is due."""
        rows = await self._connection.all(_DUE_ENDPOINTS, organization=self._organization, now=now)
        return [row[0] for row in rows]

    async def claim(
        self, rooms: Mapping[UUID, int], *, lease: UUID, now: datetime, until: datetime, most: int
    ) -> list[Lane]:
        """Claim due lanes until an instant, ours alone: of each endpoint as many as it has room.

        The lanes of endpoints that are told nothing stay where they are.
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

    async def drop_of_deleted(self) -> None:
        """What was on its way to endpoints that are deleted is told to nobody any more."""
        await self._connection.run(_DROP_OF_DELETED, organization=self._organization)
