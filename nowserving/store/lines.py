"""Lines: who waits and who is next, who is at a desk, who was called and where.

Hot questions: each is one step of an index, or counts no further than anybody looks.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    text,
    tuple_,
)

from nowserving.cases.case import Case
from nowserving.kit.problems import Stale
from nowserving.store.engines import Connection, Statement
from nowserving.store.rows import columns_for
from nowserving.store.tables import cases
from nowserving.store.types import Id

CALLED_AT_ONCE = 32
"""So many of each queue are looked at for one that no colleague is calling at this moment."""

PLACES_TOLD = 1000
"""Whoever joins is told their place exactly up to here: it is counted once for a batch."""

PLACES_COUNTED = 200
"""A place in the line is counted up to here; beyond, counting would cost more than it tells."""

_COLUMNS = columns_for(Case, cases)
_NAMES = ", ".join(column.name for column in _COLUMNS)
_WAITING: ColumnElement[Any] = literal_column("'waiting'")
_IN_HAND = cases.c.state.in_(
    [literal_column(f"'{s}'") for s in ("active", "called", "on_hold", "pending")]
)
_AT_DESK = cases.c.state.in_([literal_column("'active'"), literal_column("'called'")])
_OURS = cases.c.organization_id == bindparam("organization")

# The first of a queue that can be called, held so that nobody else takes it meanwhile; a
# peek at the first two tells the rule why. One step of ix_cases_line for each queue.
_FIRST_OF_QUEUE = Statement(
    select(*_COLUMNS)
    .where(
        _OURS,
        cases.c.queue_id == bindparam("queue"),
        cases.c.state == _WAITING,
        cases.c.callable_at <= bindparam("now", type_=BigInteger),
        or_(cases.c.assigned_to.is_(None), cases.c.assigned_to == bindparam("agent")),
    )
    .order_by(cases.c.rank, cases.c.id)
    .limit(2)
)
_CAN_BE_CALLED = """organization_id = :organization and state = 'waiting'
      and callable_at <= :now and (assigned_to is null or assigned_to = :agent)"""
_AT_THE_DESK = f"""
union all
select 'desk', {_NAMES} from cases
where organization_id = :organization and desk_id = :desk and state in ('active', 'called')
"""
_HELD_COLUMNS = (literal_column("part"), *_COLUMNS)
_HELD_BINDS = (
    bindparam("organization", type_=Id),
    bindparam("agent", type_=Id),
    bindparam("desk", type_=Id),
    bindparam("now", type_=BigInteger),
)
# One queue: SKIP LOCKED walks down the line until somebody is free.
_FIRST_HELD_OF_ONE = Statement(
    text("select"),
    postgresql=text(f"""
with held as materialized (
  select {_NAMES} from cases where queue_id = :queue and {_CAN_BE_CALLED}
  order by rank, id limit 1 for update skip locked),
peek as materialized (
  select {_NAMES} from cases where queue_id = :queue and {_CAN_BE_CALLED}
  order by rank, id limit 2)
select 'held' as part, held.* from held
union all
select 'peek', peek.* from peek where not exists (select 1 from held where held.id = peek.id)
{_AT_THE_DESK}""")
    .bindparams(*_HELD_BINDS, bindparam("queue", type_=Id))
    .columns(*_HELD_COLUMNS),
)
# Several queues: only the first of all is held. Holding the first of each would hide them
# from a colleague who calls at the same moment, and they would call somebody further back.
_FIRST_HELD_OF_MANY = Statement(
    text("select"),
    postgresql=text(f"""
with line as materialized (
  select c.* from unnest(cast(:queues as uuid[])) as q(id) cross join lateral (
    select id, rank from cases where queue_id = q.id and {_CAN_BE_CALLED}
    order by rank, id limit :reach) c),
held as materialized (
  select {_NAMES} from cases
  where organization_id = :organization and id in (select id from line) and state = 'waiting'
  order by rank, id limit 1 for update skip locked),
