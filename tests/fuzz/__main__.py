"""As many calls as you like: `python -m tests.fuzz --cases 50000 --engine postgres`.

Each language gets its share, in worlds that are thrown away after some thousand calls. Prints
the figures as JSON, and what was wrong with what must be sent again to see it; the exit code
is 1 if anything was.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import warnings
from base64 import urlsafe_b64encode
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import httpx
from hypothesis.errors import HypothesisWarning

from nowserving.actions.filing import Filing
from nowserving.actions.house import House
from nowserving.actions.sample import sample
from nowserving.actions.setup import begin
from nowserving.hooks.files.folder import Folder
from nowserving.kit.vault import Vault
from nowserving.main.server import create_app
from nowserving.main.settings import Settings
from nowserving.store.engines import open_engine
from nowserving.store.migrate import migrate
from tests.conftest import PASSWORD
from tests.fuzz.telling import LANGUAGES, Figures, tell
from tests.fuzz.world import World, open_world
from tests.rig.shared import own_postgres

KEY = b"k" * 32
EACH = 500
"""Calls of one language in one world."""


@dataclass(frozen=True, slots=True)
class Where:
    """One world: its database, its place among the others, and what is said in it."""

    url: str
    folder: Path
    turn: int
    names: list[str]
    share: int


def main() -> None:
    """Ask what was asked for; the exit code is 1 if anything is wrong."""
    asked = argparse.ArgumentParser("python -m tests.fuzz", description=__doc__)
    asked.add_argument("--cases", type=int, default=50_000, help="calls in all")
    asked.add_argument("--engine", choices=["sqlite", "postgres"], default="sqlite")
    asked.add_argument("--only", choices=sorted(LANGUAGES), action="append")
    asked.add_argument("--seed", type=int, default=1)
    options = asked.parse_args()
    figures, began = Figures(), monotonic()
    warnings.simplefilter("ignore", HypothesisWarning)  # of requests that are long to write down
    with asyncio.Runner() as runner, ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        postgres = stack.enter_context(own_postgres()) if options.engine == "postgres" else None
        left, turn, names = options.cases, 0, options.only or list(LANGUAGES)
        while left > 0:
            url = f"sqlite:///{folder}/{turn}.db"
            if postgres is not None:
                url = runner.run(postgres.create_database(f"fuzz_{turn}"))
            share = max(1, min(EACH, left // len(names)))
            _one_world(runner, options, Where(url, folder, turn, names, share), figures)
            left, turn = left - share * len(names), turn + 1
    print(json.dumps(report(figures, monotonic() - began), indent=2))
    for call in figures.complaints.values():
        print(call)
    print(f"{len(figures.complaints)} complaints" if figures.complaints else "everything holds")
    sys.exit(bool(figures.complaints))


def _one_world(
    runner: asyncio.Runner, options: argparse.Namespace, where: Where, figures: Figures
) -> None:
    """So many calls of each language in a world of their own."""
    loop, (opened, over) = runner.get_loop(), runner.run(_events())
    living = loop.create_task(_live(where, opened, over))
    living.add_done_callback(lambda _: opened.cancel())  # if it comes to nothing
    try:
        world = loop.run_until_complete(opened)
    except asyncio.CancelledError:
        living.result()
        raise
    for name in where.names:
        chance = options.seed + where.turn
        tell(loop, world, name, cases=where.share, chance=chance, to=figures)
    over.set()
    loop.run_until_complete(living)


async def _events() -> tuple[asyncio.Future[World], asyncio.Event]:
    return asyncio.get_running_loop().create_future(), asyncio.Event()


async def _live(where: Where, opened: asyncio.Future[World], over: asyncio.Event) -> None:
    """The whole application in this process, on a new database, until it is over.

    One task begins and ends it, as the framework wants it.
    """
    await migrate(where.url)
    engine = await open_engine(where.url)
    house = House(engine, Vault(KEY))
    files = where.folder / f"files-{where.turn}"
    house.filing = Filing(Folder(files))
    now = house.clock()
    made = await sample(lambda: house.ids(now), now, password=lambda: PASSWORD)
    await begin(house, made.beginning)
    settings = Settings(
        database_url=where.url,
        key=urlsafe_b64encode(KEY).decode(),
        base_url="http://127.0.0.1:8000",
        log_level="critical",
        files=str(files),
    )
    app = create_app(settings, house=house)
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    async with (
        app.app.lifespan(),
        httpx.AsyncClient(transport=transport, base_url=settings.base_url) as client,
    ):
        opened.set_result(await open_world(house, app, client, made))
        await over.wait()
    await engine.close()


def report(figures: Figures, seconds: float) -> dict[str, object]:
    """The figures, for people and programs."""
    statuses = figures.statuses
    by_language: dict[str, dict[str, int]] = {}
    for (name, status), count in sorted(statuses.items()):
        by_language.setdefault(name, {})[str(status)] = count
    return {
        "calls": statuses.total(),
        "seconds": round(seconds),
        "server errors": sum(count for (_, status), count in statuses.items() if status >= 500),
        "wrong answers": len(figures.complaints),
        "calls by language": dict(Counter(_by_name(statuses))),
        "statuses": by_language,
    }


def _by_name(statuses: Counter[tuple[str, int]]) -> Counter[str]:
    found: Counter[str] = Counter()
    for (name, _), count in statuses.items():
        found[name] += count
    return found


if __name__ == "__main__":
    main()
