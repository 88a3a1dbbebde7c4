"""What endpoints want to hear of, as the router reads it: has it changed, and what is it?"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import BindParameter, Text, bindparam, literal_column, select, type_coerce

from nowserving.store.engines import Connection, Statement
from nowserving.store.tables import endpoints

# Each only ever grows: how many there are, how often they were changed, how many are deleted.
EDITION = """
select count(*) || ' ' || coalesce(sum(version), 0) || ' ' ||
  count(case when state = 'deleted' then 1 end)
from endpoints where organization_id = :organization"""
"""A word that is another whenever an endpoint was added, changed or deleted."""

_ORGANIZATION: BindParameter[Any] = bindparam("organization")
_SUBSCRIPTIONS = Statement(
    select(
        endpoints.c.id,
        type_coerce(endpoints.c.kinds, Text),
        type_coerce(endpoints.c.unit_ids, Text),
        type_coerce(endpoints.c.service_ids, Text),
    ).where(
        endpoints.c.organization_id == _ORGANIZATION,
        endpoints.c.state != literal_column("'deleted'"),
    )
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What some endpoints want to hear of: patterns of kinds, and (unless None) where."""

    kinds: tuple[str, ...]
    unit_ids: frozenset[UUID] | None = None
    service_ids: frozenset[UUID] | None = None

    @property
    def narrow(self) -> bool:
        """Does it matter where something happened?"""
        return self.unit_ids is not None or self.service_ids is not None


class Subscriptions:
    """What the endpoints of one organization want to hear of."""

    def __init__(self, connection: Connection, organization_id: UUID) -> None:
        self._connection = connection
        self._organization = organization_id

    async def all(self) -> list[tuple[UUID, Wish]]:
        """Each endpoint that is not deleted, with what it wants to hear of."""
        rows = await self._connection.all(_SUBSCRIPTIONS, organization=self._organization)
        return [(id, _wish(*wish)) for id, *wish in rows]


@lru_cache(maxsize=4096)
def _wish(kinds: str, units: str | None, services: str | None) -> Wish:
    return Wish(
        msgspec.json.decode(kinds, type=tuple[str, ...]),
        None if units is None else msgspec.json.decode(units, type=frozenset[UUID]),
        None if services is None else msgspec.json.decode(services, type=frozenset[UUID]),
    )
