"""Ours and the limit program by turns: A B A B, on the same database, in the same minute."""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bench.cpu import spent_by
from bench.figures import Figures, ratios, spread
from bench.load import Answer, Run
from bench.rig import Rig, machine

OWN = "load"


@dataclass(frozen=True, slots=True)
class Length:
    """How long one run is looked at, how long it warms up before, and how many pairs there are."""

    warm_up: float
    seconds: float
    pairs: int


@dataclass(frozen=True, slots=True)
class Watch:
    """What is looked at while a run goes on: the processes of each party."""

    server: int
    rig: Rig

    async def run(
        self,
        name: str,
        length: Length,
        work: Callable[[Run, float], Awaitable[None]],
        *,
        counted: Callable[[Answer], bool] = lambda answer: True,
    ) -> Figures:
        """Let `work` go on until an instant, and say what it was like after the warm-up.

        `counted`: which answers are one operation more.
        """
        first = time.perf_counter() + length.warm_up
        run = Run(first, first + length.seconds, counted)
        looking = asyncio.create_task(self._look(run))
        await work(run, run.last)
        cpu = await looking
        return Figures(name, len(run.latencies), length.seconds, sorted(run.latencies), cpu)

    async def _look(self, run: Run) -> dict[str, float]:
        await asyncio.sleep(run.first - time.perf_counter())
        before = self._spent()
        await asyncio.sleep(run.last - time.perf_counter())
        after = self._spent()
        return {name: after[name] - before[name] for name in after}

    def _spent(self) -> dict[str, float]:
        spent = {"server": spent_by(self.server)}
        if self.rig.database_pids:
            spent["database"] = spent_by(*self.rig.database_pids)
        return {**spent, OWN: time.process_time()}


async def by_turns(
    rig: Rig,
    pairs: int,
    ours: Callable[[], Awaitable[Figures]],
    limit: Callable[[], Awaitable[Figures]],
) -> tuple[list[Figures], list[Figures]]:
    """Run the pairs, telling each as it ends."""
    first, second = [], []
    for _ in range(pairs):
        tell(f"  {rig.fsync()}; {machine()}")
        first.append(await ours())
        tell(f"  {first[-1]}")
        second.append(await limit())
        tell(f"  {second[-1]}")
    return first, second


def summary(ours: list[Figures], limit: list[Figures]) -> str:
    """The sentence that the pairs come to."""
    return (
        f"ratio {spread(ratios(ours, limit))}; "
        f"ours {spread([one.rate for one in ours], '.0f')}/s, "
        f"p99 {spread([one.latency(0.99) for one in ours], '.1f')} ms, "
        f"{spread([one.cost() for one in ours], '.0f')} CPU us (server and database); "
        f"limit {spread([one.rate for one in limit], '.0f')}/s, "
        f"{spread([one.cost() for one in limit], '.0f')} CPU us"
    )


def tell(line: str) -> None:
    """Say something as soon as it is known."""
    print(line, flush=True)


@contextmanager
def titled(title: str) -> Iterator[None]:
    """A heading before, and a free line after."""
    tell(f"{title}\n  $ python -m bench {' '.join(sys.argv[1:])}")
    yield
    tell("")
