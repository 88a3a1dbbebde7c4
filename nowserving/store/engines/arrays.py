"""Much at once for PostgreSQL: rows and questions travel as arrays, in one statement each."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql

from nowserving.store.engines.statement import insert_coders
from nowserving.store.engines.together import NewRows
from nowserving.store.types import Coder


@lru_cache
def of_each(question: str, kinds: tuple[str, ...]) -> str:
    """The first row of the answer to a question, for each of several sets of values.

    They travel as one array for each value. The limit keeps the planner from joining: each
    answer is looked up by itself, as it would be if it were asked for alone.
    """
    places = range(1, len(kinds) + 1)
    arrays = ", ".join(f"${at}::{kind}[]" for at, kind in zip(places, kinds, strict=True))
    names = ", ".join(f"value{at}" for at in places)
    one = re.sub(r"\$(\d+)", r"given.value\1", question)
    return (
        f"select given.at, answer.* from unnest({arrays}) with ordinality as given({names}, at)"
        f" cross join lateral (select * from ({one}) as rows limit 1) as answer"
    )


def travelling(rows: NewRows) -> tuple[bool, list[Any]]:
    """Is there one row for each table, and what is sent for them?"""
    single = all(len(new) == 1 for new in rows.values())
    of_table = _values if single else _arrays
    return single, [value for table, new in rows.items() for value in of_table(table, new)]


def _values(table: Table, rows: Sequence[Sequence[Any]]) -> list[Any]:
    """The only row of a table."""
    return [
        value if code is None or value is None else code(value)
        for value, (_, code) in zip(rows[0], _columns(table), strict=True)
    ]


def _arrays(table: Table, rows: Sequence[Sequence[Any]]) -> list[Sequence[Any]]:
    """The rows, column by column; a value that all rows have in common only once."""
    arrays: list[Sequence[Any]] = []
    for column, (nullable, code) in zip(zip(*rows, strict=True), _columns(table), strict=True):
        first = column[0]
        alike = column[-1] == first and column.count(first) == len(column)
        values = column[:1] if alike and (first is None or not nullable) else column
        if code is not None:
            values = tuple(None if value is None else code(value) for value in values)
        arrays.append(values)
    return arrays


@lru_cache
def _columns(table: Table) -> tuple[tuple[bool, Coder], ...]:
    """For each column: may it be null, and how do its values go in?"""
    coders = dict(insert_coders(table, "postgresql"))
    return tuple((bool(c.nullable), coders.get(at)) for at, c in enumerate(table.columns))


@lru_cache
def inserting(tables: tuple[Table, ...], single: bool) -> str:
    """One statement that adds one row to each table, or any number of rows."""
    *before, last = _inserts(tables, single, 1)
    return f"with {_named(before)} {last}" if before else last


@lru_cache
def replacing(update: str, taken: int, tables: tuple[Table, ...], single: bool) -> str:
    """An update with so many parameters, and such rows if it finds its row; says if it did."""
    inserts = _inserts(tables, single, taken + 1, "where exists (select from seen)")
    parts = ", ".join(filter(None, (f"seen as ({update} returning 1)", _named(inserts))))
    return f"with {parts} select count(*) from seen"


def _named(parts: Sequence[str]) -> str:
    return ", ".join(f"t{at} as ({part})" for at, part in enumerate(parts))


def _inserts(tables: tuple[Table, ...], single: bool, first: int, only: str = "") -> list[str]:
    """What adds rows to each table, with parameters from a number on; `only` says when."""
    parts = []
    for table in tables:
        names = ", ".join(f'"{column.name}"' for column in table.columns)
        source = _one_row(table, first, only) if single else _many_rows(table, first, names, only)
        parts.append(f"insert into {table.name} ({names}) {source}")
        first += len(table.columns)
    return parts


def _one_row(table: Table, first: int, only: str) -> str:
    row = ", ".join(_parameters(table, first))
    return f"select {row} {only}" if only else f"values ({row})"


def _many_rows(table: Table, first: int, names: str, only: str) -> str:
    """Each column travels as one array.

    An array of one value stands for all rows: `unnest` fills it up with nulls, and a null
    where none may be means the first value again.
    """
    arrays = [f"{parameter}[]" for parameter in _parameters(table, first)]
    values = [
        f'r."{column.name}"' if column.nullable else f'coalesce(r."{column.name}", ({array})[1])'
        for column, array in zip(table.columns, arrays, strict=True)
    ]
    return f"select {', '.join(values)} from unnest({', '.join(arrays)}) as r({names}) {only}"


def _parameters(table: Table, first: int) -> list[str]:
    """A typed place for each column."""
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    return [
        f"${at}::{column.type.compile(dialect)}" for at, column in enumerate(table.columns, first)
    ]
