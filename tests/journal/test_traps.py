"""The tempting variants of decision 0003, each with what it would lose."""

from uuid import UUID

from sqlalchemy import text

from nowserving.journal.router import MOST
from nowserving.store.engines import Statement
from nowserving.store.feed import Feed
from nowserving.store.journal import Journal
from nowserving.store.routing import Routing
from tests.journal.conftest import Another, another, engine, office
from tests.journal.facts import Office

__all__ = ["another", "engine", "office"]

A, B = UUID(int=1), UUID(int=2)
_ASK = Statement(text("select 1"))


async def route(office: Office) -> None:
    async with office.engine.writing() as connection:
        routing = Routing(connection, office.id)
        taken = await routing.take(MOST)
        assert taken is not None
        await routing.append(taken.position, taken.facts)


async def read_on(office: Office, position: int) -> list[tuple[int, UUID]]:
    async with office.engine.reading() as connection:
        found = await Feed(connection, office.id).after(position, 100)
    return [(at, fact.id) for at, fact in found]


async def test_who_commits_late_is_not_passed_over(office: Office, another: Another) -> None:
    """A cursor over ids (`where id > last`) would have gone beyond the earlier id."""
    other = await another()
    if other is office.engine:
        return  # SQLite: there is one writer, and nobody commits late
    async with other.writing() as late:
        earlier = office.fact(A, "case.queued", 1)
        await Journal(late, office.id).add([earlier])
        await late.all(_ASK)  # it is written, and not committed
        later = await office.happens(B)
        assert earlier.id < later.id
        await route(office)
        assert await read_on(office, 0) == [(1, later.id)]
    await route(office)
    assert await read_on(office, 1) == [(2, earlier.id)]


async def test_whoever_is_rolled_back_leaves_no_hole_in_the_feed(office: Office) -> None:
    """A sequence for positions would."""

    class Undone(Exception):
        pass

    first = await office.happens(A)
    try:
        async with office.engine.writing() as connection:
            routing = Routing(connection, office.id)
            taken = await routing.take(MOST)
            assert taken is not None
            await routing.append(taken.position, taken.facts)
            raise Undone
    except Undone:
        pass
    await route(office)
    assert await read_on(office, 0) == [(1, first.id)]
