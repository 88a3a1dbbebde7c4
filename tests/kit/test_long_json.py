"""JSON with files in it, read without holding them."""

import json
import tracemalloc
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as some

from nowserving.kit.base64_stream import Decoder, decoded, decoded_text
from nowserving.kit.http import TooLarge
from nowserving.kit.json_tree import PIECES_AT_MOST
from nowserving.kit.long_json import AT_ONCE, split
from nowserving.kit.problems import Invalid

TEXTS = some.text(max_size=60)
TREES = some.recursive(
    TEXTS | some.integers() | some.none(),
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


async def parts(body: bytes, size: int) -> AsyncIterator[bytes]:
    """A body as it comes."""
    for at in range(0, len(body), size):
        yield body[at : at + size]


async def whole(text: AsyncIterator[bytes]) -> str:
    """A long text, as a test may hold it."""
    return b"".join([part async for part in text]).decode()


def put_back(tree: object, of: Callable[[object], object]) -> object:
    """The tree with its long texts in their places again."""
    if isinstance(tree, dict):
        return {put_back(name, of): put_back(value, of) for name, value in tree.items()}
    if isinstance(tree, list):
        return [put_back(value, of) for value in tree]
    taken = of(tree)
    return tree if taken is None else taken


@example(tree="\x1f", long=0, size=1, plain=False)
@given(tree=TREES, long=some.integers(0, 30), size=some.integers(1, 50), plain=some.booleans())
async def test_whatever_is_split_is_the_same_together(
    tree: object, long: int, size: int, plain: bool
) -> None:
    try:
        body = json.dumps(tree, ensure_ascii=plain).encode()
    except UnicodeEncodeError:
        return
    if plain and "\\ud" in body.decode().lower():
        return  # halves of a letter beyond the first plane are no base64 and told as such
    apart = await split(parts(body, size), whole, long=long)
    assert put_back(json.loads(apart.json), apart.of) == tree


async def test_a_text_of_escapes_is_the_same_wherever_others_have_their_turn() -> None:
    for before in range(6):
        text = "x" * before + "A\n" * (AT_ONCE // 6)
        body = json.dumps([text]).replace("A", "\\u0041").encode()
        apart = await split(parts(body, len(body)), whole)
        assert put_back(json.loads(apart.json), apart.of) == [text]


@pytest.mark.parametrize("body", [b'["abc', b'["\\', b'["\\u12', b'["' + b"x" * 99])
async def test_a_body_that_ends_too_early_is_told(body: bytes) -> None:
    for long in (4, 1000):
        with pytest.raises(Invalid):
            await split(parts(body, 7), whole, long=long)


async def test_an_escape_that_is_none_is_told() -> None:
    for text in (b"\\x" + b"a" * 20, b"\\u12g4" + b"a" * 20):
        with pytest.raises(Invalid):
            await split(parts(b'["' + text + b'"]', 100), whole, long=4)


async def test_what_stays_is_bounded() -> None:
    with pytest.raises(TooLarge):
        await split(parts(b"[" + b"1," * 1000, 100), whole, at_most=1000)
    with pytest.raises(TooLarge):
        await split(parts(b"[" + b'"aaaaa",' * 1000, 100), whole, at_most=1000)
    with pytest.raises(TooLarge):
        await split(parts(b"[" + b'"aaaaa",' * 10, 100), whole, long=2, files_at_most=9)
    with pytest.raises(TooLarge):
        await split(parts(b"[" + b'"",' * (PIECES_AT_MOST + 1), 1000), whole)


async def test_a_gigabyte_of_base64_is_refused_at_the_cap_and_never_held() -> None:
    """S5: 1 GB in a field; read as it comes, stopped at 25 MB, with a few hundred kB at hand."""
    came = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal came
        yield b'{"attachments": ["data:application/pdf;base64,'
        for _ in range(16 * 1024):
            came += 65_536
            yield b"QUFB" * 16_384

    async def take(text: AsyncIterator[bytes]) -> int:
        size = 0
        async for part in decoded(text):
            size += len(part)
            if size > 25 * 1024 * 1024:
                raise TooLarge(bytes=25 * 1024 * 1024)
        return size

    tracemalloc.start()
    try:
        with pytest.raises(TooLarge):
            await split(endless(), take)
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()
    assert came < 36 * 1024 * 1024


@given(content=some.binary(max_size=200), cuts=some.lists(some.integers(0, 300), max_size=5))
def test_base64_in_any_pieces_is_what_was_meant(content: bytes, cuts: list[int]) -> None:
    for text in (
        b64encode(content),
        b64encode(content).rstrip(b"="),
        b"data:image/png;name=x;base64," + b64encode(content),
        b" \n" + b64encode(content).replace(b"A", b"A\r\n "),
        b64encode(content, b"-_"),
    ):
        at = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
        decoder = Decoder()
        pieces = [decoder.feed(text[a:b]) for a, b in pairwise(at)]
        assert b"".join([*pieces, decoder.end()]) == content
    assert b"".join(decoded_text(b64encode(content).decode())) == content


@pytest.mark.parametrize(
    "text", ["A", "AAAAA", "A=AA", "AA=A", "AA==AA", "A!AA", "data:", "data:x,AAAA", "d\0ta", "Ä"]
)
def test_what_is_no_base64_is_told(text: str) -> None:
    with pytest.raises(Invalid):
        list(decoded_text(text))


def test_a_prefix_without_end_is_none() -> None:
    decoder = Decoder()
    with pytest.raises(Invalid):
        for _ in range(1000):
            decoder.feed(b"data:" + b"x" * 10)
