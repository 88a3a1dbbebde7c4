"""Connections to the database: few of them, and some that are lost."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from nowserving.actions import desk
from nowserving.actions.house import House
from nowserving.actions.queue_up import queue_up
from nowserving.actions.sample import Sample, sample
from nowserving.actions.setup import begin
from nowserving.cases.admission import Request
from nowserving.kit.vault import Vault
from nowserving.people.actor import Actor
from nowserving.store.engines import Unavailable, open_engine
from nowserving.store.engines.postgres import Postgres


@pytest.fixture
async def house(migrated_url: str) -> AsyncIterator[House]:
    """A house with one connection."""
    engine = await open_engine(migrated_url, connections=1)
    yield House(engine, Vault(b"k" * 32))
    await engine.close()


@pytest.fixture
async def branch(house: House) -> Sample:
    now = house.clock()
    made = await sample(lambda: house.ids(now), now, password=lambda: "Passw0rd!")
    await begin(house, made.beginning)
    return made


async def test_an_act_needs_one_connection_whatever_it_asks(
    house: House, branch: Sample, ann: Actor, program: Actor
) -> None:
    directory = await house.directory(branch.organization.id)
    unit = directory.unit_numbered(1)
    inquiry = directory.services_of(unit.id)[0]
    async with house.acting(program) as act:
        queued = await queue_up(act, Request(service_id=inquiry.id))

    async with asyncio.timeout(30), house.acting(ann) as act:
        case = await desk.call(act, case_id=queued.case.id, desk_id=None)
        house.forget_directory(branch.organization.id)
        assert await act.directory() == directory
        assert await act.look.cases.get(case.id) == case


@pytest.mark.parametrize("engine_name", ["postgres"])
async def test_an_act_whose_connection_is_lost_says_so(
    house: House, ann: Actor, migrated_url: str
) -> None:
    async with house.acting(ann) as act:
        await act.store.places.version()

    async def two_questions() -> None:
        async with house.acting(ann) as act:
            await act.store.places.version()
            await throw_out(migrated_url)
            await act.store.places.version()

    with pytest.raises(Unavailable):
        await two_questions()
    async with house.acting(ann) as act:
        await act.store.places.version()


@pytest.mark.parametrize("engine_name", ["postgres"])
async def test_what_goes_wrong_in_an_act_is_told_even_if_its_connection_is_lost_too(
    house: House, ann: Actor, migrated_url: str
) -> None:
    async def a_bug() -> None:
        async with house.acting(ann) as act:
            await act.store.places.version()
            await throw_out(migrated_url)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await a_bug()
    async with house.acting(ann) as act:
        await act.store.places.version()


@pytest.mark.parametrize("engine_name", ["postgres"])
async def test_whoever_listens_hears_that_the_connection_is_lost_and_nothing_worse(
    migrated_url: str,
) -> None:
    engine = await open_engine(migrated_url, connections=1)
    assert isinstance(engine, Postgres)
    async with engine.listening("news", lambda text: None) as lost:
        await throw_out(migrated_url)
        await asyncio.wait_for(lost.wait(), 30)
    async with engine.listening("news", lambda text: None) as lost:
        assert not lost.is_set()
    await engine.close()


async def throw_out(url: str) -> None:
    """Have the server end our connections to this database, and no others."""
    database = url.rpartition("/")[2]
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity "
            "where datname = $1 and pid <> pg_backend_pid()",
            database,
        )
    finally:
        await connection.close()
