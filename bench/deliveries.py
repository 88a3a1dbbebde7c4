"""Webhooks: how many a second, how soon, and what dead endpoints and business pay for them."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import cycle
from uuid import UUID, uuid4

from bench import tickets
from bench.branch import Branch, make_branch
from bench.cpu import spent_by
from bench.figures import Figures, spread
from bench.outside import SECRET, Office, office, said, telling
from bench.pairs import Length, Watch, tell
from bench.receiver import Receiver, receiving
from bench.rig import Rig, machine, settle
from bench.serve import served, token
from nowserving.dialects.cubu.hooks import cubu_endpoint
from nowserving.hooks.guard import Guard
from nowserving.hooks.posters import Posters
from nowserving.kit.clock import wall
from nowserving.kit.collector import seldom
from nowserving.kit.ids import uuid7
from nowserving.kit.vault import Vault
from nowserving.main.settings import new_key
from nowserving.store.endpoints import Endpoints
from nowserving.store.engines import open_engine

AT_ONCE = 64
"""Posts on their way in the loop without a database."""

BATCH = 500


USUAL = Length(3.0, 10.0, 3)


@dataclass(frozen=True, slots=True)
class Wish:
    """How many endpoints, and how many facts or seconds."""

    endpoints: int = 1000
    facts: int = 20_000
    rate: float = 200.0
    length: Length = USUAL


async def rates(rig: Rig, wish: Wish) -> None:
    """Deliveries a second, ordered for each case, beside a loop without a database."""
    seldom()  # as in every process that works
    ours, limit = [], []
    for pair in range(wish.length.pairs):
        tell(f"  {rig.fsync()}; {machine()}")
        async with receiving() as receiver:
            url = await rig.database(f"rate{pair}")
            ours.append(await _deliver(rig, url, receiver, wish))
            tell(f"  {ours[-1]}")
        async with receiving() as receiver:
            limit.append(await _loop(receiver, wish))
            tell(f"  {limit[-1]}")
    ratios = [one.rate / other.rate for one, other in zip(ours, limit, strict=True)]
    tell(f"  ratio {spread(ratios)} (goal 0.5)")


async def _deliver(rig: Rig, url: str, receiver: Receiver, wish: Wish) -> Figures:
    async with office(url) as made:
        cases = await _subscribed(made, [f"{receiver.url}/ok"] * wish.endpoints)
        facts = [made.fact(*one) for one, _ in zip(cycle(cases), range(wish.facts), strict=False)]
        for first in range(0, len(facts), BATCH):
            await made.commit(facts[first : first + BATCH])
        await settle(url, analyze=True)
        own, database = time.process_time(), spent_by(*rig.database_pids)
        began = time.monotonic()
        async with telling(made) as router:
            router.wake(made.id)
            await _until_posted(receiver, wish.facts)
            took = time.monotonic() - began
            cpu = {
                "sender": time.process_time() - own,
                "database": spent_by(*rig.database_pids) - database,
            }
    return Figures("nowserving", wish.facts, took, [], cpu)


async def _loop(receiver: Receiver, wish: Wish) -> Figures:
    """The same client and signer, and nothing else."""
    made = Office(None)  # type: ignore[arg-type]
    facts = [made.fact(uuid4(), made.id) for _ in range(wish.facts)]
    own, began, left = time.process_time(), time.monotonic(), iter(facts)
    async with Posters(Guard(), clock=wall) as posters:

        async def post() -> None:
            for fact in left:
                body, headers = said(fact, SECRET)
                answer = await posters.post(
                    f"{receiver.url}/ok", body, headers, timeout=15.0, trusted=True
                )
                assert answer.status == 200, answer

        await asyncio.gather(*(post() for _ in range(AT_ONCE)))
    took, cpu = time.monotonic() - began, {"loop": time.process_time() - own}
    return Figures("loop without a database", wish.facts, took, [], cpu)


async def delays(rig: Rig, wish: Wish, *, dead: int) -> None:
    """From the commit to the first byte, open loop; and again beside dead endpoints."""
    seldom()  # as in every process that works
    alone = []
    for pair in range(wish.length.pairs):
        tell(f"  {rig.fsync()}; {machine()}")
        alone.append(await _delayed(rig, f"alone{pair}", wish, dead=0))
        tell(f"  {alone[-1]}")
        if dead:
            beside = await _delayed(rig, f"beside{pair}", wish, dead=dead)
            ratio = beside.latency(0.99) / alone[-1].latency(0.99)
            tell(f"  {beside}\n  p99 ratio {ratio:.2f} (goal 1.2)")


async def _delayed(rig: Rig, name: str, wish: Wish, *, dead: int) -> Figures:
    url = await rig.database(name)
    async with receiving() as receiver, receiving() as grave, office(url) as made:
        cases = await _subscribed(made, [f"{receiver.url}/ok"] * wish.endpoints)
        services = [service for _, service in cases][:dead]
        await made.subscribe([f"{grave.url}/never"] * len(services), services=services)
        await settle(url, analyze=True)
        committed: dict[str, float] = {}
        async with telling(made) as router:
            length = wish.length
            offered = int(wish.rate * (length.warm_up + length.seconds))
            began = time.monotonic()
            commits: set[asyncio.Task[None]] = set()
            for at, (case, service) in zip(range(offered), cycle(cases), strict=False):
                await asyncio.sleep(max(0.0, began + at / wish.rate - time.monotonic()))
                fact = made.fact(case, service)

                async def commit(fact: object = fact) -> None:
                    await made.commit([fact])  # type: ignore[list-item]
                    committed[str(fact.id)] = time.monotonic()  # type: ignore[attr-defined]
                    router.wake(made.id)

                task = asyncio.create_task(commit())
                commits.add(task)
                task.add_done_callback(commits.discard)
            await asyncio.gather(*commits)
            came = await _until_came(receiver, committed)
    warm = began + wish.length.warm_up
    late = [came[id] - at for id, at in committed.items() if at >= warm]
    said = f"{wish.endpoints} endpoints" + (f", {dead} dead beside them" if dead else "")
    return Figures(said, len(late), wish.length.seconds, sorted(max(one, 0.0) for one in late))


async def _until_came(receiver: Receiver, wanted: dict[str, float]) -> dict[str, float]:
    came: dict[str, float] = {}
    async with asyncio.timeout(120):
        while not wanted.keys() <= came.keys():
            await asyncio.sleep(0.2)
            for id, at in (await receiver.report())[1].items():
                came.setdefault(id, at)
    return came


async def _until_posted(receiver: Receiver, count: int) -> None:
    async with asyncio.timeout(600):
        posts = 0
        while posts < count:
            await asyncio.sleep(0.05)
            posts = await receiver.count()


async def _subscribed(made: Office, urls: Sequence[str]) -> list[tuple[UUID, UUID]]:
    """An endpoint for each address, and a case at its service."""
    services = [uuid7(wall()) for _ in urls]
    await made.subscribe(urls, services=services)
    return [(uuid7(wall()), service) for service in services]


async def cost(rig: Rig, wish: Wish, *, clients: int) -> None:
    """Tickets in one hot line, with two endpoints that hear of each, and with none."""
    key = new_key()
    async with AsyncExitStack() as stack:
        receiver = await stack.enter_async_context(receiving())
        measured = []
        for name, endpoints in (("on", 2), ("off", 0)):
            branch = await make_branch(await rig.database(name), key)
            await _listen(branch, key, receiver, endpoints)
            log = rig.folder / f"{name}.log"
            server = await stack.enter_async_context(served(branch, log))
            crowd = tickets.Crowd.at(branch, await token(server, branch))
            measured.append((branch, server, crowd))
        asked = tickets.Wish(wish.length, clients=clients)
        for branch, server, crowd in measured:  # a first morning, for the planner to look at
            await tickets._ours(server, Watch(server.pid, rig), crowd, branch, asked)
            await _silence(receiver)
            await settle(branch.url, analyze=True)
        costs = []
        for _ in range(wish.length.pairs):
            tell(f"  {rig.fsync()}; {machine()}")
            sides = []
            for branch, server, crowd in measured:
                watch, before = Watch(server.pid, rig), await receiver.count()
                sides.append(await tickets._ours(server, watch, crowd, branch, asked))
                meanwhile, began = await receiver.count(), time.monotonic()
                at, all_told = await _silence(receiver)
                if all_told > before:
                    told = f"{meanwhile - before} of {all_told - before} told meanwhile"
                    tell(f"  {told}, the others within {at - began:.0f} s")
            on, off = sides
            tell(f"  webhooks on   {on}\n  webhooks off  {off}")
            costs.append(off.rate / on.rate)
        tell(f"  business pays {spread(costs)} times (goal 1.25)")


async def _silence(receiver: Receiver) -> tuple[float, int]:
    """Wait until nothing more is told: what one side tells late is not for the other to pay.

    When the last was told, and how many posts came in all.
    """
    before, at = -1, time.monotonic()
    while (came := await receiver.count()) != before:
        before, at = came, time.monotonic()
        await asyncio.sleep(2)
    return at, came


async def _listen(branch: Branch, key: str, receiver: Receiver, count: int) -> None:
    engine = await open_engine(branch.url, connections=1)
    async with engine.writing() as connection:
        for _ in range(count):
            endpoint = cubu_endpoint(
                branch.organization.id,
                uuid7(wall()),
                f"{receiver.url}/ok",
                secret="sesame",
                vault=Vault.from_text(key),
                now=wall(),
                allowed=True,
            )
            await Endpoints(connection, branch.organization.id).add(endpoint)
    await engine.close()
