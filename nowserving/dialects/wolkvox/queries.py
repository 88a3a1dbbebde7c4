"""Looking for cases by one field, as `queryCases.php` names them.

A field narrows the search as far as our own search knows it; what it says exactly is then
compared with the record, upper and lower case alike.
"""

from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import UUID

from nowserving.actions import customers
from nowserving.actions.act import Act
from nowserving.actions.discard import discarded
from nowserving.cases.case import Case, Details
from nowserving.cases.finding import Filter
from nowserving.dialects.wolkvox.ids import number_in
from nowserving.dialects.wolkvox.names import (
    kind_key,
    urgency_called,
    user_called,
)
from nowserving.dialects.wolkvox.rows import IDENTIFICATION, Row, case_rows
from nowserving.dialects.wolkvox.words import PRIORITY_CALLED, STATE_CALLED, STATUS_OF, Unmet
from nowserving.kit.folding import fold
from nowserving.kit.problems import Invalid, NotFound
from nowserving.places.directory import Directory
from nowserving.store.finding import After

FIELDS = (
    "status",
    "priority",
    "email contact",
    "name contact",
    "contact wolkvox id",
    "contact identification",
    "contact phone",
    "description",
    "idCase",
    "idPrefijo",
    "companyName",
    "company name",
    "company id",
    "prefix",
    "reopened",
    "responsible name",
    "responsible user",
    "responsible id",
    "owner name",
    "owner user",
    "owner id",
    "solution",
    "wolkvox-id",
    "type case",
    "case expired",
    "reason",
)
"""The vendor's vocabulary. `case-type` of an older page is `type case` too."""

_BY_NAME = {fold(name): name for name in FIELDS} | {
    "case-type": "type case",
    "wolkvox_id": "wolkvox-id",
}
_YES = ("true", "1", "yes", "si", "sí")
_NO = ("false", "0", "no")
_PART_OF = ("description", "solution")

RECORDS_AT_MOST = 200
LOOKED_AT_MOST = 2000
"""Cases that are compared for one query."""

VALUE_AT_MOST = 200


def field_called(text: str) -> str:
    """A field of the vocabulary; Invalid if it is none."""
    name = _BY_NAME.get(fold(text.strip()))
    if name is None:
        raise Invalid(field="field", reason=f"there is no field {text[:100]}")
    return name


async def cases_by(
    act: Act, *, field: str, value: str, most: int, operation: str, of_company: UUID | None = None
) -> list[tuple[Case, Row]]:
    """The newest cases, and their records, in which a field has a value."""
    if len(value) > VALUE_AT_MOST:
        raise Invalid(field="value", reason=f"at most {VALUE_AT_MOST} characters")
    found: list[tuple[Case, Row]] = []
    for wanted in await _narrowed(act, field, value.strip(), operation):
        theirs = replace(wanted, customer_id=of_company) if of_company else wanted
        if of_company and wanted.customer_id not in (None, of_company):
            continue
        async for case, row in _records(act, theirs, operation):
            if _fits(field, row, value.strip()):
                found.append((case, row))
                if len(found) == most:
                    return found
    return found


async def cases_between(
    act: Act, *, wanted: Filter, most: int, operation: str
) -> list[tuple[Case, Row]]:
    """The newest cases of a filter, and their records."""
    found: list[tuple[Case, Row]] = []
    async for one in _records(act, wanted, operation):
        found.append(one)
        if len(found) == most:
            break
    return found


