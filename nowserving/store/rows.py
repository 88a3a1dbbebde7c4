"""From rows to frozen values and back, where table and value have the same names."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any, TypeVar

from sqlalchemy import Column, Table

Value = TypeVar("Value")


def columns_for(value: type[Any], table: Table) -> list[Column[Any]]:
    """The columns of a table in the order in which a value takes them."""
    return [table.c[name] for name in value.__match_args__]


def row_maker(table: Table) -> Callable[[Any], tuple[Any, ...]]:
    """Answers a value's row, in the order of the table's columns."""
    return attrgetter(*(column.name for column in table.columns))
