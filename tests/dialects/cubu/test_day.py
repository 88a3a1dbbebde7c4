"""A branch's day told through Server-to-Server alone leaves the facts of the same day told ours.

Two organizations that are made alike live the same day in one house, moment by moment: twelve
appointments, one of them called off, and twelve who walk in, served by four agents. One is run
by a program that speaks Cubu, the other over our own API. Checking in is no call of Cubu's:
customers do it at the kiosk, in both.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx

from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.bookings.calendar import Calendar
from nowserving.bookings.spans import Span
from nowserving.places.organization import Desk, Unit
from nowserving.places.services import Service, ServiceType, Workspace
from nowserving.store.engines import Looking
from nowserving.store.store import Store
from tests.actions.booking import Surgery
from tests.dialects.cubu.conftest import Program, program_of
from tests.dialects.native.api import Api
from tests.dialects.native.conftest import agent_of
from tests.dialects.native.conftest import program_of as api_of

AGENTS = range(4)
TIMES = (540, 600, 660)
WALKED_IN = 12
CLOSED = 720
SERVED_FOR = timedelta(minutes=14)


@dataclass
class Branch:
    """One of the two; ids of what happens in it are noted in their order."""

    house: House
    made: Sample
    calendars: list[Calendar]
    subjects: list[UUID] = field(default_factory=list)

    def all(self, kind: type[Any]) -> list[Any]:
        return [thing for thing in self.made.beginning.places if type(thing) is kind]

    @property
    def services(self) -> list[Service]:
        found: list[Service] = self.all(Service)
        return found

    def kind_of(self, service: Service) -> ServiceType:
        kinds: list[ServiceType] = self.all(ServiceType)
        return next(one for one in kinds if one.category_id == service.category_id)

    def noted(self, id: str) -> UUID:
        self.subjects.append(UUID(id))
        return UUID(id)

    async def facts(self) -> list[dict[str, Any]]:
        """What happened, ids said by what they are of."""
        names = {str(id): name for id, name in self._names()}
        store = Store(Looking(self.house.engine), self.made.organization.id)
        found = []
        for subject in self.subjects:
            for fact in await store.journal.of(subject):
                told = {"subject": subject, "version": fact.version, "kind": fact.kind}
                told |= {"at": fact.at, "actor": fact.actor, "data": json.loads(fact.data)}
                found.append(_named(told, names))
        return found

    def _names(self) -> Any:
        made = self.made
        yield made.organization.id, "organization"
        yield made.client.id, "program"
        for kind, things in {
            "place": [one for one in made.beginning.places if hasattr(one, "id")],
            "agent": made.beginning.agents,
            "calendar": self.calendars,
        }.items():
            yield from ((one.id, f"{kind} {at}") for at, one in enumerate(things))
        yield from ((id, f"subject {at}") for at, id in enumerate(self.subjects))


def _named(told: Any, names: Mapping[str, str]) -> Any:
    if isinstance(told, dict):
        return {key: _named(value, names) for key, value in told.items()}
    if isinstance(told, list):
        return [_named(value, names) for value in told]
    text = str(told)
    kind, _, id = text.rpartition(":")
    return f"{kind}:{names[id]}" if id in names else told


class InCubu:
    """A program that speaks nothing but Server-to-Server."""

    def __init__(self, branch: Branch, program: Program) -> None:
        self.branch, self.program = branch, program

    async def sign_in(self) -> None:
        await self.program.sign_in()

    async def ask(self, method: str, path: str, body: Any = None, *, expect: int = 200) -> Any:
        answer = await self.program.client.request(
            method,
            f"/{self.branch.made.client.application_id}{path}",
            json=body,
            headers=self.program.headers,
        )
        assert answer.status_code == expect, f"{path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    async def begin(self) -> None:
        unit, space = self.branch.all(Unit)[0], self.branch.all(Workspace)[0]
        for at in AGENTS:
            await self._as(at, "/units/_current", {"unitId": str(unit.id)})
            await self._as(at, "/workspaces/_current", {"workspaceId": str(space.id)})

    async def customer(self, name: str, phone: str) -> UUID:
        fields = (await self.branch.house.directory(self.branch.made.organization.id)).customers
        ids = {one.slug: str(one.id) for one in fields.fields}
        said = {ids["customer-name"]: name, ids["customer-phone"]: phone}
        made = await self.ask("POST", "/customers", {"fields": said}, expect=201)
        return self.branch.noted(made["recordId"])

    async def book(self, calendar: Calendar, start: int, customer: UUID) -> UUID:
        service = self.branch.services[3]
        body = {
            "serviceTypeId": str(self.branch.kind_of(service).id),
            "startTime": start,
            "cusotmerRecordId": str(customer),
            "channel": "FaceToFace",
        }
        made = await self.ask("POST", f"{_place(calendar)}/appointments", body, expect=201)
        return self.branch.noted(made["caseId"])

    async def cancel(self, calendar: Calendar, case: UUID) -> None:
        await self.ask("DELETE", f"{_place(calendar)}/appointments/{case}")

    async def queue_up(self, service: Service, phone: str) -> UUID:
        body = {
            "serviceTypeId": str(self.branch.kind_of(service).id),
            "channel": "FaceToFace",
            "contactPhoneNumber": phone,
        }
        made = await self.ask("POST", f"/services/{service.id}/cases", body, expect=201)
        return self.branch.noted(made["caseId"])

    async def next(self, agent: int) -> UUID | None:
        desk = self.branch.all(Desk)[agent]
        program = self.program
        answer = await program.client.post(
            self._agent(agent) + "/actions/startNext",
            json={"workstationId": str(desk.id)},
            headers=program.headers,
        )
        assert answer.status_code in (200, 204), answer.text
        return UUID(answer.json()["caseId"]) if answer.status_code == 200 else None

    async def resolve(self, agent: int, case: UUID) -> None:
        await self._as(agent, f"/cases/{case}/actions/resolve", {})

    async def _as(self, agent: int, path: str, body: Any) -> None:
        own = f"/{self.branch.made.client.application_id}"
        await self.ask("POST", self._agent(agent).removeprefix(own) + path, body)

    def _agent(self, at: int) -> str:
        made = self.branch.made
        return f"/{made.client.application_id}/agents/{made.beginning.agents[at].id}"


class InOurs:
    """The same over our own API: a program, and the agents by themselves."""

    def __init__(self, branch: Branch, client: httpx.AsyncClient) -> None:
        self.branch, self.client = branch, client
        self.agents: list[Api] = []
        self.program = Api(client)

    async def sign_in(self) -> None:
        self.program = await api_of(self.client, self.branch.made)

    async def begin(self) -> None:
        for at in AGENTS:
            login = self.branch.made.logins[at].login
            self.agents.append(await agent_of(self.client, self.branch.made, login))

    async def customer(self, name: str, phone: str) -> UUID:
        made = await self.program.post("/customers", {"name": name, "phone": phone}, expect=201)
        return self.branch.noted(made["customer"]["id"])

    async def book(self, calendar: Calendar, start: int, customer: UUID) -> UUID:
        body = {
            "calendar_id": str(calendar.id),
            "start": start,
            "type_id": str(self.branch.kind_of(self.branch.services[3]).id),
            "customer_id": str(customer),
            "channel": "face_to_face",
        }
        made = await self.program.post("/appointments", body, expect=201)
        return self.branch.noted(made["appointment"]["case"]["id"])

    async def cancel(self, calendar: Calendar, case: UUID) -> None:
        await self.program.post(f"/cases/{case}/cancel")

    async def queue_up(self, service: Service, phone: str) -> UUID:
        body = {
            "service_id": str(service.id),
            "type_id": str(self.branch.kind_of(service).id),
            "channel": "face_to_face",
            "phone": phone,
        }
        made = await self.program.post("/cases", body, expect=201)
        return self.branch.noted(made["case"]["id"])

    async def check_in(self, case: UUID) -> None:
        await self.program.post(f"/cases/{case}/check-in", {"override": False})

    async def next(self, agent: int) -> UUID | None:
        branch = self.branch
        unit, space, desk = (branch.all(one) for one in (Unit, Workspace, Desk))
        answer = await self.agents[agent].asking.post(
            f"/api/v1/units/{unit[0].id}/call-next",
            json={"workspace_id": str(space[0].id), "desk_id": str(desk[agent].id)},
            headers={"Authorization": f"Bearer {self.agents[agent].token}"},
        )
        assert answer.status_code in (200, 204), answer.text
        if answer.status_code == 204:
            return None
        called = answer.json()
        if called["state"] == "called":  # Start Next of Cubu begins to serve at once
            await self.agents[agent].post(f"/cases/{called['id']}/start")
        return UUID(called["id"])

    async def resolve(self, agent: int, case: UUID) -> None:
        await self.agents[agent].post(f"/cases/{case}/resolve")


def _place(calendar: Calendar) -> str:
    return f"/calendars/{calendar.service_id}/{calendar.day}/{calendar.index}"


@dataclass
class Clock:
    """Each moment of the day is another one, and the same for both."""

    surgery: Surgery

    def go(self, **by: int) -> None:
        self.surgery.now += timedelta(**by)


async def test_the_day_leaves_the_same_facts(
    house: House, client: httpx.AsyncClient, demo: Program, other: Program
) -> None:
    first = await Surgery.of(house, demo.made, program_of(demo.made))
    second = await Surgery.of(house, other.made, program_of(other.made))
    house.clock = lambda: first.now
    day, hours = first.now.date(), (Span(480, 960),)
    opened = [
        [await surgery.opened(day, at, hours=hours) for at in AGENTS] for surgery in (first, second)
    ]
    cubu = InCubu(Branch(house, demo.made, opened[0]), demo)
    ours = InOurs(Branch(house, other.made, opened[1]), client)
    kiosks = [InOurs(cubu.branch, client), ours]
    clock = Clock(first)
    await _open(cubu, ours, kiosks, clock)
    booked = await _book(cubu, ours, clock)
    await _live(cubu, ours, kiosks, booked, clock)
    told, told_ours = await cubu.branch.facts(), await ours.branch.facts()
    assert told == told_ours
    kinds = [fact["kind"] for fact in told]
    assert {kind: kinds.count(kind) for kind in sorted(set(kinds))} == {
        "case.arrived": 11,
        "case.called": 23,
        "case.called_off": 1,
        "case.planned": 12,
        "case.queued": 12,
        "case.resolved": 23,
        "case.started": 23,
        "customer.created": 12,
    }


async def _open(cubu: InCubu, ours: InOurs, kiosks: list[InOurs], clock: Clock) -> None:
    await _sign_in(cubu, kiosks)
    await cubu.begin()
    await ours.begin()
    clock.go(seconds=1)


async def _sign_in(cubu: InCubu, kiosks: list[InOurs]) -> None:
    """A token is good for an hour only."""
    await cubu.sign_in()
    for kiosk in kiosks:
        await kiosk.sign_in()


async def _book(cubu: InCubu, ours: InOurs, clock: Clock) -> list[tuple[int, UUID, UUID]]:
    """Everybody has a time; one thinks better of it. Start and both cases of each."""
    booked = []
    for start in TIMES:
        for at in AGENTS:
            name, phone = f"Customer {start} {at}", f"+4930{start}{at}111"
            cases = []
            for one in (cubu, ours):
                customer = await one.customer(name, phone)
                cases.append(await one.book(one.branch.calendars[at], start, customer))
            booked.append((start, cases[0], cases[1]))
            clock.go(seconds=1)
    _, theirs, mine = booked.pop(5)
    await cubu.cancel(cubu.branch.calendars[1], theirs)
    await ours.cancel(ours.branch.calendars[1], mine)
    clock.go(seconds=1)
    return booked


async def _live(
    cubu: InCubu,
    ours: InOurs,
    kiosks: list[InOurs],
    booked: list[tuple[int, UUID, UUID]],
    clock: Clock,
) -> None:
    """From eight on, ten minutes at a time, until the house closes."""
    at_hand: dict[int, tuple[UUID, UUID, Any]] = {}
    walked_in, minute = 0, 480
    waiting = list(booked)
    while minute < CLOSED:
        if minute % 30 == 0:
            await _sign_in(cubu, kiosks)
        for start, theirs, mine in [one for one in waiting if one[0] - 20 <= minute]:
            await kiosks[0].check_in(theirs)
            await kiosks[1].check_in(mine)
            waiting.remove((start, theirs, mine))
            clock.go(seconds=1)
        if walked_in < WALKED_IN:
            for one in (cubu, ours):
                service = one.branch.services[walked_in % 3]
                await one.queue_up(service, f"+49301110{walked_in:02}")
            walked_in += 1
            clock.go(seconds=1)
        for agent in AGENTS:
            await _serve(cubu, ours, agent, at_hand, clock)
        minute += 10
        clock.surgery.now = clock.surgery.now.replace(second=0) + timedelta(minutes=10)


async def _serve(
    cubu: InCubu,
    ours: InOurs,
    agent: int,
    at_hand: dict[int, tuple[UUID, UUID, Any]],
    clock: Clock,
) -> None:
    """One agent: done with who is there, then the next, if there is one."""
    now = clock.surgery.now
    if agent in at_hand and now - at_hand[agent][2] >= SERVED_FOR:
        theirs, mine, _ = at_hand.pop(agent)
        await cubu.resolve(agent, theirs)
        await ours.resolve(agent, mine)
        clock.go(seconds=1)
    if agent not in at_hand:
        called = await cubu.next(agent), await ours.next(agent)
        assert (called[0] is None) == (called[1] is None)
        if called[0] is not None and called[1] is not None:
            at_hand[agent] = (called[0], called[1], now)
        clock.go(seconds=1)
