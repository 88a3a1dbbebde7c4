"""kill -9 under load, again and again: does everything hold that must hold?"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from statistics import median
from time import monotonic
from typing import Any

import aiohttp

from nowserving.kit.failpoints import VARIABLE
from tests.faults.people import Town, new_key
from tests.rig.history import Outage, Said, come_to_rest, complaints, read_books, repeated
from tests.rig.receiver import Receiver
from tests.rig.server import Server, ServerFailed

WALKERS = 6
DESKS = 3
THINKING = 0.02
"""Seconds at most until whoever has an answer asks again: the load leaves room for a start."""

LOOK_EACH = 5
"""Of so many webhooks one is looked after: does the API show what it tells?"""


@dataclass
class Campaign:
    """People come and are served without a pause, while servers are killed."""

    town: Town
    receiver: Receiver
    seed: int = 1
    outages: list[Outage] = field(default_factory=list)
    recoveries: list[float] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    answers: asyncio.Condition = field(default_factory=asyncio.Condition)
    answered: int = 0
    rest: float = 0.0

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.receiver.secret = self.town.office.facts["webhook_secret"]
        self.receiver.look = self._look_sometimes

    async def run(self, kills: int, *, cold: bool = False) -> None:
        """So many times: let some be answered, then kill at a moment nobody has chosen."""
        async with asyncio.TaskGroup() as load:
            for at in range(WALKERS):
                load.create_task(
                    self._walk(f"walker {at}", native=at % 2 == 0, service=at % 3 // 2)
                )
            for at in range(DESKS):
                load.create_task(self._serve(f"desk {at}", agent=at))
            try:
                for at in range(kills):
                    await self._some_answers(self.chance.randint(2, 12))
                    await asyncio.sleep(self.chance.uniform(0, 0.03))
                    await self._kill(self._victims(at), cold=cold)
                await self._some_answers(5)
            finally:
                self.over.set()

    async def run_to(self, points: Sequence[str], *, most: int = 6) -> None:
        """For each named place in the code: let the server die when it comes there."""
        async with asyncio.TaskGroup() as load:
            for at in range(WALKERS):
                load.create_task(
                    self._walk(f"walker {at}", native=at % 2 == 0, service=at % 3 // 2)
                )
            for at in range(DESKS):
                load.create_task(self._serve(f"desk {at}", agent=at))
            try:
                for point in points:
                    await self._some_answers(3)
                    times = 1 if point.startswith("replay") else self.chance.randint(1, most)
                    await self._die_at(point, times)
                await self._some_answers(5)
            finally:
                self.over.set()

    async def _die_at(self, point: str, times: int) -> None:
        """Start a server that dies there, wait until it has, and start it as usual."""
        server = self.chance.choice(self.town.servers)
        usual = server.environment
        server.environment = {**usual, VARIABLE: f"{point}:{times}"}
        began = monotonic()
        await server.kill()
        try:
            await server.start(ready=False)
            gone = asyncio.create_task(server.gone())
            while "replay" in point and not gone.done():  # another server may have done the last
                await self._replay(server)
                await asyncio.wait([gone], timeout=1)
            await gone
        finally:
            server.environment = usual
        server.up.clear()
        self.recoveries.append(await server.start())
        self.outages.append(Outage(server.port, began, monotonic()))

    async def _replay(self, server: Server) -> None:
        """Ask for everything again, of the endpoint of the office."""
        headers = {"Authorization": f"Bearer {self.town.office.program}"}
        with suppress(aiohttp.ClientError, OSError, ServerFailed):
            api = f"{server.address}/api/v1"
            await server.answers()
            async with self.town.session.get(f"{api}/endpoints", headers=headers) as answer:
                [endpoint] = (await answer.json())["endpoints"]
            asked = {"since": "2020-01-01T00:00:00Z"}
            path = f"{api}/endpoints/{endpoint['id']}/replays"
            async with self.town.session.post(path, headers=headers, json=asked) as answer:
                assert answer.status == 202, await answer.text()

    async def verdict(self) -> list[str]:
        """When all has come to rest: what does not fit?"""
        self.rest = await come_to_rest(self.town.office.database_url)
        books = await read_books(self.town.office.database_url)
        return complaints(
            self.town.history, books, self.receiver.arrivals, outages=self.outages
        ) + [f"I8: refused at last: {one}" for one in self.town.history.said if _refused(one)]

    def report(self) -> dict[str, Any]:
        """Figures of the run."""
        history = self.town.history
        return {
            "kills": len(self.outages),
            "requests": len(history.said),
            "answered": history.count("ok"),
            "unknown": sum(one.status is None for one in history.said),
            "told to come again": sum(
                one.phase == "info" and one.status is not None for one in history.said
            ),
            "answered again": sum(one.replayed for one in history.said),
            "cases": len({one.case for one in history.ok("queue_up")}),
            "arrivals": len(self.receiver.arrivals),
            "arrivals repeated": repeated(self.receiver.arrivals),
            "recovery median s": round(median(self.recoveries), 3) if self.recoveries else None,
            "recovery max s": round(max(self.recoveries), 3) if self.recoveries else None,
            "rest s": round(self.rest, 3),
        }

    # --- the load -------------------------------------------------------------------

    async def _walk(self, name: str, *, native: bool, service: int) -> None:
        """Take one number after the other."""
        while not self.over.is_set():
            ask = partial(self.town.queue_up, name, key=new_key(), native=native, service=service)
            await self._known(lambda server, ask=ask: ask(server=server))  # type: ignore[misc]

    async def _serve(self, name: str, *, agent: int) -> None:
        """Call one after the other, and see each through."""
        desk = self.town.desks[agent]
        while not self.over.is_set():
            call = partial(self.town.call_next, name, agent=agent, desk=desk, key=new_key())
            said = await self._known(lambda server, call=call: call(server=server))  # type: ignore[misc]
            if said.case is None:
                await self._some_answers(1)
                continue
            ops = ["resolve"] if '"state":"active"' in said.body else ["start", "resolve"]
            for op in ops:
                move = partial(self.town.move, name, op, said.case, agent=agent, key=new_key())
                await self._known(lambda server, move=move: move(server=server))  # type: ignore[misc]

    async def _known(self, ask: Callable[[Server], Awaitable[Said]]) -> Said:
        said = await self.town.until_known(ask)
        async with self.answers:
            self.answered += 1
            self.answers.notify_all()
        await asyncio.sleep(self.chance.uniform(0, THINKING))
        return said

    async def _some_answers(self, more: int) -> None:
        enough = self.answered + more
        async with self.answers:
            await self.answers.wait_for(lambda: self.answered >= enough or self.over.is_set())

    # --- the killing ----------------------------------------------------------------

    def _victims(self, at: int) -> list[Server]:
        """One of the servers, and every fourth time all of them."""
        if at % 4 == 3:
            return list(self.town.servers)
        return [self.chance.choice(self.town.servers)]

    async def _kill(self, victims: list[Server], *, cold: bool) -> None:
        began = monotonic()
        await asyncio.gather(*(server.kill() for server in victims))
        self.recoveries += await asyncio.gather(*(server.start(cold=cold) for server in victims))
        self.outages += [Outage(server.port, began, monotonic()) for server in victims]

    async def _look_sometimes(self, case: str) -> int | None:
        if len(self.receiver.arrivals) % LOOK_EACH:
            return None
        with suppress(asyncio.CancelledError):
            return await self.town.version_of(case)
        return None


def _refused(said: Said) -> bool:
    """Refused, though nobody else had a hand in it."""
    return said.phase == "fail"
