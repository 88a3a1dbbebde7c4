"""Reading what a client of the Database API sends: queries, numbers in addresses, bodies."""

import re
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

from nowserving.kit.http import AnyRequest, read_json
from nowserving.kit.problems import Invalid, NotFound

NUMBER_AT_MOST = 2**31 - 1
_DIGITS = re.compile(r"[0-9]{1,10}")
_LOST_PLUS = re.compile(r"(T\S+) (\d\d:?\d\d)$")


class Given:
    """What a request gives by name; nothing and "" count as if left out, unknown names too."""

    def __init__(self, given: dict[str, Any]) -> None:
        self._given = given

    @classmethod
    def query(cls, request: AnyRequest) -> "Given":
        """What stands in the query; Invalid if it cannot be read."""
        text = request.scope["query_string"].decode("latin-1")
        try:
            return cls(dict(parse_qsl(text, keep_blank_values=True, max_num_fields=100)))
        except ValueError:
            raise Invalid(reason="the query cannot be read") from None

    @classmethod
    def body(cls, body: bytes) -> "Given":
        """The members of a JSON object; Invalid if the body is none."""
        given = read_json(body)
        if not isinstance(given, dict):
            raise Invalid(reason="a JSON object is expected")
        return cls(given)

    def has(self, name: str) -> bool:
        """Is it given?"""
        return self._given.get(name) not in (None, "", [], {})

    def text(self, name: str) -> str | None:
        """A text; a number counts as one."""
        value = self._given.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise Invalid(field=name, reason="must be a text")
        return str(value)

    def number(self, name: str) -> int | None:
        """A whole number from 0 up, also as a text."""
        text = self.text(name)
        if text is None:
            return None
        if not _DIGITS.fullmatch(text) or int(text) > NUMBER_AT_MOST:
            raise Invalid(field=name, reason="must be a whole number")
        return int(text)

    def flag(self, name: str) -> bool:
        """Yes or no, also as 1 and 0."""
        value = self._given.get(name)
        if value in (None, "", False, 0, "0", "false"):
            return False
        if value in (True, "1", "true"):
            return True
        raise Invalid(field=name, reason="must be true or false")

    def fields(self, name: str) -> dict[str, Any]:
        """An object with single values."""
        return _single(name, self._given.get(name) or {})

    def first_of(self, name: str) -> dict[str, Any]:
        """The first object of an array, or nothing."""
        value = self._given.get(name) or []
        if not isinstance(value, list):
            raise Invalid(field=name, reason="must be an array")
        return _single(name, value[0]) if value else {}


def number_in_path(request: AnyRequest, name: str) -> int:
    """A number in the address; NotFound if it is none, for nothing has such a number."""
    text = str(request.path_params[name])
    if not _DIGITS.fullmatch(text) or int(text) > NUMBER_AT_MOST:
        raise NotFound(what=name, id=text)
    return int(text)


def since(name: str, text: str, zone: ZoneInfo) -> datetime:
    """The beginning of a day, or an instant; without an offset by the clock of the project."""
    return _instant(name, text, zone, days=0)


def until(name: str, text: str, zone: ZoneInfo) -> datetime:
    """The end of a day or, behind an instant, the next one: neither is in it any more."""
    return _instant(name, text, zone, days=1)


def _instant(name: str, text: str, zone: ZoneInfo, *, days: int) -> datetime:
    text = _LOST_PLUS.sub(r"\1+\2", text)  # a plus that was not encoded arrives as a blank
    try:
        if len(text) <= 10:
            day = date.fromisoformat(text) + timedelta(days=days)
            return datetime.combine(day, time(), zone)
        at = datetime.fromisoformat(text) + timedelta(microseconds=days)
        return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(zone)
    except (ValueError, OverflowError):
        raise Invalid(field=name, reason="must be YYYY-MM-DD or ISO 8601") from None


def _single(name: str, value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Invalid(field=name, reason="must be an object")
    for one in value.values():
        if isinstance(one, dict | list):
            raise Invalid(field=name, reason="must have single values")
    return value
