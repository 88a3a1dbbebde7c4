"""Lists of cases, with whatever is needed to show them."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from nowserving.actions.act import Act
from nowserving.cases.case import Case, Details
from nowserving.people.actor import ActorKind, agent_named
from nowserving.people.permissions import Permission
from nowserving.people.staff import Agent
from nowserving.places.directory import Directory
from nowserving.store.case_lists import Wanted
from nowserving.store.store import Store


@dataclass(frozen=True, slots=True)
class Named:
    """Those who are named in some cases.

    `creators`: the names of programs and devices that opened them, by principal;
    `customers`: the customers' numbers.
    """

    agents: Mapping[UUID, Agent] = field(default_factory=dict)
    creators: Mapping[str, str] = field(default_factory=dict)
    customers: Mapping[UUID, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CaseList:
    """Some cases of a list and how many it has in all.

    `opened_again`: when those were that were taken up again after an end.
    """

    cases: list[Case]
    total: int
    details: Mapping[UUID, Details]
    opened_again: Mapping[UUID, datetime]
    directory: Directory
    named: Named


async def cases_of_service(act: Act, *, wanted: Wanted, start: int, most: int) -> CaseList:
    """The cases of a service that are asked for, a page of them."""
    directory = await act.directory()
    act.must(Permission.SEE_LINE, at=directory.service(wanted.service_id).unit_id)
    found, total = await act.look.case_lists.of(wanted, start=start, most=most)
    ids = [case.id for case in found]
    return CaseList(
        cases=found,
        total=total,
        details=await act.look.finding.details(ids),
        opened_again=await act.look.case_lists.opened_again(ids),
        directory=directory,
        named=await named_in(act.look, found),
    )


async def case_numbered(act: Act, *, number: int) -> Case:
    """The case with this number; NotFound if there is none that may be seen."""
    case = await act.look.case_lists.numbered(number)
    act.must(Permission.SEE_LINE, at=case.unit_id, case=case.id)
    return case


async def named_in(store: Store, cases: Collection[Case], actors: Iterable[str] = ()) -> Named:
    """Those who are named in some cases, and the agents among some actors."""
    principals = {case.opened_by for case in cases}
    agents = {agent_named(one) for one in (*principals, *actors)}
    for case in cases:
        agents |= {case.agent_id, case.assigned_to, case.owner_id}
    customers = {case.customer_id for case in cases}
    return Named(
        agents=await store.case_lists.agents([id for id in agents if id is not None]),
        creators={one: name for one in principals if (name := await _creator(store, one))},
        customers=await store.case_lists.customer_numbers([id for id in customers if id]),
    )


async def _creator(store: Store, principal: str) -> str | None:
    """The name of a program or a device that opens cases."""
    kind, _, name = principal.partition(":")
    if kind == ActorKind.CLIENT:
        client = await store.people.client(UUID(name))
        return None if client is None else client.name
    return name if kind in (ActorKind.VISITOR, ActorKind.SYSTEM) else None
