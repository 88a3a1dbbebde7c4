"""Reading what a Cubu client sends, as tolerantly as README.md promises."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

from nowserving.kit.http import read_json
from nowserving.kit.problems import Invalid

Meaning = TypeVar("Meaning")

_FLAGS = {"true": True, "false": False}


class Wire:
    """A JSON object: property names in any case, null as if absent, unknown names ignored.

    A property may have several names; where two of them are given they must agree.
    """

    __slots__ = ("_given",)

    def __init__(self, body: bytes) -> None:
        """Invalid if the body is not a JSON object."""
        given = read_json(body)
        if not isinstance(given, dict):
            raise Invalid(reason="a JSON object is expected")
        self._given = {name.lower(): value for name, value in given.items()}

    def text(self, *names: str) -> str | None:
        """A text; an empty one counts as none."""
        found: str | None = None
        for name in names:
            value = self._given.get(name.lower())
            if value is None or value == "":
                continue
            if not isinstance(value, str):
                raise Invalid(field=name, reason=f"{name} must be a text")
            if found is not None and found.lower() != value.lower():
                raise Invalid(field=name, reason=f"{' and '.join(names)} differ")
            found = value
        return found

    def guid(self, *names: str) -> UUID | None:
        """A GUID."""
        found: UUID | None = None
        for name in names:
            value = self._given.get(name.lower())
            if value is None or value == "":
                continue
            id = _guid(name, value)
            if found is not None and found != id:
                raise Invalid(field=name, reason=f"{' and '.join(names)} differ")
            found = id
        return found

    def required_guid(self, name: str) -> UUID:
        """A GUID that must be there."""
        found = self.guid(name)
        if found is None:
            raise Invalid(field=name, reason=f"{name} is missing")
        return found

    def guids(self, name: str) -> tuple[UUID, ...]:
        """Some GUIDs, each once."""
        value = self._given.get(name.lower())
        if value is None:
            return ()
        if not isinstance(value, list):
            raise Invalid(field=name, reason=f"{name} must be an array of GUIDs")
        return tuple(dict.fromkeys(_guid(name, one) for one in value))

    def by_guid(self, name: str) -> dict[UUID, Any]:
        """A dictionary from GUIDs to single values."""
        value = self._given.get(name.lower())
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise Invalid(field=name, reason=f"{name} must be an object with GUIDs as names")
        for one in value.values():
            if isinstance(one, dict | list):
                raise Invalid(field=name, reason=f"{name} must have single values")
        return {_guid(name, id): one for id, one in value.items()}

    def called(self, *names: str) -> str:
        """Which of some names the body calls a property; the first if it says nothing."""
        given = (name for name in names if self._given.get(name.lower()) not in (None, ""))
        return next(given, names[0])

    def whatever(self, name: str) -> Any:
        """Whatever is there; None if nothing is."""
        return self._given.get(name.lower())

    def number(self, name: str) -> int | None:
        """A whole number, also as a text."""
        value = self._given.get(name.lower())
        if value is None or value == "":
            return None
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise Invalid(field=name, reason=f"{name} must be a whole number")
        return value

    def flag(self, name: str) -> bool:
        """Yes or no, also as a text; no if absent."""
        value = self._given.get(name.lower())
        if value is None or value is True or value is False:
            return value is True
        flag = _FLAGS.get(value.lower()) if isinstance(value, str) else None
        if flag is None:
            raise Invalid(field=name, reason=f"{name} must be true or false")
        return flag

    def word(self, name: str, words: Mapping[str, Meaning]) -> Meaning | None:
        """One of some words, in any case; `words` has them in small letters."""
        text = self.text(name)
        if text is None:
            return None
        meaning = words.get(text.lower())
        if meaning is None:
            raise Invalid(field=name, reason=f"{name} cannot be that")
        return meaning


def guid(text: str) -> UUID | None:
    """A GUID in any case, with or without hyphens, also in braces; None if it is none."""
    return _read_guid(text) if len(text) <= 38 else None


@lru_cache(4096)
def _read_guid(text: str) -> UUID | None:
    """Most of the GUIDs on this wire name services, types, fields and tags: the same few."""
    if text[:1] == "{" and text[-1:] == "}":
        text = text[1:-1]
    if len(text) == 36 and text[8] == text[13] == text[18] == text[23] == "-":
        text = text.replace("-", "")
    if len(text) != 32 or not text.isalnum():
        return None
    try:
        return UUID(bytes=bytes.fromhex(text))
    except ValueError:
        return None


def say_instant(at: datetime) -> str:
    """An instant in UTC with six digits of the second: 2024-09-25T12:41:07.825553Z."""
    return at.isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def say_second(at: datetime) -> str:
    """An instant in UTC without digits after the second: 2023-07-09T08:51:00Z."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def say_local(at: datetime) -> str:
    """What a clock on the wall shows, without offset: 2023-07-09T11:51:00."""
    return at.replace(tzinfo=None).isoformat(timespec="seconds")


def say_day(day: date) -> str:
    """A day as its midnight, without offset: 2023-07-14T00:00:00."""
    return f"{day.isoformat()}T00:00:00"


def _guid(name: str, value: object) -> UUID:
    id = guid(value) if isinstance(value, str) else None
    if id is None:
        raise Invalid(field=name, reason=f"{name} must be a GUID")
    return id
