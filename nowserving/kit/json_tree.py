"""JSON that everybody who reads it reads alike (RFC 7493): no name twice, nothing nested deeply.

Most parsers let the last of two equal names win, some the first; who checks with one and acts
with another is deceived (ASVS 1.5.3). Nothing is read that is made of very many pieces: a
megabyte of `{},` takes half a second, in which nobody else would be answered.
"""

import json
from typing import Any

import msgspec

DEPTH_AT_MOST = 64
"""Objects and arrays within one another; what walks through a tree need not fear its depth."""

PIECES_AT_MOST = 10_000
"""Signs between values, and texts. The largest orders that anybody needs have some hundreds."""

_SIGNS = (b",", b":", b"[", b"{")


def tree_of(body: bytes) -> Any:
    """What JSON says; ValueError, with what is wrong, if it is none or not read alike by all."""
    check_pieces(body)
    try:
        tree = msgspec.json.decode(body)
    except RecursionError:
        raise ValueError("the body is nested too deeply") from None
    if check_depth(tree) != body.count(b":"):  # or a colon stands within a text
        json.loads(body.decode(), object_pairs_hook=_object, parse_int=str, parse_float=str)
    return tree


def check_pieces(body: bytes) -> None:
    """ValueError if JSON is made of too many pieces, found out without reading it.

    What is no JSON is counted rightly up to where it is none, which is how far a parser comes.
    """
    if len(body) <= PIECES_AT_MOST:
        return
    bare = body.replace(b"\\\\", b"").replace(b'\\"', b"") if b"\\" in body else body
    many = bare.count(b'"') > 2 * PIECES_AT_MOST
    if not many:
        outside = b"".join(bare.split(b'"')[::2])
        many = sum(map(outside.count, _SIGNS)) > PIECES_AT_MOST
    if many:
        raise ValueError("the body has too many values")


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
