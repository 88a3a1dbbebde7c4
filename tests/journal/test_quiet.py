"""NOTIFY stays out of business transactions: it takes a lock on the whole database until the
commit, and cost a third of the throughput (docs/decisions/0003). Only the router announces."""

import asyncio
from pathlib import Path

import nowserving
from nowserving.actions.cases import cancel
from nowserving.actions.house import House
from nowserving.actions.queue_up import queue_up
from nowserving.actions.sample import Sample
from nowserving.cases.admission import Request
from nowserving.journal.announcing import CHANNEL
from nowserving.people.actor import Actor
from nowserving.store.engines import Postgres

MARK = "this came after it"


async def test_no_act_announces_anything(house: House, branch: Sample, program: Actor) -> None:
    engine = house.engine
    if not isinstance(engine, Postgres):
        return  # SQLite: there is nobody to announce anything to
    heard: list[str] = []
    all_heard = asyncio.Event()

    def hear(text: str) -> None:
        heard.append(text)
        if text == MARK:
            all_heard.set()

    directory = await house.directory(branch.organization.id)
    service = directory.services_of(directory.unit_numbered(1).id)[0]
    async with engine.listening(CHANNEL, hear):
        async with house.acting(program) as act:
            queued = await queue_up(act, Request(service_id=service.id))
        async with house.acting(program) as act:
            await cancel(act, case_id=queued.case.id)
        await engine.announce(CHANNEL, MARK)  # announcements come in the order of the commits
        async with asyncio.timeout(30):
            await all_heard.wait()
    assert heard == [MARK]


def test_there_is_one_place_that_announces() -> None:
    """No other channel either, and no trigger."""
    house = Path(nowserving.__file__).parent
    texts = {path.relative_to(house): path.read_text().lower() for path in house.rglob("*.py")}
    assert [str(path) for path, text in texts.items() if "pg_notify" in text] == [
        "store/engines/postgres.py"
    ]
    callers = [str(path) for path, text in texts.items() if ".announce(channel" in text]
    assert callers == ["journal/announcing.py"]
