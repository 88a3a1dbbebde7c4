"""Everything at once: people come, agents call, move and settle, programs try again.

Nothing is measured but whether it is right: nobody is called twice, no number is given
twice or left out, and a request that is repeated with its key gets its first answer again.
"""

import random
from dataclasses import dataclass
from uuid import UUID

import msgspec

from bench.branch import fill, make_branch
from bench.calls import Called, Floor, post, see
from bench.invariants import Broken, check
from bench.load import Answer, Next, Run, closed_loop, lines
from bench.pairs import tell
from bench.rig import Rig
from bench.serve import HOST, served, signed_in, token
from bench.tickets import Crowd
from nowserving.main.settings import new_key

AGAIN = 0.05
"""How many of the requests are sent a second time, with the same key."""

MOVES = ("resolve", "resolve", "resolve", "miss", "return", "hold")


@dataclass(frozen=True, slots=True)
class Wish:
    """How many operations, by how many clients, half of them agents."""

    operations: int = 10_000
    clients: int = 64
    workers: int = 1


@dataclass(slots=True)
class Repeats:
    """Sends some requests twice, and looks whether the answers are the same."""

    left: int
    repeated: int = 0

    def of(self, ask: Next) -> Next:
        """The same client, who now and then does not trust an answer."""
        said: bytes | None = None
        first: Answer | None = None

        def asking(answer: Answer | None) -> bytes | None:
            nonlocal said, first
            if first is not None:
                if answer != first:
                    raise Broken(f"a repeated request was answered otherwise: {first}, {answer}")
                answer, first = first, None
                self.repeated += 1
            elif answer is not None and answer.status < 300 and random.random() < AGAIN:
                first = answer
                return said
            self.left -= 1
            said = ask(answer) if self.left >= 0 or answer is not None else None
            return said if self.left >= 0 else None

        return asking


@dataclass(slots=True)
class Agent:
    """Calls whoever is next and does any of what can be done with them."""

    floor: Floor
    at: int
    here: UUID | None = None
    doing: str = ""

    def ask(self, answer: Answer | None) -> bytes:
        """The next order, after the answer to the last."""
        if answer is not None:
            see(answer, 200, 204)
            if self.doing == "call-next" and answer.status == 200:
                called = msgspec.json.decode(answer.body, type=Called)
                self.floor.note(called)
                self.here = called.id
            elif self.doing != "start":
                self.here = None
        access = self.floor.tokens[self.at]
        if self.here is None:
            self.doing = "call-next"
            return self.floor.call(self.at)
        self.doing = random.choice(MOVES if self.doing == "start" else ("start", *MOVES))
        return post(f"/cases/{self.here}/{self.doing}", access, {})


async def measure(rig: Rig, wish: Wish) -> None:
    """Let them all work, then look at the data."""
    key, agents = new_key(), max(1, wish.clients // 2)
    branch = await make_branch(await rig.database("once"), key, agents=agents)
    await fill(branch, 100)
    async with served(
        branch, rig.folder / "server.log", workers=wish.workers, mother=rig.mother
    ) as server:
        floor = Floor(branch, await signed_in(server, branch))
        crowd = Crowd.at(branch, await token(server, branch))
        repeats = Repeats(wish.operations)
        async with lines(HOST, server.port, wish.clients) as opened:
            asks = [
                Agent(floor, at).ask if at < agents else crowd.visitor()
                for at in range(wish.clients)
            ]
            clients = {line: repeats.of(ask) for line, ask in zip(opened, asks, strict=True)}
            await closed_loop(clients, Run(0, 0, lambda answer: False))
    tell(
        f"  {wish.operations} operations by {wish.clients} clients: {len(crowd.held)} tickets, "
        f"{floor.called} calls, nobody called twice, {repeats.repeated} requests sent twice"
    )
    tell(f"  {await check(branch.url, crowd.held, kept=len(crowd.held) + floor.called)}")
