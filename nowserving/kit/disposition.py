"""A file's name in a header, both ways (RFC 6266, RFC 8187), and a range of its bytes."""

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote_to_bytes

_EXTENDED = re.compile(r"filename\*\s*=\s*utf-8'[^']*'([^;\s]*)", re.IGNORECASE)
_QUOTED = re.compile(r'filename\s*=\s*"((?:[^"\\]|\\.)*)"', re.IGNORECASE)
_ANY_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_BARE = re.compile(r"filename\s*=\s*([^;\s\"]+)", re.IGNORECASE)
_RANGE = re.compile(r"bytes\s*=\s*(\d{0,18})-(\d{0,18})\s*", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Span:
    """Some bytes of a file: from `first` up to and without `end`."""

    first: int
    end: int


class NoSuchSpan(Exception):
    """A range was asked for that the file does not have."""


def as_attachment(name: str) -> str:
    """A Content-Disposition that has a browser save a file under this name, and not show it.

    A plain form for old readers, then the exact one, in which nothing but letters stands
    that a header cannot hold.
    """
    plain = "".join(sign if _is_plain(sign) else "_" for sign in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def name_in(disposition: str) -> str:
    """The name of a file in a Content-Disposition; empty if none stands there."""
    if found := _EXTENDED.search(_ANY_QUOTED.sub('""', disposition)):
        return unquote_to_bytes(found[1]).decode(errors="replace")
    if found := _QUOTED.search(disposition):
        return re.sub(r"\\(.)", r"\1", found[1])
    found = _BARE.search(disposition)
    return found[1] if found else ""


def span_of(wanted: str | None, size: int) -> Span | None:
    """The range asked for; None for the whole file, also where several are asked for.

    NoSuchSpan if it begins behind the end (RFC 9110, section 14).
    """
    found = _RANGE.fullmatch(wanted.strip()) if wanted else None
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:
        last = min(int(found[2]), size)
        if not last:
            raise NoSuchSpan()
        return Span(size - last, size)
    first, end = int(found[1]), min(int(found[2]) + 1 if found[2] else size, size)
    if found[2] and int(found[2]) < first:
        return None
    if first >= size:
        raise NoSuchSpan()
    return Span(first, end)


def _is_plain(sign: str) -> bool:
    return sign.isascii() and sign.isprintable() and sign not in '"\\%'
