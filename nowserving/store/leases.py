"""What processes hold under a lease, in all organizations together, and what they put off.

It is due again at once when its holder is gone, or when the clock by which it waits was set back.
"""

from collections import Counter
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, null, text, update

from nowserving.store.engines import Connection, Statement
from nowserving.store.tables import lanes
from nowserving.store.types import Id, Instant

LEASE_BITS = 96
"""Of a lease, behind the number of the process that holds it."""

_FREE_LEASES = Statement(
    update(lanes)
    .where(lanes.c.lease.is_not(None))
    .values(lease=null(), due=bindparam("now", type_=Instant))
)
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
    first = UUID(int=holder << LEASE_BITS)
    last = UUID(int=(holder + 1 << LEASE_BITS) - 1)
    freed: Counter[UUID] = Counter()
    for statement in _FREE_OF:
        rows = await connection.all(statement, now=now, first=first, last=last)
        freed.update(row[0] for row in rows)
    return freed
