"""Customers in Q-Flow's words: their names apart, their personal id, whatever else is known."""

from collections.abc import Iterable, Mapping
from typing import Any

from nowserving.actions.customers import Given
from nowserving.dialects.qflow.binding import Bound
from nowserving.people.customers import FIRST_NAME, LAST_NAME, Customer
from nowserving.places.codes import CodeKind
from nowserving.places.directory import Directory

KEY = "personal_id"
"""The kind of our key that a personal id without a type is; with one, its code stands behind."""

FIELD_OF: Mapping[str, str] = {
    "FirstName": FIRST_NAME,
    "LastName": LAST_NAME,
    "TelNumber2": "phone_2",
    "DOB": "born_on",
    "Sex": "sex",
    "Notes": "notes",
    "ExtRef": "ext_ref",
    "NotificationConsent": "consent",
}
"""Which field of our customers holds what we have no word of our own for."""

_OURS = frozenset(FIELD_OF.values())


def kind_of_key(directory: Directory, type_id: int | None, reference: str | None) -> str:
    """The key that a personal id of a type is kept as; NoSuchCode for an unknown type.

    None is the first type there is, 0 none.
    """
    kind = CodeKind.PERSONAL_ID_TYPE
    if reference:
        return f"{KEY}:{directory.coded(kind, reference, field='PersonalIdTypeExtRef').code}"
    if type_id:
        return f"{KEY}:{directory.code_numbered(kind, type_id, field='PersonalIdTypeId').code}"
    first = next(iter(directory.codes_of(kind)), None)
    return KEY if type_id == 0 or first is None else f"{KEY}:{first.code}"


def kinds_to_look_in(directory: Directory, type_id: int | None, reference: str | None) -> list[str]:
    """The keys that a personal id may be; without a type all of them."""
    if type_id or reference:
        return [kind_of_key(directory, type_id, reference)]
    types = directory.codes_of(CodeKind.PERSONAL_ID_TYPE)
    return [KEY, *(f"{KEY}:{one.code}" for one in types)]


def given_of(said: Bound, known: Customer | None) -> Given:
    """What a body says of a customer; members that are absent stay as they were."""
    contact: dict[str, str | None] = {}
    for member, what in (("Email", "email"), ("TelNumber1", "phone")):
        if member in said.given:
            contact[what] = said.text(member)
    fields = {FIELD_OF[name]: _value(said, name) for name in FIELD_OF if name in said.given}
    if fields.keys() & {FIRST_NAME, LAST_NAME} or known is None:
        before = known.fields if known is not None else {}
        parts = [fields.get(name, before.get(name)) for name in (FIRST_NAME, LAST_NAME)]
        contact["name"] = " ".join(str(one) for one in parts if one) or said.text("PersonalId")
    own = said.properties("CustomProperties")
    fields |= {name: value for name, value in own.items() if name not in _OURS}
    archived = not said.flag("IsActive") if "IsActive" in said.given else None
    return Given(contact=contact, fields=fields, archived=archived)


def say_customer(
    directory: Directory, customer: Customer, keys: Mapping[str, str]
) -> dict[str, Any]:
    """A Customer (reference 2.5)."""
    return {
        **_say(directory, customer, keys),
        "NotificationConsent": bool(customer.fields.get(FIELD_OF["NotificationConsent"])),
        "IsActive": not customer.archived,
        "CustomProperties": _properties(customer),
    }


def say_row(
    directory: Directory, row: int, customer: Customer, keys: Mapping[str, str]
) -> dict[str, Any]:
    """A row of a CustomerList; custom properties are left out, as the summary says."""
    said = _say(directory, customer, keys)
    said["PersonalIdTypeId"] = said["PersonalIdTypeId"] or 0
    said["Sex"] = said["Sex"] or 0
    return {"RowNum": row, **said, "IsActive": not customer.archived}


def personal_id(
    directory: Directory, keys: Mapping[str, str]
) -> tuple[str | None, int, str | None]:
    """A personal id with the number and reference of its type."""
    if KEY in keys:
        return keys[KEY], 0, None
    for one in directory.codes_of(CodeKind.PERSONAL_ID_TYPE):
        value = keys.get(f"{KEY}:{one.code}")
        if value is not None:
            return value, one.number, one.code
    return None, 0, None


def names_of(customer: Customer) -> tuple[str | None, str | None]:
    """First and last name; where they are not known apart, the last word is the last name."""
    first, last = (customer.fields.get(name) for name in (FIRST_NAME, LAST_NAME))
    if isinstance(first, str) or isinstance(last, str):
        return _text(first), _text(last)
    before, _, behind = customer.name.rpartition(" ")
    return before or None, behind or None


def _say(directory: Directory, customer: Customer, keys: Mapping[str, str]) -> dict[str, Any]:
    value, type_id, reference = personal_id(directory, keys)
    first, last = names_of(customer)
    fields = customer.fields
    return {
        "CustomerId": customer.number,
        "PersonalId": value,
        "PersonalIdTypeId": type_id,
        "PersonalIdTypeExtRef": reference,
        "FirstName": _cut(first, 50),
        "LastName": _cut(last, 50),
        "Email": customer.email,
        "TelNumber1": customer.phone,
        "TelNumber2": _text(fields.get("phone_2")),
        "DOB": _text(fields.get("born_on")),
        "Sex": fields.get("sex") if isinstance(fields.get("sex"), int) else None,
        "Notes": _text(fields.get("notes")),
        "ExtRef": _text(fields.get("ext_ref")),
    }


def _properties(customer: Customer) -> dict[str, str]:
    own: Iterable[tuple[str, Any]] = sorted(customer.fields.items())
    return {name: str(value) for name, value in own if name not in _OURS and value is not None}


def _value(said: Bound, name: str) -> Any:
    if name == "DOB":
        born = said.instant(name)
        return None if born is None else f"{born:%Y-%m-%d}T00:00:00"
    if name == "Sex":
        return said.maybe(name)
    if name == "NotificationConsent":
        return said.flag(name)
    return said.text(name)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _cut(text: str | None, most: int) -> str | None:
    return None if text is None else text[:most]
