"""Customers as records of their table: by field, the keys among them, with a title."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from nowserving.actions import customers
from nowserving.actions.act import Act
from nowserving.actions.customers import Given, Known
from nowserving.actions.field_access import hidden_in, without
from nowserving.actions.record_values import Values, check_required, read_values
from nowserving.kit.problems import Invalid, NotFound
from nowserving.people.customers import Customer
from nowserving.places.data_tables import Contact, DataField, DataTable


@dataclass(frozen=True, slots=True)
class Record:
    """A customer and what their table keeps of them."""

    customer: Customer
    table: DataTable
    values: Mapping[str, Any]

    @property
    def title(self) -> str:
        """What they are called in lists."""
        return self.table.title_of(self.values) or self.customer.name


async def create_record(act: Act, *, values: Values) -> Record:
    """Take down a customer. Raises FieldRequired, Invalid, and KeyTaken."""
    table = (await act.directory()).customers
    said = read_values(table, values)
    hidden = await hidden_in(act, table)
    seen = (field.slug for field in table.fields if field.slug not in hidden)
    check_required(table, said, seen)
    return _record(await customers.create(act, given=_given(table, said)), table)


async def update_record(act: Act, *, customer_id: UUID, values: Values) -> Record:
    """Put right some fields of a customer. Raises as `create_record`, and NotFound."""
    table = (await act.directory()).customers
    said = read_values(table, values)
    check_required(table, said, said)
    known = await customers.change(act, customer_id=customer_id, given=_given(table, said))
    return _record(known, table)


async def see_record(act: Act, *, customer_id: UUID) -> Record:
    """One customer; of one who was merged, the one in whom they live on."""
    known = await customers.see(act, customer_id=customer_id)
    while known.customer.merged_into_id is not None:
        known = await customers.see(act, customer_id=known.customer.merged_into_id)
    return _record(known, (await act.directory()).customers)


async def find_record(act: Act, *, slug: str, value: str) -> Record:
    """The customer with a key. NotFound, and Invalid if the field is no key."""
    table = (await act.directory()).customers
    field = table.field(slug)
    if field is None or not field.key:
        raise Invalid(field="slug", reason="this is no key field of the table")
    known = await customers.keyed(act, kind=field.slug, value=value)
    if known is None:
        raise NotFound(what="customer")
    return _record(known, table)


async def title_of(act: Act, customer: Customer) -> str:
    """What somebody is called in lists, for whoever already sees the customer's name."""
    table = (await act.directory()).customers
    slugs = {slug.lower() for slug in table.titled_by}
    keyed = any(field.key and field.slug.lower() in slugs for field in table.fields)
    keys = await act.look.customers.keys_of(customer.id) if keyed else {}
    hidden = await hidden_in(act, table)
    values = _record(Known(customer, keys), table).values
    return table.title_of(without(hidden, values)) or customer.name


def _record(known: Known, table: DataTable) -> Record:
    values = {field.slug: _value_of(known, field) for field in table.fields}
    return Record(known.customer, table, values)


def _value_of(known: Known, field: DataField) -> Any:
    if field.contact is not None:
        return getattr(known.customer, field.contact) or None
    if field.key:
        return known.keys.get(field.slug)
    return known.customer.fields.get(field.slug)


def _given(table: DataTable, said: Mapping[str, Any]) -> Given:
    contact: dict[str, str | None] = {}
    fields: dict[str, Any] = {}
    keys: dict[str, str | None] = {}
    for slug, value in said.items():
        field = table.field(slug)
        assert field is not None
        if field.contact is not None:
            contact[str(Contact(field.contact))] = value
        elif field.key:
            keys[slug] = value
        else:
            fields[slug] = value
    return Given(contact=contact, fields=fields, keys=keys)
