"""Attack list S4: JSON that is ambiguous, endless, of another planet, or none at all.

Each case is what stands for the value of a member, or, where it has `whole`, a body of its own.
"""

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

DEPTHS = (66, 200, 500, 900, 1000, 5000, 100_000)
NO_NUMBERS = (
    *("NaN", "nan", "Infinity", "-Infinity", "inf", "+1", "01", "-01", "0x10", "0b1", "0o7"),
    *(
        ".5",
        "1.",
        "1e",
        "1e+",
        "-",
        "--1",
        "1_000",
        "1,000",
        "\u0661",
        "1f",
        "1n",
        "1e999",
        "-1e999",
    ),
    *("1e999", "-1e999", "9" * 5000, "-" + "9" * 5000, "1e" + "9" * 5000),
)
ODD_NUMBERS = (
    *(
        "0",
        "-0",
        "-0.0",
        "1e-999",
        "1E2",
        "1.0",
        "1e308",
        "9007199254740993",
        "-9223372036854775809",
    ),
    *("18446744073709551616", "1" * 100, "9" * 308, "0." + "9" * 5000, "5e-324"),
)
NO_TEXTS = (
    *('"\\ud800"', '"\\udfff"', '"\\udc00\\ud800"', '"\\ud83d"', '"\\ud83dx"', '"\\ud83d\\u0041"'),
    *(
        '"\\u12"',
        '"\\u12g4"',
        '"\\x41"',
        '"\\',
        '"\\"',
        '"',
        '"a',
        "'a'",
        "`a`",
        '"a\nb"',
        '"a\tb"',
    ),
    *('"a\0b"', '"\x1f"', '"a" "b"', '"a"+"b"', '{"\\ud800": 1}', '{"a\0": 1}'),
)
ODD_TEXTS = (
    *(
        '"\\u0000"',
        '"a\\u0000b"',
        '{"\\u0000": 1}',
        '"\\u202e"',
        '"\\ufeff"',
        '"\\uffff"',
        '"\u2028"',
    ),
    *(
        '"\\ud83d\\ude00"',
        '"\\/"',
        '"\\u0022"',
        '"\x7f"',
        '"e\u0301"',
        '"\U0010ffff"',
        '"\U0001f9d1\u200d"',
    ),
    *(
        '""',
        '" "',
        '"\\r\\nSet-Cookie: x=1"',
        '"{{7*7}}"',
        '"${jndi:ldap://x}"',
        '"%s%n"',
        '"../.."',
    ),
    *('"\'; drop table cases; --"', '"<script>"', '"=1+1"', '"null"', '"true"', '"NaN"'),
)
NO_JSON = (
    *("", ",", ":", "{", "[", "}", "]", "[1,]", "[,1]", "[1 2]", '{"a":1,}', '{"a" 1}', "{a:1}"),
    *("{'a':1}", '{"a"}', '{"a":}', "{:1}", "{1:1}", "{null:1}", '{"a":1 "b":2}', '{"a"::1}'),
    *("[1}", '{"a":[}', "nul", "True", "None", "undefined", "/* x */ 1", "1 // x", "# x", "<x/>"),
    *("---\na: 1", "a=1&b=2", "function(){}", "1 1", "{}{}", "[][]", "\x0b1", "\u00a01", "\u20281"),
)
TWICE = (
    *(
        '{"a":1,"a":1}',
        '{"a":1,"a":2}',
        '{"a":1,"\\u0061":2}',
        '[{"a":1,"a":2}]',
        '{"b":{"a":1,"a":2}}',
    ),
    *(
        '{"":1,"":2}',
        '{"a":{"b":1},"a":{"c":1}}',
        '{"a":"x:y","a":"::"}',
        '{"__proto__":1,"__proto__":2}',
    ),
)
ODD_TREES = (
    *("null", "true", "[]", "{}", "[[]]", "[null]", '[{"a":[{"b":[]}]}]', '{"__proto__":{"a":1}}'),
    *(
        '{"constructor":{"prototype":{}}}',
        '{"$ne":null}',
        '{"a":1,"A":2}',
        '{"length":1e9}',
        '{"":""}',
    ),
)


@dataclass(frozen=True, slots=True)
class Odd:
    """A value, or with `whole` a body. `refused`: nobody may take it."""

    name: str
    text: bytes
    refused: bool
    whole: bool = False


