"""Finding customers, here and in another system that keeps them.

Who is found there is written down here, and known again by the id they have there.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import structlog

from nowserving.actions import customers
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
from nowserving.actions.customers import Given, Known
from nowserving.cases import contact
from nowserving.cases.admission import FIELD_AT_MOST, NAME_AT_MOST
from nowserving.kit.problems import Invalid, NotFound, Problem
from nowserving.kit.texts import kept
from nowserving.people.customers import Customer
from nowserving.people.records import known_by
from nowserving.places.hooks import Hook, HookKind

FOUND_AT_MOST = 100
FIELDS_AT_MOST = 50
TEXT_AT_MOST = 200

_log = structlog.get_logger("nowserving.hooks")


async def look_elsewhere(act: Act, *, text: str, most: int) -> list[Customer]:
    """Whom another system knows by a text, if there is one; written down here.

    Nobody if it does not answer, unless it has to (NotConfirmed).
    """
    text = kept(text.strip(), field="text", at_most=TEXT_AT_MOST)
    return await _fetched(act, ManyCustomers(text, min(most, FOUND_AT_MOST)))


async def keyed(act: Act, *, kind: str, value: str) -> Known:
    """The customer with a key; if none is known here, the one whom another system knows by it.

    NotFound if there is none anywhere, NotConfirmed if it does not answer and has to.
    """
    known = await customers.keyed(act, kind=kind, value=value)
    if known is None:
        found = await find_customer(act, field=kind, value=value)
        known = await customers.see(act, customer_id=found.id)
    return known


async def find_customer(act: Act, *, field: str, value: str) -> Customer:
    """The customer whom the other system knows by a key field; NotFound if there is none."""
    for text in (field, value):
        kept(text, field="value", at_most=TEXT_AT_MOST)
    found = await _fetched(act, OneCustomer(field, value))
    if not found or found[0].archived:
        raise NotFound(what="customer", id=value)
    return found[0]


async def fetch_customer(act: Act, *, customer_id: UUID) -> Customer:
    """A customer as they are by now, also where another system keeps them."""
    seen = (await customers.see(act, customer_id=customer_id)).customer
    if seen.remote_id is None:
        return seen
    found = await _fetched(act, RemoteCustomer(seen.remote_id))
    return found[0] if found else seen


async def _fetched(act: Act, about: About) -> list[Customer]:
    """Those whom the other system knows, written down."""
    customers.must_see(act)
    directory = await act.directory()
    hooks = directory.hooks_for(HookKind.CUSTOMERS)[:1]
    heard = await ask_for(act, hooks, about, directory)
    written: dict[str, Customer] = {}
    for one in heard:
        records = one.said.records if isinstance(one.said, Records) else ()
        for record in records[:FOUND_AT_MOST]:
            try:
                written[record.remote_id] = await _written(act, one.hook, record)
            except Invalid as unfit:
                _log.warning("a customer cannot be kept", hook=str(one.hook.id), why=str(unfit))
    return await customers.seen_by(act, list(written.values()))


async def _written(act: Act, hook: Hook, record: Record) -> Customer:
    """What the other system knows holds; what it does not know stays."""
    kept(record.remote_id, field="remote_id", at_most=TEXT_AT_MOST)
    country = (await act.directory()).organization.country
    given = _given(record, hook.settings.get("fields", {}), country)
    seen = await act.store.remote.known_as(record.remote_id)
    if seen is None:
        name = given.contact.get("name") or record.remote_id
        new = Given(contact={**given.contact, "name": name}, fields=given.fields)
        known = await customers.write_down(act, customer_id=None, given=new)
        return await act.store.remote.call(known.customer, record.remote_id)
    while seen.merged_into_id is not None:
        seen = await act.store.customers.get(seen.merged_into_id)
    others = seen.remote_id not in (None, record.remote_id)  # what is said of them there holds
    if others or not _says_more(given, seen):
        return seen
    return (await customers.write_down(act, customer_id=seen.id, given=given)).customer


def _says_more(given: Given, seen: Customer) -> bool:
    contact_differs = any(getattr(seen, what) != said for what, said in given.contact.items())
    return contact_differs or any(seen.fields.get(n) != v for n, v in given.fields.items())


def _given(record: Record, chosen: Mapping[str, Sequence[str]], country: str) -> Given:
    """The record in our form; what cannot be kept is left out."""
    fields = {n: v for n, v in list(record.fields.items())[:FIELDS_AT_MOST] if _fits(n, v)}
    known, others = known_by(fields, chosen)
    said = {
        "name": (known["name"] or "")[:NAME_AT_MOST],
        "phone": _in_our_form(known["phone"], country, phone=True),
        "email": _in_our_form(known["email"], country, phone=False),
    }
    return Given(contact={what: text for what, text in said.items() if text}, fields=others)


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
