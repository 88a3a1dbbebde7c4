"""Tables that spreadsheets open (CSV, RFC 4180), in which nothing is a formula."""

import csv
import io
import unicodedata
from collections.abc import Iterable

MEDIA_TYPE = "text/csv"
BEGINNING = "\ufeff".encode()
"""By this a spreadsheet knows that it is UTF-8."""

GUARD = "'"
_BEGINS_FORMULA = frozenset("=+-@＝＋－＠\t\r\n")  # noqa: RUF001
_PASSED_OVER = frozenset(("Zs", "Zl", "Zp", "Cc", "Cf"))


def row(cells: Iterable[str]) -> bytes:
    """A line of the table, each cell guarded."""
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow(map(guarded, cells))
    return text.getvalue().encode()


def guarded(text: str) -> str:
    """The text so that no spreadsheet takes it for a formula: with a ' before it if it might.

    One that begins with ' gets another, so that what it was can always be said again. A phone
    number with its + stays a text, and keeps it.
    """
    seen = next((sign for sign in text if unicodedata.category(sign) not in _PASSED_OVER), "")
    begins = text[:1] in _BEGINS_FORMULA or seen in _BEGINS_FORMULA
    return GUARD + text if text and (begins or text[0] == GUARD) else text


def original(cell: str) -> str:
    """The text that was guarded."""
    return cell.removeprefix(GUARD)
