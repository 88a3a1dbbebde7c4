"""Offices with real servers, a receiver, and people who come to them."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import aiohttp
import pytest

from tests.faults.people import PATIENCE, Town
from tests.rig.mother import Mother, open_mother
from tests.rig.postgres import Postgres
from tests.rig.receiver import Receiver, open_receiver
from tests.rig.server import Office, Server, copy_of, open_office

NewOffice = Callable[..., Awaitable[Office]]


@pytest.fixture(scope="session")
async def mother() -> AsyncIterator[Mother]:
    """Starts the servers of all tests of a worker."""
    async with open_mother() as opened:
        yield opened


@pytest.fixture(scope="session")
async def pattern(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office that is only ever copied: making one takes a second of hashing."""
    data = tmp_path_factory.mktemp("pattern") / "data"
    return await open_office(data, f"sqlite:///{data}/nowserving.db")


@pytest.fixture(scope="session")
async def postgres_pattern(
    tmp_path_factory: pytest.TempPathFactory, postgres: Postgres
) -> tuple[Office, str]:
    """The same on PostgreSQL, and the name of the database to copy."""
    name = f"pattern_{os.getpid()}"
    data = tmp_path_factory.mktemp("postgres_pattern") / "data"
    return await open_office(data, await postgres.create_database(name)), name


@dataclass(frozen=True)
class Original:
    """What the offices of a test are copied from."""

    office: Office
    postgres: Postgres | None = None
    database: str = ""


@pytest.fixture
def original(engine_name: str, request: pytest.FixtureRequest) -> Original:
    """The pattern on the engine under the test."""
    if engine_name == "sqlite":
        return Original(request.getfixturevalue("pattern"))
    office, database = request.getfixturevalue("postgres_pattern")
    return Original(office, request.getfixturevalue("postgres"), database)


@pytest.fixture
async def new_office(original: Original, tmp_path: Path) -> AsyncIterator[NewOffice]:
    """Opens an office on the engine under the test; `webhook` is the address it tells."""
    made: list[str] = []

    async def open_new(webhook: str | None = None) -> Office:
        name = f"office_{uuid4().hex}"
        data = tmp_path / name
        url = f"sqlite:///{data}/nowserving.db"
        if original.postgres is not None:
            made.append(name)
            url = await original.postgres.create_database(name, template=original.database)
        return await copy_of(original.office, data, url, webhook=webhook)

    yield open_new
    for name in made:
        assert original.postgres is not None
        await original.postgres.drop_database(name)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A receiver of webhooks."""
    async with open_receiver() as opened:
        yield opened


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """Any number of connections to anybody."""
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, timeout=PATIENCE) as opened:
        yield opened


NewTown = Callable[..., Awaitable[Town]]


@pytest.fixture
async def new_town(
    new_office: NewOffice, mother: Mother, session: aiohttp.ClientSession
) -> AsyncIterator[NewTown]:
    """Opens an office with its servers running; on SQLite there can be only one.

    One server is the demonstration, as anybody would run it; several are `nowserving serve`.
    """
    started: list[Server] = []

    async def open_new(
        servers: int = 3,
        *,
        webhook: str | None = None,
        office: Office | None = None,
    ) -> Town:
        office = office or await new_office(webhook=webhook)
        if office.sqlite or servers == 1:
            opened = [Server.demo(mother, office)]
        else:
            opened = [Server.serve(mother, office) for _ in range(servers)]
        started.extend(opened)
        await asyncio.gather(*(server.start() for server in opened))
        return Town(office, opened, session)

    yield open_new
    for server in started:
        await server.close()
