"""How endpoints fare, and the warnings people get of it: written with what caused them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    Integer,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal_column,
    null,
    select,
    text,
    update,
)

from nowserving.places.endpoints import EndpointState, Why
from nowserving.store.engines import Connection, Statement
from nowserving.store.rows import columns_for
from nowserving.store.tables import endpoints, lanes, outbox, warnings
from nowserving.store.types import Id, Instant, Word


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something people have to know of an endpoint: `kind` is degraded, failing or gone."""

    organization_id: UUID
    id: UUID
    endpoint_id: UUID
    kind: str
    at: datetime
    due: datetime | None
    sent_at: datetime | None = None


_ORGANIZATION: BindParameter[Any] = bindparam("organization")
_THIS = (
    endpoints.c.organization_id == _ORGANIZATION,
    endpoints.c.id == bindparam("endpoint"),
)
_TOLD = endpoints.c.state.in_(
    [literal_column(f"'{state}'") for state in EndpointState if state.told]
)
_FAILS = update(endpoints).values(failing_since=bindparam("at", type_=Instant))
_WELL = (endpoints.c.failing_since.is_(None), _TOLD)
# Rows are locked in one order, whoever's completions note the same endpoints.
_FAILING = Statement(
    _FAILS.where(*_THIS, *_WELL),
    postgresql=_FAILS.where(
        endpoints.c.organization_id == _ORGANIZATION,
        endpoints.c.id.in_(
            select(endpoints.c.id)
            .where(
                endpoints.c.organization_id == _ORGANIZATION,
                text("endpoints.id = any(cast(:endpoints as uuid[]))"),
                *_WELL,
            )
            .order_by(endpoints.c.id)
            .with_for_update()
        ),
    ),
)
_TAKES = Statement(
    update(endpoints)
    .where(*_THIS, endpoints.c.failing_since.is_not(None), _TOLD)
    .values(
        failing_since=null(),
        version=endpoints.c.version
        + case((endpoints.c.state == EndpointState.DEGRADED, 1), else_=0),
        state=EndpointState.ACTIVE,
    )
)
_SINCE = endpoints.c.failing_since <= bindparam("since", type_=Instant)
_DEGRADE = Statement(
    update(endpoints)
    .where(*_THIS, endpoints.c.state == EndpointState.ACTIVE, _SINCE)
    .values(state=EndpointState.DEGRADED, version=endpoints.c.version + 1)
)
_DISABLED = {
    "state": EndpointState.DISABLED,
    "why": bindparam("new_why", type_=Word(Why)),
    "version": endpoints.c.version + 1,
}
_GIVE_UP = Statement(update(endpoints).where(*_THIS, _TOLD, _SINCE).values(**_DISABLED))
_DISABLE = Statement(update(endpoints).where(*_THIS, _TOLD).values(**_DISABLED))

_ADD = Statement(insert(warnings))
_DUE_IN = Statement(
    select(warnings.c.organization_id)
    .where(warnings.c.due.is_not(None), warnings.c.due <= bindparam("now", type_=Instant))
    .distinct()
)
_OURS = warnings.c.organization_id == _ORGANIZATION
_DUE = Statement(
    select(*columns_for(Alarm, warnings))
    .where(_OURS, warnings.c.due.is_not(None), warnings.c.due <= bindparam("now", type_=Instant))
    .order_by(warnings.c.id)
    .limit(bindparam("most", type_=Integer))
)
_ONE = (_OURS, warnings.c.id == bindparam("id"))
_CLAIM = Statement(
    update(warnings)
    .where(*_ONE, warnings.c.due == bindparam("seen", type_=Instant))
    .values(due=bindparam("again", type_=Instant))
)
_SENT = Statement(
    update(warnings).where(*_ONE).values(due=null(), sent_at=bindparam("at", type_=Instant))
)
_FORGET = Statement(delete(warnings).where(_OURS, warnings.c.id < bindparam("before", type_=Id)))


@dataclass(frozen=True, slots=True)
class Standing:
    """How deliveries stand in all organizations together; `oldest_due` of those that are told."""

    endpoints: Mapping[str, int]
    parked: int
    unrouted: int
    oldest_due: datetime | None


