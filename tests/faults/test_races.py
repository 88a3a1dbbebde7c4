"""Many want the same thing at the same moment: over HTTP, on PostgreSQL from three processes."""

import asyncio
from collections import Counter

import pytest

from tests.faults.conftest import NewTown
from tests.faults.mixture import Mixture
from tests.faults.people import Town, new_key
from tests.rig.history import Said, come_to_rest, complaints, read_books
from tests.rig.receiver import Receiver
from tests.rig.server import Server

SECONDS = 2.5
"""How long the mixture goes on."""


@pytest.fixture
async def town(new_town: NewTown) -> Town:
    """An office served by one process on SQLite and by three on PostgreSQL."""
    return await new_town(3)


async def test_forty_take_a_number_at_once(town: Town) -> None:
    answers = await forty_numbers(town)

    assert Counter(one.status for one in answers) == {201: 40}
    assert {one.ticket for one in answers} == {f"A{number}" for number in range(1, 41)}
    assert await broken(town) == []


async def test_forty_desks_call_at_once(town: Town) -> None:
    await forty_numbers(town)

    answers = await asyncio.gather(
        *(town.call_next(f"desk {at}", server=one_of(town, at), agent=at % 4) for at in range(44))
    )

    assert Counter(one.status for one in answers) == {200: 40, 204: 4}
    assert len({one.case for one in answers if one.case}) == 40
    assert await broken(town) == []


async def test_twenty_call_to_one_desk(town: Town) -> None:
    await forty_numbers(town)
    desk = town.desks[0]

    answers = await asyncio.gather(
        *(
            town.call_next(f"agent {at}", server=one_of(town, at), agent=at % 4, desk=desk)
            for at in range(20)
        )
    )

    assert Counter(one.status for one in answers) == {200: 1, 409: 19}
    assert await broken(town) == []


@pytest.mark.parametrize("native", [False, True], ids=["cubu", "native"])
async def test_twenty_duplicates_at_once_are_one_case(town: Town, native: bool) -> None:
    key = new_key()

    async def once(at: int) -> Said:
        return await town.queue_up(f"tap {at}", key=key, server=one_of(town, at), native=native)

    answers = [*await asyncio.gather(*(once(at) for at in range(20))), await once(0)]

    assert {one.status for one in answers} <= {201, 409}
    made = [one for one in answers if one.status == 201]
    assert len({(one.case, one.body) for one in made}) == 1
    assert (made[-1].replayed, sum(not one.replayed for one in made)) == (True, 1)
    other = await town.queue_up(
        "another", key=key, server=town.servers[-1], native=native, service=1
    )
    assert other.phase == "fail"
    assert await broken(town) == []


async def test_twelve_do_whatever_comes_to_mind(new_town: NewTown, receiver: Receiver) -> None:
    town = await new_town(3, webhook=receiver.base_url)
    receiver.secret = town.office.facts["webhook_secret"]
    mixture = Mixture(town, seed=7)

    await mixture.run(SECONDS)

    await come_to_rest(town.office.database_url)
    books = await read_books(town.office.database_url)
    assert complaints(town.history, books, receiver.arrivals) == []
    assert {one.op for one in town.history.ok()} == mixture.ops
    print(mixture.report())


async def forty_numbers(town: Town) -> list[Said]:
    return await asyncio.gather(
        *(
            town.queue_up(
                f"person {at}", key=new_key(), server=one_of(town, at), native=at % 2 == 0
            )
            for at in range(40)
        )
    )


def one_of(town: Town, at: int) -> Server:
    return town.servers[at % len(town.servers)]


async def broken(town: Town) -> list[str]:
    """What does not fit by now."""
    return complaints(town.history, await read_books(town.office.database_url, at_rest=False))
