"""Endpoints: added, looked at, changed; and how each of them fares."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    Integer,
    bindparam,
    func,
    insert,
    literal_column,
    select,
    text,
    update,
)

from nowserving.kit.problems import Stale
from nowserving.places.endpoints import Endpoint
from nowserving.store.engines import Connection, Statement
from nowserving.store.rows import columns_for
from nowserving.store.tables import attempts, endpoints, lanes
from nowserving.store.types import Id

COUNTED = 1000
"""How many waiting cases are counted; beyond it is "more"."""

_ORGANIZATION: BindParameter[Any] = bindparam("organization")
_ENDPOINT = columns_for(Endpoint, endpoints)
_OURS = endpoints.c.organization_id == _ORGANIZATION
_STILL_THERE: Any = endpoints.c.state != literal_column("'deleted'")
_THERE = select(*_ENDPOINT).where(_OURS, _STILL_THERE)
_ADD = Statement(insert(endpoints).values({c.name: bindparam(c.name) for c in _ENDPOINT}))
_ALL = Statement(_THERE.order_by(endpoints.c.id))
_EVERY_ID = Statement(select(endpoints.c.id).where(_OURS))
_SOME = Statement(
    _THERE.where(endpoints.c.id == bindparam("endpoint")),
    postgresql=_THERE.where(text("endpoints.id = any(cast(:endpoints as uuid[]))")),
)
_PAGE = Statement(
    _THERE.where(endpoints.c.id > bindparam("after", type_=Id))
    .order_by(endpoints.c.id)
    .limit(bindparam("most", type_=Integer))
)
_GET = Statement(_THERE.where(endpoints.c.id == bindparam("id")))
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
class EndpointHealth:
    """How an endpoint fares: cases of which it has to be told, and its last attempt.

    `waiting` is counted to `COUNTED` only.
    """

    waiting: int
    last: Last | None


class Endpoints:
    """The endpoints of one organization."""

    def __init__(self, connection: Connection, organization_id: UUID) -> None:
        self._connection = connection
        self._organization = organization_id

    async def add(self, endpoint: Endpoint) -> None:
        """Add one; it is told what happens from now on."""
        await self._connection.run(_ADD, **asdict(endpoint))

    async def all(self) -> list[Endpoint]:
        """All that are not deleted."""
        rows = await self._connection.all(_ALL, organization=self._organization)
        return [Endpoint(*row) for row in rows]

    async def every_id(self) -> list[UUID]:
        """All there ever were."""
        rows = await self._connection.all(_EVERY_ID, organization=self._organization)
        return [row[0] for row in rows]

    async def some(self, ids: Collection[UUID]) -> dict[UUID, Endpoint]:
        """Those of these that are not deleted."""
        if self._connection.dialect == "postgresql":
            rows = await self._connection.all(
                _SOME, organization=self._organization, endpoints=list(ids)
            )
        else:
            rows = await self._connection.each(
                _SOME, [{"organization": self._organization, "endpoint": id} for id in ids]
            )
        return {endpoint.id: endpoint for row in rows for endpoint in (Endpoint(*row),)}

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

    async def health(self, id: UUID) -> EndpointHealth:
        """How an endpoint fares."""
        row = await self._connection.first(_WAITING, organization=self._organization, endpoint=id)
        assert row is not None
        last = await self.last(id, 1)
        return EndpointHealth(int(row[0]), last[0] if last else None)

    async def last(self, id: UUID, most: int) -> Sequence[Last]:
        """The newest attempts, the newest first."""
        rows = await self._connection.all(
            _LAST_FEW, organization=self._organization, endpoint=id, most=most
        )
        return [Last(*row) for row in rows]
