"""Plans: how times of a service are booked."""

from uuid import UUID

from sqlalchemy import bindparam, delete, select

from nowserving.bookings.rules import Plan
from nowserving.store.engines import Connection, Statement
from nowserving.store.rows import columns_for, row_maker
from nowserving.store.tables import plans

_plan_row = row_maker(plans)
_OURS = plans.c.organization_id == bindparam("organization")
_ALL = select(*columns_for(Plan, plans)).where(_OURS)
_OF_ONE = plans.c.service_id == bindparam("service")

_PLAN = Statement(_ALL.where(_OF_ONE))
_PLANS = Statement(_ALL)
_DROP_PLAN = Statement(delete(plans).where(_OURS, _OF_ONE))


class Plans:
    """The plans of one organization."""

    def __init__(self, connection: Connection, organization_id: UUID) -> None:
        self._connection = connection
        self._organization = organization_id

    async def of(self, service: UUID) -> Plan | None:
        """How times of a service are booked; None if they are not."""
        row = await self._connection.first(_PLAN, organization=self._organization, service=service)
        return None if row is None else Plan(*row)

    async def all(self) -> list[Plan]:
        """The plans of all services."""
        rows = await self._connection.all(_PLANS, organization=self._organization)
        return [Plan(*row) for row in rows]

    async def keep(self, plan: Plan) -> None:
        """Keep a plan in the place of the one before."""
        await self._connection.run(
            _DROP_PLAN, organization=self._organization, service=plan.service_id
        )
        await self._connection.insert(plans, [_plan_row(plan)])
