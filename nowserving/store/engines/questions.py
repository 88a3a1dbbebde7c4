"""Questions that many ask at the same moment: those that are alike go to the database as one."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Table

from nowserving.store.engines.base import Engine, Row, Unavailable
from nowserving.store.engines.lazily import Looking
from nowserving.store.engines.statement import Statement


class Questions:
    """A place for many to ask at once; a connection is taken only while a question is on its way.

    Of the questions for one row that differ only in their values one is on its way at a time.
    Who comes meanwhile goes together with all who do: an answer is never older than its question.
    """

    def __init__(self, engine: Engine) -> None:
        self.dialect = engine.dialect
        self._engine = engine
        self._looking = Looking(engine)
        self._gathered: dict[Statement, _Gathered] = {}
        self._asking: dict[Statement, asyncio.Task[None]] = {}

    async def first(self, statement: Statement, /, **values: Any) -> Row | None:
        gathered = self._gathered.get(statement)
        if gathered is None:
            gathered = self._gathered[statement] = _Gathered()
        if statement not in self._asking:
            self._asking[statement] = asyncio.create_task(self._ask(statement))
        try:
            return await gathered.answer(values)
        except Unavailable:
            raise
        except Exception:
            # What is wrong with one of the questions should not be wrong with all.
            return await self._looking.first(statement, **values)

    async def all(self, statement: Statement, /, **values: Any) -> list[Row]:
        return await self._looking.all(statement, **values)

    async def each(self, statement: Statement, values: Sequence[Mapping[str, Any]], /) -> list[Row]:
        return await self._looking.each(statement, values)

    async def run(self, statement: Statement, /, **values: Any) -> int:
        raise AssertionError("nothing is written by asking")

    async def replace(self, statement: Statement, lost: Exception, /, **values: Any) -> None:
        raise AssertionError("nothing is written by asking")

    async def insert(self, table: Table, rows: Sequence[Sequence[Any]]) -> None:
        raise AssertionError("nothing is written by asking")

    async def _ask(self, statement: Statement) -> None:
        """Ask for all who have gathered, until nobody has."""
        try:
            while gathered := self._gathered.pop(statement, None):
                try:
                    async with self._engine.reading() as connection:
                        rows = await connection.firsts(statement, gathered.asked)
                except Exception as failure:
                    gathered.answers.set_exception(failure)
                else:
                    gathered.answers.set_result(rows)
                finally:
                    gathered.answers.cancel()  # if there is none: we were stopped
        finally:
            del self._asking[statement]


@dataclass(slots=True)
class _Gathered:
    """Those who ask the same question, each with values of their own; some perhaps the same."""

    places: dict[tuple[tuple[str, Any], ...], int] = field(default_factory=dict)
    answers: asyncio.Future[list[Row | None]] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )

    @property
    def asked(self) -> list[dict[str, Any]]:
        """The values for which there is to be an answer, each once."""
        return [dict(values) for values in self.places]

    async def answer(self, values: Mapping[str, Any]) -> Row | None:
        """The answer for these values, when it is there. Who stops waiting stops nobody else."""
        at = self.places.setdefault(tuple(values.items()), len(self.places))
        return (await asyncio.shield(self.answers))[at]
