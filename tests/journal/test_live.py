"""Live: who watches hears that a topic changed, once however often it did, and nothing else."""

import asyncio
from contextlib import AsyncExitStack
from uuid import UUID, uuid4

from nowserving.journal.announcing import Listener
from nowserving.journal.live import Live, Watch
from nowserving.journal.router import Router
from nowserving.store.engines import Engine
from tests.journal.conftest import Another
from tests.journal.facts import Flaky, Office, until

A, B = UUID(int=1), UUID(int=2)


class Process:
    """What one process runs of the journal."""

    def __init__(self, engine: Engine, every: float = 30.0) -> None:
        self.live = Live(engine, every=every)
        self.router = Router(engine, [self.live], every=30.0)
        self.listener = Listener(engine, [self.live], ignoring=self.router.mark)

    async def __aenter__(self) -> "Process":
        for part in (self.live, self.router, self.listener):
            await part.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        for part in (self.listener, self.router, self.live):
            await part.stop()


async def soon(watch: Watch) -> tuple[str, int]:
    return await asyncio.wait_for(anext(watch), 60)


async def quiet(watch: Watch) -> bool:
    try:
        await asyncio.wait_for(anext(watch), 0.1)
    except TimeoutError:
        return True
    return False


async def test_who_watches_a_topic_hears_of_it_and_of_no_other(office: Office) -> None:
    async with (
        Process(office.engine) as process,
        process.live.watching(office.id, [f"case:{A}"]) as watch,
    ):
        await routed(office, process, B, A)
        assert await soon(watch) == (f"case:{A}", 2)
        assert await quiet(watch)


async def routed(office: Office, process: Process, *cases: UUID) -> None:
    """One fact of each of these cases after the other."""
    before = len(await office.feed())
    for count, case in enumerate(cases, before + 1):
        await office.happens(case)
        process.router.wake(office.id)
        await until(lambda count=count: has_length(office, count))  # type: ignore[misc]


async def has_length(office: Office, count: int) -> bool:
    return len(await office.feed()) == count


async def test_a_transfer_is_news_where_it_came_from_and_where_it_went(office: Office) -> None:
    left_queue, left_unit = uuid4(), uuid4()
    topics = [f"queue:{left_queue}", f"unit:{left_unit}", f"queue:{office.queue}"]
    async with (
        Process(office.engine) as process,
        process.live.watching(office.id, topics) as watch,
    ):
        await office.happens(
            A, "case.transferred", from_queue_id=left_queue, from_unit_id=left_unit
        )
        process.router.wake(office.id)
        assert {await soon(watch) for _ in topics} == {(topic, 1) for topic in topics}


async def test_who_is_slow_finds_the_newest_version_only(office: Office) -> None:
    topics = [f"case:{A}", f"unit:{office.unit}"]
    async with (
        Process(office.engine) as process,
        process.live.watching(office.id, topics) as watch,
    ):
        for _ in range(50):
            await office.happens(A)
            process.router.wake(office.id)
        await until(lambda: watch._pending.get(topics[0]) == 50)
        assert {await soon(watch), await soon(watch)} == {(topic, 50) for topic in topics}
        assert await quiet(watch)


async def test_another_process_hears_by_announcement(office: Office, another: Another) -> None:
    async with Process(office.engine) as ours, Process(await another()) as theirs:
        watcher = theirs if theirs.live._engine is not office.engine else ours
        async with watcher.live.watching(office.id, [f"case:{A}"]) as watch:
            await until(lambda: both_listen(office))
            await office.happens(A)
            ours.router.wake(office.id)
            assert await soon(watch) == (f"case:{A}", 1)


async def both_listen(office: Office) -> bool:
    """Do both processes hear what is announced? On SQLite there is but the one."""
    return office.engine.one_process or len(await listeners(office)) == 2


async def listeners(office: Office) -> list[int]:
    """The connections of this database that listen."""
    async with office.engine.reading() as connection:
        rows = await connection._raw.fetch(  # type: ignore[attr-defined]
            "select pid from pg_stat_activity"
            " where datname = current_database() and state = 'idle' and query ilike 'listen%'"
        )
    return [row["pid"] for row in rows]


