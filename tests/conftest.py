"""Fixtures for every test: both engines, a database of one's own, a browser.

* `engine_name`: the test runs once on SQLite and once on PostgreSQL.
* `database_url`: an empty database of that engine, gone after the test.
* `postgres`: the server all workers share; do not stop it. `lone_postgres`: one to kill.
* `page`, `new_page`: a page in Chromium, quiet about errors only if there are none.
"""

import asyncio
import os
import shutil
import socket
import tempfile
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import httpx
import pytest
import uvicorn
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST
from litestar import Litestar
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page

from nowserving.actions import sign_in
from nowserving.actions.filing import Filing
from nowserving.actions.house import House
from nowserving.actions.sample import Sample, sample
from nowserving.actions.sample_work import BackOffice, add_back_office
from nowserving.actions.setup import begin
from nowserving.actions.sign_in import hash_password
from nowserving.hooks.files.folder import Folder
from nowserving.hooks.guard import Guard
from nowserving.kit.collector import spare_what_stands
from nowserving.kit.vault import Vault
from nowserving.main.outside import outside
from nowserving.main.server import create_app, hang_doors
from nowserving.main.settings import Settings
from nowserving.main.watching import Watching
from nowserving.people.actor import Actor, ActorKind, grants_of
from nowserving.people.permissions import Role
from nowserving.places.organization import Unit
from nowserving.store.migrate import migrate
from tests.rig.browser import PATIENCE, open_browser
from tests.rig.lending import File, Lent, Shelf
from tests.rig.postgres import Postgres, in_memory
from tests.rig.shared import own_postgres, shared_postgres


def pytest_collection_finish() -> None:
    """Keep the collector of cycles from what stays for good: modules, tests, as a server does."""
    spare_what_stands()


# --- databases ------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """One server for all tests of a run, whichever worker they are on."""
    base = tmp_path_factory.getbasetemp()
    run = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    with shared_postgres(run / "postgres") as server:
        yield server


@pytest.fixture
def lone_postgres() -> Iterator[Postgres]:
    """A server for this test alone, to stop and to kill; takes a second to make."""
    with own_postgres() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgres"])
def engine_name(request: pytest.FixtureRequest) -> str:
    """The engine under the test; each test that asks for it runs on both."""
    name: str = request.param
    return name


@pytest.fixture
def database_file() -> Iterator[Path]:
    """Where a SQLite database may be: in memory, where a disk that is slow to sync costs no time.

    It is told to sync all the same, as PostgreSQL is.
    """
    with tempfile.TemporaryDirectory(prefix="nowserving-", dir=in_memory()) as folder:
        yield Path(folder) / "nowserving.db"


@pytest.fixture
async def database_url(
    engine_name: str, database_file: Path, request: pytest.FixtureRequest
) -> AsyncIterator[str]:
    """An empty database for one test."""
    if engine_name == "sqlite":
        yield f"sqlite:///{database_file}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    name = f"test_{uuid4().hex}"
    yield await server.create_database(name)
    await server.drop_database(name)


# --- browser --------------------------------------------------------------------------------

NewPage = Callable[..., Awaitable[Page]]


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One Chromium for each worker."""
    async with open_browser() as opened:
        yield opened


@pytest.fixture
async def new_page(browser: Browser) -> AsyncIterator[NewPage]:
    """Opens pages as different people; options as for Playwright's `new_context`.

    What a page complains of, an uncaught error or a breach of its CSP, fails the test.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            complaints.append(message.text)

    async def open_page(**options: Any) -> Page:
        context = await browser.new_context(**{"reduced_motion": "reduce", **options})
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        page = await context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", listen)
        return page

    yield open_page
    for context in contexts:
        await context.close()
    assert complaints == []


@pytest.fixture
async def page(new_page: NewPage) -> Page:
    """A fresh page, nobody signed in."""
    return await new_page()


# --- the house ------------------------------------------------------------------------------


PASSWORD = "Passw0rd!"
"""Everybody's password in the tests."""


@pytest.fixture(scope="session", autouse=True)
def usual_hasher() -> Iterator[PasswordHasher]:
    """What hashes passwords; in the tests another does, which is quick.

    What a hash costs to try stands in it, so servers in processes of their own are quick too.
    """
    usual = sign_in._hasher
    with (
        patch.object(sign_in, "_hasher", PasswordHasher.from_parameters(CHEAPEST)),
        patch.object(sign_in, "_NOBODY", sign_in._hash_of_nobody()),
    ):
        yield usual


