"""What all tables have in common."""

import re
from typing import Any

from sqlalchemy import Column, MetaData

from nowserving.store.types import Id

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def described(name: str | None, kind: str, parents: Any) -> bool:
    """Do the tables here tell of this thing in a database? Not of what words are searched by."""
    return re.fullmatch(r"\w+_words_(gin|fts(_\w+)?)", name or "") is None


def organization() -> Column[Any]:
    """The tenant, first column and first part of every key."""
    return Column("organization_id", Id, primary_key=True)


def key(name: str = "id") -> Column[Any]:
    """A further part of the primary key that is an id."""
    return Column(name, Id, primary_key=True)


def ref(name: str, *, optional: bool = False) -> Column[Any]:
    """The id of something else in the same organization."""
    return Column(name, Id, nullable=optional)
