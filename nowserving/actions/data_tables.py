"""Tables of records: their fields, keys and titles, for whoever manages the places."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from msgspec import UNSET, UnsetType

from nowserving.actions.act import Act
from nowserving.actions.noting import note_added, note_changed
from nowserving.actions.setting_up import alone
from nowserving.kit.problems import Forbidden, Invalid
from nowserving.kit.texts import kept
from nowserving.people.permissions import Permission
from nowserving.people.staff import Group
from nowserving.places.data_records import TableInUse
from nowserving.places.data_tables import (
    TEXT_AT_MOST,
    Contact,
    DataField,
    DataTable,
    DataType,
)
from nowserving.places.directory import Directory

DESCRIPTION_AT_MOST = 4000
TABLES_AT_MOST = 50
Groups = Sequence[UUID] | None | UnsetType
"""Which groups a table or field is for: None for all, UNSET for as it was."""

_SEE_GROUPS = (Permission.MANAGE_PLACES, Permission.MANAGE_PEOPLE)


@dataclass(frozen=True, slots=True)
class WantedField:
    """A field as it is to be; one with a slug that is there already stays that field.

    `group_ids` left out: as they were, so that nobody opens a field by not speaking of it.
    """

    name: str
    slug: str
    data_type: DataType = DataType.TEXT
    required: bool = False
    key: bool = False
    contact: Contact | None = None
    group_ids: Groups = UNSET


@dataclass(frozen=True, slots=True)
class WantedTable:
    """A table as it is to be. `fields` are in their order."""

    name: str
    singular: str
    plural: str
    slug: str
    title: str
    fields: Sequence[WantedField]
    description: str = ""
    group_ids: Groups = UNSET


async def customers_table(act: Act) -> DataTable:
    """The table of customers, for everybody who works here."""
    if not act.actor.grants:
        raise Forbidden()
    return (await act.directory()).customers


async def own_tables(act: Act) -> list[DataTable]:
    """The tables that the organization made itself, for everybody who works here."""
    if not act.actor.grants:
        raise Forbidden()
    return (await act.directory()).own_tables


async def own_table(act: Act, *, table_id: UUID) -> DataTable:
    """One of them."""
    if not act.actor.grants:
        raise Forbidden()
    return (await act.directory()).own_table(table_id)


async def groups(act: Act) -> list[Group]:
    """The groups that a table or a field can be for."""
    if not any(act.actor.may_anywhere(one) for one in _SEE_GROUPS):
        raise Forbidden(permission=Permission.MANAGE_PLACES)
    return await act.look.people.groups()


async def set_customers_table(act: Act, *, wanted: WantedTable) -> DataTable:
    """Say which fields customers have, and how they are titled.

    A field that is there keeps its kind of value, and is a key or not, as before: what is
    written down by it would not fit any more. Values of a field that is left out are kept,
    and shown again when it comes back. Raises Invalid.
    """
    await _check_groups(act, wanted)
    _must_manage(act)
    directory = await alone(act)
    return await _keep(act, directory, directory.customers, wanted)


async def add_table(act: Act, *, wanted: WantedTable) -> DataTable:
    """Make a table of the organization's own. Raises Invalid."""
    await _check_groups(act, wanted)
    _must_manage(act)
    directory = await alone(act)
    if len(directory.own_tables) >= TABLES_AT_MOST:
        raise Invalid(field="slug", reason=f"at most {TABLES_AT_MOST} tables")
    return await _keep(act, directory, None, wanted)


async def set_own_table(act: Act, *, table_id: UUID, wanted: WantedTable) -> DataTable:
    """Say which fields a table of the organization's own has, as for customers."""
    (await act.directory()).own_table(table_id)
    await _check_groups(act, wanted)
    _must_manage(act)
    directory = await alone(act)
    return await _keep(act, directory, directory.own_table(table_id), wanted)


async def remove_table(act: Act, *, table_id: UUID) -> None:
    """Take a table away; TableInUse while it holds records."""
    table = (await act.directory()).own_table(table_id)
    _must_manage(act)
    await act.store.places.hold_table(table.id)
    if await act.store.data_records.of_table(table.id, after=None, most=1):
        raise TableInUse(table=table.id)
    await act.store.places.drop_table(table.id)
    act.house.forget_directory(act.actor.organization_id)


async def _keep(
    act: Act, directory: Directory, seen: DataTable | None, wanted: WantedTable
) -> DataTable:
    table = DataTable(
        organization_id=act.actor.organization_id,
        id=act.new_id() if seen is None else seen.id,
        name=_text(wanted.name, "name"),
        description=kept(
            wanted.description.strip(), field="description", at_most=DESCRIPTION_AT_MOST
        ),
        singular=_text(wanted.singular, "singular"),
        plural=_text(wanted.plural, "plural"),
        slug=wanted.slug,
        title=_text(wanted.title, "title"),
        fields=tuple(_field(seen, one, act.new_id()) for one in wanted.fields),
        group_ids=_groups(wanted.group_ids, None if seen is None else seen.group_ids),
    )
    others = [one for one in (directory.customers, *directory.own_tables) if one.id != table.id]
    if table.slug.lower() in {one.slug.lower() for one in others}:
        raise Invalid(field="slug", reason="another table has this slug")
    await act.store.places.set_table(table)
    await (note_added(act, table) if seen is None else note_changed(act, seen, table))
    act.house.forget_directory(act.actor.organization_id)
    return table


def _must_manage(act: Act) -> None:
    if not act.actor.may_anywhere(Permission.MANAGE_PLACES):
        raise Forbidden(permission=Permission.MANAGE_PLACES)


def _field(seen: DataTable | None, wanted: WantedField, new_id: UUID) -> DataField:
    there = _there(seen, wanted) if seen else None
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
        group_ids=_groups(wanted.group_ids, None if there is None else there.group_ids),
    )


def _groups(wanted: Groups, before: tuple[UUID, ...] | None) -> tuple[UUID, ...] | None:
    if wanted is UNSET:
        return before
    return None if wanted is None else tuple(dict.fromkeys(wanted))


async def _check_groups(act: Act, wanted: WantedTable) -> None:
    """Invalid unless all groups are there."""
    named = [
        groups
        for groups in (wanted.group_ids, *(field.group_ids for field in wanted.fields))
        if groups is not UNSET and groups is not None
    ]
    if named:
        there = {group.id for group in await act.look.people.groups()}
        if not there.issuperset(id for groups in named for id in groups):
            raise Invalid(field="group_ids", reason="there is no such group")


def _there(seen: DataTable, wanted: WantedField) -> DataField | None:
    """The field it is already: by its slug, but name, phone and e-mail may have another."""
    if wanted.contact is not None:
        return seen.contact(wanted.contact) if seen.of_customers else None
    there = seen.field(wanted.slug)
    return None if there is None or there.contact is not None else there


def _text(text: str, field: str) -> str:
    return kept(text.strip(), field=field, at_most=TEXT_AT_MOST)
