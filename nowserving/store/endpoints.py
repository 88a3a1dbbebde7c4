"""Endpoints as people manage them: looked at, changed, asked whether they want to be told."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
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
    null,
    select,
    update,
)

from nowserving.kit.problems import Stale
from nowserving.places.endpoints import Endpoint, EndpointState
from nowserving.store.engines import Connection, Statement
from nowserving.store.rows import columns_for
from nowserving.store.tables import attempts, endpoints, lanes
from nowserving.store.types import Id, Instant

COUNTED = 1000
"""How many waiting cases are counted; beyond it is "more"."""

_ORGANIZATION: BindParameter[Any] = bindparam("organization")
_ENDPOINT = columns_for(Endpoint, endpoints)
_OURS = endpoints.c.organization_id == _ORGANIZATION
_STILL_THERE: Any = endpoints.c.state != literal_column("'deleted'")
_TOLD = endpoints.c.state.in_([literal_column(f"'{one}'") for one in EndpointState if one.told])
_PAGE = Statement(
    select(*_ENDPOINT)
    .where(_OURS, _STILL_THERE, endpoints.c.id > bindparam("after", type_=Id))
    .order_by(endpoints.c.id)
    .limit(bindparam("most", type_=Integer))
)
_GET = Statement(select(*_ENDPOINT).where(_OURS, _STILL_THERE, endpoints.c.id == bindparam("id")))
_COUNT = Statement(select(func.count()).select_from(endpoints).where(_OURS, _STILL_THERE))
_CHANGING = tuple(
    column for column in _ENDPOINT if column.name not in ("organization_id", "id", "created_at")
)
_REPLACE = Statement(
    update(endpoints)
    .where(
        _OURS,
        endpoints.c.id == bindparam("seen_id"),
        endpoints.c.version == bindparam("seen_version"),
    )
    .values({column.name: bindparam(column.name, type_=column.type) for column in _CHANGING})
)
_UNCONFIRMED_ANYWHERE = Statement(
    select(endpoints.c.organization_id)
    .where(
        endpoints.c.challenge_due.is_not(None),
        endpoints.c.challenge_due <= bindparam("now", type_=Instant),
        _TOLD,
    )
    .distinct()
)
_UNCONFIRMED = Statement(
    select(*_ENDPOINT, endpoints.c.challenges, endpoints.c.challenge_due)
    .where(
        _OURS,
        endpoints.c.challenge_due.is_not(None),
        endpoints.c.challenge_due <= bindparam("now", type_=Instant),
        _TOLD,
    )
    .order_by(endpoints.c.challenge_due)
    .limit(bindparam("most", type_=Integer))
)
_TAKE_UP = Statement(
    update(endpoints)
    .where(
        _OURS,
        endpoints.c.id == bindparam("seen_id"),
        endpoints.c.challenge_due == bindparam("seen_due", type_=Instant),
    )
    .values(
        challenge_due=bindparam("next_due", type_=Instant),
        challenges=endpoints.c.challenges + 1,
    )
)
_CHALLENGE = Statement(
    update(endpoints)
    .where(_OURS, endpoints.c.id == bindparam("seen_id"))
    .values(challenge_due=bindparam("next_due", type_=Instant), challenges=0)
)
_CONFIRM = Statement(
    update(endpoints)
    .where(
        _OURS,
        endpoints.c.id == bindparam("seen_id"),
        endpoints.c.url == bindparam("seen_url"),
        endpoints.c.confirmed_at.is_(None),
    )
    .values(
        confirmed_at=bindparam("now", type_=Instant),
        challenge_due=null(),
        version=endpoints.c.version + 1,
    )
)
_LAST = (
    select(attempts.c.at, attempts.c.status, attempts.c.error)
    .where(
        attempts.c.organization_id == _ORGANIZATION,
        attempts.c.endpoint_id == bindparam("endpoint"),
    )
    .order_by(attempts.c.id.desc())
)
_LAST_FEW = Statement(_LAST.limit(bindparam("most", type_=Integer)))
_WAITING = Statement(
    select(func.count()).select_from(
        select(literal_column("1"))
        .where(
            lanes.c.organization_id == _ORGANIZATION,
            lanes.c.endpoint_id == bindparam("endpoint"),
            lanes.c.head < lanes.c.tail,
        )
        .limit(COUNTED)
        .subquery()
    )
)
_DROP_LANES = Statement(
    delete(lanes).where(
        lanes.c.organization_id == _ORGANIZATION,
        exists().where(
            endpoints.c.organization_id == _ORGANIZATION,
            endpoints.c.id == lanes.c.endpoint_id,
            endpoints.c.state == literal_column("'deleted'"),
        ),
    )
)


@dataclass(frozen=True, slots=True)
class Last:
    """How the last attempt at an endpoint went."""

    at: datetime
    status: int | None
    error: str | None

    @property
    def taken(self) -> bool:
        """Was it answered with a success?"""
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Health:
    """How an endpoint fares: cases of which it has to be told, and its last attempt.

    `waiting` is counted to `COUNTED` only.
    """

    waiting: int
    last: Last | None


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """An endpoint that has not said that it wants to be told; asked so often before."""

    endpoint: Endpoint
    challenges: int
    due: datetime


async def organizations_to_ask(connection: Connection, now: datetime) -> list[UUID]:
    """The organizations with an endpoint that is to be asked for its consent."""
    return [row[0] for row in await connection.all(_UNCONFIRMED_ANYWHERE, now=now)]


class Endpoints:
    """The endpoints of one organization."""

    def __init__(self, connection: Connection, organization_id: UUID) -> None:
        self._connection = connection
        self._organization = organization_id

    async def page(self, *, after: UUID, most: int) -> list[Endpoint]:
        """Those behind an id, the oldest first."""
        rows = await self._connection.all(
            _PAGE, organization=self._organization, after=after, most=most
        )
        return [Endpoint(*row) for row in rows]

    async def get(self, id: UUID) -> Endpoint | None:
        """The endpoint with this id, unless it is deleted."""
        row = await self._connection.first(_GET, organization=self._organization, id=id)
        return None if row is None else Endpoint(*row)

    async def count(self) -> int:
        """How many there are."""
        row = await self._connection.first(_COUNT, organization=self._organization)
        assert row is not None
        return int(row[0])

    async def replace(self, seen: Endpoint, new: Endpoint) -> None:
        """Write `new` only if the endpoint is still exactly as we saw it."""
        values = asdict(new)
        written = await self._connection.run(
            _REPLACE,
            organization=self._organization,
            seen_id=seen.id,
            seen_version=seen.version,
            **{column.name: values[column.name] for column in _CHANGING},
        )
        if written != 1:
            raise Stale(endpoint=seen.id)

    async def health(self, id: UUID) -> Health:
        """How an endpoint fares."""
        row = await self._connection.first(_WAITING, organization=self._organization, endpoint=id)
        assert row is not None
        last = await self.last(id, 1)
        return Health(int(row[0]), last[0] if last else None)

    async def last(self, id: UUID, most: int) -> Sequence[Last]:
        """The newest attempts, the newest first."""
        rows = await self._connection.all(
            _LAST_FEW, organization=self._organization, endpoint=id, most=most
        )
        return [Last(*row) for row in rows]

    async def unconfirmed(self, now: datetime, most: int = 50) -> list[Unconfirmed]:
        """Those who are to be asked now for their consent."""
        rows = await self._connection.all(
            _UNCONFIRMED, organization=self._organization, now=now, most=most
        )
        return [Unconfirmed(Endpoint(*row[:-2]), row[-2], row[-1]) for row in rows]

    async def take_up(self, asked: Unconfirmed, next_due: datetime | None) -> bool:
        """Ask this one ourselves; False if another process does."""
        return bool(
            await self._connection.run(
                _TAKE_UP,
                organization=self._organization,
                seen_id=asked.endpoint.id,
                seen_due=asked.due,
                next_due=next_due,
            )
        )

    async def ask_at(self, id: UUID, due: datetime | None) -> None:
        """Ask for consent then, as if for the first time; None: do not ask."""
        await self._connection.run(
            _CHALLENGE, organization=self._organization, seen_id=id, next_due=due
        )

    async def confirm(self, endpoint: Endpoint, now: datetime) -> bool:
        """It wants to be told, at the address that was asked; False if that is old news."""
        return bool(
            await self._connection.run(
                _CONFIRM,
                organization=self._organization,
                seen_id=endpoint.id,
                seen_url=endpoint.url,
                now=now,
            )
        )

    async def drop_lanes_of_deleted(self) -> None:
        """What was on its way to endpoints that are deleted is told to nobody any more."""
        await self._connection.run(_DROP_LANES, organization=self._organization)
