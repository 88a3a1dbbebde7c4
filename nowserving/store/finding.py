"""Finding cases and customers: by their words, by what they are, a page at a time.

Words come folded and split (kit/folding.py), so that no engine has an opinion about them:
PostgreSQL keeps them as a tsvector that is made from an array and never parsed, SQLite in an
FTS5 index that splits at spaces only. Both look for the beginnings of words.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import BigInteger, BindParameter, Integer, Text, bindparam, delete, select, text

from nowserving.cases.case import Case, Details
from nowserving.cases.finding import Filter, Order
from nowserving.cases.moves import OPEN
from nowserving.people.customers import Customer
from nowserving.places.statuses import Condition
from nowserving.store import tables
from nowserving.store.engines import Connection, Statement
from nowserving.store.rows import columns_for
from nowserving.store.types import Id, Instant

_CASE = columns_for(Case, tables.cases)
_CUSTOMER = columns_for(Customer, tables.customers)
_ORGANIZATION: BindParameter[Any] = bindparam("organization", type_=Id)
_OURS = "(select number from organizations where id = :organization)"

# The organization's number leads each word, as its id leads every key.
_KEEP_POSTGRES = f"""
insert into {{name}}_words (organization_id, {{name}}_id, number, words)
select :organization, kept.id, kept.number, array_to_tsvector(array(
  select distinct {_OURS} || ':' || word from unnest(string_to_array(kept.words, ' ')) as word))
from unnest(cast(:ids as uuid[]), cast(:numbers as bigint[]), cast(:words as text[]))
  as kept(id, number, words)
