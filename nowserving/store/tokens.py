"""Tokens of programs, and the counters of their uses.

A counter is a row of its own, so whoever counts holds up nobody but the same token.
"""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, Integer, bindparam, select, text, update

from nowserving.people.tokens import ApiToken
from nowserving.store import tables
from nowserving.store.engines import Connection, Statement
from nowserving.store.rows import columns_for, row_maker
from nowserving.store.types import Day, Id

_ORGANIZATION: BindParameter[Any] = bindparam("organization")
_tokens, _uses = tables.api_tokens, tables.token_uses
_COLUMNS = columns_for(ApiToken, _tokens)
_row = row_maker(_tokens)
_OURS = select(*_COLUMNS).where(_tokens.c.organization_id == _ORGANIZATION)
_BY_HASH = Statement(_OURS.where(_tokens.c.token_hash == bindparam("hash")))
_BY_ID = Statement(_OURS.where(_tokens.c.id == bindparam("id")))
_ALL = Statement(_OURS.order_by(_tokens.c.id))
_ARCHIVE = Statement(
    update(_tokens)
    .where(_tokens.c.organization_id == _ORGANIZATION, _tokens.c.id == bindparam("token"))
    .values(archived=bindparam("yes", type_=_tokens.c.archived.type))
)
_USED = Statement(
    select(_uses.c.used).where(
        _uses.c.organization_id == _ORGANIZATION,
        _uses.c.token_id == bindparam("token"),
        _uses.c.day == bindparam("day", type_=Day),
    )
)
_USE = Statement(
    text(
        """
        insert into token_uses (organization_id, token_id, day, used)
        select :organization, :token, :day, 1 where :most > 0
        on conflict (organization_id, token_id) do update set
          used = case when token_uses.day = excluded.day then token_uses.used + 1 else 1 end,
          day = excluded.day
        where token_uses.day <> excluded.day or token_uses.used < :most
        returning used
        """
    )
    .bindparams(
        bindparam("organization", type_=Id),
        bindparam("token", type_=Id),
        bindparam("day", type_=Day),
        bindparam("most", type_=Integer),
    )
    .columns(_uses.c.used)
)


class Tokens:
    """The tokens of one organization."""

    def __init__(self, connection: Connection, organization_id: UUID) -> None:
        self._connection = connection
        self._organization = organization_id

    async def add(self, token: ApiToken) -> None:
        """Keep a new token."""
        await self._connection.insert(_tokens, [_row(token)])

    async def all(self) -> list[ApiToken]:
        """All tokens, eldest first, those too that are good no longer."""
        rows = await self._connection.all(_ALL, organization=self._organization)
        return [ApiToken(*row) for row in rows]

    async def hashed(self, hash: bytes) -> ApiToken | None:
        """The token with this hash."""
        row = await self._connection.first(_BY_HASH, organization=self._organization, hash=hash)
        return None if row is None else ApiToken(*row)

    async def get(self, id: UUID) -> ApiToken | None:
        """The token with this id."""
        row = await self._connection.first(_BY_ID, organization=self._organization, id=id)
        return None if row is None else ApiToken(*row)

    async def archive(self, id: UUID) -> None:
        """A token is good no longer."""
        await self._connection.run(_ARCHIVE, organization=self._organization, token=id, yes=True)

    async def used(self, id: UUID, day: date) -> int:
        """How often a token was used on a day; only of the last such day something is known."""
        row = await self._connection.first(
            _USED, organization=self._organization, token=id, day=day
        )
        return 0 if row is None else int(row[0])

    async def use(self, id: UUID, day: date, *, most: int) -> int | None:
        """Count a use; how many there are that day, or None if there were `most` before."""
        row = await self._connection.first(
            _USE, organization=self._organization, token=id, day=day, most=most
        )
        return None if row is None else int(row[0])
