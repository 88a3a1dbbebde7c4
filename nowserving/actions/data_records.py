"""Records of the tables that an organization made itself: added, changed, found, removed.

Who may see and keep customers may see and keep these. What they say never goes into a fact.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import msgspec

from nowserving.actions.act import Act
from nowserving.actions.customers import must_see
from nowserving.actions.field_access import NONE, Hidden, hidden_in, must_see_fields
from nowserving.actions.record_values import Values, check_required, read_values
from nowserving.kit.facts import Fact
from nowserving.kit.folding import fold
from nowserving.kit.problems import Forbidden, Invalid, NotFound
from nowserving.kit.texts import kept
from nowserving.people.permissions import Permission
from nowserving.places.data_records import DataRecord, RecordKeyTaken
from nowserving.places.data_tables import DataField, DataTable

KEY_AT_MOST = 200
PAGE_AT_MOST = 200


@dataclass(frozen=True, slots=True)
class Filed:
    """A record with the table it stands in, and the fields that whoever asks does not see."""

    record: DataRecord
    table: DataTable
    hidden: Hidden = NONE

    @property
    def shown(self) -> list[DataField]:
        """The fields of the table that are seen."""
        return [field for field in self.table.fields if field.slug not in self.hidden]

    @property
    def fields(self) -> dict[str, Any]:
        """What it says, by the slugs of the fields that are seen; None where nothing."""
        return {field.slug: self.record.fields.get(field.slug) for field in self.shown}

    @property
    def title(self) -> str:
        """What it is called in lists."""
        return self.table.title_of(self.fields)


@dataclass(frozen=True, slots=True)
class Page:
    """Some records of a table; `after`: ask so for the next page, if there is one."""

    filed: list[Filed]
    after: UUID | None


async def add_record(act: Act, *, table_id: UUID, values: Values) -> Filed:
    """Add a record. Raises FieldRequired, Invalid, and RecordKeyTaken."""
    _must_manage(act)
    table = (await act.directory()).own_table(table_id)
    hidden = await hidden_in(act, table)
    said = read_values(table, values)
    must_see_fields(hidden, said)
    seen = (field.slug for field in table.fields if field.slug not in hidden)
    check_required(table, said, seen)
    await act.store.places.hold_table(table.id)
    bare = DataRecord(act.actor.organization_id, act.new_id(), table.id, 0, {}, act.now, act.now)
    record = bare.with_fields(said, act.now)
    await act.store.data_records.add(record)
    await keep_keys(act, table, record, said)
    return await told_of(act, Filed(record, table, hidden), "record.created")


async def change_record(act: Act, *, record_id: UUID, values: Values) -> Filed:
    """Put right some fields of a record. Raises as `add_record`, and NotFound."""
    _must_manage(act)
    seen = await act.store.data_records.hold(record_id)
    table = (await act.directory()).own_table(seen.table_id)
    hidden = await hidden_in(act, table)
    said = read_values(table, values)
    must_see_fields(hidden, said)
    check_required(table, said, said)
    record = seen.with_fields(said, act.now)
    await act.store.data_records.replace(seen, record)
    await keep_keys(act, table, record, said)
    return await told_of(act, Filed(record, table, hidden), "record.changed", changed=sorted(said))


async def remove_record(act: Act, *, record_id: UUID) -> None:
    """Remove a record for good; that there was one stays in the journal."""
    _must_manage(act)
    seen = await act.store.data_records.hold(record_id)
    table = (await act.directory()).own_table(seen.table_id)
    hidden = await hidden_in(act, table)
    await act.store.data_records.remove(record_id)
    gone = replace(seen, version=seen.version + 1)
    await told_of(act, Filed(gone, table, hidden), "record.removed")


async def see_record(act: Act, *, record_id: UUID) -> Filed:
    """One record."""
    must_see(act)
    record = await act.look.data_records.get(record_id)
    table = (await act.directory()).own_table(record.table_id)
    return Filed(record, table, await hidden_in(act, table))


async def records_in(
    act: Act, *, table_id: UUID, after: UUID | None = None, most: int = 50
) -> Page:
    """The records of a table in the order in which they were added."""
    must_see(act)
    table = (await act.directory()).own_table(table_id)
    hidden = await hidden_in(act, table)
    most = max(1, min(most, PAGE_AT_MOST))
    found = await act.look.data_records.of_table(table.id, after=after, most=most + 1)
    last = found[most - 1].id if len(found) > most else None
    return Page([Filed(one, table, hidden) for one in found[:most]], last)


async def find_record(act: Act, *, table_id: UUID, slug: str, value: str) -> Filed:
    """The record with a key, in whatever case it is written.

    Raises NotFound, and Invalid if the field is no key.
    """
    must_see(act)
    table = (await act.directory()).own_table(table_id)
    field = await key_field(act, table, slug)
    folded = fold(kept(value.strip(), field="value", at_most=KEY_AT_MOST))
    id = await act.look.data_records.keyed(table.id, field.slug, folded)
    if id is None:
        raise NotFound(what="record")
    return await see_record(act, record_id=id)


async def key_field(act: Act, table: DataTable, slug: str) -> DataField:
    """The key field with a slug; Invalid if there is none that this actor sees."""
    field = table.field(slug)
    if field is None or not field.key or field.slug in await hidden_in(act, table):
        raise Invalid(field="slug", reason="this is no key field of the table")
    return field


async def keep_keys(
    act: Act, table: DataTable, record: DataRecord, said: Mapping[str, Any]
) -> None:
    """Let a record be found by its keys. Raises RecordKeyTaken."""
    keys = {field.slug: said[field.slug] for field in table.keys if field.slug in said}
    folded = {slug: folded_key(text) if text else None for slug, text in keys.items()}
    for slug, key in folded.items():
        holder = await act.store.data_records.keyed(table.id, slug, key) if key else None
        if holder not in (None, record.id):
            raise RecordKeyTaken(field="fields", slug=slug)
    await act.store.data_records.set_keys(record, folded)


def folded_key(text: str) -> str:
    """A key as it is compared."""
    return fold(kept(text.strip(), field="fields", at_most=KEY_AT_MOST))


async def told_of(act: Act, filed: Filed, kind: str, **told: Iterable[str]) -> Filed:
    """Write down the fact that something happened to a record, nothing of what it says."""
    record = filed.record
    said = {"id": record.id, "table_id": record.table_id, "version": record.version}
    fact = Fact(
        organization_id=record.organization_id,
        subject_id=record.id,
        version=record.version,
        id=act.new_id(),
        kind=kind,
        at=act.now,
        actor=act.actor.principal,
        data=msgspec.json.encode({**told, "record": said}).decode(),
    )
    await act.store.journal.add([fact])
    return filed


def _must_manage(act: Act) -> None:
    if not act.actor.may_anywhere(Permission.MANAGE_CUSTOMERS):
        raise Forbidden(permission=Permission.MANAGE_CUSTOMERS)
