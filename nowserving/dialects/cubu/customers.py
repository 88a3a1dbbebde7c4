"""Customer Management: records of the table of customers, by field."""

import json
from base64 import b64encode
from collections.abc import Iterator
from hashlib import blake2b
from typing import Any
from uuid import UUID

from litestar import get, patch, post
from litestar.types import ASGIApp

from nowserving.actions import customer_records as records
from nowserving.actions.act import Act
from nowserving.actions.customer_records import Record
from nowserving.dialects.cubu.caller import caller, id_in_path
from nowserving.dialects.cubu.doing import done, nothing, said, shown, wire_of
from nowserving.dialects.cubu.failures import words_here
from nowserving.dialects.cubu.wire import Wire, guid, say_instant
from nowserving.dialects.cubu.words import DATA_TYPE_OF
from nowserving.kit.http import AnyRequest
from nowserving.kit.problems import Invalid
from nowserving.places.data_tables import DataField, DataType

RECORD = "/{application_id:str}/customers/{record_id:str}"
_FIELDS = dict.fromkeys(("name", "phone", "email", "keys"), "fields") | {"slug": "fieldSlug"}
_BY_ID, _BY_KEY = "RecordId", "KeyField"
_QUERY_TYPES = {word.lower(): word for word in (_BY_ID, _BY_KEY)}
_DATA_OF = {
    DataType.TEXT: "text",
    DataType.NUMBER: "number",
    DataType.DATE: "date",
    DataType.YES_NO: "boolean",
}
"""What a value is called within `data`; only `text` is the vendor's."""


@post("/{application_id:str}/customers")
async def create_customer(request: AnyRequest) -> ASGIApp:
    """Create a Customer Record."""
    actor = await caller(request)
    words_here(request, {}, _FIELDS)
    wire, body = await wire_of(request)
    values = read_fields(wire)

    async def do(act: Act) -> Record:
        return await records.create_record(act, values=values)

    return await done(
        request, actor, do, lambda made: said(201, {"recordId": made.customer.id}), body
    )


@patch(RECORD)
async def update_customer(request: AnyRequest) -> ASGIApp:
    """Update a Customer Record."""
    actor = await caller(request)
    words_here(request, {}, _FIELDS)
    record_id = id_in_path(request, "record_id")
    wire, body = await wire_of(request)
    values = read_fields(wire)

    async def do(act: Act) -> Record:
        return await records.update_record(act, customer_id=record_id, values=values)

    return await done(request, actor, do, nothing, body)


@get(RECORD)
async def get_customer(request: AnyRequest) -> ASGIApp:
    """Get Customer Record, at an address of ours."""
    actor = await caller(request)
    record_id = id_in_path(request, "record_id")

    async def ask(act: Act) -> dict[str, Any]:
        return _say(await records.see_record(act, customer_id=record_id))

    return await shown(request, actor, ask)


@post("/{application_id:str}/customers/query")
async def find_customer(request: AnyRequest) -> ASGIApp:
    """Find a Customer Record. By its parameter list: the prose has the two the wrong way round."""
    actor = await caller(request)
    words_here(request, {}, _FIELDS)
    wire, _ = await wire_of(request)
    how = wire.word("queryType", _QUERY_TYPES)
    if how is None:
        raise Invalid(field="queryType", reason="queryType is missing")
    record_id = wire.required_guid("recordId") if how == _BY_ID else None
    slug, value = wire.text("fieldSlug"), wire.text("fieldValue")
    if record_id is None and not (slug and value):
        missing = "fieldValue" if slug else "fieldSlug"
        raise Invalid(field=missing, reason=f"{missing} is missing")

    async def ask(act: Act) -> dict[str, Any]:
        if record_id is not None:
            return _say(await records.see_record(act, customer_id=record_id))
        return _say(await records.find_record(act, slug=slug or "", value=value or ""))

    return await shown(request, actor, ask)


def read_fields(wire: Wire) -> dict[UUID | str, Any]:
    """Values by field: a dictionary, or objects in an array, in any of the forms in README.md."""
    given = wire.whatever("fields")
    if isinstance(given, dict):
        pairs = [(guid(name) or name, value) for name, value in given.items()]
    elif isinstance(given, list):
        pairs = list(_unified(given))
    else:
        raise Invalid(field="fields", reason="fields must be an object or an array")
    values = dict(pairs)
    if len(values) != len(pairs):
        raise Invalid(field="fields", reason="a field is there twice")
    for value in values.values():
        if isinstance(value, dict | list):
            raise Invalid(field="fields", reason="fields must have single values")
    return values


def _unified(given: list[Any]) -> Iterator[tuple[UUID | str, Any]]:
    """Each UnifiedFieldData: its field by id or else slug, and its value or else its data."""
    for one in given:
        if not isinstance(one, dict):
            raise Invalid(field="fields", reason="each of fields must be an object")
        plain = {name.lower(): value for name, value in one.items()}
        id, slug = plain.get("fieldtypeid"), plain.get("slug")
        field = guid(id) if isinstance(id, str) else slug
        if not isinstance(field, UUID | str) or not field:
            raise Invalid(field="fields", reason="each of fields needs a fieldTypeId or slug")
        value, data = plain.get("value"), plain.get("data")
        if value is None and isinstance(data, dict):
            value = _in_data(data)
        elif "value" not in plain:
            raise Invalid(field="fields", reason="each of fields needs a value")
        yield field, value


def _in_data(data: dict[str, Any]) -> Any:
    plain = {name.lower(): value for name, value in data.items()}
    found = (plain.get(name) for name in _DATA_OF.values())
    return next((value for value in found if value is not None), None)


def _say(record: Record) -> dict[str, Any]:
    customer = record.customer
    return {
        "recordId": customer.id,
        "displayName": record.title,
        "dateCreated": say_instant(customer.created_at),
        "dateUpdated": say_instant(customer.updated_at),
        "fields": [
            _say_field(field, record.values.get(field.slug), at)
            for at, field in enumerate(record.table.fields, 1)
        ],
    }


def _say_field(field: DataField, value: Any, position: int) -> dict[str, Any]:
    return {
        "fieldTypeId": field.id,
        "dataType": DATA_TYPE_OF[field.data_type],
        "fieldName": field.name,
        "slug": field.slug,
        "isKey": field.key,
        "isRequired": field.required,
        "data": {
            "displayText": None if value is None else str(value),
            _DATA_OF[field.data_type]: value,
        },
        "value": value,
        "hash": hash_of(value),
        "colorCode": None,
        "position": position,
    }


def hash_of(value: Any) -> str:
    """Sixteen bytes in Base64 that are the same for the same value, and for no other."""
    return b64encode(blake2b(json.dumps(value).encode(), digest_size=16).digest()).decode()
