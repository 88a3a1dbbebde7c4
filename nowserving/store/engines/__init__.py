"""The engine room: statements are said in SQLAlchemy Core and run on the driver itself.

A database is one file here and one line in `open_engine`.
"""

from nowserving.store.engines.base import Clash, Connection, Engine, Reader, Unavailable
from nowserving.store.engines.lazily import Looking, Transaction
from nowserving.store.engines.postgres import Postgres, connect
from nowserving.store.engines.questions import Questions
from nowserving.store.engines.sqlite import Locked, Sqlite, copy_sqlite, must_be_at_rest
from nowserving.store.engines.statement import Statement

__all__ = [
    "Clash",
    "Connection",
    "Engine",
    "Locked",
    "Looking",
    "Postgres",
    "Questions",
    "Reader",
    "Statement",
    "Transaction",
    "Unavailable",
    "connect",
    "copy_sqlite",
    "must_be_at_rest",
    "open_engine",
]


async def open_engine(url: str, *, connections: int = 10) -> Engine:
    """Open the database at `url`: `sqlite:///path` or `postgresql://user@host/name`.

    Raises ValueError for any other kind, `Locked` if another process holds the SQLite file,
    `Unavailable` if the server cannot be reached.
    """
    kind, _, rest = url.partition("://")
    if kind == "sqlite":
        return Sqlite(rest.removeprefix("/"))
    if kind in ("postgresql", "postgres"):
        return await Postgres.connect(url, connections=connections)
    raise ValueError(f"no such kind of database: {kind}")
