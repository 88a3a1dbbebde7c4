"""Reading what a Q-Flow client sends, as ASP.NET Web API binds it (reference/qflow.md 2.1, 2.9).

Names in any case, unknown members ignored, numbers also as texts; from JSON or from a form.
What is wrong is collected and told together, in a ModelState.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from nowserving.dialects.qflow.models import Kind, Member, Model
from nowserving.kit.json_tree import tree_of
from nowserving.kit.problems import Blame, Problem
from nowserving.kit.texts import can_be_kept

JSON_TYPES = ("application/json", "text/json")
FORM = "application/x-www-form-urlencoded"
INTEGERS = range(-(2**63), 2**63)

_NAMED = re.compile(r"^([^\[.\]]+)(?:\[([^\]]*)\]|\.(.+))?$")
_FRACTION = re.compile(r"(\.\d{6})\d+")


class ModelInvalid(Problem):
    """The request is invalid."""

    blame = Blame.INPUT


class UnknownMediaType(Problem):
    """The type of the body is not supported for this resource."""

    blame = Blame.INPUT


Errors = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Bound:
    """A body as it was understood. A member that is absent has its default; `given` knows."""

    model: Model
    values: Mapping[str, Any] = field(default_factory=dict)
    given: frozenset[str] = frozenset()

    def integer(self, name: str) -> int:
        """A number; 0 if it is absent."""
        value: int | None = self.values.get(name)
        return value or 0

    def maybe(self, name: str) -> int | None:
        """A number, or nothing."""
        value: int | None = self.values.get(name)
        return value

    def text(self, name: str) -> str | None:
        """A text; None if it is absent, null or empty."""
        value: str | None = self.values.get(name)
        return value or None

    def flag(self, name: str) -> bool:
        """Yes or no; no if it is absent."""
        return bool(self.values.get(name))

    def instant(self, name: str) -> datetime | None:
        """A date and time: aware if an offset was given, else naive, in the unit's zone."""
        value: datetime | None = self.values.get(name)
        return value

    def texts(self, name: str) -> list[str]:
        """Some texts."""
        value: list[str] | None = self.values.get(name)
        return value or []

    def properties(self, name: str) -> dict[str, str]:
        """Texts by name."""
        value: dict[str, str] | None = self.values.get(name)
        return value or {}


