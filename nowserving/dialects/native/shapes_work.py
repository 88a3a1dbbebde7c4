"""What is answered about work on cases, and about customers."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta

from nowserving.cases.letters import LetterState
from nowserving.cases.moves import State
from nowserving.cases.work import Link
from nowserving.dialects.native.shapes import Case, Contact, Instant
from nowserving.places.statuses import Condition


class CaseStatus(msgspec.Struct):
    """A name for a state. A case that is given a closed one must say its solution."""

    id: UUID
    name: str
    state: State
    condition: Condition
    position: int
    type_id: Annotated[UUID | None, Meta(description="Only for this type; null: for all.")]


class CaseStatuses(msgspec.Struct):
    """Statuses, in their order."""

    statuses: list[CaseStatus]


class CasePriority(msgspec.Struct):
    """A name for an urgency. `level`: 0 usual, 1 raised, 2 urgent."""

    id: UUID
    name: str
    level: int
    position: int


class CasePriorities(msgspec.Struct):
    """Priorities by name, in their order."""

    priorities: list[CasePriority]


class OpenedCase(msgspec.Struct):
    """A new case that stands in no line."""

    case: Case
    contact: Contact


class FoundCase(msgspec.Struct):
    """A case of a list, with what is personal in it and the names of who has it."""

    case: Case
    contact: Contact
    owner: str | None
    responsible: str | None


class FoundCases(msgspec.Struct):
    """A page of cases. Ask again with `next` as `after` unless it is null."""

    cases: list[FoundCase]
    next: str | None


class CaseLink(msgspec.Struct):
    """Two cases that belong together: the first duplicates or blocks the second, or both are
    related."""

    from_id: UUID
    to_id: UUID
    kind: Link
    at: Instant
    by: str


class CaseLinks(msgspec.Struct):
    """How a case and others belong together."""

    links: list[CaseLink]


class Letter(msgspec.Struct):
    """A mail to the customer. Its text is a note of the case."""

    id: UUID
    at: Instant
    to: str
    subject: str
    state: Annotated[
        LetterState,
        Meta(description="`retrying`: refused and handed in again later; `given_up`: no more."),
    ]
    attempts: int
    sent_at: Instant | None
    due_at: Annotated[Instant | None, Meta(description="When it is handed in next.")]
    error: Annotated[str, Meta(description="Why it was not taken the last time.")]


class Letters(msgspec.Struct):
    """The mail to the customer of a case, the oldest first."""

    letters: list[Letter]


class CaseFilter(msgspec.Struct):
    """A filter that is kept under a name, for an agent or a group."""

    id: UUID
    name: str
    agent_id: UUID | None
    group_id: UUID | None
    position: int
    filter: Annotated[dict[str, Any], Meta(description="What it asks for, as it was given.")]


class CaseFilters(msgspec.Struct):
    """Kept filters, in their order."""

    filters: list[CaseFilter]


class Customer(msgspec.Struct):
    """A person or company. One that was merged into another is archived and says into which."""

    id: UUID
    number: int
    version: int
    name: str
    phone: str | None
    email: str | None
    fields: dict[str, Any]
    archived: bool
    merged_into_id: UUID | None
    created_at: Instant
    updated_at: Instant


class CustomerFile(msgspec.Struct):
    """A customer, and by kind the keys by which others know them."""

    customer: Customer
    keys: dict[str, str]


class KeptCustomer(CustomerFile):
    """A customer; `created`: nobody had the key."""

    created: bool


class CustomersFound(msgspec.Struct):
    """A page of customers by name. Ask again with `next` as `after` unless it is null."""

    customers: list[Customer]
    next: str | None
