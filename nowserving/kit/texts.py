"""Texts that people and programs give us, as we keep them."""

from nowserving.kit.problems import Invalid


def kept(text: str, *, field: str, at_most: int) -> str:
    """The text, unchanged; Invalid if it is too long or cannot be kept in every database."""
    if len(text) > at_most:
        raise Invalid(field=field, reason=f"at most {at_most} characters")
    if not can_be_kept(text):
        raise Invalid(field=field, reason="a character in it cannot be kept")
    return text


def can_be_kept(text: str) -> bool:
    """Every database can keep it.

    A NUL has no place in PostgreSQL's texts, half a surrogate pair has none in UTF-8.
    """
    if "\0" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
