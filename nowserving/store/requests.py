"""Answers kept for repeated requests, and counters that may have holes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Text, bindparam, delete, select, text

from nowserving.store.engines import Connection, Statement
from nowserving.store.rows import columns_for, row_maker
from nowserving.store.tables import counters, idempotency_keys
from nowserving.store.types import Id


@dataclass(frozen=True, slots=True)
class Kept:
    """The answer that was given to the first request with an idempotency key."""

    organization_id: UUID
    principal: str
    key: str
    fingerprint: str
    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    at: datetime | None = None


_keys = idempotency_keys
_row = row_maker(_keys)
_FIND = Statement(
    select(*columns_for(Kept, _keys)).where(
        _keys.c.organization_id == bindparam("organization"),
        _keys.c.principal == bindparam("principal"),
        _keys.c.key == bindparam("key"),
    )
)
_FIND_ALL = Statement(
    text("select"),
    postgresql=text(
        "select "
        + ", ".join(f"k.{column.name}" for column in columns_for(Kept, _keys))
        + """
        from unnest(cast(:principals as text[]), cast(:keys as text[])) as used(principal, key)
        cross join lateral (
          select * from idempotency_keys
          where organization_id = :organization
            and principal = used.principal and key = used.key
          limit 1) k
        """  # the limit, so that keys are looked up one by one, and not all of history hashed
    )
    .bindparams(bindparam("organization", type_=Id))
    .columns(*columns_for(Kept, _keys)),
)
_FORGET = Statement(
    delete(_keys).where(
        _keys.c.organization_id == bindparam("organization"), _keys.c.at < bindparam("before")
    )
)
_TAKE = Statement(
    text(
        """
        insert into counters (organization_id, name, taken)
        values (:organization, :name, :count)
        on conflict (organization_id, name) do update set taken = counters.taken + :count
        returning taken
        """
    )
    .bindparams(
        bindparam("organization", type_=Id),
        bindparam("name", type_=Text),
        bindparam("count", type_=BigInteger),
    )
    .columns(counters.c.taken)
)


class Requests:
    """What is remembered of requests, within one organization."""

    def __init__(self, connection: Connection, organization_id: UUID) -> None:
        self._connection = connection
        self._organization = organization_id

    async def kept(self, principal: str, key: str) -> Kept | None:
        """The answer kept for a key, if it was used before."""
        row = await self._connection.first(
            _FIND, organization=self._organization, principal=principal, key=key
        )
        return None if row is None else Kept(*row)

    async def all_kept(self, used: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Kept]:
        """The answers kept for some (principal, key) pairs, as far as they were used before."""
        if self._connection.dialect == "postgresql":
            rows = await self._connection.all(
                _FIND_ALL,
                organization=self._organization,
                principals=[principal for principal, _ in used],
                keys=[key for _, key in used],
            )
        else:
            rows = await self._connection.each(
                _FIND,
                [
                    {"organization": self._organization, "principal": principal, "key": key}
                    for principal, key in used
                ],
            )
        return {(kept.principal, kept.key): kept for kept in (Kept(*row) for row in rows)}

    async def keep(self, answers: Sequence[Kept]) -> None:
        """Keep answers. Raises Clash if a key was used by somebody else meanwhile."""
        await self._connection.insert(_keys, [_row(answer) for answer in answers])

    async def forget(self, before: datetime) -> int:
        """Drop the answers kept before an instant; says how many."""
        return await self._connection.run(_FORGET, organization=self._organization, before=before)

    async def take(self, name: str, count: int) -> int:
        """Take `count` numbers of a counter; answers the first of them."""
        row = await self._connection.first(
            _TAKE, organization=self._organization, name=name, count=count
        )
        assert row is not None
        return int(row[0]) - count + 1
