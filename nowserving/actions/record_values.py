"""Values by field, read as the kind of value that each field has."""

import math
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from nowserving.cases.admission import FIELD_AT_MOST
from nowserving.kit.problems import Invalid
from nowserving.kit.texts import kept
from nowserving.places.data_tables import DataField, DataTable, DataType
from nowserving.places.services import FieldRequired

NUMBER_AT_MOST = 2**53
"""Beyond it a number is not the same everywhere."""

Values = Mapping[UUID | str, Any]
"""Values by the id or the slug of their fields; None takes one away."""


def read_values(table: DataTable, values: Values) -> dict[str, Any]:
    """Values by slug, each of the kind of its field."""
    said: dict[str, Any] = {}
    for name, value in values.items():
        field = table.field(name)
        if field is None:
            raise Invalid(field="fields", reason=f"there is no field {name}")
        if field.slug in said:
            raise Invalid(field="fields", reason=f"{field.slug} is there twice")
        said[field.slug] = _typed(field, value)
    return said


def check_required(table: DataTable, said: Mapping[str, Any], slugs: Iterable[str]) -> None:
    """FieldRequired unless each of some fields that must have a value has one."""
    for slug in slugs:
        field = table.field(slug)
        if field is not None and field.required and said.get(slug) is None:
            raise FieldRequired(field="fields", slug=slug, reason=slug)


def _typed(field: DataField, value: Any) -> Any:
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    read = _AS[field.data_type](value)
    if read is None:
        raise Invalid(field="fields", reason=f"{field.slug} must be a {field.data_type}")
    return kept(read, field="fields", at_most=FIELD_AT_MOST) if isinstance(read, str) else read


def _text(value: Any) -> str | None:
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _number(value: Any) -> int | float | None:
    if isinstance(value, bool):
        return None
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    if not math.isfinite(found):
        return None
    if abs(found) > NUMBER_AT_MOST:
        raise Invalid(field="fields", reason=f"at most {NUMBER_AT_MOST}")
    return int(found) if found.is_integer() else found


def _date(value: Any) -> str | None:
    """A day; midnight may stand behind it, as in 2023-07-14T00:00:00."""
    try:
        return date.fromisoformat(str(value).removesuffix("T00:00:00")).isoformat()
    except ValueError:
        return None


def _yes_no(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(str(value).lower())


_AS = {
    DataType.TEXT: _text,
    DataType.NUMBER: _number,
    DataType.DATE: _date,
    DataType.YES_NO: _yes_no,
}
