"""The table of customers: its fields, keys and title, for whoever manages the places."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from nowserving.actions.act import Act
from nowserving.kit.problems import Forbidden, Invalid
from nowserving.kit.texts import kept
from nowserving.people.permissions import Permission
from nowserving.places.data_tables import (
    TEXT_AT_MOST,
    Contact,
    DataField,
    DataTable,
    DataType,
)

DESCRIPTION_AT_MOST = 4000


@dataclass(frozen=True, slots=True)
class WantedField:
    """A field as it is to be; one with a slug that is there already stays that field."""

    name: str
    slug: str
    data_type: DataType = DataType.TEXT
    required: bool = False
    key: bool = False
    contact: Contact | None = None


@dataclass(frozen=True, slots=True)
class WantedTable:
    """The table of customers as it is to be. `fields` are in their order."""

    name: str
    singular: str
    plural: str
    slug: str
    title: str
    fields: Sequence[WantedField]
    description: str = ""


async def customers_table(act: Act) -> DataTable:
    """The table of customers, for everybody who works here."""
    if not act.actor.grants:
        raise Forbidden()
    return (await act.directory()).customers


async def set_customers_table(act: Act, *, wanted: WantedTable) -> DataTable:
    """Say which fields customers have, and how they are titled.

    A field that is there keeps its kind of value, and is a key or not, as before: what is
    written down by it would not fit any more. Values of a field that is left out are kept,
    and shown again when it comes back. Raises Invalid.
    """
    if not act.actor.may_anywhere(Permission.MANAGE_PLACES):
        raise Forbidden(permission=Permission.MANAGE_PLACES)
    seen = (await act.directory()).customers
    table = replace(
        seen,
        name=_text(wanted.name, "name"),
        description=kept(
            wanted.description.strip(), field="description", at_most=DESCRIPTION_AT_MOST
        ),
        singular=_text(wanted.singular, "singular"),
        plural=_text(wanted.plural, "plural"),
        slug=wanted.slug,
        title=_text(wanted.title, "title"),
        fields=tuple(_field(seen, one, act.new_id()) for one in wanted.fields),
    )
    await act.store.places.set_table(table)
    act.house.forget_directory(act.actor.organization_id)
    return table


def _field(seen: DataTable, wanted: WantedField, new_id: UUID) -> DataField:
    there = _there(seen, wanted)
    if there is not None and (there.data_type, there.key) != (wanted.data_type, wanted.key):
        raise Invalid(field="fields", reason=f"{wanted.slug} stays what it is, a key or not")
    return DataField(
        id=new_id if there is None else there.id,
        name=_text(wanted.name, "fields"),
        slug=wanted.slug,
        data_type=wanted.data_type,
        required=wanted.required,
        key=wanted.key,
        contact=wanted.contact,
    )


def _there(seen: DataTable, wanted: WantedField) -> DataField | None:
    """The field it is already: by its slug, but name, phone and e-mail may have another."""
    if wanted.contact is not None:
        return seen.contact(wanted.contact)
    there = seen.field(wanted.slug)
    return None if there is None or there.contact is not None else there


def _text(text: str, field: str) -> str:
    return kept(text.strip(), field=field, at_most=TEXT_AT_MOST)
