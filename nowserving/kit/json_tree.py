"""JSON that everybody who reads it reads alike (RFC 7493): no name twice, nothing nested deeply.

Most parsers let the last of two equal names win, some the first; who checks with one and acts
with another is deceived (ASVS 1.5.3).
"""

import json
from typing import Any

import msgspec

DEPTH_AT_MOST = 64
"""Objects and arrays within one another; what walks through a tree need not fear its depth."""


def tree_of(body: bytes) -> Any:
    """What JSON says; ValueError, with what is wrong, if it is none or not read alike by all."""
    try:
        tree = msgspec.json.decode(body)
    except RecursionError:
        raise ValueError("the body is nested too deeply") from None
    if check_depth(tree) != body.count(b":"):  # or a colon stands within a text
        json.loads(body.decode(), object_pairs_hook=_object, parse_int=str, parse_float=str)
    return tree


def check_depth(tree: Any) -> int:
    """How many members there are in all objects; ValueError if it is nested too deeply."""
    members, depth, level = 0, 0, [tree]
    while level:
        depth += 1
        if depth > DEPTH_AT_MOST:
            raise ValueError("the body is nested too deeply")
        inner: list[Any] = []
        for one in level:
            if isinstance(one, dict):
                members += len(one)
                inner += [value for value in one.values() if isinstance(value, dict | list)]
            elif isinstance(one, list):
                inner += [value for value in one if isinstance(value, dict | list)]
        level = inner
    return members


def _object(members: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(members)
    if len(found) != len(members):
        raise ValueError("an object has two members with the same name")
    return found
