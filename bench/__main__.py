"""The command: what to measure, on what, how long."""

from contextlib import AbstractContextManager
from typing import Any

import click
import uvloop

from bench import attempts, bodies, calls, deliveries, once, seats, tickets
from bench.pairs import Length, titled
from bench.rig import Rig, postgres_rig, sqlite_rig
from tests.rig.mother import open_mother


def _options(command: Any) -> Any:
    for option in reversed(
        [
            click.option("--memory", is_flag=True, help="On a memory filesystem, not on disk."),
            click.option("--pairs", type=click.IntRange(1), default=3, show_default=True),
            click.option("--seconds", type=float, default=10.0, show_default=True),
            click.option("--warm-up", type=float, default=3.0, show_default=True),
            click.option("--workers", type=click.IntRange(1), default=1, show_default=True),
            click.option("--clients", type=click.IntRange(1), default=64, show_default=True),
        ]
    ):
        command = option(command)
    return command


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Measure our server beside what the database alone can do (docs/benchmarks.md)."""


@main.command("tickets-hot")
@_options
@click.option("--sqlite", is_flag=True, help="On SQLite, beside a loop that only writes.")
@click.option("--rate", type=float, help="Open loop: so many requests a second.")
@click.option("--contact", is_flag=True, help="With a phone number and an address to check.")
@click.option("--history", type=int, default=0, help="So many closed cases lie behind.")
def tickets_hot(**given: Any) -> None:
    """Everybody takes a ticket in one line."""
    _tickets(1, **given)


@main.command("tickets-many")
@_options
@click.option("--services", type=click.IntRange(1), default=1000, show_default=True)
@click.option("--sqlite", is_flag=True, help="On SQLite, beside a loop that only writes.")
@click.option("--rate", type=float, help="Open loop: so many requests a second.")
@click.option("--contact", is_flag=True, help="With a phone number and an address to check.")
@click.option("--history", type=int, default=0, help="So many closed cases lie behind.")
def tickets_many(services: int, **given: Any) -> None:
    """Everybody takes a ticket in any of a thousand lines of one organization."""
    _tickets(services, **given)


@main.command("call-next")
@_options
@click.option("--waiting", type=click.IntRange(1), default=100_000, show_default=True)
@click.option("--short", type=click.IntRange(1), default=100, show_default=True)
def call_next(
    memory: bool,
    clients: int,
    waiting: int,
    short: int,
    workers: int,
    **length: Any,
) -> None:
    """Agents call whoever is next: in a long line, and in a short one."""
    asked = calls.Wish(_length(**length), waiting, clients, workers)
    with titled("call next"), postgres_rig(memory=memory) as rig:
        uvloop.run(calls.compare(rig, asked, short))


@main.command("quick")
@click.option("--seconds", type=float, default=2.0, show_default=True)
def quick(seconds: float) -> None:
    """Run a little of everything, to see that it runs: the figures mean nothing."""
    uvloop.run(_a_little(Length(min(seconds, 0.5), seconds, 1)))


async def _a_little(length: Length) -> None:
    async with open_mother() as mother:
        with titled("quick, PostgreSQL"), postgres_rig(memory=True, mother=mother) as rig:
            await tickets.measure(rig, tickets.Wish(length, clients=16))
            await calls.measure(rig, calls.Wish(length, waiting=300, agents=4))
        with titled("quick, SQLite"), sqlite_rig(memory=True, mother=mother) as rig:
            await once.measure(rig, once.Wish(operations=300, clients=16))
            await seats.measure(rig, seats.Wish(people=200, seats=20, rate=1000, clients=16))
            few = bodies.Wish(("native",), every=20, times=1, large=4 * bodies.MB, rest=0.1)
            await bodies.measure(rig, few)


@main.command("calls-once")
@click.option("--memory", is_flag=True, help="On a memory filesystem, not on disk.")
@click.option("--sqlite", is_flag=True, help="On SQLite.")
@click.option("--operations", type=click.IntRange(1), default=10_000, show_default=True)
@click.option("--clients", type=click.IntRange(2), default=64, show_default=True)
@click.option("--workers", type=click.IntRange(1), default=1, show_default=True)
def calls_once(memory: bool, sqlite: bool, **wish: Any) -> None:
    """People and agents all at once: is anybody called twice, any number lost or doubled?"""
    with titled("calls once"), _rig(memory=memory, sqlite=sqlite) as rig:
        uvloop.run(once.measure(rig, once.Wish(**wish)))


@main.command("seats")
@click.option("--memory", is_flag=True, help="On a memory filesystem, not on disk.")
@click.option("--sqlite", is_flag=True, help="On SQLite, with one process.")
@click.option("--people", type=click.IntRange(1), default=20_000, show_default=True)
@click.option("--seats", type=click.IntRange(1), default=500, show_default=True)
@click.option("--rate", type=float, default=5_000.0, show_default=True)
@click.option("--clients", type=click.IntRange(1), default=512, show_default=True)
@click.option("--workers", type=click.IntRange(1), default=3, show_default=True)
def crowd_at_seats(memory: bool, sqlite: bool, **wish: Any) -> None:
    """A crowd wants the seats of one hour: are exactly those sold, and how fast is it over?"""
    with titled("seats"), _rig(memory=memory, sqlite=sqlite) as rig:
        uvloop.run(seats.measure(rig, seats.Wish(**wish)))


@main.command("deliveries-rate")
@click.option("--memory", is_flag=True, help="On a memory filesystem, not on disk.")
@click.option("--pairs", type=click.IntRange(1), default=3, show_default=True)
@click.option("--endpoints", type=click.IntRange(1), default=1000, show_default=True)
@click.option("--facts", type=click.IntRange(1), default=20_000, show_default=True)
def deliveries_rate(memory: bool, pairs: int, **wish: Any) -> None:
    """Webhooks a second, signed, 1 KB, in order for each case; beside a loop without a database."""
    asked = deliveries.Wish(length=Length(0, 0, pairs), **wish)
    with titled("deliveries, rate"), postgres_rig(memory=memory) as rig:
        uvloop.run(deliveries.rates(rig, asked))


@main.command("deliveries-delay")
@click.option("--memory", is_flag=True, help="On a memory filesystem, not on disk.")
@click.option("--pairs", type=click.IntRange(1), default=3, show_default=True)
@click.option("--seconds", type=float, default=20.0, show_default=True)
@click.option("--warm-up", type=float, default=20.0, show_default=True)
@click.option("--rate", type=float, default=200.0, show_default=True, help="Facts a second.")
@click.option("--endpoints", type=click.IntRange(1), default=1000, show_default=True)
@click.option("--dead", type=click.IntRange(0), default=1000, show_default=True)
def deliveries_delay(
    memory: bool, pairs: int, seconds: float, warm_up: float, dead: int, **wish: Any
) -> None:
    """From the commit to the receiver's first byte; again while as many endpoints never answer."""
    asked = deliveries.Wish(length=Length(warm_up, seconds, pairs), **wish)
    with titled("deliveries, delay"), postgres_rig(memory=memory) as rig:
        uvloop.run(deliveries.delays(rig, asked, dead=min(dead, asked.endpoints)))


