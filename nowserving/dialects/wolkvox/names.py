"""What requests call by name: users, contacts, case types, statuses, priorities, form fields."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from nowserving.actions import customers
from nowserving.actions.act import Act
from nowserving.actions.case_lists import case_numbered
from nowserving.actions.directory import everyone
from nowserving.actions.discard import discarded
from nowserving.cases.case import Case
from nowserving.dialects.wolkvox.ids import number_in, say_id
from nowserving.dialects.wolkvox.words import (
    KIND_CALLED,
    LEVEL_CALLED,
    LEVELS,
    PRIORITY_CALLED,
    STATE_CALLED,
    STATUS_OF,
    Unmet,
)
from nowserving.kit.folding import fold
from nowserving.kit.problems import NotFound
from nowserving.people.customers import Customer
from nowserving.people.staff import Agent
from nowserving.places.directory import Directory
from nowserving.places.services import Service, ServiceType
from nowserving.places.statuses import CaseStatus

CANDIDATES = 50
"""So many customers who are found by the words of a contact are looked at."""


@dataclass(frozen=True, slots=True)
class Urgency:
    """A priority: one of the organization's, or only a level of the line."""

    id: UUID | None
    level: int


async def case_with(act: Act, id: str) -> Case:
    """The case with an id; NotFound if there is none, or it was discarded."""
    number = number_in(id)
    if number is None:
        raise NotFound(what="case", id=id[:40])
    case = await case_numbered(act, number=number)
    if case_id(case) != id.strip().lower() or discarded(case):
        raise NotFound(what="case", id=id)
    return case


def case_id(case: Case) -> str:
    """The id of a case."""
    return say_id(case.opened_at, case.number)


def contact_id(customer: Customer) -> str:
    """The id of a contact."""
    return say_id(customer.created_at, customer.number)


async def contact_with(act: Act, id: str) -> Customer:
    """The contact with an id; NotFound if there is none any more."""
    number = number_in(id)
    found = await act.look.customers.numbered(number) if number is not None else None
    if found is None or found.archived or contact_id(found) != id.strip().lower():
        raise NotFound(what="contact", id=id[:40])
    return found


async def user_called(act: Act, field: str, text: str, operation: str) -> Agent:
    """Who works here under a name, as `user@operation` or by e-mail; Unmet if nobody does."""
    wanted = text.strip()
    login, at, of = wanted.rpartition("@")
    if not at:
        login = wanted
    elif of.lower() != operation.lower():
        login = ""
    people = await everyone(act)
    exactly = [one for one in people if login and one.login == login]
    alike = [one for one in people if login and fold(one.login) == fold(login)]
    by_mail = [one for one in people if one.email and one.email.lower() == wanted.lower()]
    for one in (*exactly, *alike, *by_mail):
        return one
    raise Unmet(field=field, reason="the user does not exist")


async def contact_called(act: Act, text: str) -> Customer:
    """An existing contact by e-mail, id, or any of its keys; Unmet if there is none."""
    wanted = text.strip()
    if number_in(wanted) is not None:
        try:
            return await contact_with(act, wanted)
        except NotFound:
            raise Unmet(field="contact", reason="the contact does not exist") from None
    page = await customers.find(act, text=wanted[:200], most=CANDIDATES)
    for one in page.customers:
        if one.email and one.email.lower() == wanted.lower():
            return one
    for one in page.customers:
        keys = (await customers.see(act, customer_id=one.id)).keys
        if fold(wanted) in [fold(key) for key in keys.values()]:
            return one
    raise Unmet(field="contact", reason="the contact does not exist")


def kind_called(directory: Directory, text: str) -> tuple[Service, ServiceType]:
    """A case type, and the service without a line that it is asked for at; Unmet if none."""
    for same in (fold, kind_key):
        for service in sorted(directory.services.values(), key=lambda one: one.number):
            if service.archived or directory.lined(service):
                continue
            for kind in directory.types_of(service):
                if same(kind.name) == same(text.strip()):
                    return service, kind
    raise Unmet(field="case-type", reason="the case type does not exist")


def type_called(directory: Directory, service: Service, text: str) -> ServiceType:
    """A case type of a service."""
    for same in (fold, kind_key):
        for kind in directory.types_of(service):
            if same(kind.name) == same(text.strip()):
                return kind
    raise Unmet(field="case-type", reason="the case type does not exist")


def kind_key(text: str) -> str:
    """A type as types are compared: the four built-in ones in any of their spellings."""
    folded = fold(text.strip())
    return KIND_CALLED.get(folded, folded)


def status_called(directory: Directory, type_id: UUID, text: str) -> CaseStatus:
    """A status of a case type by its label, else by a neutral key; Unmet if there is none."""
    offered, wanted = directory.statuses_of(type_id), fold(text.strip())
    for one in offered:
        if fold(one.name) == wanted:
            return one
    state = STATE_CALLED.get(wanted)
    for one in offered:
        if one.state in (state, wanted):
            return one
    raise Unmet(field="status", reason="the status does not exist for the case type")


def urgency_called(directory: Directory, text: str) -> Urgency:
    """A priority by its label or a neutral key; Unmet if there is none."""
    wanted = fold(text.strip())
    offered = directory.offered_priorities()
    for name in (wanted, PRIORITY_CALLED.get(wanted, wanted)):
        for one in offered:
            if fold(one.name) == name:
                return Urgency(one.id, one.level)
    level = LEVEL_CALLED.get(wanted)
    if level is None:
        raise Unmet(field="priority", reason="the priority does not exist")
    return Urgency(next((one.id for one in offered if one.level == level), None), level)


def fields_called(
    directory: Directory, service: Service, form: Mapping[str, Any]
) -> dict[UUID, Any]:
    """The values of a form by its fields' labels; Unmet for a label that is none."""
    named: dict[str, UUID] = {}
    for one in directory.fields_of(service.category_id):
        named |= {fold(one.slug): one.id, fold(one.name): one.id}
    fields: dict[UUID, Any] = {}
    for label, value in form.items():
        id = named.get(fold(label.strip()))
        if id is None:
            raise Unmet(field="form", reason=f"there is no field {label[:100]}")
        fields[id] = plain(value, f"form.{label[:100]}")
    return fields


def plain(value: Any, field: str) -> Any:
    """A single value; of a typed one, as `{"type": ..., "value": ...}`, what stands in it."""
    if isinstance(value, dict) and "value" in value:
        value = value["value"]
    if isinstance(value, dict | list):
        raise Unmet(field=field, reason="must be a single value")
    return value


def status_name(directory: Directory, case: Case) -> str:
    """The status of a case: the organization's word, else the one for its state."""
    status = directory.statuses.get(case.status_id) if case.status_id else None
    return status.name if status else STATUS_OF[case.state]


def priority_name(directory: Directory, case: Case) -> str:
    """The priority of a case: the organization's word, else a neutral key."""
    named = directory.priorities.get(case.priority_id) if case.priority_id else None
    return named.name if named else LEVELS[case.priority]
