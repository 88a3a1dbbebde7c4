"""Jobs that tell an endpoint again: claimed under a lease, given back with it as a fence."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    Integer,
    bindparam,
    exists,
    false,
    func,
    literal_column,
    null,
    select,
    text,
    true,
    tuple_,
    update,
)

from nowserving.kit.ids import first_id
from nowserving.places.replays import Replay, ReplayState
from nowserving.store.engines import Connection, Statement
from nowserving.store.rows import columns_for, row_maker
from nowserving.store.tables import attempts, replays
from nowserving.store.types import Id, Instant

_ORGANIZATION: BindParameter[Any] = bindparam("organization")
_REPLAY = columns_for(Replay, replays)
_replay_row = row_maker(replays)
_OURS = replays.c.organization_id == _ORGANIZATION
_GET = Statement(select(*_REPLAY).where(_OURS, replays.c.id == bindparam("id")))
_NEWEST = select(*_REPLAY).where(_OURS).order_by(replays.c.id.desc())
_ALL = Statement(_NEWEST.limit(bindparam("most", type_=Integer)))
_OF_ENDPOINT = Statement(
    _NEWEST.where(replays.c.endpoint_id == bindparam("endpoint")).limit(
        bindparam("most", type_=Integer)
    )
)
_DUE = replays.c.due <= bindparam("now", type_=Instant)
_DUE_ANYWHERE = Statement(
    select(replays.c.organization_id).where(replays.c.due.is_not(None), _DUE).distinct()
)
_PICK = """
update replays set lease = :lease, due = :until, state = 'running'
where organization_id = :organization and id = (
  select id from replays where organization_id = :organization and due <= :now
  order by due limit 1{lock})