def bind(model: Model, body: bytes, content_type: str) -> Bound:
    """A body, understood as a model. Raises ModelInvalid with what is wrong, UnknownMediaType."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind in JSON_TYPES or (not kind and body.lstrip()[:1] == b"{"):
        return _bound(model, _from_json(model, body), body)
    if kind == FORM:
        return _bound(model, _from_form(model, body), b"")
    if not body and not kind:
        return _bound(model, {}, b"{}")
    raise UnknownMediaType(media_type=kind)


def bind_query(model: Model, query: Mapping[str, str]) -> Bound:
    """A query, understood as a model."""
    return _bound(model, query, b"")


def invalid(model: Model, member: str, message: str) -> ModelInvalid:
    """What is wrong with one member, found after binding."""
    key = f"{model.parameter}.{member}" if member else model.parameter
    return ModelInvalid(state={key: [message]})


def _from_json(model: Model, body: bytes) -> Mapping[str, Any]:
    try:
        found = tree_of(body)
    except ValueError as wrong:
        raise ModelInvalid(state={model.parameter: [f"Unexpected content: {wrong}."]}) from None
    if not isinstance(found, dict):
        raise ModelInvalid(state={model.parameter: ["A JSON object is expected."]})
    return found


def _from_form(model: Model, body: bytes) -> Mapping[str, Any]:
    """Members of a form: `Name=value`, `Name[key]=value` or `Name.key=value`, `Name[]=value`."""
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=1000)
    except (UnicodeDecodeError, ValueError) as wrong:
        raise ModelInvalid(state={model.parameter: [f"Unexpected content: {wrong}."]}) from None
    found: dict[str, Any] = {}
    for name, value in pairs:
        parts = _NAMED.match(name)
        if parts is None:
            continue
        whole, key = parts[1].lower(), parts[2] if parts[2] is not None else parts[3]
        member = model.by_name.get(whole)
        if member is not None and member.kind is Kind.PROPERTIES and key:
            inner = found.setdefault(whole, {})
            if isinstance(inner, dict):
                inner[key] = value
        elif member is not None and member.kind is Kind.TEXTS:
            inner = found.setdefault(whole, [])
            if isinstance(inner, list):
                inner.append(value)
        else:
            found[whole] = value
    return found


def _bound(model: Model, found: Mapping[str, Any], body: bytes) -> Bound:
    given = {name.lower(): value for name, value in found.items()}
    errors: Errors = {}
    values: dict[str, Any] = {}
    for member in model.members:
        name = member.name.lower()
        if given.get(name) is None:
            if member.required and name not in given and not _excused(member, given):
                errors.setdefault(model.parameter, []).append(_missing(member, body))
            continue
        try:
            values[member.name] = value = _read(member, given[name])
        except ValueError as wrong:
            errors[f"{model.parameter}.{member.name}"] = [f"{wrong} Path '{member.name}', line 1."]
            continue
        wrongs = list(_limits(member, value))
        if wrongs:
            errors[f"{model.parameter}.{member.name}"] = wrongs
    if errors:
        raise ModelInvalid(state=errors)
    present = frozenset(member.name for member in model.members if member.name.lower() in given)
    return Bound(model, values, present)


def _excused(member: Member, given: Mapping[str, Any]) -> bool:
    """A service may be named by its external reference alone."""
    return member.name == "ServiceId" and bool(given.get("serviceidextref"))


def _missing(member: Member, body: bytes) -> str:
    return (
        f"Required property '{member.name}' not found in JSON. "
        f"Path '', line 1, position {len(body)}."
    )


def _limits(member: Member, value: Any) -> list[str]:
    if value is None:
        return []
    if member.between is not None and not member.between[0] <= value <= member.between[1]:
        low, high = member.between
        return [f"The field {member.name} must be between {low} and {high}."]
    if member.at_most is None:
        return []
    parts = [value, *value] if isinstance(value, list) else [value]
    if any(len(part) > member.at_most for part in parts):
        return [
            f"The field {member.name} must be a string or array type with a maximum length "
            f"of '{member.at_most}'."
        ]
    return []


def _read(member: Member, value: Any) -> Any:
    match member.kind:
        case Kind.INTEGER | Kind.NUMBER_OR_NOTHING:
            return _integer(value, optional=member.kind is Kind.NUMBER_OR_NOTHING)
        case Kind.FLAG:
            return _flag(value)
        case Kind.DATE:
            return _date(value)
        case Kind.TEXTS:
            return _texts(value)
        case Kind.PROPERTIES:
            return _properties(value)
        case Kind.TEXT:
            return _text(value)


def _integer(value: Any, *, optional: bool) -> int | None:
    if isinstance(value, str) and value.strip() == "" and optional:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"Error converting value {_text_of(value)} to type 'System.Int32'.")
    try:
        number = round(value) if isinstance(value, float) else int(value)
    except (ValueError, OverflowError):
        raise ValueError(f"Could not convert string to integer: {value}.") from None
    if number not in INTEGERS:
        raise ValueError(f"JSON integer {number} is too large or small for an Int64.")
    return number


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value != 0
    if isinstance(value, str) and value.strip().lower() in ("true", "false"):
        return value.strip().lower() == "true"
    raise ValueError(f"Could not convert string to boolean: {_text_of(value)}.")


def _date(value: Any) -> datetime | None:
    if isinstance(value, str) and not value.strip():
        return None
    if isinstance(value, str):
        try:
            return datetime.fromisoformat(_FRACTION.sub(r"\1", value.strip()))
        except ValueError:
            pass
    raise ValueError(f"Could not convert string to DateTime: {_text_of(value)}.")


def _text(value: Any) -> str:
    if isinstance(value, str):
        return _kept(value)
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int | float):
        return str(value)
    raise ValueError("Error reading string. Unexpected token.")


def _kept(text: str) -> str:
    """A text that every database can keep."""
    if not can_be_kept(text):
        raise ValueError("A character in it cannot be kept.")
    return text


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [_text(value)]
    if not isinstance(value, list):
        raise ValueError("Cannot deserialize the current JSON value into a list.")
    return [_text(one) for one in value if one is not None]


def _properties(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise ValueError("Cannot deserialize the current JSON value into a dictionary.")
    return {_kept(str(name)): _text(one) for name, one in value.items() if one is not None}


def _text_of(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def say_date(at: datetime | None) -> str | None:
    """An instant in the zone it stands in, seven digits of the second and the offset."""
    if at is None:
        return None
    offset = (at if at.tzinfo else at.replace(tzinfo=UTC)).strftime("%z")
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond:06d}0{offset[:3]}:{offset[3:5]}"
