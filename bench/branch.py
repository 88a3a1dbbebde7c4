"""The branch a bench works in, and the lines it finds there."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST

from nowserving.actions.act import Act, case_fact
from nowserving.actions.gather import Order
from nowserving.actions.house import House
from nowserving.actions.sample import Sample, sample
from nowserving.actions.setup import begin
from nowserving.cases.admission import Request, admit
from nowserving.cases.case import Case
from nowserving.cases.moves import QUEUE_UP, RESOLVE, State
from nowserving.kit.clock import micros, wall
from nowserving.kit.vault import Vault, fingerprint
from nowserving.people.actor import Actor, system
from nowserving.places.organization import Desk, Organization, Unit
from nowserving.places.services import Queue, Service, ServiceType
from nowserving.store.engines import open_engine
from nowserving.store.form import is_current
from nowserving.store.migrate import migrate

Thing = TypeVar("Thing")

AT_ONCE = 2_000
"""How many cases are written in one transaction when a branch is filled."""

TICKETS = 9_999_999
"""The last number of a series: none begins anew while we count."""


@dataclass(frozen=True, slots=True)
class Branch:
    """An organization with as many services, agents and desks as a bench needs."""

    url: str
    key: str
    organization: Organization
    unit: Unit
    services: Sequence[Service]
    kind: ServiceType
    desks: Sequence[Desk]
    logins: Sequence[str]
    password: str
    application_id: UUID
    client_id: UUID
    secret: str

    @property
    def actor(self) -> Actor:
        """Who fills the branch."""
        return system(self.organization.id, "bench")


async def make_branch(url: str, key: str, *, services: int = 1, agents: int = 50) -> Branch:
    """A branch in an empty database: each service with a series and a queue of its own."""
    if not await is_current(url):
        await migrate(url)
    async with AsyncExitStack() as stack:
        house = await _house(stack, url, key)
        now = wall()
        made = await sample(lambda: house.ids(now), now, hashed=hashed)
        offered, queues = _services(made, house, services)
        desks = _desks(made, house, agents)
        staff = [
            replace(made.beginning.agents[0], id=house.ids(now), number=n, login=f"agent{n}")
            for n in range(1, agents + 1)
        ]
        kept = [p for p in made.beginning.places if not isinstance(p, Service | Queue | Desk)]
        group = made.beginning.groups[0]
        await begin(
            house,
            replace(
                made.beginning,
                places=[*kept, *queues, *offered, *desks],
                agents=staff,
                members=[(group.id, agent.id) for agent in staff],
            ),
        )
    return Branch(
        url=url,
        key=key,
        organization=made.organization,
        unit=_only(made, Unit),
        services=offered,
        kind=_only(made, ServiceType),
        desks=desks,
        logins=[agent.login for agent in staff],
        password=made.logins[0].password,
        application_id=made.client.application_id,
        client_id=made.client.id,
        secret=made.client_secret,
    )


async def hashed(password: str) -> str:
    """A hash that is tried at once: what it costs to sign in is no part of what is measured."""
    return PasswordHasher.from_parameters(CHEAPEST).hash(password)


async def fill(branch: Branch, count: int, *, closed: bool = False) -> None:
    """Let so many people wait, spread over all lines; or let them have been served."""
    async with AsyncExitStack() as stack:
        house = await _house(stack, branch.url, branch.key)
        for first in range(0, count, AT_ONCE):
            await _add(house, branch, first, min(AT_ONCE, count - first), closed)


async def _add(house: House, branch: Branch, first: int, count: int, closed: bool) -> None:
    actor = branch.actor
    directory = await house.directory(branch.organization.id)
    async with house.acting(actor) as act:
        orders = []
        for at in range(first, first + count):
            request = Request(service_id=branch.services[at % len(branch.services)].id)
            orders.append(Order.of(act, directory, request, admit(request, directory, None)))
        numbers = await act.store.requests.take("case", count)
        cases = await _numbered(act, orders, numbers)
        facts = [
            case_fact(case, QUEUE_UP.fact, {}, id=act.new_id(), at=case.joined_at, actor=actor)
            for case in cases
        ]
        if closed:
            cases = [_over(case) for case in cases]
            facts += [
                case_fact(case, RESOLVE.fact, {}, id=act.new_id(), at=case.state_at, actor=actor)
                for case in cases
            ]
        await act.store.cases.add(
            [(case, fingerprint(house.vault.link(case.id))) for case in cases],
            [order.details for order in orders],
        )
        await act.store.journal.add(facts)


async def _numbered(act: Act, orders: list[Order], first: int) -> list[Case]:
    wanted = {(order.service.id, order.day): 0 for order in orders}
    for order in orders:
        wanted[order.service.id, order.day] += 1
    taken = await act.store.series.take_numbers(wanted, micros(act.now - timedelta(hours=1)))
    cases = []
    for number, order in enumerate(orders, first):
        sequence, at = taken[order.service.id, order.day]
        cases.append(order.numbered(number, sequence, at))
        taken[order.service.id, order.day] = (sequence + 1, at + 1)
    return cases


def _over(case: Case) -> Case:
    at = case.joined_at + timedelta(minutes=5)
    return replace(case, state=State.RESOLVED, version=2, state_at=at, ended_at=at)


def _services(made: Sample, house: House, count: int) -> tuple[list[Service], list[Queue]]:
    service, queue = _only(made, Service), _only(made, Queue)
    now = made.organization.created_at
    queues = [
        replace(queue, id=house.ids(now), name=f"Queue {n}", position=n)
        for n in range(1, count + 1)
    ]
    services = [
        replace(
            service,
            id=house.ids(now),
            number=n,
            name=f"Service {n}",
            queue_id=queue.id,
            last_number=TICKETS,
            confirms_arrival=True,
        )
        for n, queue in enumerate(queues, 1)
    ]
    return services, queues


def _desks(made: Sample, house: House, count: int) -> list[Desk]:
    desk, now = _only(made, Desk), made.organization.created_at
    return [
        replace(desk, id=house.ids(now), number=n, name=f"Counter {n}") for n in range(1, count + 1)
    ]


def _only(made: Sample, kind: type[Thing]) -> Thing:
    return next(thing for thing in made.beginning.places if isinstance(thing, kind))


async def _house(stack: AsyncExitStack, url: str, key: str) -> House:
    engine = await open_engine(url, connections=2)
    stack.push_async_callback(engine.close)
    return House(engine, Vault.from_text(key))
