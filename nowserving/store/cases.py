"""Cases: finding them, and writing only over what was seen."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date
from operator import attrgetter
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    or_,
    select,
    text,
    tuple_,
    update,
)

from nowserving.cases.case import Case, Details, Note
from nowserving.kit.problems import NotFound, Stale
from nowserving.people.actor import Units
from nowserving.store.engines import Connection, Statement
from nowserving.store.rows import columns_for, row_maker
from nowserving.store.tables import case_details, cases, notes, series
from nowserving.store.types import Day, Id

SeriesDay = tuple[UUID, date]
"""A service and a day: what tickets are numbered by."""

CALLED_AT_ONCE = 32
"""So many of each queue are looked at for one that no colleague is calling at this moment."""

PLACES_TOLD = 1000
"""Whoever joins is told their place exactly up to here: it is counted once for a batch."""

PLACES_COUNTED = 200
"""A place in the line is counted up to here; beyond, counting would cost more than it tells."""

_COLUMNS = columns_for(Case, cases)
_WAITING: ColumnElement[Any] = literal_column("'waiting'")
_IN_HAND = cases.c.state.in_(
    [literal_column(f"'{s}'") for s in ("active", "called", "on_hold", "pending")]
)
_AT_DESK = cases.c.state.in_([literal_column("'active'"), literal_column("'called'")])
_OURS = cases.c.organization_id == bindparam("organization")

_GET = Statement(select(*_COLUMNS).where(_OURS, cases.c.id == bindparam("id")))
_HOLD = Statement(
    select(*_COLUMNS).where(_OURS, cases.c.id == bindparam("id")),
    postgresql=select(*_COLUMNS).where(_OURS, cases.c.id == bindparam("id")).with_for_update(),
)
_BY_LINK = Statement(select(*_COLUMNS).where(_OURS, cases.c.link == bindparam("link")))

_KEPT = {"organization_id", "id", "number", "day", "sequence", "opened_at", "opened_by"}
_REPLACE = Statement(
    update(cases)
    .where(
        _OURS,
        cases.c.id == bindparam("seen_id"),
        cases.c.version == bindparam("seen_version"),
    )
    .values({f.name: bindparam(f.name) for f in fields(Case) if f.name not in _KEPT})
)
_RENUMBER = Statement(
    update(cases)
    .where(_OURS, cases.c.id == bindparam("seen_id"))
    .values(day=bindparam("day"), sequence=bindparam("sequence"))
)
_CHANGING = [f.name for f in fields(Case) if f.name not in _KEPT]

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
_AT_THE_DESK = """
union all
select 'desk', {columns} from cases
where organization_id = :organization and desk_id = :desk and state in ('active', 'called')
"""
# One queue: SKIP LOCKED walks down the line until somebody is free.
_HELD_IN_QUEUE = (
    f"""
with held as materialized (
  select {{columns}} from cases where queue_id = :queue and {_CAN_BE_CALLED}
  order by rank, id limit 1 for update skip locked),
peek as materialized (
  select {{columns}} from cases where queue_id = :queue and {_CAN_BE_CALLED}
  order by rank, id limit 2)
select 'held' as part, held.* from held
union all
select 'peek', peek.* from peek where not exists (select 1 from held where held.id = peek.id)
"""
    + _AT_THE_DESK
)
# Several queues: only the first of all is held. Holding the first of each would hide them
# from a colleague who calls at the same moment, and they would call somebody further back.
_HELD_IN_QUEUES = (
    f"""
with line as materialized (
  select c.* from unnest(cast(:queues as uuid[])) as q(id) cross join lateral (
    select id, rank from cases where queue_id = q.id and {_CAN_BE_CALLED}
    order by rank, id limit :reach) c),
held as materialized (
  select {{columns}} from cases
  where organization_id = :organization and id in (select id from line) and state = 'waiting'
  order by rank, id limit 1 for update skip locked),
peek as materialized (
  select line.id from line left join held on true
  where held.id is null or (line.rank, line.id) > (held.rank, held.id)
  order by line.rank, line.id limit 1)
