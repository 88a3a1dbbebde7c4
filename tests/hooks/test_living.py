"""What a process held that is no more is free at once; one that lives keeps what it holds.

SQLite has but one process, which frees everything when it starts.
"""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from nowserving.hooks.living import Living
from nowserving.kit.clock import wall
from nowserving.store.engines import Engine, Postgres
from nowserving.store.lanes import Lanes, Stretch
from tests.journal.conftest import Another, another, engine, office
from tests.journal.facts import NOON, Office, until

__all__ = ["another", "engine", "office"]

A = UUID(int=1)


async def hold(office: Office, living: Living) -> None:
    """A lane that this process holds for an hour."""
    endpoint = await office.subscribe("http://127.0.0.1:1/")
    now = wall()
    async with office.engine.writing() as connection:
        await Lanes(connection, office.id).extend([Stretch(endpoint.id, A, 1, 1)], NOON)
        lanes = Lanes(connection, office.id)
        until = now + timedelta(hours=1)
        await lanes.claim({endpoint.id: 1}, lease=living.lease(), now=now, until=until, most=1)


async def is_due(office: Office) -> bool:
    async with office.engine.reading() as connection:
        return bool(await Lanes(connection, office.id).due_endpoints(wall()))


def nobody_hears(_: Collection[UUID]) -> None:
    """Nobody needs to hear of it."""


async def alive(engine: Engine, heard: list[UUID] | None = None) -> Living:
    living = Living(engine, nobody_hears if heard is None else heard.extend, every=0.05)
    await living.start()
    return living


async def test_what_a_dead_process_held_is_free_at_once(office: Office, another: Another) -> None:
    ours, theirs = office.engine, await another()
    if ours is theirs:
        return
    heard: list[UUID] = []
    survivor, victim = await alive(ours, heard), await alive(theirs)
    await until(lambda: survivor.count == 2)
    await hold(office, victim)
    assert not await is_due(office)
    await kill(theirs)
    await until(lambda: is_due(office), within=5)
    await until(lambda: heard == [office.id])
    await until(lambda: survivor.count == 1)
    await survivor.stop()
    await victim.stop()


async def kill(engine: Engine) -> None:
    """Its connections are gone, as when a process is killed."""
    assert isinstance(engine, Postgres)
    engine._pool.terminate()


async def test_who_comes_frees_what_the_dead_have_left(office: Office, another: Another) -> None:
    """All processes were killed at once: nobody is left who knew them."""
    ours, theirs = office.engine, await another()
    if ours is theirs:
        return
    never_started = Living(theirs, nobody_hears)
    await hold(office, never_started)
    assert not await is_due(office)
    comes = await alive(ours)
    await until(lambda: is_due(office), within=5)
    await comes.stop()


async def test_who_has_started_is_seen(engine: Engine) -> None:
    """Else what it holds would be taken for a dead process' by the next who comes."""
    if not isinstance(engine, Postgres):
        return
    comes = await alive(engine)
    assert comes.number in await engine.holders()
    await comes.stop()
    assert comes.number not in await engine.holders()


async def test_who_lives_keeps_what_it_holds(office: Office, another: Another) -> None:
    ours, theirs = office.engine, await another()
    if ours is theirs:
        return
    first = await alive(theirs)
    await hold(office, first)
    second = await alive(ours)
    await until(lambda: second.count == 2)
    third = await alive(ours)
    await until(lambda: third.count == 3)
    assert not await is_due(office)
    for living in (third, second, first):
        await living.stop()
