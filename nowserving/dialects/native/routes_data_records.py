"""Tables that an organization makes itself, and the records in them."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from nowserving.actions import data_records, data_tables, remote_records
from nowserving.actions.act import Act
from nowserving.actions.data_records import Filed
from nowserving.dialects.native import say
from nowserving.dialects.native.operations import Chapter
from nowserving.dialects.native.orders import UUID_PATTERN, Limit, Order, Word
from nowserving.dialects.native.routes_data_tables import (
    DataField,
    Groups,
    SetDataTable,
    wanted_table,
)
from nowserving.kit.problems import NotFound
from nowserving.places.data_records import RecordKeyTaken, TableInUse
from nowserving.places.data_tables import DataTable as Table
from nowserving.places.hooks import NotConfirmed
from nowserving.places.services import FieldRequired

CHAPTER = Chapter(
    "Data tables",
    "What the organization keeps beside its customers: tables with fields, one to four of them "
    "keys, and records that are found by them. Who may see and keep customers may see and keep "
    "records; tables are for whoever manages places.",
)
_CARS = {
    "name": "Cars",
    "singular": "Car",
    "plural": "Cars",
    "slug": "cars",
    "title": "{{plate-number}}, {{model}}",
    "fields": [
        {"name": "Plate", "slug": "plate-number", "required": True, "key": True},
        {"name": "Model", "slug": "model"},
        {"name": "Seats", "slug": "seats", "data_type": "number"},
    ],
}
Fields = Annotated[dict[str, Any], Meta(description="Values by the slug or id of their field.")]


class SetOwnTable(SetDataTable):
    """The whole table as it is to be, with one to four keys, and whose records some groups see."""

    group_ids: Groups = UNSET


class DataTable(msgspec.Struct):
    """A table. `title` mixes text with `{{field-slug}}`."""

    id: UUID
    name: str
    description: str
    singular: str
    plural: str
    slug: str
    title: str
    fields: list[DataField]
    group_ids: Annotated[list[UUID] | None, Meta(description="Only these see its records.")]


class DataTables(msgspec.Struct):
    """All tables, by name."""

    tables: list[DataTable]


class DataRecord(msgspec.Struct):
    """A record; `fields` by slug, null where nothing is known. `version` counts its changes."""

    id: UUID
    table_id: UUID
    version: int
    title: str
    fields: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    remote_id: Annotated[str | None, Meta(description="What another system calls it.")]


class DataRecords(msgspec.Struct):
    """A page of records. Ask again with `next` as `after` unless it is null."""

    records: list[DataRecord]
    next: str | None


class KeepRecord(Order):
    """What a record says. Left out: as it was; null takes a value away."""

    fields: Fields


class RecordsPage(Order):
    """Which records. `after`: what the page before gave as `next`."""

    after: Annotated[str, Meta(pattern=f"^{UUID_PATTERN}$")] | UnsetType = UNSET
    limit: Limit = 50


class RecordsElsewhere(Order):
    """What is looked for, and at most how many."""

    text: Word
    limit: Limit = 20


class RecordKey(Order):
    """Which key: the slug of a key field, and its value."""

    slug: Word
    value: Word


@CHAPTER.get("/data-tables")
async def get_data_tables(act: Act) -> DataTables:
    """The tables that the organization made itself; that of customers is beside them."""
    return DataTables([_table(one) for one in await data_tables.own_tables(act)])


@CHAPTER.post("/data-tables", status=201, example=_CARS)
async def add_data_table(act: Act, order: SetOwnTable) -> DataTable:
    """Make a table, 50 at the most. Its slug is no other table's."""
    return _table(await data_tables.add_table(act, wanted=wanted_table(order)))


@CHAPTER.get("/data-tables/{table_id}")
async def get_data_table(act: Act, table_id: UUID) -> DataTable:
    """One table."""
    return _table(await data_tables.own_table(act, table_id=table_id))