select 'held' as part, held.* from held
union all
select 'peek', {{columns}} from cases
where organization_id = :organization and id in (select id from peek)
"""
    + _AT_THE_DESK
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
_DETAILS = Statement(
    select(*columns_for(Details, case_details)).where(
        case_details.c.organization_id == bindparam("organization"),
        case_details.c.case_id == bindparam("id"),
    )
)
_KEPT_DETAILS = {"organization_id", "case_id"}
_REPLACE_DETAILS = Statement(
    update(case_details)
    .where(
        case_details.c.organization_id == bindparam("organization"),
        case_details.c.case_id == bindparam("id"),
    )
    .values({f.name: bindparam(f.name) for f in fields(Details) if f.name not in _KEPT_DETAILS})
)
_NOTES = Statement(
    select(*columns_for(Note, notes))
    .where(
        notes.c.organization_id == bindparam("organization"),
        notes.c.case_id == bindparam("id"),
    )
    .order_by(notes.c.at, notes.c.id)
)
_ADD_NOTE = Statement(insert(notes))
_FORGET_NOTES = Statement(
    delete(notes).where(
        notes.c.organization_id == bindparam("organization"),
        notes.c.case_id == bindparam("id"),
    )
)
_ALL_OF = (
    select(*_COLUMNS)
    .where(_OURS, cases.c.customer_id == bindparam("customer"))
    .order_by(cases.c.id)
)
_HOLD_ALL_OF = Statement(_ALL_OF, postgresql=_ALL_OF.with_for_update())

# Take the next numbers of some series: the counter row is the only lock, rows are locked in
# one order everywhere, and a rollback gives the numbers back. Instants in a series rise
# strictly, so place in the line and number on the ticket never disagree.
_TAKE = """
insert into series (organization_id, service_id, day, taken, last_at)
{source}
on conflict (organization_id, service_id, day) do update set
  taken = series.taken + excluded.taken,
  last_at = case when series.last_at > excluded.last_at - excluded.taken
                 then series.last_at + excluded.taken else excluded.last_at end
