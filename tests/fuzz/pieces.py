"""What every language's calls are made of: a call, texts and values that nobody would send."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from hypothesis import strategies as some

TEXT = some.text(some.characters(codec="utf-8"), max_size=20)
SINGLE = (
    some.none()
    | some.booleans()
    | some.integers(-(2**70), 2**70)
    | some.floats(allow_nan=False, allow_infinity=False)
    | TEXT
)
ANYTHING = some.recursive(
    SINGLE,
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
WHEN = (
    some.datetimes().map(str)
    | some.dates().map(str)
    | some.from_regex(r"[0-9T:.+Z -]{0,30}")
    | some.sampled_from(["2026-12-24 10:00", "2026-12-24T10:00:00Z", "9999-12-31", "0001-01-01"])
)
NUMBER = some.integers(-2, 9) | some.integers(-(2**65), 2**65)
BYTES = some.binary(max_size=200)


def mostly(
    likely: some.SearchStrategy[Any], odd: some.SearchStrategy[Any], *, of: int = 12
) -> some.SearchStrategy[Any]:
    """What is likely, and once in so many times what is odd."""
    return some.integers(1, of).flatmap(lambda turn: odd if turn == of // 2 else likely)


_ODD = TEXT.filter(lambda text: text not in ("", ".", ".."))
KEYS = mostly(
    some.none() | some.integers(0, 50).map(str), some.sampled_from(["", "k" * 256, "a\tb"])
)
"""Idempotency keys: mostly none, or one that was seldom used before."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request, as it goes over the wire. `about`: what the check of its language asks for."""

    method: str
    path: str
    content: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    about: str = ""

    def __str__(self) -> str:
        """So that somebody can send it again; who asks is left out."""
        shown = {name: text for name, text in self.headers.items() if "oken" not in name}
        shown.pop("Authorization", None)
        return f"{self.method} {self.path} {shown} {self.content[:2000]!r}"


@some.composite
def in_path(draw: some.DrawFn, path: str, known: Mapping[str, Iterable[str]]) -> str:
    """An address: for each `{name}` mostly something that there is, sometimes anything."""
    parts = []
    for part in path.split("/"):
        name = part.strip("{}").partition(":")[0]
        if not part.startswith("{"):
            parts.append(part)
        else:
            parts.append(quote(draw(mostly(one_of(known, name), _ODD)), safe=""))
    return "/".join(parts)


def one_of(known: Mapping[str, Iterable[str]], *names: str) -> some.SearchStrategy[str]:
    """One of the things that there are, or an id of nothing."""
    there = [id for name in names for id in known.get(name, ())]
    made_up = some.uuids().map(str)
    return mostly(some.sampled_from(there), made_up) if there else made_up


def members(
    likely: Mapping[str, some.SearchStrategy[Any]], *needed: str
) -> some.SearchStrategy[dict[str, Any]]:
    """An object with what is needed and a few others, each mostly as it might be."""
    each = {name: mostly(one, ANYTHING) for name, one in likely.items()}
    few = some.lists(some.sampled_from(sorted(likely)), max_size=4)
    return few.flatmap(
        lambda names: some.fixed_dictionaries({name: each[name] for name in (*needed, *names)})
    )


def bodies(
    likely: Mapping[str, some.SearchStrategy[Any]], *needed: str
) -> some.SearchStrategy[bytes]:
    """JSON with such members; or anything at all."""
    return mostly(members(likely, *needed).map(encoded), ANYTHING.map(encoded) | BYTES)


def encoded(tree: Any) -> bytes:
    """JSON as most clients write it."""
    return json.dumps(tree).encode()
