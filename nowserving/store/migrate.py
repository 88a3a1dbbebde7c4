"""Bringing a database to the form this version of the house needs."""

import asyncio
from functools import partial
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from nowserving.store.engines import connect

_HERE = Path(__file__).parent / "migrations"


async def migrate(url: str) -> None:
    """Take every step that is still missing. Safe to run twice, and by two at once.

    Raises Unavailable if the database cannot be reached.
    """
    await _on(url, lambda connection: command.upgrade(_config(connection), "head"))


async def revise(url: str, message: str) -> None:
    """Write the step from the database's form to that of the tables (for developers)."""
    await _on(
        url,
        lambda connection: command.revision(_config(connection), message, autogenerate=True),
    )


async def _on(url: str, work: Any) -> None:
    if url.startswith("sqlite"):
        await asyncio.to_thread(_on_sqlite, url, work)
        return
    # The driver reads the address here as it does everywhere else: `?sslmode=` and the like.
    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=partial(connect, url), poolclass=NullPool
    )
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_alone, work)
    finally:
        await engine.dispose()


def _alone(connection: Connection, work: Any) -> None:
    connection.exec_driver_sql("select pg_advisory_xact_lock(7107)")
    work(connection)


def _on_sqlite(url: str, work: Any) -> None:
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        work(connection)
    engine.dispose()


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_HERE))
    config.attributes["connection"] = connection
    return config
