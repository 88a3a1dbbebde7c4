"""Cases: finding them, and writing only over what was seen."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from operator import attrgetter
from typing import Any
from uuid import UUID

from sqlalchemy import (
    bindparam,
    delete,
    insert,
    select,
    update,
)

from nowserving.cases.case import Case, Details, Note
from nowserving.kit.problems import NotFound, Stale
from nowserving.people.actor import Units
from nowserving.store.engines import Connection, Statement
from nowserving.store.rows import columns_for, row_maker
from nowserving.store.tables import case_details, cases, notes

_COLUMNS = columns_for(Case, cases)
_OURS = cases.c.organization_id == bindparam("organization")

_GET = Statement(select(*_COLUMNS).where(_OURS, cases.c.id == bindparam("id")))
_HOLD = Statement(
    select(*_COLUMNS).where(_OURS, cases.c.id == bindparam("id")),
    postgresql=select(*_COLUMNS).where(_OURS, cases.c.id == bindparam("id")).with_for_update(),
)
_BY_LINK = Statement(select(*_COLUMNS).where(_OURS, cases.c.link == bindparam("link")))

_KEPT = {"organization_id", "id", "number", "day", "sequence", "opened_at", "opened_by"}
_REPLACE = Statement(
    update(cases)
    .where(
        _OURS,
        cases.c.id == bindparam("seen_id"),
        cases.c.version == bindparam("seen_version"),
    )
    .values({f.name: bindparam(f.name) for f in fields(Case) if f.name not in _KEPT})
)
_RENUMBER = Statement(
    update(cases)
    .where(_OURS, cases.c.id == bindparam("seen_id"))
    .values(day=bindparam("day"), sequence=bindparam("sequence"))
)
_CHANGING = [f.name for f in fields(Case) if f.name not in _KEPT]

_DETAILS = Statement(
    select(*columns_for(Details, case_details)).where(
        case_details.c.organization_id == bindparam("organization"),
        case_details.c.case_id == bindparam("id"),
    )
)
_KEPT_DETAILS = {"organization_id", "case_id"}
_REPLACE_DETAILS = Statement(
    update(case_details)
    .where(
        case_details.c.organization_id == bindparam("organization"),
        case_details.c.case_id == bindparam("id"),
    )
    .values({f.name: bindparam(f.name) for f in fields(Details) if f.name not in _KEPT_DETAILS})
)
_NOTES = Statement(
    select(*columns_for(Note, notes))
    .where(
        notes.c.organization_id == bindparam("organization"),
        notes.c.case_id == bindparam("id"),
    )
    .order_by(notes.c.at, notes.c.id)
)
_ADD_NOTE = Statement(insert(notes))
_FORGET_NOTES = Statement(
    delete(notes).where(
        notes.c.organization_id == bindparam("organization"),
        notes.c.case_id == bindparam("id"),
    )
)
_ALL_OF = (
    select(*_COLUMNS)
    .where(_OURS, cases.c.customer_id == bindparam("customer"))
    .order_by(cases.c.id)
)
_HOLD_ALL_OF = Statement(_ALL_OF, postgresql=_ALL_OF.with_for_update())


class Cases:
    """The cases of one organization, as far as the units somebody may see."""

    def __init__(self, connection: Connection, organization_id: UUID, sees: Units) -> None:
        self._connection = connection
        self._organization = organization_id
        self._sees = sees

    async def get(self, id: UUID) -> Case:
        """The case with this id; NotFound if there is none that may be seen."""
        return self._shown(
            await self._connection.first(_GET, organization=self._organization, id=id), id
        )

    async def hold(self, id: UUID) -> Case:
        """The case, kept from everybody else's hands until the transaction ends."""
        return self._shown(
            await self._connection.first(_HOLD, organization=self._organization, id=id), id
        )

    async def hold_any(self, id: UUID) -> Case:
        """The case, held, also where the actor may see none: what they change is not seen there."""
        row = await self._connection.first(_HOLD, organization=self._organization, id=id)
        if row is None:
            raise NotFound(what="case", id=id)
        return Case(*row)

    async def by_link(self, link: bytes) -> Case:
        """The case a ticket's link belongs to, given the link's hash."""
        return self._shown(
            await self._connection.first(_BY_LINK, organization=self._organization, link=link),
            "link",
        )

    async def replace(self, seen: Case, new: Case) -> None:
        """Write `new` only if the case is still exactly as we saw it.

        It goes with what is added for it: Stale may rise as late as from the commit.
        """
        await self._connection.replace(
            _REPLACE,
            Stale(case=seen.id),
            organization=self._organization,
            seen_id=seen.id,
            seen_version=seen.version,
            **{name: getattr(new, name) for name in _CHANGING},
        )

    async def renumber(self, new: Case) -> None:
        """Let a case that is held have another day and sequence: its appointment moved or came."""
        await self._connection.run(
            _RENUMBER,
            organization=self._organization,
            seen_id=new.id,
            day=new.day,
            sequence=new.sequence,
        )

    async def add(self, new: Sequence[tuple[Case, bytes]], details: Sequence[Details]) -> None:
        """Add new cases, each with the hash of its link, and what is personal in them."""
        await self._connection.insert(cases, [(*_case_row(case), link) for case, link in new])
        await self._connection.insert(case_details, [_details_row(row) for row in details])

    async def details(self, id: UUID) -> Details:
        """What is personal in a case; empty once it has been erased."""
        row = await self._connection.first(_DETAILS, organization=self._organization, id=id)
        return Details(self._organization, id) if row is None else Details(*row)

    async def replace_details(self, details: Details) -> None:
        """Write what is personal in a case."""
        values = asdict(details)
        del values["organization_id"], values["case_id"]
        await self._connection.run(
            _REPLACE_DETAILS, organization=self._organization, id=details.case_id, **values
        )

    async def notes(self, id: UUID) -> list[Note]:
        """The remarks on a case, oldest first."""
        rows = await self._connection.all(_NOTES, organization=self._organization, id=id)
        return [Note(*row) for row in rows]

    async def add_note(self, note: Note) -> None:
        """Add a remark."""
        await self._connection.run(_ADD_NOTE, **asdict(note))

    async def forget_notes(self, id: UUID) -> None:
        """Forget the remarks on a case."""
        await self._connection.run(_FORGET_NOTES, organization=self._organization, id=id)

    async def hold_all_of(self, customer: UUID) -> list[Case]:
        """Every case of a customer, held as by `hold`, for who may see all units."""
        assert self._sees is None
        rows = await self._connection.all(
            _HOLD_ALL_OF, organization=self._organization, customer=customer
        )
        return [Case(*row) for row in rows]

    def _shown(self, row: tuple[Any, ...] | None, id: object) -> Case:
        case = None if row is None else Case(*row)
        if case is None or (self._sees is not None and case.unit_id not in self._sees):
            raise NotFound(what="case", id=id)
        return case


_case_row = attrgetter(*(column.name for column in _COLUMNS))
_details_row = row_maker(case_details)
