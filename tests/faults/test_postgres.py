"""PostgreSQL dies under load, in parts and as a whole; servers freeze. Nobody needs a restart."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from tests.faults.conftest import NewTown
from tests.faults.people import Town, new_key
from tests.rig.history import HURRY, Said, ask, come_to_rest, complaints, read_books
from tests.rig.mother import Mother
from tests.rig.postgres import Postgres
from tests.rig.receiver import Receiver
from tests.rig.server import Server, open_office

DATABASE = "office"


@pytest.fixture
async def town(
    lone_postgres: Postgres, new_town: NewTown, receiver: Receiver, tmp_path: Path
) -> Town:
    """Three servers on a PostgreSQL of their own."""
    url = await lone_postgres.create_database(DATABASE)
    office = await open_office(tmp_path / "data", url, webhook=receiver.base_url)
    receiver.secret = office.facts["webhook_secret"]
    return await new_town(3, office=office)


@pytest.fixture
async def load(town: Town) -> AsyncIterator["Load"]:
    """People who take numbers without a pause."""
    load = Load(town)
    yield load
    await load.end()


class Load:
    """Counts what is answered; each person asks until they know."""

    def __init__(self, town: Town) -> None:
        self._town = town
        self.over = asyncio.Event()
        self.answers = asyncio.Condition()
        self.answered: dict[int, int] = dict.fromkeys((s.port for s in town.servers), 0)
        self._people = [asyncio.create_task(self.come(f"person {at}")) for at in range(8)]

    async def come(self, name: str) -> None:
        while not self.over.is_set():
            take = partial(self._town.queue_up, name, key=new_key())
            said = await self._town.until_known(lambda server, take=take: take(server=server))  # type: ignore[misc]
            async with self.answers:
                self.answered[said.port] += 1
                self.answers.notify_all()

    async def each_server_answers(self, times: int = 3) -> None:
        """Wait until each of the servers has answered so often, from now on."""
        goal = {port: count + times for port, count in self.answered.items()}
        async with asyncio.timeout(90), self.answers:
            await self.answers.wait_for(
                lambda: all(self.answered[port] >= count for port, count in goal.items())
            )

    async def end(self) -> None:
        """Nobody comes any more, and everybody who came has an answer."""
        self.over.set()
        async with asyncio.timeout(90):
            await asyncio.gather(*self._people)


@pytest.mark.parametrize("engine_name", ["postgres"])
async def test_a_database_that_dies_is_found_again_by_every_server(
    lone_postgres: Postgres, town: Town, load: Load, receiver: Receiver
) -> None:
    await load.each_server_answers()

    await lone_postgres.kill_backends(DATABASE)
    await load.each_server_answers()

    await asyncio.to_thread(lone_postgres.stop, "immediate")
    assert not any([await server.ready() for server in town.servers])
    await asyncio.to_thread(lone_postgres.start)
    await load.each_server_answers()

    await asyncio.to_thread(lone_postgres.kill)
    await asyncio.to_thread(lone_postgres.start)
    await load.each_server_answers()

    assert all([await server.ready() for server in town.servers])
    await load.end()
    await come_to_rest(town.office.database_url)
    books = await read_books(town.office.database_url)
    assert complaints(town.history, books, receiver.arrivals, outages=()) == []
    assert {one.status for one in town.history.said} <= {201, 503}


@pytest.mark.parametrize("engine_name", ["postgres"])
async def test_a_frozen_sender_that_thaws_spoils_nothing(
    new_town: NewTown, receiver: Receiver, mother: Mother
) -> None:
    """It had claimed lanes; when it wakes, another one has told everything in its place."""
    town = await new_town(1, webhook=receiver.base_url)
    receiver.secret = town.office.facts["webhook_secret"]
    frozen, other = town.servers[0], Server.serve(mother, town.office)
    receiver.hang()
    cases = await asyncio.gather(
        *(town.queue_up(f"person {at}", key=new_key(), server=frozen) for at in range(10))
    )
    await receiver.posts(at_least=1)
    frozen.freeze()
    try:
        receiver.go_on()
        await other.start()
        town.servers = [other]
        await serve_all(town, other, cases)
        await ask(town.office.database_url, HURRY)
        await come_to_rest(town.office.database_url)
        told = len(receiver.arrivals)
        frozen.thaw()
        await frozen.stop()
        books = await read_books(town.office.database_url)
        assert complaints(town.history, books, receiver.arrivals) == []
        assert told >= 30
    finally:
        frozen.thaw()
        await other.close()


async def serve_all(town: Town, server: Server, cases: list[Said]) -> None:
    for _ in cases:
        said = await town.call_next("desk", server=server, agent=0, key=new_key())
        assert said.case is not None
        await town.move("desk", "resolve", said.case, server=server, agent=0, key=new_key())
