"""Organizations and what they are made of."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Table, bindparam, delete, insert, select, update

from nowserving.kit.problems import NotFound, Stale
from nowserving.places.codes import Code
from nowserving.places.data_tables import DataTable
from nowserving.places.directory import Directory
from nowserving.places.hooks import Hook
from nowserving.places.organization import BackOfficeTask, Desk, Organization, Unit
from nowserving.places.services import (
    Field,
    Merge,
    Outcome,
    Queue,
    Route,
    Service,
    ServiceCategory,
    ServiceType,
    Tag,
    Workspace,
)
from nowserving.places.statuses import CasePriority, CaseStatus
from nowserving.store import tables
from nowserving.store.engines import Connection, Statement
from nowserving.store.rows import columns_for, row_maker

Changeable = CaseStatus | CasePriority | Queue | Code | Unit | Service | ServiceType | Field
"""What can be changed of the directory; the rest of each thing is for good."""

_TABLES: dict[type[Any], Table] = {
    Unit: tables.units,
    Desk: tables.desks,
    Queue: tables.queues,
    Workspace: tables.workspaces,
    ServiceCategory: tables.service_categories,
    ServiceType: tables.service_types,
    Service: tables.services,
    Field: tables.fields,
    Tag: tables.tags,
    Outcome: tables.outcomes,
    Route: tables.routes,
    BackOfficeTask: tables.back_office_tasks,
    CaseStatus: tables.case_statuses,
    CasePriority: tables.case_priorities,
    Hook: tables.hooks,
    DataTable: tables.data_tables,
    Code: tables.codes,
}
_ALL_OF = {
    kind: Statement(
        select(*columns_for(kind, table)).where(
            table.c.organization_id == bindparam("organization")
        )
    )
    for kind, table in _TABLES.items()
}
_CHANGEABLE: dict[type[Any], tuple[str, ...]] = {
    CaseStatus: ("name", "position", "archived"),
    CasePriority: ("name", "position", "archived"),
    Queue: ("name", "color", "position", "archived"),
    Code: ("code", "name", "parent_id", "archived"),
    Unit: ("ext_ref", "type_id", "wait_target"),
    Service: (
        *("ext_ref", "price", "documents"),
        *("needs_customer", "needs_phone", "needs_email", "pends"),
    ),
    ServiceType: ("name", "minutes", "no_show_percent", "channels", "color", "hidden"),
    Field: ("name", "required", "position", "archived"),
}
_CHANGE = {
    kind: Statement(
        update(_TABLES[kind])
        .where(
            _TABLES[kind].c.organization_id == bindparam("organization"),
            _TABLES[kind].c.id == bindparam("thing"),
        )
        .values({name: bindparam(name) for name in names})
    )
    for kind, names in _CHANGEABLE.items()
}
_ORGANIZATION = columns_for(Organization, tables.organizations)
_ORGANIZATIONS = Statement(select(*_ORGANIZATION).order_by(tables.organizations.c.number))
_GET_ORGANIZATION = Statement(
    select(*_ORGANIZATION).where(tables.organizations.c.id == bindparam("organization"))
)
_ADD_ORGANIZATION = Statement(
    insert(tables.organizations).values(
        {column.name: bindparam(column.name) for column in _ORGANIZATION}
    )
)
_VERSION = Statement(
    select(tables.organizations.c.directory_version).where(
        tables.organizations.c.id == bindparam("organization")
    )
)
_NEW_VERSION = Statement(
    update(tables.organizations)
    .where(tables.organizations.c.id == bindparam("organization"))
    .values(directory_version=tables.organizations.c.directory_version + 1)
)
_TRACK_ATTENDANCE = Statement(
    update(tables.organizations)
    .where(tables.organizations.c.id == bindparam("organization"))
    .values(tracks_attendance=bindparam("tracked"))
)
_SET_MERGE = Statement(
    update(tables.queues)
    .where(
        tables.queues.c.organization_id == bindparam("organization"),
        tables.queues.c.id == bindparam("queue"),
    )
    .values(merge=bindparam("merge"))
)
_DROP_TABLE = Statement(
    delete(tables.data_tables).where(
        tables.data_tables.c.organization_id == bindparam("organization"),
        tables.data_tables.c.id == bindparam("id"),
    )
)
_ONE_TABLE = select(tables.data_tables.c.id).where(
    tables.data_tables.c.organization_id == bindparam("organization"),
    tables.data_tables.c.id == bindparam("id"),
)
_HOLD_TABLE = Statement(_ONE_TABLE, postgresql=_ONE_TABLE.with_for_update())
_UNIT_OF_SERVICE = Statement(
    select(tables.units.c.id, tables.units.c.time_zone).where(
        tables.units.c.organization_id == bindparam("organization"),
        tables.units.c.id == tables.services.c.unit_id,
        tables.services.c.organization_id == bindparam("organization"),
        tables.services.c.id == bindparam("service"),
    )
)


async def organizations(connection: Connection) -> list[Organization]:
    """Every organization of the installation."""
    return [Organization(*row) for row in await connection.all(_ORGANIZATIONS)]


async def add_organization(connection: Connection, organization: Organization) -> None:
    """Add an organization."""
    values = {column.name: getattr(organization, column.name) for column in _ORGANIZATION}
    await connection.run(_ADD_ORGANIZATION, **values)


class Places:
    """The units, desks, queues and services of one organization."""

    def __init__(self, connection: Connection, organization_id: UUID) -> None:
        self._connection = connection
        self._organization = organization_id

    async def version(self) -> int:
        """Which version of the directory is in force."""
        row = await self._connection.first(_VERSION, organization=self._organization)
        if row is None:
            raise NotFound(what="organization", id=self._organization)
        return int(row[0])

    async def directory(self) -> Directory:
        """Everything the organization is made of, as it is now."""
        version = await self.version()
        row = await self._connection.first(_GET_ORGANIZATION, organization=self._organization)
        assert row is not None
        return Directory(
            version=version,
            organization=Organization(*row),
            units=await self._by_id(Unit),
            desks=await self._by_id(Desk),
            queues=await self._by_id(Queue),
            workspaces=await self._by_id(Workspace),
            categories=await self._by_id(ServiceCategory),
            types=await self._by_id(ServiceType),
            services=await self._by_id(Service),
            fields=await self._by_id(Field),
            tags=await self._by_id(Tag),
            outcomes=await self._by_id(Outcome),
            routes=frozenset(await self._all(Route)),
            tasks=await self._by_id(BackOfficeTask),
            statuses=await self._by_id(CaseStatus),
            priorities=await self._by_id(CasePriority),
            hooks=await self._by_id(Hook),
            tables=await self._by_id(DataTable),
            codes=await self._by_id(Code),
        )

    async def add(self, things: Sequence[Any]) -> None:
        """Add things of any of the directory's kinds; the directory has a new version."""
        for kind, table in _TABLES.items():
            row = row_maker(table)
            rows = [row(thing) for thing in things if type(thing) is kind]
            await self._connection.insert(table, rows)
        await self._connection.run(_NEW_VERSION, organization=self._organization)

    async def change(self, thing: Changeable) -> None:
        """Write what can be changed of a thing; the directory has a new version."""
        values = {name: getattr(thing, name) for name in _CHANGEABLE[type(thing)]}
        await self._connection.run(
            _CHANGE[type(thing)], organization=self._organization, thing=thing.id, **values
        )
        await self._connection.run(_NEW_VERSION, organization=self._organization)

    async def track_attendance(self, tracked: bool) -> None:
        """Keep attendance from now on, or no longer; the directory has a new version."""
        await self._connection.run(
            _TRACK_ATTENDANCE, organization=self._organization, tracked=tracked
        )
        await self._connection.run(_NEW_VERSION, organization=self._organization)

    async def unit_of_service(self, service: UUID) -> tuple[UUID, str]:
        """The unit that offers a service, and its time zone."""
        row = await self._connection.first(
            _UNIT_OF_SERVICE, organization=self._organization, service=service
        )
        if row is None:
            raise NotFound(what="service", id=service)
        return row[0], str(row[1])

    async def changed(self) -> None:
        """Something that the directory shows was written elsewhere; it has a new version."""
        await self._connection.run(_NEW_VERSION, organization=self._organization)

    async def set_merge(self, queue: UUID, merge: Merge) -> None:
        """Let a queue merge appointments otherwise; the directory has a new version."""
        await self._connection.run(
            _SET_MERGE, organization=self._organization, queue=queue, merge=merge
        )
        await self._connection.run(_NEW_VERSION, organization=self._organization)

    async def set_table(self, table: DataTable) -> None:
        """Keep a table of records as it is now; the directory has a new version."""
        await self._connection.run(_DROP_TABLE, organization=self._organization, id=table.id)
        await self.add([table])

    async def hold_table(self, id: UUID) -> None:
        """Keep a table as it is until the transaction ends; Stale if it is another by now."""
        row = await self._connection.first(_HOLD_TABLE, organization=self._organization, id=id)
        if row is None:
            raise Stale(table=id)

    async def drop_table(self, id: UUID) -> None:
        """Forget a table of records; the directory has a new version."""
        await self._connection.run(_DROP_TABLE, organization=self._organization, id=id)
        await self._connection.run(_NEW_VERSION, organization=self._organization)

    async def _by_id(self, kind: type[Any]) -> dict[UUID, Any]:
        return {thing.id: thing for thing in await self._all(kind)}

    async def _all(self, kind: type[Any]) -> list[Any]:
        rows = await self._connection.all(_ALL_OF[kind], organization=self._organization)
        return [kind(*row) for row in rows]
