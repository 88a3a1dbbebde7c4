"""A busy office: people come and go, agents call, send on, take back, finish, all at once."""

import asyncio
import random
from collections import Counter
from time import monotonic
from typing import Any

from tests.faults.people import Town, link_of, new_key
from tests.rig.history import Said
from tests.rig.server import Server

ACTORS = 12
PATIENCE = 30.0
"""Seconds after which whatever has not yet been done is not waited for."""


class Mixture:
    """Actors who know of the same cases and often want to do something to the same one."""

    def __init__(self, town: Town, *, seed: int) -> None:
        self.town = town
        self._chance = random.Random(seed)
        self._waiting: list[Said] = []
        self._in_hand: list[tuple[str, int]] = []
        self._ways = {
            "queue_up": (self._come, 5),
            "call_next": (self._call, 5),
            "start": (self._start, 3),
            "transfer": (self._transfer, 2),
            "undo_call": (self._undo, 1),
            "resolve": (self._resolve, 4),
            "leave": (self._leave, 2),
        }

    @property
    def ops(self) -> set[str]:
        """Everything that is done."""
        return set(self._ways)

    async def run(self, seconds: float) -> None:
        """So long, and longer if something has not yet been done at all."""
        until = monotonic() + seconds
        async with asyncio.TaskGroup() as actors:
            for at in range(ACTORS):
                actors.create_task(
                    self._act(f"actor {at}", at % len(self.town.office.agents), until)
                )

    def report(self) -> dict[str, Any]:
        """Figures of the run."""
        said = self.town.history.said
        return {phase: dict(Counter(s.op for s in said if s.phase == phase)) for phase in PHASES}

    async def _act(self, name: str, agent: int, until: float) -> None:
        ways = [way for way, _ in self._ways.values()]
        weights = [weight for _, weight in self._ways.values()]
        while monotonic() < until or (self._missing() and monotonic() < until + PATIENCE):
            (way,) = self._chance.choices(ways, weights)
            await way(name, agent, self._chance.choice(self.town.servers))

    def _missing(self) -> set[str]:
        return self.ops - {one.op for one in self.town.history.ok()}

    # --- what comes to mind ---------------------------------------------------------

    async def _come(self, name: str, agent: int, server: Server) -> None:
        said = await self.town.queue_up(
            name,
            key=new_key(),
            server=server,
            service=self._chance.randint(0, 1),
            native=self._chance.random() < 0.5,
        )
        if said.phase == "ok":
            self._waiting.append(said)

    async def _call(self, name: str, agent: int, server: Server) -> None:
        desk = self._chance.choice([*self.town.desks, None])
        key = new_key() if self._chance.random() < 0.5 else None
        said = await self.town.call_next(name, server=server, agent=agent, desk=desk, key=key)
        if said.case is not None:
            self._in_hand.append((said.case, agent))

    async def _start(self, name: str, agent: int, server: Server) -> None:
        await self._do(name, "start", agent, server)

    async def _transfer(self, name: str, agent: int, server: Server) -> None:
        queue, keep = self._chance.choice(self.town.queues), self._chance.random() < 0.5
        await self._do(name, "transfer", agent, server, queue_id=queue, keep_place=keep)

    async def _undo(self, name: str, agent: int, server: Server) -> None:
        await self._do(name, "undo_call", agent, server)

    async def _resolve(self, name: str, agent: int, server: Server) -> None:
        await self._do(name, "resolve", agent, server)

    async def _leave(self, name: str, agent: int, server: Server) -> None:
        if self._waiting:
            said = self._chance.choice(self._waiting[-20:])
            await self.town.leave(name, link_of(said), server=server)

    async def _do(self, name: str, op: str, agent: int, server: Server, **order: Any) -> None:
        """To one of the last who were called: others have their eye on the same."""
        if self._in_hand:
            case, caller = self._chance.choice(self._in_hand[-8:])
            agent = caller if self._chance.random() < 0.7 else agent
            await self.town.move(name, op, case, server=server, agent=agent, **order)


PHASES = ("ok", "fail", "info")
