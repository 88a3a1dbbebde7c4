"""A crowd wants the same hour: over HTTP, on PostgreSQL from three processes."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.faults.conftest import NewTown
from tests.faults.people import Town, new_key
from tests.rig.history import Said, ask

SEATS = 30
PEOPLE = 180


@pytest.fixture
async def town(new_town: NewTown) -> Town:
    """An office served by one process on SQLite and by three on PostgreSQL."""
    return await new_town(3)


async def test_a_crowd_gets_exactly_the_seats_there_are(town: Town) -> None:
    calendar = await opened(town)

    async def person(at: int) -> Said:
        key, order = new_key(), {"calendar_id": calendar, "start": 540}
        said = await town.until_known(
            lambda server: booking(town, f"person {at}", key, server, order)
        )
        again = await booking(
            town, f"person {at}", key, town.servers[at % len(town.servers)], order
        )
        assert (again.status, again.replayed) == (said.status, said.status == 201)
        return said

    answers = await asyncio.gather(*(person(at) for at in range(PEOPLE)))

    assert Counter(one.status for one in answers) == {201: SEATS, 409: PEOPLE - SEATS}
    url = town.office.database_url
    taken = await ask(url, "select taken, forced from slots where taken > 0")
    assert {(row["taken"], row["forced"]) for row in taken} == {(SEATS, 0)}
    numbers = await ask(url, "select sequence from cases where state = 'planned' order by sequence")
    assert [row["sequence"] for row in numbers] == [*range(1, SEATS + 1)]
    facts = await ask(url, "select count(*) as told from facts where kind = 'case.planned'")
    assert facts[0]["told"] == SEATS
    await _one_of_fifty(town)


async def _one_of_fifty(town: Town) -> None:
    """One time for one: fifty want it, one has it, the others hear of the three nearest."""
    calendar = await opened(town, day=21, capacity=1, hours=(480, 960))

    async def person(at: int) -> tuple[int, Any]:
        server = town.servers[at % len(town.servers)]
        async with town.session.post(
            f"{server.address}/api/v1/appointments",
            json={"calendar_id": calendar, "start": 600},
            headers={
                "Authorization": f"Bearer {town.office.program}",
                "Idempotency-Key": new_key(),
            },
        ) as answer:
            return answer.status, await answer.json()

    answers = await asyncio.gather(*(person(at) for at in range(50)))
    assert Counter(status for status, _ in answers) == {201: 1, 409: 49}
    for said in (said for status, said in answers if status == 409):
        assert said["type"] == "/api/v1/docs#slot-taken"
        assert [one["start"] for one in said["details"]["alternatives"]] == [580, 620, 560]


async def opened(
    town: Town, *, day: int = 20, capacity: int = SEATS, hours: tuple[int, int] = (540, 560)
) -> str:
    """A new calendar, so many days from now."""
    service = next(
        one for one in town.office.facts["services"] if one["entry_mode"] == "appointment"
    )
    order = {
        "day": (datetime.now(UTC) + timedelta(days=day)).date().isoformat(),
        "capacity": capacity,
        "hours": [{"start": hours[0], "end": hours[1]}],
    }
    path = f"/api/v1/services/{service['id']}/calendars"
    async with town.session.post(
        town.servers[0].address + path,
        json=order,
        headers={"Authorization": f"Bearer {town.office.program}"},
    ) as answer:
        assert answer.status == 201, await answer.text()
        return str((await answer.json())["id"])


async def booking(town: Town, client: str, key: str, server: Any, order: dict[str, Any]) -> Said:
    """Ask once for a time."""
    return await town.ask(
        client,
        "book",
        "/api/v1/appointments",
        order,
        key=key,
        server=server,
        token=town.office.program,
    )
