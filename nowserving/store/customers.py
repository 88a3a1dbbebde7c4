"""Customers: finding them by id and key, and writing only over what was seen."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, Integer, bindparam, delete, insert, select, text, update

from nowserving.kit.ids import first_id
from nowserving.kit.problems import NotFound, Stale
from nowserving.people.customers import Customer
from nowserving.store import tables
from nowserving.store.engines import Connection, Statement
from nowserving.store.rows import columns_for, row_maker
from nowserving.store.types import Id

_ORGANIZATION: BindParameter[Any] = bindparam("organization")
_customers, _keys = tables.customers, tables.customer_keys
_COLUMNS = columns_for(Customer, _customers)
_row = row_maker(_customers)

_ONE = select(*_COLUMNS).where(
    _customers.c.organization_id == _ORGANIZATION, _customers.c.id == bindparam("id")
)
_GET = Statement(_ONE)
_HOLD = Statement(_ONE, postgresql=_ONE.with_for_update())
_BY_KEY = Statement(
    select(_keys.c.customer_id).where(
        _keys.c.organization_id == _ORGANIZATION,
        _keys.c.kind == bindparam("kind"),
        _keys.c.folded == bindparam("folded"),
    )
)
_BY_NUMBER = Statement(
    select(*_COLUMNS).where(
        _customers.c.organization_id == _ORGANIZATION, _customers.c.number == bindparam("number")
    )
)
_MADE_BETWEEN = Statement(
    select(*_COLUMNS)
    .where(
        _customers.c.organization_id == _ORGANIZATION,
        _customers.c.id >= bindparam("first", type_=Id),
        _customers.c.id < bindparam("end", type_=Id),
        text("not archived"),
    )
    .order_by(_customers.c.id.desc())
    .limit(bindparam("most", type_=Integer))
)
_KEYS_OF = Statement(
    select(_keys.c.kind, _keys.c.value)
    .where(_keys.c.organization_id == _ORGANIZATION, _keys.c.customer_id == bindparam("id"))
    .order_by(_keys.c.kind)
)
_MERGED = (
    select(*_COLUMNS)
    .where(_customers.c.organization_id == _ORGANIZATION)
    .where(_customers.c.merged_into_id == bindparam("into"))
    .order_by(_customers.c.id)
)
_MERGED_INTO = Statement(_MERGED, postgresql=_MERGED.with_for_update())
_KEPT = {"organization_id", "id", "number", "created_at"}
_CHANGING = [f.name for f in fields(Customer) if f.name not in _KEPT]
_REPLACE = Statement(
    update(_customers)
    .where(
        _customers.c.organization_id == _ORGANIZATION,
        _customers.c.id == bindparam("seen_id"),
        _customers.c.version == bindparam("seen_version"),
    )
    .values({name: bindparam(name) for name in _CHANGING})
)
_ADD_KEY = Statement(insert(_keys))
_DROP_KEY = Statement(
    delete(_keys).where(
        _keys.c.organization_id == _ORGANIZATION,
        _keys.c.customer_id == bindparam("id"),
        _keys.c.kind == bindparam("kind"),
    )
)
_MOVE_KEY = Statement(
    update(_keys)
    .where(
        _keys.c.organization_id == _ORGANIZATION,
        _keys.c.customer_id == bindparam("from_id"),
        _keys.c.kind == bindparam("kind"),
    )
    .values(customer_id=bindparam("to_id"))
)


class Customers:
    """The customers of one organization."""

    def __init__(self, connection: Connection, organization_id: UUID) -> None:
        self._connection = connection
        self._organization = organization_id

    async def get(self, id: UUID) -> Customer:
        """The customer with this id; NotFound if there is none."""
        return self._found(
            await self._connection.first(_GET, organization=self._organization, id=id), id
        )

    async def hold(self, id: UUID) -> Customer:
        """The customer, kept from everybody else's hands until the transaction ends."""
        return self._found(
            await self._connection.first(_HOLD, organization=self._organization, id=id), id
        )

    async def keyed(self, kind: str, folded: str) -> UUID | None:
        """The id of the customer with a key of this kind, given without case and accents."""
        row = await self._connection.first(
            _BY_KEY, organization=self._organization, kind=kind, folded=folded
        )
        return None if row is None else row[0]

    async def numbered(self, number: int) -> Customer:
        """The customer with this number; NotFound if there is none."""
        return self._found(
            await self._connection.first(
                _BY_NUMBER, organization=self._organization, number=number
            ),
            number,
        )

    async def made_between(self, since: datetime, until: datetime, *, most: int) -> list[Customer]:
        """The customers taken down between two instants, newest first; ids tell when."""
        rows = await self._connection.all(
            _MADE_BETWEEN,
            organization=self._organization,
            first=first_id(since),
            end=first_id(until),
            most=most,
        )
        return [Customer(*row) for row in rows]

    async def keys_of(self, id: UUID) -> dict[str, str]:
        """A customer's keys, by their kind."""
        rows = await self._connection.all(_KEYS_OF, organization=self._organization, id=id)
        return dict(rows)

    async def hold_with_merged(self, id: UUID) -> list[Customer]:
        """The customer and all who were merged into them, held."""
        found = [await self.hold(id)]
        for one in found:
            rows = await self._connection.all(
                _MERGED_INTO, organization=self._organization, into=one.id
            )
            found += [Customer(*row) for row in rows]
        return found

    async def add(self, customer: Customer) -> None:
        """Add a customer."""
        await self._connection.insert(_customers, [_row(customer)])

    async def replace(self, seen: Customer, new: Customer) -> None:
        """Write `new` only if the customer is still exactly as we saw it."""
        written = await self._connection.run(
            _REPLACE,
            organization=self._organization,
            seen_id=seen.id,
            seen_version=seen.version,
            **{name: getattr(new, name) for name in _CHANGING},
        )
        if written != 1:
            raise Stale(customer=seen.id)

    async def set_keys(self, id: UUID, keys: Mapping[str, tuple[str, str] | None]) -> None:
        """For some kinds the customer's key, folded and as it was given; None takes it away.

        Raises Clash if another customer has a key.
        """
        for kind, key in keys.items():
            await self._connection.run(_DROP_KEY, organization=self._organization, id=id, kind=kind)
            if key is not None:
                await self._connection.run(
                    _ADD_KEY,
                    organization_id=self._organization,
                    kind=kind,
                    folded=key[0],
                    customer_id=id,
                    value=key[1],
                )

    async def move_key(self, kind: str, from_id: UUID, to_id: UUID) -> None:
        """One customer's key of a kind is another's from now on."""
        await self._connection.run(
            _MOVE_KEY, organization=self._organization, kind=kind, from_id=from_id, to_id=to_id
        )

    def _found(self, row: tuple[Any, ...] | None, id: object) -> Customer:
        if row is None:
            raise NotFound(what="customer", id=id)
        return Customer(*row)
