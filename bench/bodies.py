"""What odd and oversized bodies cost (attack list S4): time, memory, and everybody else's patience.

Each body is sent more than once to a server that other things may go on beside of. Of what is
waited for the least counts, for that is what the body costs; of the memory the most.
"""

import asyncio
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, repeat

import httpx

from bench.load import Failed
from bench.pairs import tell
from bench.posting import Cost, Post, Watched
from bench.rig import Rig
from bench.serve import HOST, Server, served
from nowserving.actions.house import House
from nowserving.actions.sample import Sample, sample
from nowserving.actions.setup import begin
from nowserving.kit.clock import wall
from nowserving.kit.vault import Vault
from nowserving.main.settings import new_key
from nowserving.store.engines import open_engine
from nowserving.store.migrate import migrate
from tests.fuzz.doors import REFUSED, Door, doors
from tests.fuzz.odd_json import Odd, corpus
from tests.fuzz.world import Furnished, furnished, signed_in

PASSWORD = "Passw0rd!"  # the one that the agents of tests sign in with
LANGUAGES = ("native", "cubu", "qflow", "vcc", "wolkvox")
WORST = 3
MB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Wish:
    """In which languages, every how manyth body, how often each, and how large the largest is.

    `rest`: seconds in which nothing is sent, to see how long the machine itself lets one wait.
    """

    languages: tuple[str, ...] = LANGUAGES
    every: int = 1
    times: int = 3
    large: int = 100 * MB
    rest: float = 1.0


@dataclass(frozen=True, slots=True)
class Office:
    """The sample branch in a database of its own."""

    url: str
    key: str
    made: Sample
    more: Furnished


@dataclass(frozen=True, slots=True)
class Goal:
    """What is looked at: its name, its unit, the most it may be."""

    name: str
    unit: str
    most: float


GOALS = {
    "seconds": Goal("to the answer", "s", 1.0),
    "memory": Goal("memory", "MB", 32.0),
    "stopped": Goal("nobody else answered for", "ms", 50.0),
}


async def measure(rig: Rig, wish: Wish) -> None:
    """Send every body to every door, each door at a new server, and tell the worst."""
    office = await _office(await rig.database("bodies"))
    more = {"FILES": str(rig.folder / "files")}
    for language in wish.languages:
        async with served(office, rig.folder / "server.log", more=more) as server:
            costs = await _costs(server, office, language, wish)
        tell(f"  {language}: {len(costs)} bodies, each refused or taken as it should be")
        for field, goal in GOALS.items():
            _tell_worst(costs, field, goal)


def _tell_worst(costs: Mapping[str, Cost], field: str, goal: Goal) -> None:
    ranked = sorted(costs.items(), key=lambda one: getattr(one[1], field), reverse=True)
    beyond = sum(getattr(cost, field) > goal.most for cost in costs.values())
    tell(f"    {goal.name} (goal {goal.most:g} {goal.unit}; {beyond} beyond it)")
    for name, cost in ranked[:WORST]:
        busy = f", its loop busy for {cost.busy:.0f} ms" if field == "stopped" else ""
        tell(f"      {getattr(cost, field):8.3f} {goal.unit}  {name}, answered {cost.status}{busy}")


async def _costs(server: Server, office: Office, language: str, wish: Wish) -> dict[str, Cost]:
    async with httpx.AsyncClient(base_url=f"http://{HOST}:{server.port}", timeout=60) as client:
        world = await signed_in(client, office.made, office.more)
        door = doors(world)[language]
    return await asyncio.to_thread(_send_all, server, door, wish)


