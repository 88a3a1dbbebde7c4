"""Whether endpoints want to be told: who is to be asked, and who has said yes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, Integer, bindparam, literal_column, null, select, update

from nowserving.places.endpoints import Endpoint, EndpointState
from nowserving.store.engines import Connection, Statement
from nowserving.store.rows import columns_for
from nowserving.store.tables import endpoints
from nowserving.store.types import Instant

_ORGANIZATION: BindParameter[Any] = bindparam("organization")
_ENDPOINT = columns_for(Endpoint, endpoints)
_OURS = endpoints.c.organization_id == _ORGANIZATION
_TOLD = endpoints.c.state.in_([literal_column(f"'{one}'") for one in EndpointState if one.told])
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


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """An endpoint that has not said that it wants to be told; asked so often before."""

    endpoint: Endpoint
    challenges: int
    due: datetime


async def organizations_to_ask(connection: Connection, now: datetime) -> list[UUID]:
    """The organizations with an endpoint that is to be asked for its consent."""
    return [row[0] for row in await connection.all(_UNCONFIRMED_ANYWHERE, now=now)]


class Consents:
    """The consent of the endpoints of one organization."""

    def __init__(self, connection: Connection, organization_id: UUID) -> None:
        self._connection = connection
        self._organization = organization_id

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