peek as materialized (
  select line.id from line left join held on true
  where held.id is null or (line.rank, line.id) > (held.rank, held.id)
  order by line.rank, line.id limit 1)
select 'held' as part, held.* from held
union all
select 'peek', {_NAMES} from cases
where organization_id = :organization and id in (select id from peek)
{_AT_THE_DESK}""")
    .bindparams(*_HELD_BINDS, bindparam("reach", type_=Integer))
    .columns(*_HELD_COLUMNS),
)

_IN_LINE = (
    select(*_COLUMNS)
    .where(_OURS, cases.c.queue_id == bindparam("queue"), cases.c.state == _WAITING)
    .order_by(cases.c.rank, cases.c.id)
    .limit(bindparam("most", type_=Integer))
)
_WAITING_IN = Statement(_IN_LINE)
_WAITING_BEHIND = Statement(
    _IN_LINE.where(
        tuple_(cases.c.rank, cases.c.id)
        > tuple_(bindparam("rank", type_=BigInteger), bindparam("id", type_=Id))
    )
)
_LENGTH = Statement(
    select(func.count()).where(
        _OURS, cases.c.queue_id == bindparam("queue"), cases.c.state == _WAITING
    )
)
_IN_HAND_AT = Statement(
    select(*_COLUMNS)
    .where(_OURS, cases.c.unit_id == bindparam("unit"), _IN_HAND, text("sequence > 0"))
    .order_by(cases.c.state_at)
)
_AT_THIS_DESK = Statement(
    select(*_COLUMNS).where(_OURS, cases.c.desk_id == bindparam("desk"), _AT_DESK)
)
_CALLS = Statement(
    select(*_COLUMNS)
    .where(
        _OURS,
        cases.c.unit_id == bindparam("unit"),
        cases.c.called_at.is_not(None),
        cases.c.calls > 0,
    )
    .order_by(cases.c.called_at.desc())
    .limit(bindparam("most", type_=Integer))
)
_COUNT_BEFORE = """
select count(*) from (
  select 1 from cases
  where organization_id = :organization and queue_id = {queue} and state = 'waiting'
    and (rank, id) < ({rank}, {id}) limit :most) as before
