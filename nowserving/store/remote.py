"""Customers whom another system keeps too: known again by the id they have there."""

from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, Integer, Text, bindparam, false, func, or_, select, update

from nowserving.people.customers import Customer
from nowserving.store.engines import Connection, Statement
from nowserving.store.rows import columns_for
from nowserving.store.tables import customers

_COLUMNS = columns_for(Customer, customers)
_OURS = customers.c.organization_id == bindparam("organization")
_FROM = Statement(select(*_COLUMNS).where(_OURS, customers.c.remote_id == bindparam("remote_id")))
_PART: BindParameter[Any] = bindparam("part", type_=Text)
_LIKE = Statement(
    select(*_COLUMNS)
    .where(
        _OURS,
        customers.c.archived.is_(false()),
        or_(
            func.lower(customers.c.name).like(_PART, escape="\\"),
            func.lower(customers.c.email).like(_PART, escape="\\"),
            customers.c.phone.like(_PART, escape="\\"),
            customers.c.number == bindparam("number", type_=Integer),
        ),
    )
    .order_by(customers.c.name, customers.c.id)
    .limit(bindparam("most", type_=Integer))
)
_CHANGING = ("name", "phone", "email", "updated_at", "fields")
_REPLACE = Statement(
    update(customers)
    .where(_OURS, customers.c.id == bindparam("customer"))
    .values({name: bindparam(name) for name in _CHANGING})
)
_NO_NUMBER = -1


class RemoteCustomers:
    """Customers of one organization, as far as another system has a say in them."""

    def __init__(self, connection: Connection, organization_id: UUID) -> None:
        self._connection = connection
        self._organization = organization_id

    async def known_as(self, remote_id: str) -> Customer | None:
        """The customer whom the other system calls so."""
        row = await self._connection.first(
            _FROM, organization=self._organization, remote_id=remote_id
        )
        return None if row is None else Customer(*row)

    async def like(self, text: str, most: int) -> list[Customer]:
        """Customers of whose name, e-mail address or phone a text is part, or with that number."""
        part = text.lower().replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
        is_number = text.isascii() and text.isdecimal() and len(text) < 10
        rows = await self._connection.all(
            _LIKE,
            organization=self._organization,
            part=f"%{part}%",
            number=int(text) if is_number else _NO_NUMBER,
            most=most,
        )
        return [Customer(*row) for row in rows]

    async def write(self, customer: Customer) -> None:
        """Write what the other system knows of a customer by now."""
        values = {name: getattr(customer, name) for name in _CHANGING}
        await self._connection.run(
            _REPLACE, organization=self._organization, customer=customer.id, **values
        )
