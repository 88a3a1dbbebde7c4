"""Figures of a unit: who waits and is served now, and what today was like. Never of history."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Float, bindparam, column, text

from nowserving.store.engines import Connection, Statement
from nowserving.store.types import Day, Id, Instant


@dataclass(frozen=True, slots=True)
class Today:
    """A service's day so far. Seconds are sums; averages leave out what was only counted.

    `timed`: those whose service began and has ended. `in_target`: who waited less than that.
    """

    came: int = 0
    served: int = 0
    waited: int = 0
    abandoned: int = 0
    wait_seconds: float = 0.0
    timed: int = 0
    service_seconds: float = 0.0
    in_target: int = 0


_SECONDS = {
    "sqlite": "({0} - {1}) / 1000000.0",
    "postgresql": "extract(epoch from ({0} - {1}))",
}
# One stretch of the unique index over service, day and place in the series.
_TODAY = """
select
  count(case when state not in ('planned', 'no_show')
              and not (state = 'canceled' and appointment_at is not null) then 1 end) as came,
  count(case when state in ('resolved', 'closed') then 1 end) as served,
  count(case when sequence > 0 then called end) as waited,
  count(case when state = 'abandoned' then 1 end) as abandoned,
  coalesce(sum(case when sequence > 0 then {wait} end), 0) as wait_seconds,
  count(case when state in ('resolved', 'closed') then started_at end) as timed,
  coalesce(sum(case when state in ('resolved', 'closed') then {service} end), 0) as seconds,
  count(case when sequence > 0 and {wait} < :target then 1 end) as in_target
from (select *, coalesce(called_at, started_at) as called from cases
      where organization_id = :organization and service_id = :service and day = :day) as of_day
"""
_NAMES = ("came", "served", "waited", "abandoned")
_WAITING = """
select count(*) as waiting, coalesce(sum({wait}), 0) as wait_seconds from cases
where organization_id = :organization and queue_id = :queue and state = 'waiting'
"""


def _today(dialect: str) -> Any:
    seconds = _SECONDS[dialect]
    asked = _TODAY.format(
        wait=seconds.format("called", "joined_at"),
        service=seconds.format("ended_at", "started_at"),
    )
    return (
        text(asked)
        .bindparams(
            bindparam("organization", type_=Id),
            bindparam("service", type_=Id),
            bindparam("day", type_=Day),
            bindparam("target", type_=Float),
        )
        .columns(
            *(column(name, BigInteger) for name in _NAMES),
            column("wait_seconds", Float),
            column("timed", BigInteger),
            column("seconds", Float),
            column("in_target", BigInteger),
        )
    )


def _waiting(dialect: str) -> Any:
    asked = _WAITING.format(wait=_SECONDS[dialect].format("{now}", "joined_at"))
    now = "cast(:now as timestamptz)" if dialect == "postgresql" else ":now"
    return (
        text(asked.format(now=now))
        .bindparams(
            bindparam("organization", type_=Id),
            bindparam("queue", type_=Id),
            bindparam("now", type_=Instant),
        )
        .columns(column("waiting", BigInteger), column("wait_seconds", Float))
    )


_TODAY_OF = Statement(_today("sqlite"), postgresql=_today("postgresql"))
_WAITING_IN = Statement(_waiting("sqlite"), postgresql=_waiting("postgresql"))


class Statistics:
    """The figures of one organization."""

    def __init__(self, connection: Connection, organization_id: UUID) -> None:
        self._connection = connection
        self._organization = organization_id

    async def today(self, service: UUID, day: date, *, target_seconds: int) -> Today:
        """What a day of a service was like so far. Its cost grows with that day only."""
        row = await self._connection.first(
            _TODAY_OF,
            organization=self._organization,
            service=service,
            day=day,
            target=float(target_seconds),
        )
        assert row is not None
        came, served, waited, abandoned, wait, timed, seconds, in_target = row
        return Today(came, served, waited, abandoned, float(wait), timed, float(seconds), in_target)

    async def waiting(self, queue: UUID, now: datetime) -> tuple[int, float]:
        """How many wait in a queue, and for how many seconds all together."""
        row = await self._connection.first(
            _WAITING_IN, organization=self._organization, queue=queue, now=now
        )
        assert row is not None
        return int(row[0]), float(row[1])
