"""How fast agents can call whoever is next, whatever the length of the line."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from uuid import UUID

import asyncpg
import msgspec

from bench.branch import Branch, fill, make_branch
from bench.figures import Figures, spread
from bench.invariants import Broken, check
from bench.limits.pgbench import Pgbench
from bench.load import Answer, Failed, Next, Run, closed_loop, lines, until
from bench.pairs import Length, Watch, by_turns, summary, tell
from bench.rig import Rig, settle
from bench.serve import HOST, Server, request, served, signed_in
from nowserving.main.settings import new_key

LIMIT_CLIENTS = 8
ARRIVE = (Path(__file__).parent / "limits" / "arrive.sql").read_text()
EVERY = 0.01
"""Seconds between two arrivals of as many as were called meanwhile."""

Count = Callable[[], Awaitable[int]]


class Called(msgspec.Struct):
    """What we read of an answer to a call or a move."""

    id: UUID
    version: int
    state: str


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be measured: so many agents, in a line of so many."""

    length: Length
    waiting: int = 100_000
    agents: int = 50
    workers: int = 1


@dataclass(slots=True)
class Floor:
    """Agents at their desks: each calls whoever is next, settles the matter, calls again.

    `hands`: whom an agent has called and not settled yet; of a run before, too.
    """

    branch: Branch
    tokens: list[str]
    calls: set[tuple[UUID, int]] = field(default_factory=set)
    called: int = 0
    hands: dict[int, Called] = field(default_factory=dict)

    def agent(self, at: int) -> Next:
        """One agent. Every answer is checked: nobody is called twice."""
        read = msgspec.json.Decoder(Called).decode

        def ask(answer: Answer | None) -> bytes:
            see(answer, 200, 204)
            if answer is None:
                case = self.hands.get(at)
            elif self.hands.pop(at, None) is not None or answer.status == 204:
                case = None
            else:
                case = self.hands[at] = read(answer.body)
                self.note(case)
            return self.call(at) if case is None else self.resolve(at, case)

        return ask

    def call(self, at: int) -> bytes:
        """The order to call whoever is next to the desk of an agent."""
        desk, queue = self.branch.desks[at].id, self.branch.services[0].queue_id
        order = {"queue_ids": [str(queue)], "desk_id": str(desk)}
        return post(f"/units/{self.branch.unit.id}/call-next", self.tokens[at], order)

    def resolve(self, at: int, case: Called) -> bytes:
        """The order of an agent to resolve whom they called."""
        return post(f"/cases/{case.id}/resolve", self.tokens[at], {})

    def note(self, case: Called) -> None:
        """Remember a call; Broken if it is not the first in this state of the case."""
        if case.state != "called" or (case.id, case.version) in self.calls:
            raise Broken(f"called twice, or not called: {case}")
        self.calls.add((case.id, case.version))
        self.called += 1


async def measure(rig: Rig, wish: Wish) -> tuple[list[Figures], list[Figures]]:
    """Our server and pgbench by turns, with lines of the same length."""
    key, made = new_key(), []
    for name in (f"ours_{wish.waiting}", f"limit_{wish.waiting}"):
        branch = await make_branch(await rig.database(name), key, agents=wish.agents)
        await fill(branch, wish.waiting)
        await settle(branch.url, analyze=True)
        made.append(branch)
    branch, other = made
    async with served(
        branch, rig.folder / "server.log", workers=wish.workers, mother=rig.mother
    ) as server:
        floor = Floor(branch, await signed_in(server, branch))
        ours = partial(_ours, server, Watch(server.pid, rig), floor, wish)
        figures = await by_turns(rig, wish.length.pairs, ours, partial(_limit, rig, other, wish))
    tell(f"  {summary(*figures)}")
    tell(f"  {floor.called} called, nobody twice; {await check(branch.url, ())}")
    return figures


async def compare(rig: Rig, wish: Wish, short: int) -> None:
    """The same with a short line and a long one: what does a long line cost?"""
    costs = []
    for waiting in (short, wish.waiting):
        tell(f"  {waiting} waiting:")
        asked = Wish(wish.length, waiting, wish.agents, wish.workers)
        ours, limit = await measure(rig, asked)
        costs.append(([one.cost() for one in ours], [one.cost() for one in limit]))
    for name, (few, many) in zip(("ours", "pgbench"), zip(*costs, strict=True), strict=True):
        times = [one / other for one, other in zip(many, few, strict=True)]
        tell(
            f"  {name}: a cycle with {wish.waiting} waiting costs {spread(times)} x that at {short}"
        )


async def _ours(server: Server, watch: Watch, floor: Floor, wish: Wish) -> Figures:
    await settle(floor.branch.url)

    async def called() -> int:
        return floor.called

    async def work(run: Run, ends: float) -> None:
        async with (
            lines(HOST, server.port, wish.agents) as opened,
            arriving(floor.branch, called),
        ):
            clients = {line: until(ends, floor.agent(at)) for at, line in enumerate(opened)}
            await closed_loop(clients, run)

    name = f"nowserving, {wish.agents} agents"
    return await watch.run(name, wish.length, work, counted=is_call)


async def _limit(rig: Rig, branch: Branch, wish: Wish) -> Figures:
    await settle(branch.url)
    connection = await asyncpg.connect(branch.url)

    async def called() -> int:
        calls: int = await connection.fetchval("select last_value / 2 from limit_ids")
        return calls

    try:
        async with arriving(branch, called):
            pgbench = Pgbench(rig, branch, "call.sql", LIMIT_CLIENTS)
            return await pgbench.run(warm_up=wish.length.warm_up, seconds=wish.length.seconds)
    finally:
        await connection.close()


@asynccontextmanager
async def arriving(branch: Branch, called: Count) -> AsyncIterator[None]:
    """Beside the run, let somebody come for each who was called."""
    connection = await asyncpg.connect(branch.url)
    service = branch.services[0]
    ids = (branch.organization.id, service.id, service.unit_id, service.queue_id)
    ended = asyncio.Event()

    async def arrive() -> None:
        before = await called()
        while not ended.is_set():
            await asyncio.sleep(EVERY)
            now = await called()
            if now > before:
                people = now - before
                await connection.execute(ARRIVE, people, *ids, service.category_id, branch.kind.id)
                before = now

    coming = asyncio.create_task(arrive())
    try:
        yield
    finally:
        ended.set()
        await coming
        await connection.close()


def is_call(answer: Answer) -> bool:
    """Is this the answer to a call that found somebody?"""
    return b'"state":"called"' in answer.body


def post(path: str, access: str, order: Mapping[str, object]) -> bytes:
    """An order to our own API, with a key of its own."""
    body = msgspec.json.encode(order)
    return request(
        "POST",
        f"/api/v1{path}",
        body,
        Authorization=f"Bearer {access}",
        **{"Content-Type": "application/json", "Idempotency-Key": os.urandom(16).hex()},
    )


def see(answer: Answer | None, *expected: int) -> None:
    """Failed if the answer is none of those expected."""
    if answer is not None and answer.status not in expected:
        raise Failed(f"not {expected}: {answer}")
