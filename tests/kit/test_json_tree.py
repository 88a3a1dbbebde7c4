"""JSON that everybody reads alike, and what is not."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as some

from nowserving.kit.json_tree import DEPTH_AT_MOST, PIECES_AT_MOST, tree_of

TREES = some.recursive(
    some.none() | some.booleans() | some.integers(-(2**60), 2**60) | some.text('a:"{}', max_size=5),
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(some.text("ab:"), inner),
    max_leaves=12,
)


@given(tree=TREES)
def test_what_is_read_is_what_was_meant(tree: object) -> None:
    assert tree_of(json.dumps(tree).encode()) == tree


@pytest.mark.parametrize(
    "body",
    [
        b'{"a": 1, "a": 1}',
        b'{"a": 1, "\\u0061": 2}',
        b'[{"b": {"a": "x:y", "a": 2}}]',
        b'{"a:": 1, "b": ":", "a:": 2}',
    ],
)
def test_no_name_stands_there_twice(body: bytes) -> None:
    with pytest.raises(ValueError, match="the same name"):
        tree_of(body)


def test_it_is_nested_as_deeply_as_may_be_and_no_deeper() -> None:
    for opening, closing in ((b"[", b"]"), (b'{"a":', b"}")):
        whole = opening * DEPTH_AT_MOST + b"1" + closing * DEPTH_AT_MOST
        tree_of(whole)
        for deeper in (opening + whole + closing, opening * 100_000):
            with pytest.raises(ValueError, match=r"deeply|truncated|too many"):
                tree_of(deeper)


@pytest.mark.parametrize("piece", [b"{},", b"[],", b'"a",', b"1,", b'{"":1},', b'"a\\"" "\\\\",'])
def test_what_is_made_of_very_many_pieces_is_not_read(piece: bytes) -> None:
    with pytest.raises(ValueError, match="too many values"):
        tree_of(b"[" + piece * PIECES_AT_MOST + b"1]")


@pytest.mark.parametrize("text", ["[,]:{}" * 9_000, '"' * 30_000, "\\" * 30_001, '\\",' * 9_000])
def test_a_text_is_one_piece_whatever_it_says(text: str) -> None:
    tree = {"a": text, "b": [1] * (PIECES_AT_MOST // 2)}
    assert tree_of(json.dumps(tree).encode()) == tree