on conflict (organization_id, {{name}}_id) do update set words = excluded.words
"""
_KEEP_SQLITE = """
insert into {name}_words (organization_id, {name}_id, number, words)
values (:organization, :id, :number, :words)
on conflict (organization_id, {name}_id) do update set words = excluded.words
"""
_FOUND_POSTGRES = f"""id in (
  select {{name}}_id from {{name}}_words where organization_id = :organization and words @@ cast((
    select string_agg('''' || {_OURS} || ':' || word || ''':*', ' & ')
    from unnest(string_to_array(:words, ' ')) as word) as tsquery))"""
_FOUND_SQLITE = f"""number in (
  select rowid & 1099511627775 from {{name}}_words_fts where {{name}}_words_fts match :words
  and rowid between {_OURS} << 40 and (({_OURS} + 1) << 40) - 1)"""


def _keep(name: str) -> Statement:
    return Statement(
        text(_KEEP_SQLITE.format(name=name)).bindparams(
            _ORGANIZATION,
            bindparam("id", type_=Id),
            bindparam("number", type_=BigInteger),
            bindparam("words", type_=Text),
        ),
        postgresql=text(_KEEP_POSTGRES.format(name=name)).bindparams(_ORGANIZATION),
    )


_KEEP_CASE, _KEEP_CUSTOMER = _keep("case"), _keep("customer")
_DROP_CASE = Statement(
    delete(tables.case_words).where(
        tables.case_words.c.organization_id == bindparam("organization"),
        tables.case_words.c.case_id == bindparam("id"),
    )
)

_DETAILS_WHERE = select(*columns_for(Details, tables.case_details)).where(
    tables.case_details.c.organization_id == bindparam("organization")
)
_DETAILS_OF = Statement(
    _DETAILS_WHERE.where(text("case_id in (select value from json_each(:ids))")),
    postgresql=_DETAILS_WHERE.where(text("case_id = any(cast(:ids as uuid[]))")),
)
_OPEN = "state in (" + ", ".join(f"'{state}'" for state in sorted(OPEN)) + ")"
_IDS = {
    "unit_ids": "unit_id",
    "service_ids": "service_id",
    "type_ids": "type_id",
    "status_ids": "status_id",
}
_SAME = {
    "number": ("number", BigInteger),
    "customer_id": ("customer_id", Id),
    "parent_id": ("parent_id", Id),
    "owner_id": ("owner_id", Id),
    "assigned_to": ("assigned_to", Id),
    "priority": ("priority", Integer),
}
_INSTANTS = {
    "opened_from": "opened_at >= :opened_from",
    "opened_until": "opened_at < :opened_until",
    "due_until": "due_at < :due_until",
}
_ORDERS = {
    Order.NEWEST: ("id desc", "id < :after"),
    Order.OLDEST: ("id", "id > :after"),
    Order.DUE: ("due_at, id", "(due_at, id) > (:after_due, :after)"),
}


@dataclass(frozen=True, slots=True)
class After:
    """The last case of the page before."""

    id: UUID
    due_at: datetime | None = None


class Finding:
    """What can be found within one organization."""

    def __init__(self, connection: Connection, organization_id: UUID) -> None:
        self._connection = connection
        self._organization = organization_id

    async def keep_case_words(self, kept: Sequence[tuple[UUID, int, Sequence[str]]]) -> None:
        """The words by which some cases (id, number) are found from now on."""
        for id, _, words in kept:
            if not words:
                await self._connection.run(_DROP_CASE, organization=self._organization, id=id)
        await self._keep(_KEEP_CASE, [one for one in kept if one[2]])

    async def keep_customer_words(self, customer: Customer, words: Sequence[str]) -> None:
        """The words by which a customer is found from now on."""
        await self._keep(_KEEP_CUSTOMER, [(customer.id, customer.number, words)])

    async def cases(
        self, wanted: Filter, *, units: Sequence[UUID] | None, after: After | None, most: int
    ) -> list[Case]:
        """The cases for which a filter holds, at some units (None: at all), in its order."""
        given: dict[str, Any] = {"organization": self._organization, "most": most}
        parts = []
        postgres = self._connection.dialect == "postgresql"
        if words := [*wanted.words(), *wanted.marks]:
            parts.append("words")
            given["words"] = _asked(words, postgres)
        named: dict[str, Sequence[Any]] = {name: getattr(wanted, name) for name in _IDS}
        if units is not None:
            named["seen"] = units
        for name, ids in named.items():
            if ids or name == "seen":
                parts.append(name)
                given[name] = list(ids) if postgres else _json(ids)
        if wanted.states:
            parts.append("states")
            given["states"] = [str(s) for s in wanted.states] if postgres else _json(wanted.states)
        for name in (*_SAME, *_INSTANTS):
            if getattr(wanted, name) is not None:
                parts.append(name)
                given[name] = getattr(wanted, name)
        parts += _bare(wanted)
        if after is not None:
            parts.append("after")
            given["after"] = after.id
            if wanted.order is Order.DUE:
                given["after_due"] = after.due_at
        statement = _cases(tuple(parts), wanted.order)
        return [Case(*row) for row in await self._connection.all(statement, **given)]

    async def details(self, ids: Sequence[UUID]) -> dict[UUID, Details]:
        """What is personal in some cases."""
        if not ids:
            return {}
        if self._connection.dialect == "postgresql":
            rows = await self._connection.all(
                _DETAILS_OF, organization=self._organization, ids=list(ids)
            )
        else:
            rows = await self._connection.all(
                _DETAILS_OF, organization=self._organization, ids=_json(ids)
            )
        return {row[1]: Details(*row) for row in rows}

    async def customers(
        self,
        words: Sequence[str],
        *,
        archived: bool | None,
        after: tuple[bytes, UUID] | None,
        most: int,
        skip: int = 0,
    ) -> list[Customer]:
        """The customers with words that begin so, by name; `archived` None: both kinds."""
        given: dict[str, Any] = {"organization": self._organization, "most": most, "skip": skip}
        postgres = self._connection.dialect == "postgresql"
        parts = _customer_parts(words, archived)
        if words:
            given["words"] = _asked(words, postgres)
        if after is not None:
            parts.append("after")
            given["after_name"], given["after"] = after
        statement = _customers(tuple(parts))
        return [Customer(*row) for row in await self._connection.all(statement, **given)]

    async def count_customers(self, words: Sequence[str], *, archived: bool | None) -> int:
        """How many customers there are whose words begin so. Its cost grows with the number."""
        given: dict[str, Any] = {"organization": self._organization}
        if words:
            given["words"] = _asked(words, self._connection.dialect == "postgresql")
        counted = _count_customers(tuple(_customer_parts(words, archived)))
        row = await self._connection.first(counted, **given)
        return int(row[0]) if row else 0

    async def _keep(
        self, statement: Statement, kept: Sequence[tuple[UUID, int, Sequence[str]]]
    ) -> None:
        if not kept:
            return
        if self._connection.dialect == "postgresql":
            await self._connection.run(
                statement,
                organization=self._organization,
                ids=[id for id, _, _ in kept],
                numbers=[number for _, number, _ in kept],
                words=[" ".join(words) for _, _, words in kept],
            )
            return
        for id, number, words in kept:
            await self._connection.run(
                statement,
                organization=self._organization,
                id=id,
                number=number,
                words=" ".join(words),
            )


def _bare(wanted: Filter) -> list[str]:
    """The conditions that need no value."""
    asked = {
        "open": wanted.condition is Condition.OPEN,
        "ended": wanted.condition is Condition.CLOSED,
        "unassigned": wanted.unassigned,
        "escalated": wanted.escalated is True,
        "not_escalated": wanted.escalated is False,
        "lined": wanted.lined is True,
        "beside_lines": wanted.lined is False,
        "has_deadline": wanted.order is Order.DUE,
    }
    return [name for name, asks in asked.items() if asks]


_BARE = {
    "open": _OPEN,
    "ended": f"not ({_OPEN})",
    "unassigned": "assigned_to is null",
    "escalated": "escalated_at is not null",
    "not_escalated": "escalated_at is null",
    "lined": "(sequence > 0 or appointment_at is not null)",
    "beside_lines": "sequence < 1 and appointment_at is null",
    "has_deadline": "due_at is not null",
    "archived": "archived",
    "current": "not archived",
}


@lru_cache(500)
def _cases(parts: tuple[str, ...], order: Order) -> Statement:
    """The question for these conditions, in both tongues."""
    ordered, following = _ORDERS[order]
    binds: list[BindParameter[Any]] = [_ORGANIZATION, bindparam("most", type_=Integer)]
    binds += [bindparam(name, type_=type_) for name, (_, type_) in _SAME.items() if name in parts]
    binds += [bindparam(name, type_=Instant) for name in _INSTANTS if name in parts]
    if "after" in parts:
        binds.append(bindparam("after", type_=Id))
        if order is Order.DUE:
            binds.append(bindparam("after_due", type_=Instant))

    def said(postgres: bool) -> Any:
        where = [_part(part, following, postgres) for part in parts]
        names = ", ".join(column.name for column in _CASE)
        sql = f"select {names} from cases where organization_id = :organization"
        sql = " and ".join([sql, *where])
        return text(f"{sql} order by {ordered} limit :most").bindparams(*binds).columns(*_CASE)

    return Statement(said(False), postgresql=said(True))


def _part(part: str, following: str, postgres: bool) -> str:
    found = (_FOUND_POSTGRES if postgres else _FOUND_SQLITE).format(name="case")
    plain = {**_BARE, **_INSTANTS, "words": found, "after": following}
    plain |= {name: f"{column} = :{name}" for name, (column, _) in _SAME.items()}
    return plain.get(part) or _one_of(part, postgres)


def _one_of(part: str, postgres: bool) -> str:
    """The condition that a column has one of the values given."""
    column = {**_IDS, "seen": "unit_id", "states": "state"}[part]
    kind = "text" if part == "states" else "uuid"
    if postgres:
        return f"{column} = any(cast(:{part} as {kind}[]))"
    return f"{column} in (select value from json_each(:{part}))"


def _customer_parts(words: Sequence[str], archived: bool | None) -> list[str]:
    parts = ["words"] if words else []
    if archived is not None:
        parts.append("archived" if archived else "current")
    return parts


def _where(parts: tuple[str, ...], postgres: bool) -> str:
    found = (_FOUND_POSTGRES if postgres else _FOUND_SQLITE).format(name="customer")
    said = {**_BARE, "words": found, "after": "(sort_name, id) > (:after_name, :after)"}
    return " and ".join(["organization_id = :organization", *(said[part] for part in parts)])


@lru_cache(50)
def _customers(parts: tuple[str, ...]) -> Statement:
    names = ", ".join(column.name for column in _CUSTOMER)
    binds: list[BindParameter[Any]] = [_ORGANIZATION]
    binds += [bindparam(name, type_=Integer) for name in ("most", "skip")]
    if "after" in parts:
        binds.append(bindparam("after", type_=Id))

    def said(postgres: bool) -> Any:
        sql = f"""select {names} from customers where {_where(parts, postgres)}
        order by sort_name, id limit :most offset :skip"""
        return text(sql).bindparams(*binds).columns(*_CUSTOMER)

    return Statement(said(False), postgresql=said(True))


@lru_cache(50)
def _count_customers(parts: tuple[str, ...]) -> Statement:
    def said(postgres: bool) -> Any:
        sql = f"select count(*) from customers where {_where(parts, postgres)}"
        return text(sql).bindparams(_ORGANIZATION)

    return Statement(said(False), postgresql=said(True))


def _asked(words: Sequence[str], postgres: bool) -> str:
    """The words as each engine wants to be asked: all of them, each the beginning of one."""
    return " ".join(words) if postgres else " ".join(f'"{word}"*' for word in words)


def _json(values: Sequence[Any]) -> str:
    return msgspec.json.encode([str(value) for value in values]).decode()
