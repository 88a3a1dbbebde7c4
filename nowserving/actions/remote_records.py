"""Records of the organization's own tables that another system keeps too, as it may customers.

It is asked where a hook names the table. What is found there is written down here, and known
again by the id it has there.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import structlog

from nowserving.actions import data_records
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
from nowserving.actions.customers import must_see
from nowserving.actions.data_records import Filed, folded_key, keep_keys, key_field, told_of
from nowserving.actions.field_access import hidden_in
from nowserving.actions.record_values import read_values
from nowserving.kit.problems import Invalid, Problem
from nowserving.kit.texts import kept
from nowserving.places.data_records import DataRecord
from nowserving.places.data_tables import DataTable
from nowserving.places.hooks import Hook, HookKind

FOUND_AT_MOST = 100
TEXT_AT_MOST = 200
TABLES = "tables"
"""The setting of a hook that names the tables which are kept there too."""

_log = structlog.get_logger("nowserving.hooks")


async def find_record(act: Act, *, table_id: UUID, slug: str, value: str) -> Filed:
    """The record with a key, as `data_records.find_record`; the other system is asked first."""
    must_see(act)
    table = (await act.directory()).own_table(table_id)
    field = await key_field(act, table, slug)
    kept(value, field="value", at_most=TEXT_AT_MOST)
    await _fetched(act, table, OneCustomer(field.slug, value.strip(), table=table.slug))
    return await data_records.find_record(act, table_id=table_id, slug=slug, value=value)


async def look_elsewhere(act: Act, *, table_id: UUID, text: str, most: int = 20) -> list[Filed]:
    """What another system finds by a text, if it keeps this table; written down here."""
    must_see(act)
    table = (await act.directory()).own_table(table_id)
    await hidden_in(act, table)
    text = kept(text.strip(), field="text", at_most=TEXT_AT_MOST)
    if not text:
        raise Invalid(field="text", reason="empty")
    most = max(1, min(most, FOUND_AT_MOST))
    return await _fetched(act, table, ManyCustomers(text, most, table=table.slug))


async def fetch_record(act: Act, *, record_id: UUID) -> Filed:
    """A record as it is by now, also where another system keeps it."""
    seen = await data_records.see_record(act, record_id=record_id)
    if seen.record.remote_id is None:
        return seen
    about = RemoteCustomer(seen.record.remote_id, table=seen.table.slug)
    found = await _fetched(act, seen.table, about)
    return found[0] if found else seen


def asked_of(table: DataTable, hooks: list[Hook]) -> list[Hook]:
    """Who is asked for records of a table: the first hook that names it."""
    named = (one for one in hooks if table.slug in one.settings.get(TABLES, ()))
    return list(named)[:1]


async def _fetched(act: Act, table: DataTable, about: About) -> list[Filed]:
    directory = await act.directory()
    hooks = asked_of(table, directory.hooks_for(HookKind.CUSTOMERS))
    hidden = await hidden_in(act, table)
    written: dict[UUID, Filed] = {}
    for one in await ask_for(act, hooks, about, directory):
        records = one.said.records if isinstance(one.said, Records) else ()
        for record in records[:FOUND_AT_MOST]:
            try:
                filed = await _written(act, table, record)
            except Invalid as unfit:
                _log.warning("a record cannot be kept", hook=str(one.hook.id), why=str(unfit))
            else:
                written[filed.record.id] = replace(filed, hidden=hidden)
    return list(written.values())


async def _written(act: Act, table: DataTable, given: Record) -> Filed:
    """What the other system knows holds; what it does not know stays."""
    remote_id = kept(given.remote_id, field="remote_id", at_most=TEXT_AT_MOST)
    said = _fitting(table, given.fields)
    if not said:
        raise Invalid(field="fields", reason="nothing that this table keeps")
    seen = await act.store.data_records.known_as(table.id, remote_id)
    holders = await _holders(act, table, said)
    if seen is None and len(holders) == 1:
        (one,) = holders
        there = await act.store.data_records.hold(one)
        seen = there if there.remote_id is None else None
    if holders - ({seen.id} if seen is not None else set()):
        raise Invalid(field="fields", reason="another record has this key")
    if seen is None:
        return await _added(act, table, remote_id, said)
    same = all(seen.fields.get(slug) == value for slug, value in said.items())
    if same and seen.remote_id == remote_id:
        return Filed(seen, table)
    record = replace(seen.with_fields(said, act.now), remote_id=remote_id)
    await act.store.data_records.replace(seen, record)
    await keep_keys(act, table, record, said)
    return await told_of(act, Filed(record, table), "record.changed", changed=sorted(said))


async def _added(act: Act, table: DataTable, remote_id: str, said: Mapping[str, Any]) -> Filed:
    await act.store.places.hold_table(table.id)
    organization, now = act.actor.organization_id, act.now
    bare = DataRecord(organization, act.new_id(), table.id, 0, {}, now, now, remote_id)
    record = bare.with_fields(said, now)
    await act.store.data_records.add(record)
    await keep_keys(act, table, record, said)
    return await told_of(act, Filed(record, table), "record.created")


async def _holders(act: Act, table: DataTable, said: Mapping[str, Any]) -> set[UUID]:
    """Who has the keys of a record already."""
    found = set()
    for field in table.keys:
        if key := said.get(field.slug):
            found.add(await act.store.data_records.keyed(table.id, field.slug, folded_key(key)))
    return {id for id in found if id is not None}


def _fitting(table: DataTable, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The values that the table has a field for and that are of its kind."""
    said: dict[str, Any] = {}
    for name, value in fields.items():
        try:
            said |= read_values(table, {_name(name): value})
        except Problem:
            continue
    return said


def _name(name: str) -> UUID | str:
    try:
        return UUID(name)
    except ValueError:
        return name
