"""A customer as another system keeps them, put into our form."""

from collections.abc import Mapping, Sequence
from typing import Any

USUAL: Mapping[str, Sequence[Sequence[str]]] = {
    "name": (
        ("name",),
        ("full-name",),
        ("display-name",),
        ("customer-name",),
        ("first-name", "last-name"),
        ("customer-first-name", "customer-last-name"),
    ),
    "phone": (
        ("phone",),
        ("phone-number",),
        ("contact-phone-number",),
        ("mobile",),
        ("customer-phone",),
        ("customer-phone-number",),
    ),
    "email": (
        ("email",),
        ("e-mail",),
        ("contact-email",),
        ("email-address",),
        ("customer-email",),
    ),
}
"""Which fields are usually a customer's name, phone and e-mail address; the first found count."""


def known_by(
    fields: Mapping[str, Any], chosen: Mapping[str, Sequence[str]]
) -> tuple[dict[str, str | None], dict[str, Any]]:
    """Name, phone and e-mail address of a record, and its other fields.

    `chosen` says for each of the three which fields it is put together from, where it is not
    the usual ones.
    """
    found: dict[str, str | None] = {}
    used: set[str] = set()
    for what, usual in USUAL.items():
        ways = [tuple(chosen[what])] if what in chosen else usual
        way = next((way for way in ways if any(_text(fields.get(name)) for name in way)), ())
        used |= set(way)
        found[what] = " ".join(filter(None, (_text(fields.get(name)) for name in way))) or None
    return found, {name: value for name, value in fields.items() if name not in used}


def _text(value: Any) -> str:
    return "" if value is None or isinstance(value, bool) else str(value).strip()
