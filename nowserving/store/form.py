"""The form a database has: the last step of the migrations that it has taken.

Asked of the driver itself. Alembic, which takes the steps (`store/migrate.py`), needs a quarter
of a second only to be imported, and a server that starts or is looked after does not need it.
"""

import asyncio
import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path

import asyncpg

from nowserving.store.engines import Unavailable, connect

STEPS = Path(__file__).parent / "migrations" / "versions"

_ASKED = "select version_num from alembic_version"


@cache
def newest_form() -> str:
    """The form this version needs: the steps are numbered, so it is the last of them by name."""
    return max(step.name for step in STEPS.glob("[0-9]*.py")).partition("_")[0]


async def is_current(url: str) -> bool:
    """Has the database exactly the form this version needs? Raises Unavailable."""
    if url.startswith("sqlite"):
        found = await asyncio.to_thread(_in_file, url.removeprefix("sqlite:///"))
    else:
        found = await _on_server(url)
    return found == [newest_form()]


async def bring_up_to_date(url: str) -> None:
    """Take every step that is missing, if one is. Raises Unavailable."""
    if not await is_current(url):
        from nowserving.store.migrate import migrate

        await migrate(url)


async def _on_server(url: str) -> list[str]:
    connection = await connect(url)
    try:
        return [row[0] for row in await connection.fetch(_ASKED)]
    except asyncpg.UndefinedTableError:
        return []
    finally:
        await connection.close()


def _in_file(path: str) -> list[str]:
    if not Path(path).exists():  # to look must not make one
        return []
    try:
        with closing(sqlite3.connect(path)) as database:
            known = "select count(*) from sqlite_master where name = 'alembic_version'"
            if database.execute(known).fetchone() == (0,):
                return []
            return [row[0] for row in database.execute(_ASKED)]
    except sqlite3.DatabaseError as failure:
        raise Unavailable(f"the database cannot be read: {failure}") from failure