@main.command("deliveries-cost")
@click.option("--memory", is_flag=True, help="On a memory filesystem, not on disk.")
@click.option("--pairs", type=click.IntRange(1), default=3, show_default=True)
@click.option("--seconds", type=float, default=10.0, show_default=True)
@click.option("--warm-up", type=float, default=3.0, show_default=True)
@click.option("--clients", type=click.IntRange(1), default=64, show_default=True)
@click.option("--sqlite", is_flag=True, help="On SQLite.")
def deliveries_cost(memory: bool, clients: int, sqlite: bool, **length: Any) -> None:
    """What business pays for webhooks: tickets with two endpoints, and with none."""
    asked = deliveries.Wish(length=_length(**length))
    with titled("deliveries, cost"), _rig(memory=memory, sqlite=sqlite) as rig:
        uvloop.run(deliveries.cost(rig, asked, clients=clients))


@main.command("deliveries-search")
@click.option("--memory", is_flag=True, help="On a memory filesystem, not on disk.")
@click.option("--sqlite", is_flag=True, help="On SQLite.")
@click.option("--rows", type=click.IntRange(1), default=1_000_000, show_default=True)
def deliveries_search(memory: bool, sqlite: bool, rows: int) -> None:
    """Find something in a log of a million deliveries."""
    with titled("deliveries, search"), _rig(memory=memory, sqlite=sqlite) as rig:
        uvloop.run(attempts.measure(rig, rows))


@main.command("bodies")
@click.option("--memory", is_flag=True, help="On a memory filesystem, not on disk.")
@click.option("--sqlite", is_flag=True, help="On SQLite.")
@click.option("--language", multiple=True, type=click.Choice(bodies.LANGUAGES), help="Only these.")
@click.option("--times", type=click.IntRange(1), default=3, show_default=True)
def odd_bodies(memory: bool, sqlite: bool, language: tuple[str, ...], times: int) -> None:
    """Odd and oversized bodies: how long, how much memory, and who has to wait meanwhile."""
    wish = bodies.Wish(languages=language or bodies.LANGUAGES, times=times)
    with titled("bodies"), _rig(memory=memory, sqlite=sqlite) as rig:
        uvloop.run(bodies.measure(rig, wish))


def _tickets(
    services: int,
    *,
    memory: bool,
    sqlite: bool,
    pairs: int,
    seconds: float,
    warm_up: float,
    **wish: Any,
) -> None:
    length = _length(pairs, seconds, warm_up)
    asked = tickets.Wish(length=length, services=services, **wish)
    with titled("tickets"), _rig(memory=memory, sqlite=sqlite) as rig:
        uvloop.run(tickets.measure(rig, asked))


def _length(pairs: int, seconds: float, warm_up: float) -> Length:
    return Length(warm_up, seconds, pairs)


def _rig(*, memory: bool, sqlite: bool = False) -> AbstractContextManager[Rig]:
    return sqlite_rig(memory=memory) if sqlite else postgres_rig(memory=memory)


if __name__ == "__main__":
    main()
