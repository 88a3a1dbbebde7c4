"""A flash crowd: many people want the same hour at the same moment (reliability L1, H3).

Everybody asks once, at a given rate whatever the server does; of those who got a seat some ask
again with the same key. Right is: exactly as many seats as there are, everybody else a
conflict that names other times, nothing else. The data are looked at afterwards.
"""

import os
import random
import time
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from uuid import UUID

import msgspec

from bench.branch import Branch, make_branch
from bench.cpu import spent_by
from bench.figures import Figures
from bench.invariants import Broken, check
from bench.load import Answer, Failed, Line, Next, Run, lines, open_loop
from bench.pairs import tell
from bench.rig import Rig
from bench.serve import HOST, Server, ask, request, served, token
from nowserving.actions.house import House
from nowserving.bookings.rules import Plan, Rules
from nowserving.bookings.template import Template
from nowserving.kit.clock import wall
from nowserving.kit.vault import Vault
from nowserving.main.settings import new_key
from nowserving.places.services import EntryMode, Service
from nowserving.store.engines import open_engine

AGAIN = 0.2
"""How many of those who got a seat ask once more with the same key."""


@dataclass(frozen=True, slots=True)
class Wish:
    """How many people want how many seats, how fast they come, over how many connections."""

    people: int = 20_000
    seats: int = 500
    rate: float = 5_000.0
    clients: int = 512
    workers: int = 3


class Booked(msgspec.Struct):
    """What of an answer is looked at: the case."""

    appointment: "Seat"


class Seat(msgspec.Struct):
    """An appointment."""

    case: "Case"


class Case(msgspec.Struct):
    """Its case."""

    id: UUID


class Refused(msgspec.Struct):
    """A problem: only one kind is right."""

    type: str


@dataclass(slots=True)
class Crowd:
    """Everybody who wants a seat, and what they were told."""

    asking: bytes
    held: list[UUID] = field(default_factory=list)
    refused: int = 0
    repeated: int = 0
    last_sold: float = 0.0

    def person(self) -> Next:
        """One connection: one person after the other asks on it."""
        said = b""
        first: Answer | None = None

        def ask(answer: Answer | None) -> bytes:
            nonlocal said, first
            if first is not None:
                if answer != first:
                    raise Broken(f"a repeated request was answered otherwise: {answer}")
                self.repeated, first = self.repeated + 1, None
            elif answer is not None:
                self._note(answer)
                if answer.status == 201 and random.random() < AGAIN:
                    first = answer
                    return said
            said = self.asking.replace(b"@", os.urandom(16).hex().encode())
            return said

        return ask

    def _note(self, answer: Answer) -> None:
        if answer.status == 201:
            booked = msgspec.json.decode(answer.body, type=Booked)
            self.held.append(booked.appointment.case.id)
            self.last_sold = time.perf_counter()
        elif answer.status == 409:
            refused = msgspec.json.decode(answer.body, type=Refused)
            if not refused.type.endswith("#slot-taken"):
                raise Failed(f"another conflict: {answer}")
            self.refused += 1
        else:
            raise Failed(f"neither a seat nor a conflict: {answer}")


async def measure(rig: Rig, wish: Wish) -> None:
    """Let them all come, then look at the data."""
    key = new_key()
    branch = await make_branch(await rig.database("seats"), key, agents=1)
    service = await _by_appointment(branch)
    workers = 1 if rig.server is None else wish.workers
    async with served(
        branch, rig.folder / "server.log", workers=workers, mother=rig.mother
    ) as server:
        access = await token(server, branch)
        calendar, start = await _hall(server, access, service, wish.seats)
        body = msgspec.json.encode({"calendar_id": calendar, "start": start})
        crowd = Crowd(
            request(
                "POST",
                "/api/v1/appointments",
                body,
                Authorization=f"Bearer {access}",
                **{"Content-Type": "application/json", "Idempotency-Key": "@"},
            )
        )
        spent = _spent(rig, server)
        run, began, ended = await _come(server, crowd, wish)
        cpu = {who: now - spent[who] for who, now in _spent(rig, server).items()}
    if len(crowd.held) != wish.seats:
        raise Broken(f"{len(crowd.held)} seats were sold of {wish.seats}")
    told = Figures("", len(run.latencies), ended, sorted(run.latencies), cpu)
    tell(
        f"  {wish.people} people, {wish.rate:.0f}/s offered, {workers} processes: "
        f"{len(crowd.held)} of {wish.seats} seats sold, the last after "
        f"{crowd.last_sold - began:.2f} s; {crowd.refused} conflicts, "
        f"{crowd.repeated} repeated with the same answer"
    )
    tell(
        f"  all answered after {ended:.2f} s; from the moment each wanted to ask: "
        f"p50 {told.latency(0.5):.0f} ms, "
        f"p99 {told.latency(0.99):.0f} ms"
    )
    used = ", ".join(f"{who} {told.cost(who):.0f}" for who in cpu)
    tell(f"  CPU us for each request: {used}; {sum(cpu.values()):.1f} s in all")
    tell(f"  {await check(branch.url, crowd.held, kept=len(crowd.held))}")


async def _come(server: Server, crowd: Crowd, wish: Wish) -> tuple[Run, float, float]:
    async with lines(HOST, server.port, wish.clients) as opened:
        clients: dict[Line, Next] = {line: crowd.person() for line in opened}
        began = time.perf_counter()
        run = Run(began, float("inf"), lambda answer: True)
        # The last of them starts just before the end.
        until = began + (wish.people - 0.5) / wish.rate
        await open_loop(clients, run, rate=wish.rate, until=until)
        return run, began, time.perf_counter() - began


def _spent(rig: Rig, server: Server) -> dict[str, float]:
    """Seconds of CPU so far. On SQLite the server is the database too."""
    return {
        "server": spent_by(server.pid),
        "database": spent_by(*rig.database_pids),
        "load": time.process_time(),
    }


async def _by_appointment(branch: Branch) -> Service:
    """A service that is booked, beside those of the branch."""
    engine = await open_engine(branch.url, connections=2)
    try:
        house = House(engine, Vault.from_text(branch.key))
        service = replace(
            branch.services[0],
            id=house.ids(wall()),
            number=90_000,
            name="A time",
            category_id=branch.kind.category_id,
            entry_mode=EntryMode.APPOINTMENT,
        )
        async with house.acting(branch.actor) as act:
            await act.store.places.add([service])
            plan = Plan(branch.organization.id, service.id, Template(), Rules(), wall())
            await act.store.plans.keep(plan)
        return service
    finally:
        await engine.close()


async def _hall(server: Server, access: str, service: Service, seats: int) -> tuple[str, int]:
    """A calendar with one time of so many seats; its id and the time."""
    day: date = (wall() + timedelta(days=2)).date()
    start, minutes = 540, 6
    body = msgspec.json.encode(
        {"day": day, "capacity": seats, "hours": [{"start": start, "end": start + minutes}]}
    )
    said = await ask(
        server,
        "POST",
        f"/api/v1/services/{service.id}/calendars",
        body,
        **{"Authorization": f"Bearer {access}", "Content-Type": "application/json"},
    )
    if said.status != 201:
        raise Failed(f"no calendar: {said}")
    return str(msgspec.json.decode(said.body)["id"]), start
