"""Questions of many who ask at the same moment: one goes for all, and each hears what is theirs."""

import asyncio
from dataclasses import replace
from uuid import UUID, uuid4

import msgspec
import pytest
from sqlalchemy import Integer, bindparam, select, text

from nowserving.actions.house import House
from nowserving.actions.queue_up import queue_up
from nowserving.actions.sample import Sample
from nowserving.cases.admission import Request
from nowserving.cases.case import Details
from nowserving.people.actor import Actor
from nowserving.store.engines import Questions, Statement, Unavailable
from nowserving.store.store import Store
from nowserving.store.tables import cases
from nowserving.store.types import Id
from tests.journal.facts import until
from tests.journal.watched import Watched


@pytest.fixture
def watched(house: House) -> Watched:
    return Watched(house.engine)


@pytest.fixture
def store(watched: Watched, branch: Sample) -> Store:
    """Where all of a test ask."""
    return Store(Questions(watched), branch.organization.id)


async def tickets(house: House, branch: Sample, actor: Actor, count: int) -> list[Details]:
    service = next(iter((await house.directory(branch.organization.id)).services))
    made = []
    for number in range(count):
        async with house.acting(actor) as act:
            request = Request(service_id=service, phone=f"+4930123456{number}")
            case = (await queue_up(act, request)).case
            made.append(await act.look.cases.details(case.id))
    assert [one.phone for one in made] == [f"+4930123456{number}" for number in range(count)]
    return made


async def erase(house: House, details: Details) -> Details:
    erased = Details(details.organization_id, details.case_id)
    async with house.engine.writing() as connection:
        await Store(connection, details.organization_id).cases.replace_details(erased)
    return erased


async def test_one_question_goes_for_all_and_each_hears_what_is_theirs(
    house: House, branch: Sample, program: Actor, watched: Watched, store: Store
) -> None:
    known = await tickets(house, branch, program, 5)
    others, nowhere = replace(known[0], organization_id=uuid4()), uuid4()
    elsewhere = Store(store._connection, others.organization_id)
    told = await asyncio.gather(
        *(store.cases.details(one.case_id) for one in known),
        *(store.cases.details(one.case_id) for one in reversed(known)),
        store.cases.details(nowhere),
        elsewhere.cases.details(others.case_id),
    )
    empty = Details(branch.organization.id, nowhere), Details(*_whose(others))
    assert told == [*known, *reversed(known), *empty]
    assert watched.asked == 1


def _whose(details: Details) -> tuple[UUID, UUID]:
    return details.organization_id, details.case_id


async def test_an_answer_is_never_older_than_its_question(
    house: House, branch: Sample, program: Actor, watched: Watched, store: Store
) -> None:
    [known] = await tickets(house, branch, program, 1)
    watched.answers.clear()
    before = asyncio.create_task(store.cases.details(known.case_id))
    await until(lambda: watched.asked == 1)
    erased = await erase(house, known)
    after = [asyncio.create_task(store.cases.details(known.case_id)) for _ in range(3)]
    await asyncio.sleep(0)
    watched.answers.set()
    assert (await asyncio.gather(*after), watched.asked) == ([erased] * 3, 2)
    assert await before in (known, erased)  # the question may have come after the change


async def test_who_stops_waiting_stops_nobody_else(
    house: House, branch: Sample, program: Actor, watched: Watched, store: Store
) -> None:
    known = await tickets(house, branch, program, 2)
    watched.answers.clear()
    given_up, waits = (asyncio.create_task(store.cases.details(one.case_id)) for one in known)
    await until(lambda: watched.asked == 1)
    given_up.cancel()
    watched.answers.set()
    assert await waits == known[1]
    with pytest.raises(asyncio.CancelledError):
        await given_up


async def test_all_hear_that_the_database_is_not_there_and_ask_again(
    house: House, branch: Sample, program: Actor, watched: Watched, store: Store
) -> None:
    known = await tickets(house, branch, program, 2)

    async def ask() -> list[Details | BaseException]:
        asking = (store.cases.details(one.case_id) for one in known)
        return await asyncio.gather(*asking, return_exceptions=True)

    watched.out = True
    assert [type(answer) for answer in await ask()] == [Unavailable, Unavailable]
    watched.out = False
    assert await ask() == known


UNREADABLE = Statement(
    text("update case_details set needs = 'what?' where case_id = :id").bindparams(
        bindparam("id", type_=Id)
    )
)


async def test_what_cannot_be_read_for_one_is_read_for_the_others(
    house: House, branch: Sample, program: Actor, store: Store
) -> None:
    known = await tickets(house, branch, program, 3)
    async with house.engine.writing() as connection:
        await connection.run(UNREADABLE, id=known[1].case_id)
    told = await asyncio.gather(
        *(store.cases.details(one.case_id) for one in known), return_exceptions=True
    )
    assert told[::2] == known[::2]
    assert isinstance(told[1], msgspec.DecodeError)


NUMBERS = Statement(
    select(cases.c.number)
    .where(
        cases.c.organization_id == bindparam("organization"),
        cases.c.number > bindparam("after"),
    )
    .order_by(cases.c.number.desc())
    .limit(bindparam("most", type_=Integer))
)
NEXT = Statement(text("select cast(:number as integer) + 1"))


async def test_of_each_answer_the_first_row_is_heard(
    house: House, branch: Sample, program: Actor
) -> None:
    """Whatever is asked, and whether or not anybody said what kind of values are given."""
    await tickets(house, branch, program, 3)
    asked = [
        {"organization": branch.organization.id, "after": after, "most": most}
        for after, most in ((0, 5), (3, 5), (1, 1), (0, 0))
    ]
    async with house.engine.reading() as connection:
        assert await connection.firsts(NUMBERS, asked) == [(3,), None, (3,), None]
        given = [{"number": number} for number in (1, 2, 3)]
        assert await connection.firsts(NEXT, given) == [(2,), (3,), (4,)]
        assert await connection.firsts(NUMBERS, []) == []
