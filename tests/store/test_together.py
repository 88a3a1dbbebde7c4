"""What is written travels together, and arrives as it was."""

from uuid import uuid4

import pytest
from sqlalchemy import bindparam, select, update

from nowserving.actions.house import House
from nowserving.people.customers import Customer
from nowserving.store.engines import Clash, Connection, Statement
from nowserving.store.rows import columns_for, row_maker
from nowserving.store.tables import counters, customers

ORGANIZATION = uuid4()
_CUSTOMERS = Statement(select(*columns_for(Customer, customers)).order_by(customers.c.number))
_COUNTERS = Statement(select(counters.c.name, counters.c.taken).order_by(counters.c.name))
_COUNT_ON = Statement(
    update(counters)
    .where(counters.c.name == bindparam("counted"), counters.c.taken == bindparam("seen"))
    .values(taken=bindparam("to"))
)
row = row_maker(customers)


class Lost(Exception):
    """Somebody was faster."""


def people(house: House, *contacts: tuple[str | None, str | None]) -> list[Customer]:
    now = house.clock()
    return [
        Customer(
            organization_id=ORGANIZATION,
            id=uuid4(),
            number=number,
            name="Somebody",
            phone=phone,
            email=email,
            created_at=now,
            updated_at=now,
            fields={"number": number},
        )
        for number, (phone, email) in enumerate(contacts, 1)
    ]


async def everybody(connection: Connection) -> list[Customer]:
    return [Customer(*found) for found in await connection.all(_CUSTOMERS)]


@pytest.mark.parametrize(
    "contacts",
    [
        [("+4930", None)],
        [("+4930", None), ("+4930", None), ("+4930", None)],
        [("+4930", None), (None, "a@example.org"), ("+4930", None)],
        [(None, "a@example.org"), (None, "a@example.org"), (None, None)],
    ],
)
async def test_rows_arrive_as_they_were_whatever_they_have_in_common(
    house: House, contacts: list[tuple[str | None, str | None]]
) -> None:
    added = people(house, *contacts)
    async with house.engine.writing() as connection:
        await connection.insert(customers, [row(one) for one in added[:2]])
        await connection.insert(counters, [(ORGANIZATION, "beside", 1)])
        await connection.insert(customers, [row(one) for one in added[2:]])
        assert await everybody(connection) == added
        assert await connection.all(_COUNTERS) == [("beside", 1)]
    async with house.engine.reading() as connection:
        assert await everybody(connection) == added


async def test_rows_that_nobody_asked_after_are_there_after_the_commit(house: House) -> None:
    async with house.engine.writing() as connection:
        await connection.insert(counters, [(ORGANIZATION, "last", 1)])
    async with house.engine.reading() as connection:
        assert await connection.all(_COUNTERS) == [("last", 1)]


async def test_a_row_that_is_there_already_undoes_all(house: House) -> None:
    async with house.engine.writing() as connection:
        await connection.insert(counters, [(ORGANIZATION, "twice", 1)])
    with pytest.raises(Clash):
        async with house.engine.writing() as connection:
            await connection.insert(customers, [row(one) for one in people(house, (None, None))])
            await connection.insert(counters, [(ORGANIZATION, "twice", 2)])
    async with house.engine.reading() as connection:
        assert await everybody(connection) == []
        assert await connection.all(_COUNTERS) == [("twice", 1)]


@pytest.mark.parametrize("count", [0, 1, 2])
async def test_a_row_is_written_over_with_what_is_added_for_it(house: House, count: int) -> None:
    added = people(house, *[(None, f"{at}@example.org") for at in range(count)])
    async with house.engine.writing() as connection:
        await connection.insert(counters, [(ORGANIZATION, "calls", 1)])
        await connection.replace(_COUNT_ON, Lost(), counted="calls", seen=1, to=2)
        await connection.replace(_COUNT_ON, Lost(), counted="calls", seen=2, to=3)
        await connection.insert(counters, [(ORGANIZATION, "beside", 1)])
        await connection.insert(customers, [row(one) for one in added])
    async with house.engine.reading() as connection:
        assert await connection.all(_COUNTERS) == [("beside", 1), ("calls", 3)]
        assert await everybody(connection) == added


@pytest.mark.parametrize("count", [0, 1, 2])
async def test_nothing_is_written_for_a_row_that_is_not_as_it_was(house: House, count: int) -> None:
    added = people(house, *[(None, f"{at}@example.org") for at in range(count)])
    async with house.engine.writing() as connection:
        await connection.insert(counters, [(ORGANIZATION, "beside", 1), (ORGANIZATION, "calls", 2)])
    for asks_again in (False, True):
        with pytest.raises(Lost):
            async with house.engine.writing() as connection:
                await connection.replace(_COUNT_ON, Lost(), counted="calls", seen=1, to=5)
                await connection.insert(counters, [(ORGANIZATION, "beside", 7)])
                await connection.insert(customers, [row(one) for one in added])
                if asks_again:
                    await everybody(connection)
                    raise AssertionError("the question rises instead")
        async with house.engine.reading() as connection:
            assert await connection.all(_COUNTERS) == [("beside", 1), ("calls", 2)]
            assert await everybody(connection) == []
