"""Customers whom another system keeps too: known again by the id they have there."""

from dataclasses import replace
from uuid import UUID

from sqlalchemy import bindparam, select, update

from nowserving.people.customers import Customer
from nowserving.store.engines import Connection, Statement
from nowserving.store.rows import columns_for
from nowserving.store.tables import customers

_OURS = customers.c.organization_id == bindparam("organization")
_KNOWN_AS = Statement(
    select(*columns_for(Customer, customers)).where(
        _OURS, customers.c.remote_id == bindparam("called")
    )
)
_CALL = Statement(
    update(customers)
    .where(_OURS, customers.c.id == bindparam("customer"))
    .values(remote_id=bindparam("called"))
)


class RemoteCustomers:
    """Customers of one organization, by what another system calls them."""

    def __init__(self, connection: Connection, organization_id: UUID) -> None:
        self._connection = connection
        self._organization = organization_id

    async def known_as(self, remote_id: str) -> Customer | None:
        """The customer whom the other system calls so."""
        row = await self._connection.first(
            _KNOWN_AS, organization=self._organization, called=remote_id
        )
        return None if row is None else Customer(*row)

    async def call(self, customer: Customer, remote_id: str) -> Customer:
        """Keep what the other system calls a customer. Raises Clash if it is another's."""
        await self._connection.run(
            _CALL, organization=self._organization, customer=customer.id, called=remote_id
        )
        return replace(customer, remote_id=remote_id)
