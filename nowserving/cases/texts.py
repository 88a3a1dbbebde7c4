"""The texts of a case, as they are kept."""

from nowserving.kit.folding import fold
from nowserving.kit.texts import kept

TITLE_AT_MOST = 500
TEXT_AT_MOST = 20_000
"""Characters of a description or a solution."""

CC_AT_MOST = 1000

REFERENCE_AT_MOST = 200

_LIMITS = {
    "title": TITLE_AT_MOST,
    "description": TEXT_AT_MOST,
    "cc": CC_AT_MOST,
    "solution": TEXT_AT_MOST,
}


def reference_key(reference: str | None) -> str | None:
    """What another system calls a case, as it is looked for; None if it is called nothing."""
    if reference is None or not reference.strip():
        return None
    return fold(kept(reference.strip(), field="reference", at_most=REFERENCE_AT_MOST))


def text_of(name: str, text: str | None) -> str | None:
    """A text of a case as it is kept; Invalid if it cannot be, None if there is none."""
    if text is None or not text.strip():
        return None
    return kept(text, field=name, at_most=_LIMITS[name])
