"""What an engine offers to the store."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from sqlalchemy import Table

from nowserving.store.engines.statement import Statement

Row = tuple[Any, ...]


class Clash(Exception):
    """Two transactions wanted the same thing at once; the loser was rolled back, try again."""

    def __init__(self, constraint: str = "") -> None:
        super().__init__(constraint)
        self.constraint = constraint


class Unavailable(Exception):
    """The database does not answer."""


class Connection(Protocol):
    """A place to ask and write; what it writes is one transaction."""

    dialect: str

    async def all(self, statement: Statement, /, **values: Any) -> list[Row]:
        """Every row of the answer."""

    async def first(self, statement: Statement, /, **values: Any) -> Row | None:
        """The first row of the answer, if there is one."""

    async def run(self, statement: Statement, /, **values: Any) -> int:
        """Write, and say how many rows were touched."""

    async def replace(self, statement: Statement, lost: Exception, /, **values: Any) -> None:
        """Write over the one row that was seen; raises `lost` if it is not as it was any more.

        It waits for the new rows that come with it: `lost` may rise from a later statement, or
        from the commit, and then nothing is written.
        """

    async def each(self, statement: Statement, values: Sequence[Mapping[str, Any]], /) -> list[Row]:
        """Run one statement several times; the rows of all answers, in order."""

    async def insert(self, table: Table, rows: Sequence[Sequence[Any]]) -> None:
        """Add many rows, each a value per column in the table's order.

        They wait for company: what is wrong with them may rise from a later statement, or
        from the commit.
        """


class Reader(Connection, Protocol):
    """A connection for questions; each statement sees what is committed by then."""

    async def firsts(
        self, statement: Statement, values: Sequence[Mapping[str, Any]], /
    ) -> list[Row | None]:
        """The first row of each answer to a question that is asked of several things at once."""


class Engine(Protocol):
    """One database."""

    dialect: str
    one_process: bool

    def writing(self) -> AbstractAsyncContextManager[Connection]:
        """A transaction: committed at the end, rolled back if anything rises.

        Raises Clash and Unavailable, from any statement in it and from the commit.
        """

    def writing_once(self) -> AbstractAsyncContextManager[Connection]:
        """A transaction for a single write: where that commits itself, nothing is asked besides.

        It may be committed before the end, and stay so if anything rises after it. Raises as
        `writing` does.
        """

    def reading(self) -> AbstractAsyncContextManager[Reader]:
        """A connection for questions."""

    async def announce(self, channel: str, text: str) -> None:
        """Tell the other processes on this database something."""

    async def close(self) -> None:
        """Let go of the database."""