returning """ + ", ".join(column.name for column in _REPLAY)
_PICK_PARAMETERS = (
    bindparam("organization", type_=Id),
    bindparam("lease", type_=Id),
    bindparam("now", type_=Instant),
    bindparam("until", type_=Instant),
)
_CLAIM = Statement(
    text(_PICK.format(lock="")).bindparams(*_PICK_PARAMETERS).columns(*_REPLAY),
    postgresql=text(_PICK.format(lock=" for update skip locked"))
    .bindparams(*_PICK_PARAMETERS)
    .columns(*_REPLAY),
)
_PROGRESS = Statement(
    update(replays)
    .where(
        _OURS,
        replays.c.id == bindparam("id"),
        replays.c.lease == bindparam("held", type_=Id),
    )
    .values(
        state=bindparam("new_state"),
        cursor=bindparam("new_cursor"),
        seen=bindparam("new_seen"),
        told=bindparam("new_told"),
        on_lanes=bindparam("new_on_lanes"),
        attempt=bindparam("new_attempt"),
        error=bindparam("new_error"),
        ended_at=bindparam("new_ended_at", type_=Instant),
        due=bindparam("new_due", type_=Instant),
        lease=bindparam("new_lease", type_=Id),
    )
)
_CANCEL = Statement(
    update(replays)
    .where(
        _OURS,
        replays.c.id == bindparam("id"),
        replays.c.state.in_(
            [literal_column(f"'{state}'") for state in ReplayState if not state.ended]
        ),
    )
    .values(
        state=ReplayState.CANCELED,
        due=null(),
        lease=null(),
        ended_at=bindparam("now", type_=Instant),
    )
)
_FREE = Statement(
    update(replays)
    .where(replays.c.lease.is_not(None), replays.c.due.is_not(None))
    .values(lease=null(), due=bindparam("now", type_=Instant))
)
# What was not taken, nor ever since: of each fact once, in order for each subject.
_LATER = attempts.alias("later")
_NOT_TAKEN = (
    select(attempts.c.subject_id, attempts.c.version)
    .where(
        attempts.c.organization_id == _ORGANIZATION,
        attempts.c.endpoint_id == bindparam("endpoint", type_=Id),
        attempts.c.taken == false(),  # as the indexes of what failed have it
        attempts.c.id >= bindparam("since", type_=Id),
        attempts.c.id < bindparam("until", type_=Id),
        ~exists().where(
            _LATER.c.organization_id == _ORGANIZATION,
            _LATER.c.subject_id == attempts.c.subject_id,
            _LATER.c.endpoint_id == attempts.c.endpoint_id,
            _LATER.c.version == attempts.c.version,
            _LATER.c.taken == true(),
            _LATER.c.id > attempts.c.id,
        ),
    )
    .distinct()
)
_FAILED_AFTER = Statement(
    _NOT_TAKEN.where(
        tuple_(attempts.c.subject_id, attempts.c.version)
        > tuple_(bindparam("subject", type_=Id), bindparam("version", type_=Integer))
    )
    .order_by(attempts.c.subject_id, attempts.c.version)
    .limit(bindparam("most", type_=Integer))
)
_COUNT_FAILED = Statement(select(func.count()).select_from(_NOT_TAKEN.subquery()))


async def organizations_to_replay(connection: Connection, now: datetime) -> list[UUID]:
    """The organizations with a replay that is due."""
    return [row[0] for row in await connection.all(_DUE_ANYWHERE, now=now)]


async def free_replays(connection: Connection, now: datetime) -> None:
    """Make replays due that a process held: right only where no other process can hold any."""
    await connection.run(_FREE, now=now)


class Replays:
    """The replays of one organization."""

    def __init__(self, connection: Connection, organization_id: UUID) -> None:
        self._connection = connection
        self._organization = organization_id

    async def add(self, replay: Replay) -> None:
        """Ask for a replay."""
        await self._connection.insert(replays, [_replay_row(replay)])

    async def get(self, id: UUID) -> Replay | None:
        """One replay."""
        row = await self._connection.first(_GET, organization=self._organization, id=id)
        return None if row is None else Replay(*row)

    async def newest(self, endpoint: UUID | None = None, most: int = 50) -> list[Replay]:
        """The newest replays, newest first, of one endpoint or of all."""
        if endpoint is None:
            rows = await self._connection.all(_ALL, organization=self._organization, most=most)
        else:
            rows = await self._connection.all(
                _OF_ENDPOINT, organization=self._organization, endpoint=endpoint, most=most
            )
        return [Replay(*row) for row in rows]

    async def claim(self, *, lease: UUID, now: datetime, until: datetime) -> Replay | None:
        """Take on a replay that is due, ours alone until an instant."""
        row = await self._connection.first(
            _CLAIM, organization=self._organization, lease=lease, now=now, until=until
        )
        return None if row is None else Replay(*row)

    async def progress(self, held: Replay, to: Replay) -> bool:
        """Write how far it has come; False if it was canceled, or the lease was lost."""
        return bool(
            await self._connection.run(
                _PROGRESS,
                organization=self._organization,
                id=held.id,
                held=held.lease,
                new_state=to.state,
                new_cursor=to.cursor,
                new_seen=to.seen,
                new_told=to.told,
                new_on_lanes=to.on_lanes,
                new_attempt=to.attempt,
                new_error=to.error,
                new_ended_at=to.ended_at,
                new_due=to.due,
                new_lease=to.lease,
            )
        )

    async def cancel(self, id: UUID, now: datetime) -> bool:
        """End a replay; False if it had ended."""
        return bool(
            await self._connection.run(_CANCEL, organization=self._organization, id=id, now=now)
        )

    async def failed_facts(
        self,
        endpoint: UUID,
        *,
        since: datetime,
        until: datetime,
        after: tuple[UUID, int],
        most: int,
    ) -> Sequence[tuple[UUID, int]]:
        """Facts the endpoint has never taken though it was tried meanwhile: subject, version."""
        rows = await self._connection.all(
            _FAILED_AFTER,
            organization=self._organization,
            endpoint=endpoint,
            since=first_id(since),
            until=first_id(until),
            subject=after[0],
            version=after[1],
            most=most,
        )
        return [(subject, int(version)) for subject, version in rows]

    async def count_failed(self, endpoint: UUID, *, since: datetime, until: datetime) -> int:
        """How many facts that is."""
        row = await self._connection.first(
            _COUNT_FAILED,
            organization=self._organization,
            endpoint=endpoint,
            since=first_id(since),
            until=first_id(until),
        )
        assert row is not None
        return int(row[0])