_STATES = Statement(select(endpoints.c.state, func.count()).group_by(endpoints.c.state))
_PARKED = Statement(
    select(func.count()).where(
        lanes.c.due.is_(None), lanes.c.lease.is_(None), lanes.c.tail > lanes.c.head
    )
)
_UNROUTED = Statement(select(func.count()).select_from(outbox))
_OLDEST = Statement(
    select(lanes.c.due)
    .join(
        endpoints,
        (endpoints.c.organization_id == lanes.c.organization_id)
        & (endpoints.c.id == lanes.c.endpoint_id),
    )
    .where(lanes.c.due.is_not(None), lanes.c.lease.is_(None), _TOLD)
    .order_by(lanes.c.due)
    .limit(1)
)


async def standing(connection: Connection) -> Standing:
    """How deliveries stand, for whoever watches an installation."""
    states = {str(state): int(count) for state, count in await connection.all(_STATES)}
    parked, unrouted = await connection.first(_PARKED), await connection.first(_UNROUTED)
    oldest = await connection.first(_OLDEST)
    assert parked is not None
    assert unrouted is not None
    return Standing(
        endpoints=states,
        parked=int(parked[0]),
        unrouted=int(unrouted[0]),
        oldest_due=None if oldest is None else oldest[0],
    )


async def organizations_to_warn(connection: Connection, now: datetime) -> list[UUID]:
    """The organizations with a warning that is to be sent."""
    return [row[0] for row in await connection.all(_DUE_IN, now=now)]


class Health:
    """How the endpoints of one organization fare."""

    def __init__(self, connection: Connection, organization_id: UUID) -> None:
        self._connection = connection
        self._organization = organization_id

    async def failing(self, ids: Sequence[UUID], at: datetime) -> None:
        """These have taken nothing since at least this instant."""
        if not ids:
            return
        if self._connection.dialect == "postgresql":
            await self._connection.run(
                _FAILING, organization=self._organization, endpoints=list(ids), at=at
            )
        else:
            values = {"organization": self._organization, "at": at}
            await self._connection.each(_FAILING, [{**values, "endpoint": id} for id in ids])

    async def takes(self, endpoint: UUID) -> None:
        """It takes again what it is told."""
        await self._connection.run(_TAKES, organization=self._organization, endpoint=endpoint)

    async def degrade(self, endpoint: UUID, *, since: datetime) -> bool:
        """Call it degraded if it was active and has been failing since then; did that change?"""
        return bool(
            await self._connection.run(
                _DEGRADE, organization=self._organization, endpoint=endpoint, since=since
            )
        )

    async def give_up(self, endpoint: UUID, *, since: datetime) -> bool:
        """Disable it if it has been failing since then; did that change anything?"""
        return bool(
            await self._connection.run(
                _GIVE_UP,
                organization=self._organization,
                endpoint=endpoint,
                since=since,
                new_why=Why.FAILING,
            )
        )

    async def disable(self, endpoint: UUID, why: Why) -> bool:
        """Tell it nothing more for now; did that change anything?"""
        return bool(
            await self._connection.run(
                _DISABLE, organization=self._organization, endpoint=endpoint, new_why=why
            )
        )

    async def warn(self, warning: Alarm) -> None:
        """Have people warned once this transaction is committed."""
        await self._connection.run(
            _ADD,
            organization_id=warning.organization_id,
            id=warning.id,
            endpoint_id=warning.endpoint_id,
            kind=warning.kind,
            at=warning.at,
            due=warning.due,
            sent_at=warning.sent_at,
        )

    async def warnings_due(self, now: datetime, most: int = 20) -> Sequence[Alarm]:
        """Warnings to be sent."""
        rows = await self._connection.all(_DUE, organization=self._organization, now=now, most=most)
        return [Alarm(*row) for row in rows]

    async def claim(self, warning: Alarm, *, again: datetime) -> bool:
        """Take it on; it is due again then unless it is sent. False: somebody else has it."""
        return bool(
            await self._connection.run(
                _CLAIM,
                organization=self._organization,
                id=warning.id,
                seen=warning.due,
                again=again,
            )
        )

    async def sent(self, warning: Alarm, at: datetime) -> None:
        """It was sent."""
        await self._connection.run(_SENT, organization=self._organization, id=warning.id, at=at)

    async def forget_warnings(self, before: UUID) -> None:
        """Drop old ones."""
        await self._connection.run(_FORGET, organization=self._organization, before=before)