@CHAPTER.post("/data-tables/{table_id}", example=_CARS)
async def set_data_table(act: Act, table_id: UUID, order: SetOwnTable) -> DataTable:
    """Say anew which fields a table has.

    A field that is there keeps its kind of value, and is a key or not, as before. Values of
    a field that is left out are kept, and shown again when it comes back.
    """
    wanted = wanted_table(order)
    return _table(await data_tables.set_own_table(act, table_id=table_id, wanted=wanted))


@CHAPTER.delete("/data-tables/{table_id}", raises=(TableInUse,))
async def remove_data_table(act: Act, table_id: UUID) -> None:
    """Take a table away that holds no records."""
    await data_tables.remove_table(act, table_id=table_id)


@CHAPTER.get("/data-tables/{table_id}/records")
async def get_data_records(act: Act, table_id: UUID, query: RecordsPage) -> DataRecords:
    """The records of a table in the order in which they were added."""
    after = None if query.after is UNSET else UUID(query.after)
    page = await data_records.records_in(act, table_id=table_id, after=after, most=query.limit)
    following = None if page.after is None else str(page.after)
    return DataRecords([_record(one) for one in page.filed], following)


@CHAPTER.get("/data-tables/{table_id}/records/by-key", raises=(NotFound, NotConfirmed))
async def get_data_record_by_key(act: Act, table_id: UUID, query: RecordKey) -> DataRecord:
    """The record with a key, in whatever case it is written.

    Where another system keeps this table too (a hook names it), that is asked first.
    """
    found = await remote_records.find_record(
        act, table_id=table_id, slug=query.slug, value=query.value
    )
    return _record(found)


@CHAPTER.get("/data-tables/{table_id}/records/elsewhere", raises=(NotConfirmed,))
async def get_data_records_elsewhere(
    act: Act, table_id: UUID, query: RecordsElsewhere
) -> DataRecords:
    """What another system finds by a text that keeps this table too; it is written down here."""
    found = await remote_records.look_elsewhere(
        act, table_id=table_id, text=query.text, most=query.limit
    )
    return DataRecords([_record(one) for one in found], None)


@CHAPTER.post("/data-records/{record_id}/fetch", raises=(NotConfirmed,))
async def fetch_data_record(act: Act, record_id: UUID) -> DataRecord:
    """A record as it is by now, where another system keeps it too."""
    return _record(await remote_records.fetch_record(act, record_id=record_id))


@CHAPTER.post(
    "/data-tables/{table_id}/records",
    status=201,
    raises=(RecordKeyTaken, FieldRequired),
    example={"fields": {"plate-number": "B NS 1", "model": "Van", "seats": 7}},
)
async def add_data_record(act: Act, table_id: UUID, order: KeepRecord) -> DataRecord:
    """Add a record."""
    values = _values(order.fields)
    return _record(await data_records.add_record(act, table_id=table_id, values=values))


@CHAPTER.get("/data-records/{record_id}")
async def get_data_record(act: Act, record_id: UUID) -> DataRecord:
    """One record."""
    return _record(await data_records.see_record(act, record_id=record_id))


@CHAPTER.patch(
    "/data-records/{record_id}",
    raises=(RecordKeyTaken, FieldRequired),
    example={"fields": {"seats": 5}},
)
async def change_data_record(act: Act, record_id: UUID, order: KeepRecord) -> DataRecord:
    """Put right some fields of a record."""
    values = _values(order.fields)
    return _record(await data_records.change_record(act, record_id=record_id, values=values))


@CHAPTER.delete("/data-records/{record_id}")
async def remove_data_record(act: Act, record_id: UUID) -> None:
    """Remove a record for good."""
    await data_records.remove_record(act, record_id=record_id)


def _table(table: Table) -> DataTable:
    return say.like(table, DataTable)


def _record(filed: Filed) -> DataRecord:
    one = filed.record
    return DataRecord(
        id=one.id,
        table_id=one.table_id,
        version=one.version,
        title=filed.title,
        fields=filed.fields,
        created_at=one.created_at,
        updated_at=one.updated_at,
        remote_id=one.remote_id,
    )


def _values(fields: dict[str, Any]) -> dict[UUID | str, Any]:
    return {_field(name): value for name, value in fields.items()}


def _field(name: str) -> UUID | str:
    try:
        return UUID(name)
    except ValueError:
        return name
