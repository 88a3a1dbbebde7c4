"""What the operator does beside a server: by the server itself, where it has the database."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from nowserving.kit.problems import Problem
from nowserving.main.knocking import in_words, knock, socket_of
from nowserving.main.settings import BadSettings, Settings
from nowserving.store.engines import Engine, Locked, open_engine
from nowserving.store.form import is_current

TRIES, PAUSE = 50, 0.2
"""How often a database is tried that is closed to us, and seconds between."""


async def do(settings: Settings, command: str, given: Mapping[str, Any]) -> Any:
    """Do something in the database; if a server has it for itself, by that server.

    BadSettings says in a line what was refused.
    """
    if not await is_current(settings.database_url):
        raise BadSettings("the database has not this version's form: run nowserving migrate")
    engine = await _opened(settings)
    if isinstance(engine, Path):
        return await knock(engine, command, given)
    try:
        return await _do_here(engine, settings, command, given)
    finally:
        await engine.close()


async def _do_here(
    engine: Engine, settings: Settings, command: str, given: Mapping[str, Any]
) -> Any:
    # The whole house: whoever knocks does without, and is done in a third of the time.
    from nowserving.actions.house import House
    from nowserving.main.listeners import guard_of
    from nowserving.main.outside import outside
    from nowserving.main.webhooks import obey

    house = House(engine, settings.vault())
    house.outside = outside(guard_of(settings))
    try:
        return await obey(house, command, given)
    except Problem as refused:
        raise BadSettings(in_words(refused)) from None


async def _opened(settings: Settings) -> Engine | Path:
    """The database; or the side door of the server that has it for itself.

    A server that is just beginning has the one closed and the other not open yet.
    """
    path = socket_of(settings.database_url)
    for left in reversed(range(TRIES)):
        try:
            return await open_engine(settings.database_url, connections=1)
        except Locked:
            if path is not None and path.exists():
                return path
            if not left:
                raise
        await asyncio.sleep(PAUSE)
    raise AssertionError("the last try returns or raises")


def settings_for(database: str | None, data: Path | None) -> Settings:
    """The settings, but for the database named here, or that of a demonstration's folder."""
    settings = Settings.read()
    if database is not None:
        settings = replace(settings, database_url=database)
    if data is not None:
        written = data / "demo.json"
        if not written.exists():
            raise BadSettings(f"{data} is not the folder of a demonstration")
        settings = replace(
            settings,
            database_url=str(json.loads(written.read_text())["database_url"]),
            key_file=str((data / "secret.key").resolve()),
        )
    return _with_demo_key(settings.check())


def _with_demo_key(settings: Settings) -> Settings:
    """The key of a demonstration lies beside its database, and is no server's usual one."""
    if settings.key or settings.key_file or not settings.database_url.startswith("sqlite"):
        return settings
    folder = Path(settings.database_url.removeprefix("sqlite:///")).parent
    key = folder / "secret.key"
    if key.exists() and (folder / "demo.json").exists():
        return replace(settings, key_file=str(key))
    return settings