returning service_id, day, taken, last_at
"""
_SERIES_TAKEN = (series.c.service_id, series.c.day, series.c.taken, series.c.last_at)
_TAKE_NUMBERS = Statement(
    text(_TAKE.format(source="values (:organization, :service, :day, :count, :now + :count - 1)"))
    .bindparams(
        bindparam("organization", type_=Id),
        bindparam("service", type_=Id),
        bindparam("day", type_=Day),
    )
    .columns(*_SERIES_TAKEN),
    postgresql=text(
        _TAKE.format(
            source="""
            select :organization, s.service, s.day, s.count, :now + s.count - 1
            from unnest(cast(:services as uuid[]), cast(:days as date[]),
                        cast(:counts as bigint[])) as s(service, day, count)
            order by s.service, s.day"""
        )
    )
    .bindparams(bindparam("organization", type_=Id), bindparam("now", type_=BigInteger))
    .columns(*_SERIES_TAKEN),
)
_TAKEN = Statement(
    select(series.c.taken).where(
        series.c.organization_id == bindparam("organization"),
        series.c.service_id == bindparam("service"),
        series.c.day == bindparam("day"),
    )
)
_LATER = series.alias("later")
_SKIP_NUMBERS = Statement(
    update(series)
    .where(
        series.c.organization_id == bindparam("organization"),
        or_(
            series.c.day >= bindparam("since", type_=Day),
            ~select(_LATER.c.day)
            .where(
                _LATER.c.organization_id == series.c.organization_id,
                _LATER.c.service_id == series.c.service_id,
                _LATER.c.day > series.c.day,
            )
            .exists(),
        ),
    )
    .values(taken=series.c.taken + bindparam("count", type_=BigInteger))
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


class Cases:
    """The cases of one organization, as far as the units somebody may see."""

    def __init__(self, connection: Connection, organization_id: UUID, sees: Units) -> None:
        self._connection = connection
        self._organization = organization_id
        self._sees = sees

    async def get(self, id: UUID) -> Case:
        """The case with this id; NotFound if there is none that may be seen."""
        return self._shown(
            await self._connection.first(_GET, organization=self._organization, id=id), id
        )

    async def hold(self, id: UUID) -> Case:
        """The case, kept from everybody else's hands until the transaction ends."""
        return self._shown(
            await self._connection.first(_HOLD, organization=self._organization, id=id), id
        )

    async def hold_any(self, id: UUID) -> Case:
        """The case, held, also where the actor may see none: what they change is not seen there."""
        row = await self._connection.first(_HOLD, organization=self._organization, id=id)
        if row is None:
            raise NotFound(what="case", id=id)
        return Case(*row)

    async def by_link(self, link: bytes) -> Case:
        """The case a ticket's link belongs to, given the link's hash."""
        return self._shown(
            await self._connection.first(_BY_LINK, organization=self._organization, link=link),
            "link",
        )

    async def replace(self, seen: Case, new: Case) -> None:
        """Write `new` only if the case is still exactly as we saw it.

        It goes with what is added for it: Stale may rise as late as from the commit.
        """
        await self._connection.replace(
            _REPLACE,
            Stale(case=seen.id),
            organization=self._organization,
            seen_id=seen.id,
            seen_version=seen.version,
            **{name: getattr(new, name) for name in _CHANGING},
        )

    async def renumber(self, new: Case) -> None:
        """Let a case that is held have another day and sequence: its appointment moved or came."""
        await self._connection.run(
            _RENUMBER,
            organization=self._organization,
            seen_id=new.id,
            day=new.day,
            sequence=new.sequence,
        )

    async def add(self, new: Sequence[tuple[Case, bytes]], details: Sequence[Details]) -> None:
        """Add new cases, each with the hash of its link, and what is personal in them."""
        await self._connection.insert(cases, [(*_case_row(case), link) for case, link in new])
        await self._connection.insert(case_details, [_details_row(row) for row in details])

    async def take_numbers(
        self, wanted: Mapping[SeriesDay, int], now: int
    ) -> dict[SeriesDay, tuple[int, int]]:
        """The next numbers of some series: for each the first sequence and the first instant.

        Instants are microseconds since 1970, each number one later than the one before.
        """
        if self._connection.dialect == "postgresql":
            rows = await self._connection.all(
                _TAKE_NUMBERS,
                organization=self._organization,
                services=[service for service, _ in wanted],
                days=[day for _, day in wanted],
                counts=list(wanted.values()),
                now=now,
            )
        else:
            rows = await self._connection.each(
                _TAKE_NUMBERS,
                [
                    {
                        "organization": self._organization,
                        "service": service,
                        "day": day,
                        "count": count,
                        "now": now,
                    }
                    for (service, day), count in wanted.items()
                ],
            )
        return {
            (service, day): (taken - count + 1, last_at - count + 1)
            for service, day, taken, last_at in rows
            for count in (wanted[service, day],)
        }

    async def next_sequence(self, service: UUID, day: date) -> int:
        """Which ticket of a service and day would be the next; somebody else may get it."""
        row = await self._connection.first(
            _TAKEN, organization=self._organization, service=service, day=day
        )
        return 1 if row is None else int(row[0]) + 1

    async def skip_numbers(self, count: int, since: date) -> None:
        """Pass over so many numbers of each series of its last day, and of all days since one.

        Appointments may have taken numbers of days to come.
        """
        await self._connection.run(
            _SKIP_NUMBERS, organization=self._organization, count=count, since=since
        )

    async def all_before(
        self, spots: Sequence[tuple[UUID, int, UUID]], most: int = PLACES_COUNTED
    ) -> list["Place"]:
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

    async def before(self, case: Case) -> "Place":
        """How many are before a waiting case, counted up to PLACES_COUNTED."""
        return (await self.all_before([(case.queue_id, case.rank, case.id)]))[0]

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

    async def details(self, id: UUID) -> Details:
        """What is personal in a case; empty once it has been erased."""
        row = await self._connection.first(_DETAILS, organization=self._organization, id=id)
        return Details(self._organization, id) if row is None else Details(*row)

    async def replace_details(self, details: Details) -> None:
        """Write what is personal in a case."""
        values = asdict(details)
        del values["organization_id"], values["case_id"]
        await self._connection.run(
            _REPLACE_DETAILS, organization=self._organization, id=details.case_id, **values
        )

    async def notes(self, id: UUID) -> list[Note]:
        """The remarks on a case, oldest first."""
        rows = await self._connection.all(_NOTES, organization=self._organization, id=id)
        return [Note(*row) for row in rows]

    async def add_note(self, note: Note) -> None:
        """Add a remark."""
        await self._connection.run(_ADD_NOTE, **asdict(note))

    async def forget_notes(self, id: UUID) -> None:
        """Forget the remarks on a case."""
        await self._connection.run(_FORGET_NOTES, organization=self._organization, id=id)

    async def hold_all_of(self, customer: UUID) -> list[Case]:
        """Every case of a customer, held as by `hold`, for who may see all units."""
        assert self._sees is None
        rows = await self._connection.all(
            _HOLD_ALL_OF, organization=self._organization, customer=customer
        )
        return [Case(*row) for row in rows]

    def _shown(self, row: tuple[Any, ...] | None, id: object) -> Case:
        case = None if row is None else Case(*row)
        if case is None or (self._sees is not None and case.unit_id not in self._sees):
            raise NotFound(what="case", id=id)
        return case


_NAMES = ", ".join(column.name for column in _COLUMNS)
_HELD_COLUMNS = (literal_column("part"), *_COLUMNS)
_HELD_BINDS = (
    bindparam("organization", type_=Id),
    bindparam("agent", type_=Id),
    bindparam("desk", type_=Id),
    bindparam("now", type_=BigInteger),
)
_FIRST_HELD_OF_ONE = Statement(
    text("select"),
    postgresql=text(_HELD_IN_QUEUE.format(columns=_NAMES))
    .bindparams(*_HELD_BINDS, bindparam("queue", type_=Id))
    .columns(*_HELD_COLUMNS),
)
_FIRST_HELD_OF_MANY = Statement(
    text("select"),
    postgresql=text(_HELD_IN_QUEUES.format(columns=_NAMES))
    .bindparams(*_HELD_BINDS, bindparam("reach", type_=Integer))
    .columns(*_HELD_COLUMNS),
)
_case_row = attrgetter(*(column.name for column in _COLUMNS))
_details_row = row_maker(case_details)
