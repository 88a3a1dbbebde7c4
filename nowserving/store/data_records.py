"""Records of an organization's own tables: found by id and key, written only over what was seen."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, Integer, bindparam, delete, insert, select, update

from nowserving.kit.problems import NotFound, Stale
from nowserving.places.data_records import DataRecord
from nowserving.store import tables
from nowserving.store.engines import Connection, Statement
from nowserving.store.rows import columns_for, row_maker

_ORGANIZATION: BindParameter[Any] = bindparam("organization")
_records, _keys = tables.data_records, tables.data_record_keys
_COLUMNS = columns_for(DataRecord, _records)
_row = row_maker(_records)

_ONE = select(*_COLUMNS).where(
    _records.c.organization_id == _ORGANIZATION, _records.c.id == bindparam("id")
)
_GET = Statement(_ONE)
_HOLD = Statement(_ONE, postgresql=_ONE.with_for_update())
_CALLED = select(*_COLUMNS).where(
    _records.c.organization_id == _ORGANIZATION,
    _records.c.table_id == bindparam("table"),
    _records.c.remote_id == bindparam("called"),
)
_KNOWN_AS = Statement(_CALLED, postgresql=_CALLED.with_for_update())
_OF_TABLE = (
    select(*_COLUMNS)
    .where(_records.c.organization_id == _ORGANIZATION, _records.c.table_id == bindparam("table"))
    .order_by(_records.c.id)
    .limit(bindparam("most", type_=Integer))
)
_FIRST = Statement(_OF_TABLE)
_AFTER = Statement(_OF_TABLE.where(_records.c.id > bindparam("after")))
_BY_KEY = Statement(
    select(_keys.c.record_id).where(
        _keys.c.organization_id == _ORGANIZATION,
        _keys.c.table_id == bindparam("table"),
        _keys.c.slug == bindparam("slug"),
        _keys.c.folded == bindparam("folded"),
    )
)
_REPLACE = Statement(
    update(_records)
    .where(
        _records.c.organization_id == _ORGANIZATION,
        _records.c.id == bindparam("seen_id"),
        _records.c.version == bindparam("seen_version"),
    )
    .values({name: bindparam(name) for name in ("version", "fields", "updated_at", "remote_id")})
)
_REMOVE = Statement(
    delete(_records).where(
        _records.c.organization_id == _ORGANIZATION, _records.c.id == bindparam("id")
    )
)
_ADD_KEY = Statement(insert(_keys))
_DROP_KEY = Statement(
    delete(_keys).where(
        _keys.c.organization_id == _ORGANIZATION,
        _keys.c.record_id == bindparam("id"),
        _keys.c.slug == bindparam("slug"),
    )
)
_DROP_KEYS = Statement(
    delete(_keys).where(
        _keys.c.organization_id == _ORGANIZATION, _keys.c.record_id == bindparam("id")
    )
)


class DataRecords:
    """The records of one organization's own tables."""

    def __init__(self, connection: Connection, organization_id: UUID) -> None:
        self._connection = connection
        self._organization = organization_id

    async def get(self, id: UUID) -> DataRecord:
        """The record with this id; NotFound if there is none."""
        row = await self._connection.first(_GET, organization=self._organization, id=id)
        return _found(row, id)

    async def hold(self, id: UUID) -> DataRecord:
        """The record, kept from everybody else's hands until the transaction ends."""
        row = await self._connection.first(_HOLD, organization=self._organization, id=id)
        return _found(row, id)

    async def of_table(self, table: UUID, *, after: UUID | None, most: int) -> list[DataRecord]:
        """The records of a table in the order in which they were made, after one of them."""
        asked: dict[str, Any] = {"organization": self._organization, "table": table, "most": most}
        if after is None:
            rows = await self._connection.all(_FIRST, **asked)
        else:
            rows = await self._connection.all(_AFTER, after=after, **asked)
        return [DataRecord(*row) for row in rows]

    async def known_as(self, table: UUID, remote_id: str) -> DataRecord | None:
        """The record that another system calls so, held until the transaction ends."""
        row = await self._connection.first(
            _KNOWN_AS, organization=self._organization, table=table, called=remote_id
        )
        return None if row is None else DataRecord(*row)

    async def keyed(self, table: UUID, slug: str, folded: str) -> UUID | None:
        """The id of the record with a key, given without case and accents."""
        row = await self._connection.first(
            _BY_KEY, organization=self._organization, table=table, slug=slug, folded=folded
        )
        return None if row is None else row[0]

    async def add(self, record: DataRecord) -> None:
        """Add a record."""
        await self._connection.insert(_records, [_row(record)])

    async def replace(self, seen: DataRecord, new: DataRecord) -> None:
        """Write `new` only if the record is still exactly as we saw it."""
        written = await self._connection.run(
            _REPLACE,
            organization=self._organization,
            seen_id=seen.id,
            seen_version=seen.version,
            version=new.version,
            fields=new.fields,
            updated_at=new.updated_at,
            remote_id=new.remote_id,
        )
        if written != 1:
            raise Stale(record=seen.id)

    async def remove(self, id: UUID) -> None:
        """Forget a record and its keys."""
        await self._connection.run(_DROP_KEYS, organization=self._organization, id=id)
        await self._connection.run(_REMOVE, organization=self._organization, id=id)

    async def set_keys(self, record: DataRecord, keys: Mapping[str, str | None]) -> None:
        """For some key fields the record's key, folded; None takes it away.

        Raises Clash if another record has a key.
        """
        for slug, folded in keys.items():
            await self._connection.run(
                _DROP_KEY, organization=self._organization, id=record.id, slug=slug
            )
            if folded is not None:
                await self._connection.run(
                    _ADD_KEY,
                    organization_id=self._organization,
                    table_id=record.table_id,
                    slug=slug,
                    folded=folded,
                    record_id=record.id,
                )


def _found(row: tuple[Any, ...] | None, id: UUID) -> DataRecord:
    if row is None:
        raise NotFound(what="record", id=id)
    return DataRecord(*row)
