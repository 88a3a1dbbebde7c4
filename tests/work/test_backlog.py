"""Cases and customers from before there were words are found, however often one is stopped."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import bindparam, text

from nowserving.actions import backlog, customers
from nowserving.actions.backlog import give_words, organizations_behind
from nowserving.actions.erase import erase_case
from nowserving.actions.house import House
from nowserving.actions.search import find
from nowserving.cases.case import Case
from nowserving.cases.finding import Filter
from nowserving.people.actor import Actor, system
from nowserving.store.backlog import behind
from nowserving.store.engines import Statement, open_engine
from nowserving.store.migrate import _config, _on
from nowserving.store.types import Id, Instant, Json
from tests.work.conftest import OpenOne

STEP = "0018"

_FOUND = Statement(
    text(
        """insert into organizations
        (id, number, slug, name, languages, time_zone, country, created_at)
        values (:id, 1, 'old', 'Old', :languages, 'UTC', 'DE', :at)"""
    ).bindparams(
        bindparam("id", type_=Id),
        bindparam("at", type_=Instant),
        bindparam("languages", type_=Json(tuple[str, ...])),
    )
)


async def do(house: House, sql: str, **values: Any) -> None:
    async with house.engine.writing() as connection:
        await connection.run(Statement(text(sql)), **values)


async def grow_old(house: House) -> None:
    """As after the step: no words, and all is still to be done."""
    for kind in ("case", "customer"):
        await do(house, f"delete from {kind}_words")
        await do(
            house,
            f"""insert into words_backlog (organization_id, kind)
            select id, '{kind}' from organizations""",
        )


async def found(house: House, who: Actor, **wanted: Any) -> set[UUID]:
    async with house.acting(who) as act:
        return {case.id for case in (await find(act, wanted=Filter(**wanted))).cases}


@pytest.fixture
async def old(house: House, dia: Actor, open_one: OpenOne) -> list[Case]:
    """Seven cases, two of which nothing was said about, without words."""
    cases = [await open_one(title=f"Lamp {at}", name="Ada") for at in range(5)]
    cases += [await open_one() for _ in range(2)]
    await grow_old(house)
    return cases


async def test_what_is_older_is_found_some_at_a_time(
    house: House, dia: Actor, old: list[Case], open_one: OpenOne, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backlog, "AT_ONCE", 2)
    monkeypatch.setattr(backlog, "LOOKED_AT", 3)
    lamps, organization = {case.id for case in old[:5]}, dia.organization_id
    assert organization in await organizations_behind(house)
    assert await found(house, dia, text="lamp") == set()
    so_far = []
    while await give_words(house, organization):
        so_far.append(len(await found(house, dia, person="ada", text="lamp")))
    assert so_far[:4] == [2, 4, 5, 5]
    assert await found(house, dia, text="lamp") == lamps
    assert await organizations_behind(house) == []
    assert not await give_words(house, organization)


async def test_customers_are_found_too_and_new_words_stay(
    house: House, dia: Actor, open_one: OpenOne
) -> None:
    everywhere = system(dia.organization_id, "test")
    async with house.acting(everywhere) as act:
        known = await customers.create(act, given=customers.Given(contact={"name": "Grace Hopper"}))
    case = await open_one(title="Older", customer_id=known.customer.id)
    await grow_old(house)
    newer = await open_one(title="Newer")
    while await give_words(house, dia.organization_id):
        pass
    async with house.acting(everywhere) as act:
        page = await customers.find(act, text="hop")
    assert [one.id for one in page.customers] == [known.customer.id]
    assert await found(house, dia, person="hopper") == {case.id}
    assert await found(house, dia, text="newer") == {newer.id}


async def test_who_was_erased_meanwhile_gets_no_words(
    house: House, dia: Actor, old: list[Case]
) -> None:
    async with house.acting(system(dia.organization_id, "test")) as act:
        await erase_case(act, case_id=old[0].id)
    while await give_words(house, dia.organization_id):
        pass
    assert await found(house, dia, text="lamp") == {case.id for case in old[1:5]}


async def test_a_step_that_fails_goes_no_further(
    house: House, dia: Actor, old: list[Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def stumble(*_: object) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as broken:
        broken.setitem(backlog._WORDS, "case", stumble)
        with pytest.raises(RuntimeError):
            await give_words(house, dia.organization_id)
    assert await found(house, dia, text="lamp") == set()
    while await give_words(house, dia.organization_id):
        pass
    assert len(await found(house, dia, text="lamp")) == 5


async def test_the_step_leaves_what_is_there_to_be_done(database_url: str) -> None:
    before = ScriptDirectory.from_config(_config(None)).get_revision(STEP).down_revision
    assert isinstance(before, str)
    await _on(database_url, lambda connection: command.upgrade(_config(connection), before))
    engine = await open_engine(database_url)
    id = UUID(int=1)
    async with engine.writing() as connection:
        await connection.run(_FOUND, id=id, at=datetime(2026, 5, 4, tzinfo=UTC), languages=("en",))
    await _on(database_url, lambda connection: command.upgrade(_config(connection), STEP))
    async with engine.reading() as connection:
        assert await behind(connection) == [id]
    await engine.close()
