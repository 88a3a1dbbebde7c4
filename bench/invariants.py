"""What must hold on the very data a bench has made; a run that breaks a rule is void.

The rules are those of docs/architecture.md: numbers without holes, a fact for each change,
nobody called by two desks, and everything that was answered is there.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from typing import Any
from uuid import UUID

import asyncpg

from nowserving.cases.moves import CALL, MOVES, State

Rows = Sequence[Sequence[Any]]

_BECOMES = ", ".join(f"('{m.fact}', '{m.then}')" for m in MOVES if m.then is not None)
_MAY_BE_CALLED = ", ".join(f"'{state}'" for state in sorted(CALL.when))

RULES = {
    "numbers: none twice, none left out": """
        select service_id, day, count(*), min(sequence), max(sequence) from cases
        where sequence > 0 group by service_id, day
        having count(*) <> max(sequence) or min(sequence) <> 1
          or count(distinct sequence) <> count(*)
    """,
    "a series has given what stands on its tickets": """
        select s.service_id, s.day, s.taken from series s
        left join (select service_id, day, max(sequence) as last from cases
                   where sequence > 0 group by service_id, day) c
          on c.service_id = s.service_id and c.day = s.day
        where coalesce(c.last, 0) <> s.taken
    """,
    "a fact for each version of a case": """
        select c.id, c.version, f.facts, f.last from cases c
        left join (select subject_id, count(*) as facts, max(version) as last from facts
                   group by subject_id) f on f.subject_id = c.id
        where coalesce(f.facts, 0) <> c.version or coalesce(f.last, 0) <> c.version
    """,
    "personal details for each case": """
        select c.id from cases c left join case_details d on d.case_id = c.id
        where d.case_id is null
    """,
    "each fact is in the outbox or in the feed, once": """
        select (select count(*) from facts), (select count(*) from outbox),
               (select count(*) from feed)
        where (select count(*) from facts)
           <> (select count(*) from outbox) + (select count(*) from feed)
    """,
    "nobody is called who was not waiting": f"""
        with becomes(kind, state) as (values {_BECOMES}),
        life as (
          select f.subject_id, f.version, f.kind,
                 lag(b.state) over (partition by f.subject_id order by f.version) as before
          from facts f join becomes b on b.kind = f.kind)
        select subject_id, version, before from life
        where kind = '{CALL.fact}' and before not in ({_MAY_BE_CALLED})
    """,
    "one person at a desk": f"""
        select desk_id, count(*) from cases
        where desk_id is not null and state in ('{State.ACTIVE}', '{State.CALLED}')
        group by desk_id having count(*) > 1
    """,
}
"""A rule, and the question that finds who breaks it."""


class Broken(Exception):
    """The data of this run breaks a rule: its figures are void."""


async def check(url: str, acknowledged: Iterable[UUID], *, kept: int | None = None) -> str:
    """See that all rules hold and nothing acknowledged is missing.

    `kept`: how many answers must be kept for idempotency keys, at the least.
    """
    ids = list(acknowledged)
    if len(set(ids)) != len(ids):
        raise Broken("one case was given to two people")
    rules = {**RULES, "": "select count(*) from idempotency_keys", "id": "select id from cases"}
    found = await _ask(url, rules)
    answers, there = found.pop("")[0][0], {row[0] for row in found.pop("id")}
    for rule, rows in found.items():
        if rows:
            raise Broken(f"{rule}: {len(rows)} times, first {list(rows[0])}")
    if missing := sum(1 for id in ids if id not in there):
        raise Broken(f"{missing} of {len(ids)} acknowledged cases are lost")
    if kept is not None and answers < kept:
        raise Broken(f"{kept} answers had to be kept, {answers} are")
    return f"{len(there)} cases, {len(ids)} acknowledged: {len(RULES)} rules hold, none lost"


async def _ask(url: str, questions: dict[str, str]) -> dict[str, Rows]:
    if url.startswith("sqlite:///"):
        return await asyncio.to_thread(_ask_sqlite, url.removeprefix("sqlite:///"), questions)
    connection = await asyncpg.connect(url, server_settings={"jit": "off"})
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            return {n: list(map(tuple, await connection.fetch(s))) for n, s in questions.items()}
    finally:
        await connection.close()


def _ask_sqlite(path: str, questions: dict[str, str]) -> dict[str, Rows]:
    connection = sqlite3.connect(path)
    read: Callable[[Any], Any] = UUID
    try:
        found: dict[str, Rows] = {n: connection.execute(s).fetchall() for n, s in questions.items()}
    finally:
        connection.close()
    return {
        n: [(read(row[0]),) for row in rows] if n == "id" else rows for n, rows in found.items()
    }