"""
_COUNT_ALL_BEFORE = Statement(
    text(_COUNT_BEFORE.format(queue=":queue", rank=":rank", id=":id"))
    .bindparams(
        bindparam("organization", type_=Id),
        bindparam("queue", type_=Id),
        bindparam("id", type_=Id),
    )
    .columns(literal_column("count")),
    postgresql=text(
        """
        select b.count from unnest(cast(:queues as uuid[]), cast(:ranks as bigint[]),
                                   cast(:ids as uuid[])) with ordinality as p(queue, rank, id, at)
        cross join lateral ("""
        + _COUNT_BEFORE.format(queue="p.queue", rank="p.rank", id="p.id")
        + """) as b order by p.at"""
    )
    .bindparams(bindparam("organization", type_=Id), bindparam("most", type_=Integer))
    .columns(literal_column("count")),
)


@dataclass(frozen=True, slots=True)
class Place:
    """How many are before somebody; `counted` is False when there are at least that many."""

    before: int
    counted: bool


class Lines:
    """The lines of one organization."""

    def __init__(self, connection: Connection, organization_id: UUID) -> None:
        self._connection = connection
        self._organization = organization_id

    async def first_of(
        self, queues: Collection[UUID], *, agent: UUID | None, desk: UUID | None, now: int
    ) -> tuple[list[Case], Case | None]:
        """The first two of each queue who can be called, and who is at the desk already.

        The first of all is held. Whoever a colleague is calling at this moment is left out;
        Stale if that is everybody, for the colleague may yet think better of it.
        """
        if self._connection.dialect == "postgresql":
            return await self._held_first_of(queues, agent, desk, now)
        found: list[Case] = []
        for queue in queues:
            rows = await self._connection.all(
                _FIRST_OF_QUEUE,
                organization=self._organization,
                queue=queue,
                agent=agent,
                now=now,
            )
            found += [Case(*row) for row in rows]
        return found, None if desk is None else await self.at_desk(desk)

    async def waiting_in(self, queue: UUID, most: int = PLACES_COUNTED) -> list[Case]:
        """Who waits in a queue, in the order of the calls, at most so many."""
        rows = await self._connection.all(
            _WAITING_IN, organization=self._organization, queue=queue, most=most
        )
        return [Case(*row) for row in rows]

    async def waiting_behind(self, queue: UUID, rank: int, id: UUID, most: int) -> list[Case]:
        """Who waits in a queue behind a place in it, in the order of the calls."""
        rows = await self._connection.all(
            _WAITING_BEHIND,
            organization=self._organization,
            queue=queue,
            rank=rank,
            id=id,
            most=most,
        )
        return [Case(*row) for row in rows]

    async def before(self, case: Case) -> Place:
        """How many are before a waiting case, counted up to PLACES_COUNTED."""
        return (await self.all_before([(case.queue_id, case.rank, case.id)]))[0]

    async def all_before(
        self, spots: Sequence[tuple[UUID, int, UUID]], most: int = PLACES_COUNTED
    ) -> list[Place]:
        """For each (queue, rank, id): how many are before it, counted up to `most`."""
        if self._connection.dialect == "postgresql":
            rows = await self._connection.all(
                _COUNT_ALL_BEFORE,
                organization=self._organization,
                queues=[queue for queue, _, _ in spots],
                ranks=[rank for _, rank, _ in spots],
                ids=[id for _, _, id in spots],
                most=most,
            )
        else:
            rows = await self._connection.each(
                _COUNT_ALL_BEFORE,
                [
                    {
                        "organization": self._organization,
                        "queue": queue,
                        "rank": rank,
                        "id": id,
                        "most": most,
                    }
                    for queue, rank, id in spots
                ],
            )
        return [Place(int(row[0]), counted=row[0] < most) for row in rows]

    async def length(self, queue: UUID) -> int:
        """How many wait in a queue. Its cost grows with the line: never in a transaction."""
        row = await self._connection.first(_LENGTH, organization=self._organization, queue=queue)
        return int(row[0]) if row else 0

    async def in_hand_at(self, unit: UUID) -> list[Case]:
        """Who is here and not simply waiting at a unit, the longest in their state first."""
        rows = await self._connection.all(_IN_HAND_AT, organization=self._organization, unit=unit)
        return [Case(*row) for row in rows]

    async def at_desk(self, desk: UUID) -> Case | None:
        """Who is called to a desk or served there."""
        row = await self._connection.first(
            _AT_THIS_DESK, organization=self._organization, desk=desk
        )
        return None if row is None else Case(*row)

    async def calls(self, unit: UUID, most: int) -> list[Case]:
        """The newest calls of a unit that were announced, newest first."""
        rows = await self._connection.all(
            _CALLS, organization=self._organization, unit=unit, most=most
        )
        return [Case(*row) for row in rows]

    async def _held_first_of(
        self, queues: Collection[UUID], agent: UUID | None, desk: UUID | None, now: int
    ) -> tuple[list[Case], Case | None]:
        asked = {"organization": self._organization, "agent": agent, "desk": desk, "now": now}
        if len(queues) == 1:
            rows = await self._connection.all(_FIRST_HELD_OF_ONE, queue=next(iter(queues)), **asked)
        else:
            rows = await self._connection.all(
                _FIRST_HELD_OF_MANY, queues=list(queues), reach=CALLED_AT_ONCE, **asked
            )
        parts: dict[str, list[Case]] = {"held": [], "peek": [], "desk": []}
        for part, *row in rows:
            parts[part].append(Case(*row))
        held, here = parts["held"], next(iter(parts["desk"]), None)
        if not held:
            if parts["peek"] and here is None:
                raise Stale()  # colleagues are calling all whom we see: look again
            return [], here
        first = (held[0].rank, held[0].id)
        return held + [case for case in parts["peek"] if (case.rank, case.id) > first], here
