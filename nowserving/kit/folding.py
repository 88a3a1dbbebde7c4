"""Words as they are compared when people search: without case, accents and marks.

Both databases are given words that are folded here and split here, so they find the same.
"""

import re
import unicodedata

WORD_AT_MOST = 60
"""Characters of a word; what is longer is cut off, when it is kept as when it is asked for."""

_WORD = re.compile(r"[^\W_]+")
_PHONE = re.compile(r"[+(]?[\d\s()/.\-]{4,}")
_ALIKE = str.maketrans(
    {
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "æ": "ae",
        "œ": "oe",
        "\u0131": "i",
        "\u0640": "",
    }
)


def fold(text: str) -> str:
    """A text without case, accents and marks; digits of all scripts as 0 to 9."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    kept = (_digit(c) for c in plain if unicodedata.category(c) != "Mn")
    return "".join(kept).translate(_ALIKE)


def words_in(*texts: str | None) -> list[str]:
    """The words of some texts, folded, each once, in the order in which they first come."""
    found = (word[:WORD_AT_MOST] for text in texts if text for word in _WORD.findall(fold(text)))
    return list(dict.fromkeys(found))


def words_asked(text: str) -> list[str]:
    """The words somebody searches for. A phone number is one word, however it is spaced."""
    if _PHONE.fullmatch(text.strip()):
        digits = "".join(c for c in fold(text) if c.isdigit())
        return [digits] if digits else []
    return words_in(text)


def _digit(c: str) -> str:
    value = unicodedata.decimal(c, None)
    return c if value is None else str(value)
