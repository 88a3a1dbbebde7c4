"""Work on cases: how they belong together, deadlines that pass, saved filters."""

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, Integer, bindparam, delete, insert, or_, select, text, update

from nowserving.cases.finding import SavedFilter
from nowserving.cases.moves import OPEN
from nowserving.cases.work import CaseLink, Link
from nowserving.kit.problems import NotFound
from nowserving.store import tables
from nowserving.store.engines import Connection, Statement
from nowserving.store.rows import columns_for

_ORGANIZATION: BindParameter[Any] = bindparam("organization")
_cases, _links, _filters = tables.cases, tables.case_links, tables.saved_filters
_notes = tables.notes

_DUE = Statement(
    select(_cases.c.id)
    .where(
        _cases.c.organization_id == _ORGANIZATION,
        _cases.c.due_at <= bindparam("now"),
        text(
            "due_at is not null and escalated_at is null and state in ("
            + ", ".join(f"'{state}'" for state in sorted(OPEN))
            + ")"
        ),
    )
    .order_by(_cases.c.due_at)
    .limit(bindparam("most", type_=Integer))
)
_OF_CUSTOMER = Statement(
    select(_cases.c.id)
    .where(_cases.c.organization_id == _ORGANIZATION, _cases.c.customer_id == bindparam("customer"))
    .order_by(_cases.c.id.desc())
    .limit(bindparam("most", type_=Integer))
)
_ADD_LINK = Statement(insert(_links))
_DROP_LINK = Statement(
    delete(_links).where(
        _links.c.organization_id == _ORGANIZATION,
        _links.c.from_id == bindparam("from_id"),
        _links.c.to_id == bindparam("to_id"),
        _links.c.kind == bindparam("kind", type_=_links.c.kind.type),
    )
)
_LINKS_OF = Statement(
    select(*columns_for(CaseLink, _links))
    .where(
        _links.c.organization_id == _ORGANIZATION,
        or_(_links.c.from_id == bindparam("id"), _links.c.to_id == bindparam("id")),
    )
    .order_by(_links.c.at, _links.c.from_id, _links.c.to_id)
)
_MOVE_NOTES = Statement(
    update(_notes)
    .where(_notes.c.organization_id == _ORGANIZATION, _notes.c.case_id == bindparam("from_id"))
    .values(case_id=bindparam("to_id"))
)
_MOVE_FILES, _MOVE_UPLOADS, _MOVE_LETTERS = (
    Statement(
        update(table)
        .where(table.c.organization_id == _ORGANIZATION, table.c.case_id == bindparam("from_id"))
        .values(case_id=bindparam("to_id"))
    )
    for table in (tables.attachments, tables.uploads, tables.letters)
)
_ADD_FILTER = Statement(insert(_filters))
_DROP_FILTER = Statement(
    delete(_filters).where(
        _filters.c.organization_id == _ORGANIZATION, _filters.c.id == bindparam("id")
    )
)
_FILTERS = Statement(
    select(*columns_for(SavedFilter, _filters))
    .where(_filters.c.organization_id == _ORGANIZATION)
    .order_by(_filters.c.position, _filters.c.name, _filters.c.id)
)


class Work:
    """What people work on within one organization."""

    def __init__(self, connection: Connection, organization_id: UUID) -> None:
        self._connection = connection
        self._organization = organization_id

    async def due(self, now: datetime, most: int) -> list[UUID]:
        """Open cases whose deadline has passed and of which that is not written yet."""
        rows = await self._connection.all(_DUE, organization=self._organization, now=now, most=most)
        return [row[0] for row in rows]

    async def cases_of(self, customer: UUID, most: int) -> list[UUID]:
        """The cases of a customer, the newest first."""
        rows = await self._connection.all(
            _OF_CUSTOMER, organization=self._organization, customer=customer, most=most
        )
        return [row[0] for row in rows]

    async def links_of(self, case: UUID) -> list[CaseLink]:
        """How a case and others belong together, from either side."""
        rows = await self._connection.all(_LINKS_OF, organization=self._organization, id=case)
        return [CaseLink(*row) for row in rows]

    async def add_link(self, link: CaseLink) -> None:
        """Two cases belong together. Raises Clash if they do so already."""
        await self._connection.run(_ADD_LINK, **asdict(link))

    async def drop_link(self, from_id: UUID, to_id: UUID, kind: Link) -> bool:
        """Two cases belong together no more; says whether they did."""
        dropped = await self._connection.run(
            _DROP_LINK, organization=self._organization, from_id=from_id, to_id=to_id, kind=kind
        )
        return dropped > 0

    async def move_notes(self, from_id: UUID, to_id: UUID) -> None:
        """The remarks on one case are remarks on another from now on."""
        await self._connection.run(
            _MOVE_NOTES, organization=self._organization, from_id=from_id, to_id=to_id
        )

    async def move_files(self, from_id: UUID, to_id: UUID) -> None:
        """The files on one case are files on another from now on, and its mail is about it."""
        for statement in (_MOVE_FILES, _MOVE_UPLOADS, _MOVE_LETTERS):
            await self._connection.run(
                statement, organization=self._organization, from_id=from_id, to_id=to_id
            )

    async def filters(self, agent: UUID | None, groups: Collection[UUID]) -> list[SavedFilter]:
        """The saved filters of an agent and of the groups they are in."""
        rows = await self._connection.all(_FILTERS, organization=self._organization)
        return [
            one
            for one in (SavedFilter(*row) for row in rows)
            if (agent is not None and one.agent_id == agent) or one.group_id in groups
        ]

    async def add_filter(self, saved: SavedFilter) -> None:
        """Save a filter."""
        values = {column.name: getattr(saved, column.name) for column in _filters.columns}
        await self._connection.run(_ADD_FILTER, **values)

    async def drop_filter(self, id: UUID) -> None:
        """Save a filter no more; NotFound if there is none."""
        dropped = await self._connection.run(_DROP_FILTER, organization=self._organization, id=id)
        if not dropped:
            raise NotFound(what="filter", id=id)
