"""Records as they are told: cases, contacts, notes. Their layout is ours (README.md)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from nowserving.actions.act import Act
from nowserving.actions.case_lists import named_in
from nowserving.cases.case import Case, Details, Note
from nowserving.dialects.wolkvox.names import (
    case_id,
    contact_id,
    priority_name,
    status_name,
)
from nowserving.people.actor import agent_named
from nowserving.people.customers import Customer
from nowserving.people.staff import Agent
from nowserving.places.directory import Directory

Row = dict[str, Any]

IDENTIFICATION = "identification"
"""The kind of key by which a contact has its identification."""


@dataclass(frozen=True, slots=True)
class Contact:
    """A customer with the keys others know them by."""

    customer: Customer
    keys: Mapping[str, str]

    def extra(self, name: str) -> str | None:
        """A value of the organization's own, by its name in any case."""
        for label, value in self.customer.fields.items():
            if label.strip().lower() == name and value is not None:
                return str(value)
        return None


async def contacts_of(act: Act, ids: Sequence[UUID | None]) -> dict[UUID, Contact]:
    """Some customers, those too who are archived."""
    found: dict[UUID, Contact] = {}
    for id in {id for id in ids if id is not None}:
        customer = await act.look.people.customer(id)
        if customer is not None:
            found[id] = Contact(customer, await act.look.customers.keys_of(id))
    return found


async def case_rows(
    act: Act, cases: Sequence[Case], details: Mapping[UUID, Details], operation: str
) -> list[Row]:
    """Some cases as records."""
    directory = await act.directory()
    people = await contacts_of(act, [case.customer_id for case in cases])
    named = await named_in(act.look, cases)
    again = await act.look.case_lists.opened_again([case.id for case in cases])
    return [
        _case_row(
            case,
            details.get(case.id) or Details(case.organization_id, case.id),
            directory,
            people.get(case.customer_id) if case.customer_id else None,
            named.agents,
            operation,
            reopened=case.id in again,
        )
        for case in cases
    ]


def _case_row(  # noqa: PLR0917
    case: Case,
    details: Details,
    directory: Directory,
    contact: Contact | None,
    agents: Mapping[UUID, Agent],
    operation: str,
    *,
    reopened: bool,
) -> Row:
    zone = directory.units[case.unit_id].zone
    customer = contact.customer if contact else None
    responsible = agents.get(case.assigned_to) if case.assigned_to else None
    owner = agents.get(case.owner_id) if case.owner_id else None
    opener = agent_named(case.opened_by)
    creator = agents.get(opener) if opener else None
    outcome = directory.outcomes.get(case.outcome_id) if case.outcome_id else None
    status = directory.statuses.get(case.status_id) if case.status_id else None
    company = contact.extra("company") if contact else None
    id = case_id(case)
    return {
        "wolkvox_id": id,
        "wolkvox_form_name": "cases",
        "wolkvox_usuario_creacion": f"{creator.login if creator else 'API'}@{operation}",
        "wolkvox_fecha_creacion": say_time(case.opened_at, zone),
        "wolkvox_origen": None,
        "wolkvox_owner": _owner(owner, operation),
        "wolkvox-id": id,
        "idCase": case.number,
        "prefix": case.prefix,
        "idPrefijo": str(case.ticket),
        "type case": directory.types[case.type_id].name,
        "status": status_name(directory, case),
        "condition": str(status.condition) if status else ("closed" if case.state.over else "open"),
        "priority": priority_name(directory, case),
        "description": details.description,
        "solution": details.solution,
        "reason": outcome.name if outcome else None,
        "contact wolkvox id": contact_id(customer) if customer else None,
        "name contact": customer.name if customer else details.name,
        "email contact": customer.email if customer else details.email,
        "contact phone": customer.phone if customer else details.phone,
        "contact identification": contact.keys.get(IDENTIFICATION) if contact else None,
        "company id": contact.extra("company id") if contact else None,
        "company name": company,
        "companyName": company,
        **_user("responsible", responsible, operation),
        **_user("owner", owner, operation),
        "reopened": reopened,
        "case expired": case.escalated_at is not None,
        "form": _form(case, details, directory),
    }


def _user(who: str, agent: Agent | None, operation: str) -> Row:
    return {
        f"{who} id": str(agent.number) if agent else None,
        f"{who} name": agent.name if agent else None,
        f"{who} user": f"{agent.login}@{operation}" if agent else None,
    }


def _owner(agent: Agent | None, operation: str) -> Row | None:
    if agent is None:
        return None
    return {
        "user": f"{agent.login}@{operation}",
        "nombre": agent.name,
        "id": str(agent.number),
        "email": agent.email,
    }


def _form(case: Case, details: Details, directory: Directory) -> Row:
    return {
        field.name: details.fields[str(field.id)]
        for field in directory.fields_of(case.category_id)
        if str(field.id) in details.fields
    }


def contact_row(contact: Contact, zone: ZoneInfo) -> Row:
    """A contact as a record: its four built-in fields, and the organization's own by label."""
    customer = contact.customer
    id = contact_id(customer)
    return {
        "wolkvox_id": id,
        "wolkvox_form_name": "contacts",
        "wolkvox_fecha_creacion": say_time(customer.created_at, zone),
        "wolkvox_fecha_modificacion": say_time(customer.updated_at, zone),
        "wolkvox_origen": None,
        "namecontact": customer.name,
        "telephonecontact": customer.phone,
        "emailcontact": customer.email,
        "idcontact": contact.keys.get(IDENTIFICATION),
        **{name: value for name, value in customer.fields.items() if value is not None},
    }


def note_row(case: Case, note: Note, zone: ZoneInfo) -> Row:
    """A note of a case's history."""
    return {
        "wolkvox_id": case_id(case),
        "idCase": case.number,
        "idPrefijo": str(case.ticket),
        "date": say_time(note.at, zone),
        "user": note.author,
        "note": note.text,
    }


def say_time(at: datetime, zone: ZoneInfo) -> str:
    """An instant by a zone's clock: 2024-02-15 15:46:46."""
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