def _send_all(server: Server, door: Door, wish: Wish) -> dict[str, Cost]:
    good = json.dumps(door.good).encode()
    costs: dict[str, Cost] = {}
    with Watched(server) as watched:
        for _ in range(5):  # what is needed for the first time is there when it counts
            _see(watched.send(_post(door, good)), (200, 201))
        tell(f"    nothing sent: nobody answered for {watched.rest(wish.rest) * 1000:.1f} ms")
        for name, post, refused in _all(door, good, wish):
            cost = watched.send(post)
            for _ in range(wish.times - 1):
                cost = cost.and_again(watched.send(post))
            _see(cost, REFUSED if refused else (200, 201, *REFUSED, 409), name)
            costs[name] = cost
    return costs


def _all(door: Door, good: bytes, wish: Wish) -> Iterator[tuple[str, Post, bool]]:
    """Name and body of each, and whether nobody may take it."""
    for odd in [*corpus(good), *_full()][:: wish.every]:
        content = door.told(odd).content
        yield odd.name, _post(door, content or b""), odd.refused
    count = wish.large // (64 * 1024)
    numbers, letters = b"1," * (32 * 1024), b"a" * (64 * 1024)
    for name, begins, piece in (
        ("numbers", b'{"x": [', numbers),
        ("one text", b'{"x": "', letters),
    ):
        for announced in (True, False):
            pieces = chain([begins], repeat(piece, count))
            length = len(begins) + count * len(piece) if announced else None
            how = "with" if announced else "without"
            told = f"{wish.large // MB} MB of {name} {how} a length"
            yield told, Post(door.path, door.headers, list(pieces), length), True


def _full() -> Iterator[Odd]:
    """Bodies of almost the size that is taken, full of what is dear to read."""
    size = 1024 * 1024 - 2_000
    for name, piece in {
        "objects": b"{},",
        "lists": b"[],",
        "objects with a member": b'{"":1},',
        "numbers": b"1,",
        "fractions": b"1.5,",
        "texts": b'"a",',
        "texts with colons": b'"a:",',
        "texts of 100 letters": b'"' + b"a" * 100 + b'",',
        "texts of escapes": b'"' + b"\\n" * 30_000 + b'",',
        "nested lists": b"[[[[[[[[[[1]]]]]]]]]],",
    }.items():
        content = b"[" + piece * (size // len(piece)) + b"1]"
        yield Odd(f"1 MB of {name}", content, refused=False)
        yield Odd(f"1 MB of {name}, whole", content, refused=True, whole=True)
    members = b",".join(b'"%x":1' % at for at in range(100_000))
    yield Odd(
        "100,000 members, whole", b'{"x":{' + members + b'},"y":1}', refused=False, whole=True
    )
    yield Odd("1 MB of commas in a text", b'"' + b"," * size + b'"', refused=False)
    yield Odd("1 MB of quotes in a text", b'"' + b'\\"' * (size // 2) + b'"', refused=False)
    yield Odd("1 MB of escapes", b'"' + b"\\u0041" * (size // 6) + b'"', refused=False)
    yield Odd("1 MB of halves of letters", b'"' + b"a" * size + b'\\ud83d"', refused=True)
    yield Odd("1 MB and an escape", b'"' + b"a" * size + b'\\u0041"', refused=False)
    yield Odd("1 MB of digits", b"9" * size, refused=False)
    yield Odd("1 MB of digits behind a point", b"0." + b"9" * size, refused=False)
    yield Odd("1 MB of Cuneiform", b'"' + "\U00012000".encode() * (size // 4) + b'"', refused=False)


def _post(door: Door, content: bytes) -> Post:
    return Post(door.path, door.headers, [content], len(content))


def _see(cost: Cost, expected: tuple[int, ...], name: str = "a good body") -> None:
    if cost.status not in expected:
        raise Failed(f"{name} was answered {cost.status}")


async def _office(url: str) -> Office:
    key = new_key()
    await migrate(url)
    engine = await open_engine(url, connections=2)
    try:
        house = House(engine, Vault.from_text(key))
        now = wall()
        made = await sample(lambda: house.ids(now), now, password=lambda: PASSWORD)
        await begin(house, made.beginning)
        return Office(url, key, made, await furnished(house, made))
    finally:
        await engine.close()
