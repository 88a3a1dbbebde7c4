"""Finding customers, here and in another system that keeps them.

Who is found there is written down here, and known again by the id they have there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from nowserving.actions.act import Act
from nowserving.actions.asking import (
    About,
    ManyCustomers,
    OneCustomer,
    Record,
    Records,
    RemoteCustomer,
)
from nowserving.actions.before import ask_for
from nowserving.cases import contact
from nowserving.cases.admission import FIELD_AT_MOST, NAME_AT_MOST
from nowserving.kit.problems import Forbidden, Invalid, NotFound, Problem
from nowserving.kit.texts import kept
from nowserving.people.customers import Customer
from nowserving.people.permissions import Permission
from nowserving.people.records import known_by
from nowserving.places.directory import Directory
from nowserving.places.hooks import Hook, HookKind

FOUND_AT_MOST = 100
FIELDS_AT_MOST = 200
TEXT_AT_MOST = 200


async def find_customers(act: Act, *, text: str, most: int = 20) -> list[Customer]:
    """Customers whose name, phone, e-mail address or number a text is part of, by name.

    Another system is asked first, if there is one; whom it knows is written down. If it does
    not answer, those are found who are known here, unless it has to (NotConfirmed).
    """
    _must(act)
    text = kept(text.strip(), field="text", at_most=TEXT_AT_MOST)
    if not text:
        raise Invalid(field="text", reason="empty")
    most = min(most, FOUND_AT_MOST)
    fetched = await _fetched(act, ManyCustomers(text, most))
    here = await act.look.remote.like(text, most)
    found = {one.id: one for one in (*fetched, *here) if not one.archived}
    return sorted(found.values(), key=lambda one: (one.name.casefold(), one.id))[:most]


async def find_customer(act: Act, *, field: str, value: str) -> Customer:
    """The customer whom the other system knows by a key field; NotFound if there is none."""
    _must(act)
    for text in (field, value):
        kept(text, field="value", at_most=TEXT_AT_MOST)
    found = await _fetched(act, OneCustomer(field, value))
    if not found or found[0].archived:
        raise NotFound(what="customer", id=value)
    return found[0]


async def fetch_customer(act: Act, *, customer_id: UUID) -> Customer:
    """A customer as they are by now, also where another system keeps them."""
    _must(act)
    seen = await act.look.people.customer(customer_id)
    if seen is None or seen.archived:
        raise NotFound(what="customer", id=customer_id)
    if seen.remote_id is None:
        return seen
    found = await _fetched(act, RemoteCustomer(seen.remote_id))
    return found[0] if found else seen


async def _fetched(act: Act, about: About) -> list[Customer]:
    """Those whom the other system knows, written down."""
    directory = await act.directory()
    hooks = directory.hooks_for(HookKind.CUSTOMERS)[:1]
    heard = await ask_for(act, hooks, about, directory)
    found = [(one.hook, one.said) for one in heard if isinstance(one.said, Records)]
    records = [(hook, record) for hook, said in found for record in said.records]
    return await _written(act, directory, records[:FOUND_AT_MOST]) if records else []


async def _written(
    act: Act, directory: Directory, records: Sequence[tuple[Hook, Record]]
) -> list[Customer]:
    written: dict[str, Customer] = {}
    new = []
    for hook, record in records:
        if not 1 <= len(record.remote_id) <= TEXT_AT_MOST or record.remote_id in written:
            continue
        values = _values(record, hook.settings.get("fields", {}), directory.organization.country)
        seen = await act.store.remote.known_as(record.remote_id)
        if seen is None:
            customer = await _added(act, record.remote_id, values)
            new.append(customer)
        else:
            customer = await _updated(act, seen, values)
        written[record.remote_id] = customer
    await act.store.people.add(customers=new)
    return list(written.values())


async def _added(act: Act, remote_id: str, values: Mapping[str, Any]) -> Customer:
    return Customer(
        organization_id=act.actor.organization_id,
        id=act.new_id(),
        number=await act.store.requests.take("customer", 1),
        created_at=act.now,
        updated_at=act.now,
        remote_id=remote_id,
        **{**values, "name": values["name"] or remote_id},
    )


async def _updated(act: Act, seen: Customer, values: Mapping[str, Any]) -> Customer:
    """What the other system knows holds; what it does not know stays."""
    fields = {**seen.fields, **values["fields"]}
    given = {name: values[name] for name in ("name", "phone", "email") if values[name]}
    new = replace(seen, fields=fields, **given)
    if new == seen:
        return seen
    new = replace(new, updated_at=act.now)
    await act.store.remote.write(new)
    return new


def _values(record: Record, chosen: Mapping[str, Sequence[str]], country: str) -> dict[str, Any]:
    """The record in our form; what cannot be kept is left out."""
    fields = {n: v for n, v in list(record.fields.items())[:FIELDS_AT_MOST] if _fits(n, v)}
    known, others = known_by(fields, chosen)
    return {
        "name": (known["name"] or "")[:NAME_AT_MOST],
        "phone": _in_our_form(known["phone"], country, phone=True),
        "email": _in_our_form(known["email"], country, phone=False),
        "fields": others,
    }


def _fits(name: str, value: Any) -> bool:
    try:
        kept(name, field="fields", at_most=TEXT_AT_MOST)
        kept(str(value), field="fields", at_most=FIELD_AT_MOST)
    except Problem:
        return False
    return True


def _in_our_form(text: str | None, country: str, *, phone: bool) -> str | None:
    try:
        return text and (contact.phone(text, country) if phone else contact.email(text))
    except Problem:
        return None


def _must(act: Act) -> None:
    if not act.actor.may_anywhere(Permission.SERVE):
        raise Forbidden(permission=Permission.SERVE)
