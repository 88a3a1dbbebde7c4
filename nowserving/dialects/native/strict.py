"""Reading JSON so strictly that everybody who reads it reads the same (RFC 7493, I-JSON).

msgspec checks the shape but lets the last of two equal names win, so the standard parser
goes first: it refuses equal names and numbers that are none; texts that no database or
client can hold are refused too.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, NoReturn, TypeVar

import msgspec

from nowserving.kit.json_tree import check_depth, check_pieces
from nowserving.kit.problems import Blame, Invalid, Problem
from nowserving.kit.texts import can_be_kept

Shape = TypeVar("Shape")

YEARS = range(1900, 9001)

_LARGEST = 2**53 - 1


class Malformed(Problem):
    """The body is not well-formed."""

    blame = Blame.INPUT


def read(body: bytes, shape: type[Shape]) -> Shape:
    """What a body says; Malformed if it is no JSON, Invalid if it is not of the shape."""
    try:
        check_pieces(body)
        tree = json.loads(
            body.decode(),
            object_pairs_hook=_object,
            parse_float=_float,
            parse_int=_int,
            parse_constant=_no_number,
        )
        check_depth(tree)
    except (ValueError, RecursionError) as wrong:
        raise Malformed(reason=_reason(wrong)) from None
    if b"\\u" in body:
        _check_texts(tree)
    return shaped(tree, shape)


def shaped(tree: Any, shape: type[Shape], *, strict: bool = True) -> Shape:
    """A tree in its shape; Invalid, with the member that is wrong, if it does not fit."""
    try:
        found = msgspec.convert(tree, shape, strict=strict)
    except msgspec.ValidationError as wrong:
        reason, _, at = str(wrong).partition(" - at `$")
        field = at.rstrip("`").lstrip(".")
        raise Invalid(**({"field": field} if field else {}), reason=reason) from None
    _check_days(found)
    return found


def _check_days(found: Any, field: str = "") -> None:
    """Invalid for a day or an instant so far off that none could be counted from it."""
    if isinstance(found, msgspec.Struct):
        for name in found.__struct_fields__:
            _check_days(getattr(found, name), name)
    elif isinstance(found, list):
        for one in found:
            _check_days(one, field)
    elif isinstance(found, date) and found.year not in YEARS:
        first, last = YEARS[0], YEARS[-1]
        raise Invalid(field=field, reason=f"must be between {first} and {last}")


def pairs(given: list[tuple[str, str]]) -> dict[str, str]:
    """Names and values of a form or a query; Invalid if a name stands there twice."""
    found = dict(given)
    if len(found) != len(given):
        raise Invalid(reason="a name stands there twice")
    _check_texts(found, Invalid)
    return found


def _object(members: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(members)
    if len(found) != len(members):
        raise ValueError("an object has two members with the same name")
    return found


def _int(digits: str) -> int:
    if len(digits) > 17 or abs(number := int(digits)) > _LARGEST:
        raise ValueError("a number is too large")
    return number


def _float(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise ValueError("a number is too large")
    return number


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is not JSON")


def _check_texts(tree: Any, problem: type[Problem] = Malformed) -> None:
    for text in _texts(tree):
        if not can_be_kept(text):
            raise problem(reason="a text has a character that is none")


def _texts(tree: Any) -> Iterator[str]:
    if isinstance(tree, str):
        yield tree
    elif isinstance(tree, Mapping):
        yield from tree
        for value in tree.values():
            yield from _texts(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from _texts(value)


def _reason(wrong: Exception) -> str:
    if isinstance(wrong, UnicodeDecodeError):
        return "the body is not UTF-8"
    if isinstance(wrong, RecursionError):
        return "the body is nested too deeply"
    return str(wrong)