async def test_what_nobody_announced_is_found_by_looking(office: Office) -> None:
    live, router = Live(office.engine, every=0.05), Router(office.engine)
    await live.start()
    await router.start()
    async with live.watching(office.id, [f"case:{A}"]) as watch:
        await office.happens(A)
        router.wake(office.id)
        assert await soon(watch) == (f"case:{A}", 1)
    await router.stop()
    await live.stop()


async def test_the_listener_comes_back_after_its_connection_was_lost(
    office: Office, another: Another
) -> None:
    other = await another()
    if other is office.engine:
        return  # SQLite: there is nobody else to hear
    async with (
        Process(office.engine) as ours,
        Process(other) as theirs,
        theirs.live.watching(office.id, [f"case:{A}"]) as watch,
    ):
        await until(lambda: both_listen(office))
        lost = await listeners(office)
        async with office.engine.reading() as connection:
            await connection._raw.execute(  # type: ignore[attr-defined]
                "select pg_terminate_backend(pid, 60000) from unnest($1::int[]) pid", lost
            )
        await until(lambda: both_listen(office))
        await office.happens(A)
        ours.router.wake(office.id)
        assert await soon(watch) == (f"case:{A}", 1)


async def test_who_comes_back_hears_what_changed_meanwhile(office: Office) -> None:
    topics = [f"case:{A}", f"case:{B}"]
    async with Process(office.engine) as process:
        async with process.live.watching(office.id, [f"case:{B}"]) as stays:
            await routed(office, process, B, A, B, A, B)
            await until(lambda: stays._pending.get(f"case:{B}") == 5)
            async with process.live.watching(office.id, topics, since=3) as watch:
                assert {await soon(watch), await soon(watch)} == {(topics[0], 4), (topics[1], 5)}
            async with process.live.watching(office.id, topics, since=4) as watch:
                assert await soon(watch) == (topics[1], 5)
                assert await quiet(watch)
            async with process.live.watching(office.id, topics, since=5) as watch:
                assert await quiet(watch)
        async with process.live.watching(office.id, topics, since=4) as watch:
            assert {await soon(watch), await soon(watch)} == {(topic, 5) for topic in topics}


async def test_a_watch_ends_when_the_house_closes(office: Office) -> None:
    process = Process(office.engine)
    async with process, process.live.watching(office.id, [f"case:{A}"]) as watch:
        ends = asyncio.create_task(drain(watch))
        await asyncio.sleep(0)
        await process.live.stop()
        assert await asyncio.wait_for(ends, 60) == []


async def drain(watch: Watch) -> list[tuple[str, int]]:
    return [change async for change in watch]


async def test_nothing_is_kept_of_those_who_left(office: Office) -> None:
    live = Live(office.engine)
    async with live.watching(office.id, [f"case:{A}"]), live.watching(office.id, [f"case:{B}"]):
        assert len(live._rooms) == 1
    assert live._rooms == {}


async def test_an_outage_is_lived_through(office: Office) -> None:
    flaky = Flaky(office.engine)
    live, router = Live(flaky, every=0.02), Router(office.engine)
    await live.start()
    await router.start()
    async with live.watching(office.id, [f"case:{A}"]) as watch:
        flaky.out = True
        await office.happens(A)
        router.wake(office.id)
        live.wake(office.id)
        await asyncio.sleep(0.1)
        flaky.out = False
        assert await soon(watch) == (f"case:{A}", 1)
    await router.stop()
    await live.stop()


async def test_five_thousand_watch_and_the_feed_is_read_once(office: Office) -> None:
    counting = Counting(office.engine)
    live, router = Live(counting, every=3600), Router(office.engine)
    await live.start()
    await asyncio.sleep(0)  # it looks once for itself, before anybody watches
    await router.start()
    async with AsyncExitStack() as stack:
        watches = [
            await stack.enter_async_context(live.watching(office.id, [f"unit:{office.unit}"]))
            for _ in range(5000)
        ]
        counting.asked = 0
        told = asyncio.gather(*(soon(watch) for watch in watches))
        await office.happens(A)
        router.wake(office.id)
        await until(lambda: has_length(office, 1))
        live.wake(office.id)
        assert set(await told) == {(f"unit:{office.unit}", 1)}
    assert counting.asked == 1
    await router.stop()
    await live.stop()


class Counting(Flaky):
    """Counts the connections asked for."""

    asked = 0

    def _check(self) -> None:
        self.asked += 1
