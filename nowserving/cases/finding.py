"""What cases somebody looks for."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from nowserving.cases.case import Case, Details, Note
from nowserving.cases.moves import State
from nowserving.kit.folding import words_asked, words_in
from nowserving.people.customers import Customer
from nowserving.places.statuses import Condition

WORDS_ASKED_AT_MOST = 12
WORDS_KEPT_AT_MOST = 3000
"""Different words of a case by which it is found; a novel is found by its beginning."""


class Order(StrEnum):
    """In which order cases are listed."""

    NEWEST = "newest"
    OLDEST = "oldest"
    DUE = "due"


@dataclass(frozen=True, slots=True)
class Filter:
    """Which cases are looked for: those for which all that is given holds.

    `text`: each of its words begins a word of the case: its numbers, title, texts, fields,
    notes, or its customer's name, phone or e-mail. `person`: likewise, of the customer only
    (so too `number`, of the case). Of several ids one must fit, of `tag_ids` all.
    `condition` asks whether a case has ended. `lined` False: only cases that stand in no
    line. By due time only those that have one are listed.
    """

    text: str = ""
    person: str = ""
    number: int | None = None
    states: tuple[State, ...] = ()
    condition: Condition | None = None
    unit_ids: tuple[UUID, ...] = ()
    service_ids: tuple[UUID, ...] = ()
    type_ids: tuple[UUID, ...] = ()
    status_ids: tuple[UUID, ...] = ()
    tag_ids: tuple[UUID, ...] = ()
    customer_id: UUID | None = None
    parent_id: UUID | None = None
    owner_id: UUID | None = None
    assigned_to: UUID | None = None
    unassigned: bool = False
    priority: int | None = None
    opened_from: datetime | None = None
    opened_until: datetime | None = None
    due_until: datetime | None = None
    escalated: bool | None = None
    lined: bool | None = None
    order: Order = Order.NEWEST

    def words(self) -> list[str]:
        """The words that are looked for, each marked with where it must stand."""
        text = [f"o{word}" for word in words_asked(self.text)]
        person = [f"p{word}" for word in words_asked(self.person)]
        return [*text, *person][:WORDS_ASKED_AT_MOST]

    @property
    def marks(self) -> list[str]:
        """The tags that are looked for, as they stand among the words of a case."""
        return [mark_of(tag) for tag in self.tag_ids]


@dataclass(frozen=True, slots=True)
class SavedFilter:
    """A filter with a name, for one agent or for everybody in a group."""

    organization_id: UUID
    id: UUID
    name: str
    agent_id: UUID | None
    group_id: UUID | None
    filter: Filter
    position: int
    created_at: datetime


def words_of_case(
    case: Case, details: Details, notes: list[Note], customer: Customer | None = None
) -> list[str]:
    """The words by which a case is found; none if nothing was said about it.

    The first letter tells what a word is: `o` of the case, `p` of the person, `t` a tag.
    """
    person = list(_of_person(details, customer))
    texts = [details.title, details.description, details.solution, details.cc]
    texts += [str(value) for value in details.fields.values() if value is not None]
    texts += [note.text for note in notes]
    tags = [mark_of(tag) for tag in case.tag_ids]
    said = words_in(*texts)
    if not (person or said or tags):
        return []
    all_words = words_in(str(case.ticket), str(case.number))
    all_words += [*person, *said]
    found = [*tags, *(f"p{word}" for word in person), *(f"o{word}" for word in all_words)]
    return list(dict.fromkeys(found))[:WORDS_KEPT_AT_MOST]


def words_of_customer(customer: Customer, keys: list[str]) -> list[str]:
    """The words by which a customer is found."""
    texts = [customer.name, customer.email, str(customer.number), *keys]
    texts += [str(value) for value in customer.fields.values() if value is not None]
    found = [*words_in(*texts), *_of_phone(customer.phone)]
    return list(dict.fromkeys(found))[:WORDS_KEPT_AT_MOST]


def mark_of(tag: UUID) -> str:
    """How a tag stands among the words of a case."""
    return f"t{tag.hex}"


def _of_person(details: Details, customer: Customer | None) -> Iterator[str]:
    yield from words_in(details.name, details.email)
    yield from _of_phone(details.phone)
    if customer is not None:
        yield from words_in(customer.name, customer.email, str(customer.number))
        yield from _of_phone(customer.phone)


def _of_phone(phone: str | None) -> Iterator[str]:
    """A number as it is dialed from abroad and, whatever the country's code, at home."""
    digits = "".join(c for c in phone or "" if c.isdigit())
    for code in (0, 1, 2, 3) if digits else ():
        yield digits[code:]
        yield f"{'0' if code else '00'}{digits[code:]}"
