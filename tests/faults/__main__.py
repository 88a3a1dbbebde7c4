"""The campaign for as long as you like: `python -m tests.faults --kills 1000 --failpoints 20`.

Prints the figures as JSON, and what does not fit; the history stays in the folder it names.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import aiohttp

from nowserving.kit.failpoints import NAMES
from tests.faults.campaign import Campaign
from tests.faults.mixture import Mixture
from tests.faults.people import PATIENCE, Town
from tests.rig.history import come_to_rest, complaints, read_books
from tests.rig.mother import open_mother
from tests.rig.receiver import open_receiver
from tests.rig.server import Server, open_office
from tests.rig.shared import own_postgres


def main() -> None:
    """Run what was asked for; the exit code is 1 if anything does not fit."""
    asked = argparse.ArgumentParser("python -m tests.faults", description=__doc__)
    asked.add_argument("--engine", choices=["sqlite", "postgres"], default="sqlite")
    asked.add_argument("--kills", type=int, default=100, help="kill -9 under load, so many times")
    asked.add_argument("--failpoints", type=int, default=0, help="die at each, so many times")
    asked.add_argument("--busy", type=float, default=0, help="then a busy office, so many seconds")
    asked.add_argument("--servers", type=int, default=2, help="processes, on PostgreSQL")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--cold", action="store_true", help="start the command line each time")
    asked.add_argument("--durable", action="store_true", help="PostgreSQL on disk, not in memory")
    options = asked.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="nowserving-faults-"))
    with ExitStack() as stack:
        postgres = None
        if options.engine == "postgres":
            postgres = stack.enter_context(own_postgres(durable=options.durable))
        url = f"sqlite:///{folder}/data/nowserving.db"
        url = postgres.url("office") if postgres else url
        if postgres is not None:
            asyncio.run(postgres.create_database("office"))
        broken = asyncio.run(run(options, folder, url))
    print(f"history: {folder}/history.jsonl")
    print(f"{len(broken)} complaints" if broken else "everything holds")
    sys.exit(bool(broken))


async def run(options: argparse.Namespace, folder: Path, url: str) -> list[str]:
    """Serve the office, and do to it what was asked for."""
    async with (
        open_mother() as mother,
        open_receiver() as receiver,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), timeout=PATIENCE) as session,
    ):
        office = await open_office(folder / "data", url, webhook=receiver.base_url)
        if office.sqlite:
            servers = [Server.demo(mother, office)]
        else:
            servers = [Server.serve(mother, office) for _ in range(options.servers)]
        town = Town(office, servers, session)
        try:
            await asyncio.gather(*(server.start(cold=options.cold) for server in servers))
            campaign = Campaign(town, receiver, seed=options.seed)
            await campaign.run(options.kills, cold=options.cold)
            if options.failpoints:
                campaign.over.clear()
                await campaign.run_to(sorted(NAMES) * options.failpoints)
            broken = await campaign.verdict()
            print(json.dumps(campaign.report(), indent=2), *broken, sep="\n", flush=True)
            if options.busy and not broken:
                mixture = Mixture(town, seed=options.seed)
                await mixture.run(options.busy)
                await come_to_rest(url)
                books = await read_books(url)
                broken = complaints(
                    town.history, books, receiver.arrivals, outages=campaign.outages
                )
                print(json.dumps(mixture.report(), indent=2), *broken, sep="\n", flush=True)
        finally:
            town.history.write(folder / "history.jsonl")
            for server in town.servers:
                await server.close()
    return broken


if __name__ == "__main__":
    main()
