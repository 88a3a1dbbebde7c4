"""How many people can take a ticket: in one hot line, and in a thousand."""

import asyncio
import os
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID

import msgspec

from bench.branch import Branch, fill, make_branch
from bench.figures import Figures
from bench.invariants import Broken, check
from bench.limits.pgbench import Pgbench
from bench.limits.writer import write_tickets
from bench.load import Answer, Failed, Line, Next, Run, closed_loop, lines, open_loop, until
from bench.pairs import Length, Watch, by_turns, summary, tell
from bench.rig import Rig, settle
from bench.serve import HOST, Server, request, served, token
from nowserving.main.settings import new_key

LIMIT_CLIENTS = 8
"""How many clients take tickets from pgbench: more of them only wait longer for the one row."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be measured. `rate` None: as fast as the clients can."""

    length: Length
    services: int = 1
    clients: int = 64
    workers: int = 1
    rate: float | None = None
    contact: bool = False
    history: int = 0


class Ticket(msgspec.Struct):
    """The number called out."""

    number: int


class Queued(msgspec.Struct, rename="camel"):
    """What we read of an answer to Queue Up."""

    case_id: UUID
    status: str
    ticket: Ticket
    position: int


@dataclass(slots=True)
class Crowd:
    """People at one branch: what they ask, and the tickets they hold.

    Every answer is read and checked: a ticket for somebody who waits, with a number that
    nobody else has in that series.
    """

    heads: list[bytes]
    body: bytes
    held: list[UUID] = field(default_factory=list)
    numbers: list[set[int]] = field(default_factory=list)

    @classmethod
    def at(cls, branch: Branch, access: str, *, contact: bool = False) -> "Crowd":
        """A crowd with the credentials of the branch's program."""
        asked = {
            "serviceTypeId": str(branch.kind.id),
            "locale": "en-US",
            "channel": "FaceToFace",
            "useCustomerContactInfo": False,
            "fields": {},
            "tagIds": [],
        }
        if contact:
            asked |= {"contactPhoneNumber": "+49 30 1234567", "contactEmail": "ann@example.com"}
        body = msgspec.json.encode(asked)
        heads = [
            request(
                "POST",
                f"/{branch.application_id}/services/{service.id}/cases",
                body,
                Authorization=f"Bearer {access}",
                **{"Content-Type": "application/json", "Idempotency-Key": "@"},
            ).removesuffix(body)
            for service in branch.services
        ]
        return cls(heads, body, numbers=[set() for _ in heads])

    def visitor(self) -> Next:
        """One client: takes a ticket at any service, then another."""
        heads, body, read = self.heads, self.body, msgspec.json.Decoder(Queued).decode
        services, at = range(len(heads)), 0

        def ask(answer: Answer | None) -> bytes:
            nonlocal at
            if answer is not None:
                if answer.status != 201:
                    raise Failed(f"no ticket: {answer}")
                self._keep(at, read(answer.body))
            at = random.choice(services) if len(heads) > 1 else 0
            return heads[at].replace(b"@", os.urandom(16).hex().encode()) + body

        return ask

    def _keep(self, at: int, queued: Queued) -> None:
        if queued.status != "Waiting" or queued.position < 1:
            raise Failed(f"not a place in a line: {queued}")
        given = self.numbers[at]
        if queued.ticket.number in given:
            raise Broken(f"number {queued.ticket.number} was given twice")
        given.add(queued.ticket.number)
        self.held.append(queued.case_id)


async def measure(rig: Rig, wish: Wish) -> tuple[list[Figures], list[Figures]]:
    """Our server and the limit program by turns, on branches alike."""
    key = new_key()
    branch, other = await _branches(rig, wish, key)
    log = rig.folder / "server.log"
    async with served(branch, log, workers=wish.workers, mother=rig.mother) as server:
        crowd = Crowd.at(branch, await token(server, branch), contact=wish.contact)
        ours = partial(_ours, server, Watch(server.pid, rig), crowd, branch, wish)
        figures = await by_turns(rig, wish.length.pairs, ours, _limit(rig, other, wish))
    tell(f"  {summary(*figures)}")
    tell(f"  {await check(branch.url, crowd.held, kept=len(crowd.held))}")
    return figures


async def _branches(rig: Rig, wish: Wish, key: str) -> tuple[Branch, Branch]:
    """One for our server, one for the limit program."""
    made = []
    for name in ("ours", "limit"):
        branch = await make_branch(await rig.database(name), key, services=wish.services)
        await fill(branch, wish.history, closed=True)
        await settle(branch.url, analyze=True)
        made.append(branch)
    return made[0], made[1]


async def _ours(server: Server, watch: Watch, crowd: Crowd, branch: Branch, wish: Wish) -> Figures:
    await settle(branch.url)

    async def work(run: Run, ends: float) -> None:
        async with lines(HOST, server.port, wish.clients) as opened:
            clients: dict[Line, Next] = {line: crowd.visitor() for line in opened}
            if wish.rate is None:
                stopping = {line: until(ends, ask) for line, ask in clients.items()}
                await closed_loop(stopping, run)
            else:
                await open_loop(clients, run, rate=wish.rate, until=ends)

    load = f"{wish.clients} clients" if wish.rate is None else f"{wish.rate:.0f}/s offered"
    return await watch.run(f"nowserving, {load}", wish.length, work)


def _limit(rig: Rig, branch: Branch, wish: Wish) -> Callable[[], "asyncio.Future[Figures]"]:
    length = wish.length

    async def postgres() -> Figures:
        await settle(branch.url)
        pgbench = Pgbench(rig, branch, "ticket.sql", LIMIT_CLIENTS)
        return await pgbench.run(warm_up=length.warm_up, seconds=length.seconds)

    async def sqlite() -> Figures:
        return write_tickets(branch, batch=max(1, wish.clients // 2), seconds=length.seconds)

    return lambda: asyncio.ensure_future(sqlite() if rig.server is None else postgres())


def at_rate(figures: list[Figures], share: float) -> float:
    """The rate that is a share of what was reached."""
    return share * sorted(one.rate for one in figures)[len(figures) // 2]
