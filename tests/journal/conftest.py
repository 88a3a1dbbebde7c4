"""An office whose journal is looked at, and more ways into its database."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest

from nowserving.store.engines import Engine, open_engine
from tests.journal.facts import Office
from tests.rig.lending import Lent

Another = Callable[[], Awaitable[Engine]]


@pytest.fixture
async def engine(migrated: Lent) -> AsyncIterator[Engine]:
    """A database of one's own."""
    opened = await migrated.open(connections=12)
    yield opened
    await opened.close()


@pytest.fixture
async def office(engine: Engine) -> Office:
    """An organization with an empty feed."""
    office = Office(engine)
    await office.open()
    return office


@pytest.fixture
async def another(migrated_url: str, engine: Engine) -> AsyncIterator[Another]:
    """Opens the same database as another process would; SQLite has but the one."""
    async with AsyncExitStack() as stack:

        async def opened() -> Engine:
            if engine.one_process:
                return engine
            other = await open_engine(migrated_url, connections=6)
            stack.push_async_callback(other.close)
            return other

        yield opened