def corpus(good: bytes) -> Iterator[Odd]:
    """Every case; `good` is a body that is taken."""
    for kind, texts, refused in (
        ("no number", NO_NUMBERS, True),
        ("odd number", ODD_NUMBERS, False),
        ("no text", NO_TEXTS, True),
        ("odd text", ODD_TEXTS, False),
        ("no JSON", NO_JSON, True),
        ("twice", TWICE, True),
        ("odd tree", ODD_TREES, False),
    ):
        for text in texts:
            yield Odd(f"{kind} {text[:40]!r}", text.encode(), refused)
    yield from _encodings(good)
    yield from _deep()
    yield from _large()
    yield from _bodies(good)


def _encodings(good: bytes) -> Iterator[Odd]:
    """Bodies that are not UTF-8, or begin as if they were something else."""
    text = good.decode()
    for name in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-7", "utf-8-sig", "cp037"):
        content = text.encode(name) if name != "utf-7" else text.replace("{", "+AHs-").encode()
        yield Odd(f"in {name}", content, refused=True, whole=True)
    for name, content in (("gzip", gzip.compress(good)), ("zlib", zlib.compress(good))):
        yield Odd(f"in {name}", content, refused=True, whole=True)
    for value in (
        b"\xff",
        b"\xc0\xaf",
        b"\xed\xa0\x80",
        b"\xf5\x80\x80\x80",
        b"\xe2\x82",
        b"J\xfcrgen",
    ):
        yield Odd(f"no UTF-8 {value!r}", b'"' + value + b'"', refused=True)
        yield Odd(f"no UTF-8 as name {value!r}", b'{"' + value + b'":1}', refused=True)


def _deep() -> Iterator[Odd]:
    for opening, inside, closing in (
        (b"[", b"", b"]"),
        (b'{"a":', b"1", b"}"),
        (b'[{"a":', b'"\\u0041"', b"}]"),
    ):
        for depth in DEPTHS:
            yield Odd(f"open {opening!r} {depth}", opening * depth, refused=True)
            whole = opening * depth + inside + closing * depth
            yield Odd(f"deep {opening!r} {depth}", whole, refused=True)
            yield Odd(f"deep body {opening!r} {depth}", whole, refused=True, whole=True)
    yield Odd("not too deep", b"[" * 20 + b"]" * 20, refused=False)


def _large() -> Iterator[Odd]:
    many = b",".join(b'"%d":1' % number for number in range(80_000))
    yield Odd("80,000 members", b"{" + many + b"}", refused=False)
    yield Odd("80,000 members, one twice", b"{" + many + b',"7":1}', refused=True)
    yield Odd("400,000 items", b"[" + b"1," * 400_000 + b"1]", refused=False)
    yield Odd("200,000 objects", b"[" + b"{}," * 200_000 + b"{}]", refused=False)
    yield Odd("a long text", b'"' + b"a" * 900_000 + b'"', refused=False)
    yield Odd("a long text of escapes", b'"' + b"\\n" * 400_000 + b'"', refused=False)
    yield Odd("a long name", b'{"' + b"a" * 900_000 + b'":1}', refused=False)
    yield Odd("a long blank", b" " * 900_000 + b"1", refused=False)
    yield Odd("2 MB", b'"' + b"a" * 2_000_000 + b'"', refused=True)


def _bodies(good: bytes) -> Iterator[Odd]:
    """Bodies that are cut off, or that something stands before or behind of."""
    step = max(1, len(good) // 40)
    for end in range(1, len(good), step):
        yield Odd(f"cut off at {end}", good[:end], refused=True, whole=True)
    for name, body in {
        "a text": b'"a"',
        "null": b"null",
        "a number": b"1",
        "a list": b"[]",
        "a list of it": b"[" + good + b"]",
        "twice": good + good,
        "with a tail": good + b"x",
        "with a NUL": good + b"\0",
        "with a NUL before": b"\0" + good,
        "in a text": b'"' + good.replace(b'"', b'\\"') + b'"',
        "as JSONP": b"x(" + good + b")",
        "guarded": b")]}',\n" + good,
    }.items():
        yield Odd(name, body, refused=True, whole=True)