@pytest.fixture(scope="session")
async def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file in the form this version needs, to be copied."""
    file = tmp_path_factory.mktemp("migrated") / "nowserving.db"
    await migrate(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
async def shelf() -> AsyncIterator[Shelf]:
    """PostgreSQL databases that are lent to one test after the other."""
    lending = Shelf()
    yield lending
    await lending.close()


@pytest.fixture
async def migrated(
    engine_name: str,
    database_file: Path,
    migrated_file: Path,
    shelf: Shelf,
    request: pytest.FixtureRequest,
) -> AsyncIterator[Lent]:
    """A database in the form this version needs, empty but for that."""
    if engine_name == "sqlite":
        shutil.copy(migrated_file, database_file)
        yield File(f"sqlite:///{database_file}")
        return
    async with shelf.lend(request.getfixturevalue("postgres")) as kept:
        yield kept


@pytest.fixture
def migrated_url(migrated: Lent) -> str:
    """Where that database is."""
    return migrated.url


@pytest.fixture
async def house(migrated: Lent, tmp_path: Path) -> AsyncIterator[House]:
    """A house on a database of its own, with the wall clock and a folder for files."""
    engine = await migrated.open()
    opened = House(engine, Vault(b"k" * 32))
    opened.outside = outside(Guard())
    opened.filing = Filing(Folder(tmp_path / "files"))
    yield opened
    await engine.close()


@cache
def _hash() -> "asyncio.Task[str]":
    return asyncio.ensure_future(hash_password(PASSWORD))


async def hashed_once(password: str) -> str:
    """The hash of everybody's password, worked out once."""
    assert password == PASSWORD
    return await _hash()


@pytest.fixture
async def branch(house: House) -> Sample:
    """The sample branch, in the house."""
    now = house.clock()
    made = await sample(lambda: house.ids(now), now, password=lambda: PASSWORD, hashed=hashed_once)
    await begin(house, made.beginning)
    return made


@pytest.fixture
async def other_branch(house: House, branch: Sample) -> Sample:
    """Another organization in the same house: `other`, with the same names and passwords."""
    now = house.clock()
    made = await sample(
        lambda: house.ids(now),
        now,
        number=2,
        slug="other",
        password=lambda: PASSWORD,
        hashed=hashed_once,
    )
    await begin(house, made.beginning)
    return made


@pytest.fixture
async def back_office(house: House, branch: Sample) -> BackOffice:
    """A unit of the sample with an inbox instead of lines, where Dia works too."""
    directory = await house.directory(branch.organization.id)
    return await add_back_office(house, directory, (branch.beginning.agents[3].id,))


@pytest.fixture
def ann(branch: Sample) -> Actor:
    """An agent of the sample branch."""
    agent = branch.beginning.agents[0]
    unit = next(thing for thing in branch.beginning.places if isinstance(thing, Unit))
    grants = grants_of([(Role.AGENT, frozenset({unit.id}))])
    return Actor(branch.organization.id, ActorKind.AGENT, agent.id, agent.name, grants)


@pytest.fixture
def program(branch: Sample) -> Actor:
    """The program of the sample branch."""
    client = branch.client
    grants = grants_of((role, None) for role in client.roles)
    return Actor(branch.organization.id, ActorKind.CLIENT, client.id, client.name, grants)


# --- the server -----------------------------------------------------------------------------


@pytest.fixture
def settings(migrated_url: str, branch: Sample, tmp_path: Path) -> Settings:
    """How the application of a test runs: on the test's database, with the sample branch."""
    return Settings(
        database_url=migrated_url,
        key=urlsafe_b64encode(b"k" * 32).decode(),
        base_url="http://127.0.0.1:8000",
        log_level="critical",
        files=str(tmp_path / "files"),
    )


@pytest.fixture(scope="session")
def spare_doors() -> list[Litestar]:
    """Doors no test uses now. To hang them takes half a second."""
    return []


def hung(spare: list[Litestar]) -> Iterator[Litestar]:
    """Doors for one test, and then for the next."""
    hung = spare.pop() if spare else hang_doors()
    yield hung
    spare.append(hung)


@pytest.fixture
def doors(spare_doors: list[Litestar]) -> Iterator[Litestar]:
    """All doors, with nothing behind them."""
    yield from hung(spare_doors)


@pytest.fixture
async def app(house: House, settings: Settings, doors: Litestar) -> AsyncIterator[Watching]:
    """The whole application in this process, on the house of the test."""
    opened = create_app(settings, house=house, doors=doors)
    started, ended = asyncio.Event(), asyncio.Event()

    async def live() -> None:
        """Begin and end in one task, as the framework wants it."""
        async with opened.app.lifespan():
            started.set()
            await ended.wait()

    living = asyncio.create_task(live())
    await asyncio.wait(
        [living, asyncio.ensure_future(started.wait())], return_when="FIRST_COMPLETED"
    )
    assert not living.done(), living
    yield opened
    ended.set()
    await living


@pytest.fixture
async def client(app: Watching) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who asks the application over HTTP, without a network between."""
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as asking:
        yield asking


@pytest.fixture
def served_doors(spare_doors: list[Litestar]) -> Iterator[Litestar]:
    """More doors, for a server beside an application."""
    yield from hung(spare_doors)


@pytest.fixture
async def served(house: House, settings: Settings, served_doors: Litestar) -> AsyncIterator[str]:
    """A real server in this process; its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    here = replace(settings, base_url=address, port=port)
    opened = create_app(here, house=house, doors=served_doors)
    config = uvicorn.Config(opened, host="127.0.0.1", port=port, log_level="critical")
    config.timeout_graceful_shutdown = 1
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server._serve())
    while not server.started:
        assert not serving.done(), serving
        await asyncio.sleep(0.01)
    yield address
    opened.app.state.end_streams()
    server.should_exit = True
    await serving
