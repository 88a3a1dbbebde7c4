"""Contacts, which are our customers, in the generic calls."""

from collections.abc import Mapping
from typing import Any

from nowserving.actions import customers
from nowserving.actions.act import Act
from nowserving.actions.customers import Given as Said
from nowserving.dialects.wolkvox.names import contact_with, plain
from nowserving.dialects.wolkvox.rows import IDENTIFICATION, Contact, Row, contact_row
from nowserving.dialects.wolkvox.words import Unmet
from nowserving.kit.folding import fold
from nowserving.kit.problems import Invalid, NotFound
from nowserving.people.customers import Customer

_BUILT_IN = {
    "namecontact": "name",
    "telephonecontact": "phone",
    "emailcontact": "email",
    "idcontact": IDENTIFICATION,
}
_ALSO = {
    "name contact": "namecontact",
    "email contact": "emailcontact",
    "contact phone": "telephonecontact",
    "contact identification": "idcontact",
    "wolkvox-id": "wolkvox_id",
    "contact wolkvox id": "wolkvox_id",
}


async def insert_contact(act: Act, fields: Mapping[str, Any]) -> Customer:
    """Take down a contact."""
    return (await customers.create(act, given=_said(fields))).customer


async def update_contact(act: Act, id: str, fields: Mapping[str, Any]) -> Customer:
    """Put right what is known of a contact."""
    found = await contact_with(act, id)
    return (await customers.change(act, customer_id=found.id, given=_said(fields))).customer


async def delete_contact(act: Act, id: str) -> None:
    """Put a contact away; their cases stay."""
    found = await contact_with(act, id)
    await customers.change(act, customer_id=found.id, given=Said(archived=True))


async def contacts_by(act: Act, *, field: str, value: str, most: int) -> list[Row]:
    """The contacts in which a field has a value, by name."""
    name = _ALSO.get(fold(field.strip()), field.strip())
    if name == "wolkvox_id":
        try:
            found = [await contact_with(act, value)]
        except NotFound:
            found = []
    elif name == "idcontact":
        known = await customers.keyed(act, kind=IDENTIFICATION, value=value)
        found = [known.customer] if known else []
    else:
        page = await customers.find(act, text=value, most=200)
        found = page.customers
    rows = await contact_rows(act, found)
    if name not in ("wolkvox_id", "idcontact"):
        rows = [row for row in rows if _has(row, name, value)]
    return rows[:most]


async def contact_rows(act: Act, found: list[Customer]) -> list[Row]:
    """Some contacts as records."""
    zone = (await act.directory()).organization.zone
    return [
        contact_row(Contact(one, await act.look.customers.keys_of(one.id)), zone) for one in found
    ]


def _has(row: Row, name: str, value: str) -> bool:
    said = next((row[label] for label in row if fold(label) == fold(name)), None)
    if said is None:
        return False
    if name == "telephonecontact":
        digits = "".join(sign for sign in value if sign.isdigit()).lstrip("0")
        return bool(digits) and str(said).endswith(digits)
    return fold(str(said)) == fold(value)


def _said(fields: Mapping[str, Any]) -> Said:
    contact: dict[str, str | None] = {}
    keys: dict[str, str | None] = {}
    extra: dict[str, Any] = {}
    for label, value in fields.items():
        known = _BUILT_IN.get(label.strip().lower())
        if label.strip().lower().startswith("wolkvox"):
            raise Unmet(field=label[:100], reason="cannot be set")
        if known is None:
            extra[label.strip()] = plain(value, label[:100])
        elif known == "phone":
            contact["phone"] = _phone(value)
        elif known == IDENTIFICATION:
            keys[IDENTIFICATION] = _text(label, value)
        else:
            contact[known] = _text(label, value)
    return Said(contact=contact, keys=keys, fields=extra)


def _phone(value: Any) -> str | None:
    """A phone number, or the vendor's typed one: `{country, code, value}`."""
    if not isinstance(value, dict):
        return _text("telephonecontact", value)
    number = _text("telephonecontact", value.get("value")) or ""
    code = (_text("telephonecontact", value.get("code")) or "").strip().lstrip("+")
    if not number or number.startswith("+") or not code:
        return number or None
    return f"+{code}{number.lstrip('0')}"


def _text(field: str, value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise Invalid(field=field, reason="must be a text")
    return str(value)
