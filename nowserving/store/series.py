"""Series: the numbers on tickets, of each service and day, in order and without holes."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from sqlalchemy import BigInteger, bindparam, or_, select, text, update

from nowserving.store.engines import Connection, Statement
from nowserving.store.tables import series
from nowserving.store.types import Day, Id

SeriesDay = tuple[UUID, date]
"""A service and a day: what tickets are numbered by."""

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


class Series:
    """The numbers of one organization."""

    def __init__(self, connection: Connection, organization_id: UUID) -> None:
        self._connection = connection
        self._organization = organization_id

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
