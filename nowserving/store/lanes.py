"""Endpoints, and the lanes on which facts travel to them, one lane for endpoint and case.

Claim short, send outside any transaction, complete with the lease as a fencing token: who
was stopped past the end of its lease completes nothing.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, Integer, bindparam, insert, literal_column, select, text

from nowserving.store.engines import Connection, Statement
from nowserving.store.rows import columns_for, row_maker
from nowserving.store.tables import attempts, endpoints, lanes
from nowserving.store.types import Id, Instant


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where facts go: an address, in a wire language, with the kinds it wants to hear of.

    `secret` is encrypted. `settings` belong to the language.
    """

    organization_id: UUID
    id: UUID
    dialect: str
    url: str
    kinds: tuple[str, ...]
    authorization: str
    secret: bytes | None
    settings: dict[str, Any] = field(default_factory=dict)
    state: str = "active"
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Lane:
    """What one endpoint still has to be told about one subject: versions head+1 to tail."""

    endpoint_id: UUID
    subject_id: UUID
    head: int
    tail: int
    attempt: int
    lease: UUID


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at telling one fact to one endpoint."""

    organization_id: UUID
    endpoint_id: UUID
    id: UUID
    subject_id: UUID
    version: int
    fact_id: UUID
    number: int
    at: datetime
    microseconds: int
    status: int | None
    error: str | None
    response: str | None


_ORGANIZATION: BindParameter[Any] = bindparam("organization")
_attempt_row = row_maker(attempts)
_ENDPOINTS = Statement(
    select(*columns_for(Endpoint, endpoints))
    .where(
        endpoints.c.organization_id == _ORGANIZATION,
        endpoints.c.state != literal_column("'deleted'"),
    )
    .order_by(endpoints.c.id)
)
_DUE_ANYWHERE = Statement(
    select(lanes.c.organization_id)
    .where(lanes.c.due.is_not(None), lanes.c.due <= bindparam("now", type_=Instant))
    .distinct()
)
_NEXT_DUE = Statement(text("select min(due) from lanes where due is not null").columns(lanes.c.due))
_CLOCK = Statement(
    text("select cast((julianday('now') - 2440587.5) * 86400000000 as integer)").columns(
        lanes.c.due
    ),
    postgresql=text("select clock_timestamp()").columns(lanes.c.due),
)

# At most so many lanes of each endpoint, so that a busy one leaves room for the others.
_PICK_OF_ENDPOINT = Statement(
    text(
        """
        update lanes set lease = :lease, due = :until
        where organization_id = :organization and endpoint_id = :endpoint
          and subject_id in (
            select subject_id from lanes
            where organization_id = :organization and endpoint_id = :endpoint and due <= :now
            order by due limit :each)
        returning endpoint_id, subject_id, head, tail, attempt, lease
        """
    )
    .bindparams(
        bindparam("organization", type_=Id),
        bindparam("endpoint", type_=Id),
        bindparam("lease", type_=Id),
        bindparam("now", type_=Instant),
        bindparam("until", type_=Instant),
        bindparam("each", type_=Integer),
    )
    .columns(*columns_for(Lane, lanes))
)
# The fence `materialized` stays: without it the planner may claim more rows than the limit.
_PICK = Statement(
    text("select"),
    postgresql=text(
        """
        with pick as materialized (
          select l.endpoint_id, l.subject_id
          from endpoints e cross join lateral (
            select endpoint_id, subject_id from lanes
            where organization_id = :organization and endpoint_id = e.id and due <= :now
            order by due limit :each for update skip locked) l
          where e.organization_id = :organization and e.state = 'active'
            and e.id = any(cast(:endpoints as uuid[]))
          limit :most)
        update lanes l set lease = :lease, due = :until from pick p
        where l.organization_id = :organization and l.endpoint_id = p.endpoint_id
          and l.subject_id = p.subject_id
        returning l.endpoint_id, l.subject_id, l.head, l.tail, l.attempt, l.lease
        """
    )
    .bindparams(
        bindparam("organization", type_=Id),
        bindparam("lease", type_=Id),
        bindparam("now", type_=Instant),
        bindparam("until", type_=Instant),
        bindparam("each", type_=Integer),
        bindparam("most", type_=Integer),
    )
    .columns(*columns_for(Lane, lanes)),
)
# Not `head = tail`: the tail may have moved on while we were sending.
_COMPLETE = Statement(
    text(
        """
        update lanes set head = :head, lease = null, attempt = :attempt,
          due = case when tail > :head then :due end
        where organization_id = :organization and endpoint_id = :endpoint
          and subject_id = :subject and lease = :lease
        """
    ).bindparams(
        bindparam("organization", type_=Id),
        bindparam("endpoint", type_=Id),
        bindparam("subject", type_=Id),
        bindparam("lease", type_=Id),
        bindparam("due", type_=Instant),
        bindparam("head", type_=Integer),
        bindparam("attempt", type_=Integer),
    )
)
_ADD_ENDPOINT = Statement(insert(endpoints))
_ATTEMPTS = Statement(
    select(*columns_for(Attempt, attempts))
    .where(
        attempts.c.organization_id == _ORGANIZATION,
        attempts.c.endpoint_id == bindparam("endpoint"),
    )
    .order_by(attempts.c.id.desc())
    .limit(bindparam("most", type_=Integer))
)
_FREE_LEASES = Statement(
    text("update lanes set lease = null, due = :now where lease is not null").bindparams(
        bindparam("now", type_=Instant)
    )
)


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

    async def claim(
        self,
        of: Sequence[UUID],
        *,
        lease: UUID,
        now: datetime,
        until: datetime,
        each: int,
        most: int,
    ) -> list[Lane]:
        """Claim due lanes of these endpoints until an instant: fairly, and ours alone."""
        if self._connection.dialect == "postgresql":
            rows = await self._connection.all(
                _PICK,
                organization=self._organization,
                endpoints=list(of),
                lease=lease,
                now=now,
                until=until,
                each=each,
                most=most,
            )
            return [Lane(*row) for row in rows]
        claimed: list[Lane] = []
        for endpoint in of:
            if len(claimed) < most:
                rows = await self._connection.all(
                    _PICK_OF_ENDPOINT,
                    organization=self._organization,
                    endpoint=endpoint,
                    lease=lease,
                    now=now,
                    until=until,
                    each=min(each, most - len(claimed)),
                )
                claimed += [Lane(*row) for row in rows]
        return claimed

    async def complete(self, lane: Lane, *, head: int, attempt: int, due: datetime) -> bool:
        """Give a lane back, delivered up to `head`; False if the lease was lost meanwhile."""
        return (
            await self._connection.run(
                _COMPLETE,
                organization=self._organization,
                endpoint=lane.endpoint_id,
                subject=lane.subject_id,
                lease=lane.lease,
                head=head,
                attempt=attempt,
                due=due,
            )
            == 1
        )

    async def log(self, tries: Sequence[Attempt]) -> None:
        """Write down attempts."""
        await self._connection.insert(attempts, [_attempt_row(tried) for tried in tries])

    async def attempts(self, endpoint: UUID, most: int = 100) -> list[Attempt]:
        """The newest attempts at an endpoint, newest first."""
        rows = await self._connection.all(
            _ATTEMPTS, organization=self._organization, endpoint=endpoint, most=most
        )
        return [Attempt(*row) for row in rows]
