"""Servers that are stopped, as an operator does it, and one too many on a file."""

import asyncio

import pytest

from tests.faults.conftest import NewTown
from tests.faults.people import Town, new_key
from tests.rig.history import Outage, Said, come_to_rest, complaints, read_books
from tests.rig.mother import Mother
from tests.rig.receiver import Receiver
from tests.rig.server import Server, ServerFailed

CLIENTS = 12


async def test_a_server_that_is_told_to_stop_finishes_what_it_has_begun(
    new_town: NewTown, receiver: Receiver
) -> None:
    town = await new_town(1, webhook=receiver.base_url)
    (server,) = town.servers
    receiver.secret = town.office.facts["webhook_secret"]
    enough, asked = asyncio.Event(), 0

    async def come(name: str) -> Said:
        """Take numbers until there is nobody who answers; the last request has no answer."""
        nonlocal asked
        while True:
            said = await town.queue_up(name, key=new_key(), server=server)
            if said.phase != "ok":
                return said
            asked += 1
            if asked == 60:
                enough.set()

    people = [asyncio.create_task(come(f"person {at}")) for at in range(CLIENTS)]
    await enough.wait()
    await server.stop()
    unanswered = await asyncio.gather(*people)

    assert [one.status for one in unanswered] == [None] * CLIENTS
    await server.start()
    again = [await town.queue_up(one.client, key=str(one.key), server=server) for one in unanswered]
    assert [(one.status, one.replayed) for one in again] == [(201, False)] * CLIENTS
    await come_to_rest(town.office.database_url)
    books = await read_books(town.office.database_url)
    outages = [Outage(server.port, one.began, one.ended or 0) for one in unanswered]
    assert complaints(town.history, books, receiver.arrivals, outages=outages) == []


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_a_second_process_on_a_file_says_what_is_the_matter(
    new_town: NewTown, mother: Mother
) -> None:
    town = await new_town(1)
    for second in (Server.demo(mother, town.office), Server.serve(mother, town.office)):
        with pytest.raises(ServerFailed, match="is in use by process"):
            await second.start()
        assert "Traceback" not in second.said()
    await check_served(town)


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_a_file_is_free_again_when_its_process_was_killed(new_town: NewTown) -> None:
    town = await new_town(1)
    await town.servers[0].kill()
    await town.servers[0].start()
    await check_served(town)


async def check_served(town: Town) -> None:
    said = await town.queue_up("somebody", key=new_key(), server=town.servers[0])
    assert said.status == 201