async def _records(act: Act, wanted: Filter, operation: str) -> AsyncIterator[tuple[Case, Row]]:
    after: After | None = None
    for _ in range(LOOKED_AT_MOST // RECORDS_AT_MOST):
        cases = await act.look.finding.cases(wanted, units=None, after=after, most=RECORDS_AT_MOST)
        details: dict[UUID, Details] = dict(
            await act.look.finding.details([case.id for case in cases])
        )
        kept = [case for case in cases if not discarded(case)]
        for pair in zip(kept, await case_rows(act, kept, details, operation), strict=True):
            yield pair
        if len(cases) < RECORDS_AT_MOST:
            return
        after = After(cases[-1].id, cases[-1].due_at)


async def _narrowed(  # noqa: PLR0911
    act: Act, field: str, value: str, operation: str
) -> list[Filter]:
    """The filters that between them let through every case that may fit."""
    if field in ("idCase", "wolkvox-id"):
        number = number_in(value) if field == "wolkvox-id" else _number(value)
        return [] if number is None else [Filter(number=number)]
    if field in ("name contact", "email contact", "contact phone"):
        return [Filter(person=value)]
    if field in _PART_OF:
        return [Filter()]
    if field == "case expired":
        return [Filter(escalated=_flag(value))]
    if field in ("responsible user", "owner user"):
        try:
            agent = await user_called(act, field, value, operation)
        except Unmet:
            return []
        owned = field == "owner user"
        return [Filter(owner_id=agent.id) if owned else Filter(assigned_to=agent.id)]
    if field in ("contact identification", "contact wolkvox id", "companyName", "company name"):
        return await _of_customers(act, field, value)
    return _of_words(await act.directory(), field, value)


def _of_words(directory: Directory, field: str, value: str) -> list[Filter]:
    if field == "type case":
        ids = tuple(
            kind.id for kind in directory.types.values() if kind_key(kind.name) == kind_key(value)
        )
        return [Filter(type_ids=ids)] if ids else []
    if field == "priority":
        try:
            return [Filter(priority=urgency_called(directory, value).level)]
        except Unmet:
            return []
    return [Filter()]


async def _of_customers(act: Act, field: str, value: str) -> list[Filter]:
    if field == "contact identification":
        if not value:
            return []
        known = await customers.keyed(act, kind=IDENTIFICATION, value=value)
        return [] if known is None else [Filter(customer_id=known.customer.id)]
    if field == "contact wolkvox id":
        number = number_in(value)
        try:
            one = None if number is None else await act.look.customers.numbered(number)
        except NotFound:
            one = None
        return [] if one is None else [Filter(customer_id=one.id)]
    page = await customers.find(act, text=value, archived=None, most=RECORDS_AT_MOST)
    return [Filter(customer_id=one.id) for one in page.customers]


def _fits(field: str, row: Row, value: str) -> bool:  # noqa: PLR0911
    said = row[field]
    if isinstance(said, bool):
        return said is _flag(value)
    if field == "type case":
        return kind_key(said) == kind_key(value)
    if field in ("status", "priority"):
        return _same_word(field, row, value)
    if said is None:
        return value == ""
    if field in ("wolkvox-id", "contact wolkvox id"):
        return bool(said == value.lower())
    if field in _PART_OF:
        return fold(value) in fold(str(said))
    if field == "contact phone":
        return _digits(str(said)).endswith(_digits(value).lstrip("0")) and bool(_digits(value))
    return fold(str(said)) == fold(value)


def _same_word(field: str, row: Row, value: str) -> bool:
    """By the label, or by the neutral key that stands for it."""
    said, wanted = fold(row[field]), fold(value)
    if said == wanted:
        return True
    if field == "priority":
        return PRIORITY_CALLED.get(wanted) == said
    state = STATE_CALLED.get(wanted)
    return state is not None and fold(STATUS_OF[state]) == said


def _number(value: str) -> int | None:
    ours = value.lstrip("#")
    return int(ours) if ours.isascii() and ours.isdecimal() and len(ours) < 13 else None


def _digits(text: str) -> str:
    return "".join(sign for sign in text if sign.isascii() and sign.isdigit())


def _flag(value: str) -> bool:
    folded = value.strip().lower()
    if folded in _YES or folded in _NO:
        return folded in _YES
    raise Invalid(field="value", reason="must be true or false")
