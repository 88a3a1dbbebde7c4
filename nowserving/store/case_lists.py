"""Lists of cases, whatever has become of them, and what belongs to the cases of a list."""

import operator
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    Select,
    bindparam,
    func,
    literal_column,
    select,
    text,
)

from nowserving.cases.case import Case
from nowserving.cases.moves import COME_BACK, REOPEN
from nowserving.kit.problems import NotFound
from nowserving.people.actor import Units
from nowserving.people.customers import Customer
from nowserving.people.staff import Agent
from nowserving.store.engines import Connection, Statement
from nowserving.store.rows import columns_for
from nowserving.store.tables import agents, case_details, cases, customer_keys, customers, facts
from nowserving.store.types import Day, Id, Instant


class Moment(StrEnum):
    """A moment of a case's life by which it can be asked for."""

    OPENED = "opened_at"
    DUE = "due_at"
    ENDED = "ended_at"


@dataclass(frozen=True, slots=True)
class Between:
    """From an instant up to another one, which is not in it."""

    moment: Moment
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cases of a service are asked for; None: whichever.

    `agent_id` serves the case, or else is to serve it, or else owns it. `opened_by` is a
    principal. `series` is a day and a place among its tickets, `number` the case's own.
    """

    service_id: UUID
    agent_id: UUID | None = None
    opened_by: str | None = None
    series: tuple[date, int] | None = None
    number: int | None = None
    between: Between | None = None


_COLUMNS = columns_for(Case, cases)
_OURS = cases.c.organization_id == bindparam("organization")
_FILTERS: Mapping[str, Any] = {
    "agent": func.coalesce(cases.c.agent_id, cases.c.assigned_to, cases.c.owner_id)
    == bindparam("agent", type_=Id),
    "opened_by": cases.c.opened_by == bindparam("opened_by"),
    "number": cases.c.number == bindparam("number", type_=BigInteger),
    "day": cases.c.day == bindparam("day", type_=Day),
    "sequence": cases.c.sequence == bindparam("sequence", type_=BigInteger),
    **{
        f"{moment}_{end}": compare(cases.c[moment.value], bindparam(end, type_=Instant))
        for moment in Moment
        for end, compare in (("since", operator.ge), ("until", operator.lt))
    },
}

_NUMBERED = Statement(
    select(*_COLUMNS).where(_OURS, cases.c.number == bindparam("number", type_=BigInteger))
)


def _by_ids(asked: Select[Any], organization: Column[Any], id: Column[Any]) -> Statement:
    """A question about each of some ids: at once, or one after the other."""
    ours = asked.where(organization == bindparam("organization"))
    return Statement(
        ours.where(id == bindparam("id", type_=Id)),
        postgresql=ours.where(text(f"{id.table.name}.{id.name} = any(cast(:ids as uuid[]))")),
    )


_AGENTS = _by_ids(select(*columns_for(Agent, agents)), agents.c.organization_id, agents.c.id)
_CUSTOMERS = _by_ids(
    select(customers.c.id, customers.c.number), customers.c.organization_id, customers.c.id
)
_WHOLE_CUSTOMERS = _by_ids(
    select(*columns_for(Customer, customers)), customers.c.organization_id, customers.c.id
)
_KEYS = _by_ids(
    select(customer_keys.c.customer_id, customer_keys.c.kind, customer_keys.c.value),
    customer_keys.c.organization_id,
    customer_keys.c.customer_id,
)
_REFERRED = Statement(
    select(*_COLUMNS)
    .join_from(
        case_details,
        cases,
        (cases.c.organization_id == case_details.c.organization_id)
        & (cases.c.id == case_details.c.case_id),
    )
    .where(
        case_details.c.organization_id == bindparam("organization"),
        case_details.c.reference_key == bindparam("key"),
    )
    .order_by(case_details.c.case_id.desc())
    .limit(bindparam("most", type_=BigInteger))
)
_OPENED_AGAIN = _by_ids(
    select(facts.c.subject_id, func.max(facts.c.at))
    .where(facts.c.kind.in_([literal_column(f"'{move.fact}'") for move in (REOPEN, COME_BACK)]))
    .group_by(facts.c.subject_id),
    facts.c.organization_id,
    facts.c.subject_id,
)


class CaseLists:
    """The cases of one organization, as far as the units somebody may see."""

    def __init__(self, connection: Connection, organization_id: UUID, sees: Units) -> None:
        self._connection = connection
        self._organization = organization_id
        self._sees = sees

    async def of(self, wanted: Wanted, *, start: int, most: int) -> tuple[list[Case], int]:
        """Some of the cases that are asked for, oldest series first, and how many there are."""
        values = _values(wanted)
        units = None if self._sees is None else sorted(self._sees, key=str)
        names = frozenset(_names(wanted))
        asked, counted = _statements(names, None if units is None else len(units))
        given = {
            "organization": self._organization,
            "service": wanted.service_id,
            **values,
            **{f"unit_{at}": unit for at, unit in enumerate(units or ())},
        }
        count = await self._connection.first(counted, **given)
        rows = await self._connection.all(asked, start=start, most=most, **given)
        return [Case(*row) for row in rows], int(count[0]) if count else 0

    async def numbered(self, number: int) -> Case:
        """The case with this number; NotFound if there is none that may be seen."""
        row = await self._connection.first(
            _NUMBERED, organization=self._organization, number=number
        )
        case = None if row is None else Case(*row)
        if case is None or (self._sees is not None and case.unit_id not in self._sees):
            raise NotFound(what="case", id=number)
        return case

    async def opened_again(self, ids: Collection[UUID]) -> dict[UUID, datetime]:
        """When some cases were last taken up again after they had ended."""
        return {row[0]: row[1] for row in await self._each(_OPENED_AGAIN, ids)}

    async def agents(self, ids: Collection[UUID]) -> dict[UUID, Agent]:
        """Some agents, those too who do not work here any more."""
        found = [Agent(*row) for row in await self._each(_AGENTS, ids)]
        return {one.id: one for one in found}

    async def customer_numbers(self, ids: Collection[UUID]) -> dict[UUID, int]:
        """The numbers of some customers."""
        return {row[0]: int(row[1]) for row in await self._each(_CUSTOMERS, ids)}

    async def whole_customers(self, ids: Collection[UUID]) -> dict[UUID, Customer]:
        """Some customers."""
        found = [Customer(*row) for row in await self._each(_WHOLE_CUSTOMERS, ids)]
        return {one.id: one for one in found}

    async def keys(self, ids: Collection[UUID]) -> dict[UUID, dict[str, str]]:
        """The keys of some customers, by their kind."""
        found: dict[UUID, dict[str, str]] = {}
        for id, kind, value in await self._each(_KEYS, ids):
            found.setdefault(id, {})[kind] = value
        return found

    async def referred_to(self, key: str, most: int) -> list[Case]:
        """The newest cases that another system calls so, as far as they may be seen."""
        rows = await self._connection.all(
            _REFERRED, organization=self._organization, key=key, most=most
        )
        found = [Case(*row) for row in rows]
        return [one for one in found if self._sees is None or one.unit_id in self._sees]

    async def _each(self, asked: Statement, ids: Collection[UUID]) -> list[tuple[Any, ...]]:
        if not ids:
            return []
        if self._connection.dialect == "postgresql":
            found = await self._connection.all(
                asked, organization=self._organization, ids=list(ids)
            )
        else:
            each = [{"organization": self._organization, "id": id} for id in ids]
            found = await self._connection.each(asked, each)
        return list(found)


def _names(wanted: Wanted) -> list[str]:
    """The filters that are asked for."""
    names = [
        name for name in ("agent_id", "opened_by", "number") if getattr(wanted, name) is not None
    ]
    if wanted.series is not None:
        names += ["day", "sequence"]
    if wanted.between is not None:
        names += [f"{wanted.between.moment}_{end}" for end in ("since", "until")]
    return [name.removesuffix("_id") for name in names]


def _values(wanted: Wanted) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if wanted.agent_id is not None:
        values["agent"] = wanted.agent_id
    if wanted.opened_by is not None:
        values["opened_by"] = wanted.opened_by
    if wanted.number is not None:
        values["number"] = wanted.number
    if wanted.series is not None:
        values["day"], values["sequence"] = wanted.series
    if wanted.between is not None:
        values |= {"since": wanted.between.since, "until": wanted.between.until}
    return values


@cache
def _statements(names: frozenset[str], units: int | None) -> tuple[Statement, Statement]:
    """The list and the count for some filters; each set of them is compiled once."""
    where = [_OURS, cases.c.service_id == bindparam("service", type_=Id)]
    where += [_FILTERS[name] for name in sorted(names)]
    if units is not None:
        seen = [bindparam(f"unit_{at}", type_=Id) for at in range(units)]
        where.append(cases.c.unit_id.in_(seen))
    listed = (
        select(*_COLUMNS)
        .where(*where)
        .order_by(cases.c.day, cases.c.sequence)
        .limit(bindparam("most", type_=BigInteger))
        .offset(bindparam("start", type_=BigInteger))
    )
    return Statement(listed), Statement(select(func.count()).select_from(cases).where(*where))
