"""What can be asked for of work on cases, and of customers."""

from typing import Annotated, ClassVar
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from nowserving.cases.finding import Order as Sorting
from nowserving.cases.moves import State
from nowserving.cases.work import Link
from nowserving.dialects.native.orders import (
    UUID_PATTERN,
    CopyTo,
    Instant,
    Limit,
    LongText,
    Name,
    Number,
    Order,
    Priority,
    Tags,
    Text,
    Title,
    Values,
    Word,
)
from nowserving.places.services import Channel
from nowserving.places.statuses import Condition

Asked = Annotated[
    str, Meta(max_length=200, description="Words; each must begin a word of the case.")
]
Kind = Annotated[str, Meta(min_length=1, max_length=50, description="What others call the key.")]
Key = Annotated[str, Meta(min_length=1, max_length=200)]
Fields = Annotated[
    dict[Annotated[str, Meta(min_length=1, max_length=100)], Text | int | float | bool | None],
    Meta(description="What the organization adds of its own; null takes a value away."),
]
Keys = Annotated[
    dict[Kind, Key | None],
    Meta(description="By kind, what others know the customer by; null takes a key away."),
]


class OpenCase(Order):
    """A case that stands in no line. The service: its id, external reference or number.

    `counted_only`: settled already, and closed at once; any service takes that.
    """

    one_of: ClassVar[tuple[str, ...]] = ("service_id", "service_ext_ref", "service_number")

    service_id: UUID | None = None
    service_ext_ref: Word | None = None
    service_number: Number | None = None
    type_id: UUID | None = None
    channel: Channel | None = None
    language: Annotated[str, Meta(max_length=35)] | None = None
    customer_id: UUID | None = None
    use_customer_contact: bool = False
    name: Name | None = None
    phone: Word | None = None
    email: Word | None = None
    fields: Values = msgspec.field(default_factory=dict)
    tag_ids: Tags = msgspec.field(default_factory=list)
    priority: Priority | None = None
    title: Title | None = None
    description: LongText | None = None
    cc: CopyTo | None = None
    solution: LongText | None = None
    status_id: UUID | None = None
    priority_id: UUID | None = None
    owner_id: UUID | None = None
    assigned_to: UUID | None = None
    parent_id: UUID | None = None
    outcome_id: UUID | None = None
    due_at: Instant | None = None
    counted_only: bool = False


class Assign(Order):
    """Who is responsible, and who owns the case; null: nobody. Left out: as it was."""

    assigned_to: UUID | UnsetType | None = UNSET
    owner_id: UUID | UnsetType | None = UNSET


class SetStatus(Order):
    """Which status. One whose condition is closed wants a solution, if none is known yet."""

    status_id: UUID
    solution: LongText | None = None
    outcome_id: UUID | None = None


class WriteToCustomer(Order):
    """What the customer shall read."""

    text: Annotated[str, Meta(min_length=1, max_length=4000)]


class LinkCases(Order):
    """With which other case, and how they belong together."""

    other_id: UUID
    kind: Link


class MergeInto(Order):
    """Into which one."""

    into_id: UUID


class CasesAsked(Order):
    """Which cases; all that is given must hold."""

    text: Asked | UnsetType = UNSET
    person: (
        Annotated[
            str, Meta(max_length=200, description="Words of the customer's name, phone or e-mail.")
        ]
        | UnsetType
    ) = UNSET
    number: Number | UnsetType = UNSET
    state: State | UnsetType = UNSET
    condition: Annotated[
        Condition | UnsetType, Meta(description="Closed: those that have ended.")
    ] = UNSET
    unit_id: UUID | UnsetType = UNSET
    service_id: UUID | UnsetType = UNSET
    type_id: UUID | UnsetType = UNSET
    status_id: UUID | UnsetType = UNSET
    tag_id: UUID | UnsetType = UNSET
    customer_id: UUID | UnsetType = UNSET
    parent_id: UUID | UnsetType = UNSET
    owner_id: UUID | UnsetType = UNSET
    assigned_to: UUID | UnsetType = UNSET
    unassigned: bool = False
    priority: Priority | UnsetType = UNSET
    opened_from: Instant | UnsetType = UNSET
    opened_until: Instant | UnsetType = UNSET
    due_until: Instant | UnsetType = UNSET
    escalated: bool | UnsetType = UNSET
    lined: Annotated[
        bool | UnsetType, Meta(description="False: only cases that stand in no line.")
    ] = UNSET
    order: Sorting = Sorting.NEWEST


class CasesPage(CasesAsked):
    """Which cases, a page of them. `after`: what the page before gave as `next`."""

    after: Annotated[str, Meta(pattern=rf"^(-|[0-9]{{1,17}})\.{UUID_PATTERN}$")] | UnsetType = UNSET
    limit: Limit = 50


class SaveFilter(Order):
    """A filter under a name, for oneself or for everybody in a group one leads."""

    name: Annotated[str, Meta(min_length=1, max_length=100)]
    group_id: UUID | None = None
    position: Annotated[int, Meta(ge=0, le=1000)] = 0
    text: Asked = ""
    person: Asked = ""
    states: Annotated[list[State], Meta(max_length=11)] = msgspec.field(default_factory=list)
    condition: Condition | None = None
    unit_ids: Tags = msgspec.field(default_factory=list)
    service_ids: Tags = msgspec.field(default_factory=list)
    type_ids: Tags = msgspec.field(default_factory=list)
    status_ids: Tags = msgspec.field(default_factory=list)
    tag_ids: Tags = msgspec.field(default_factory=list)
    owner_id: UUID | None = None
    assigned_to: UUID | None = None
    unassigned: bool = False
    priority: Priority | None = None
    escalated: bool | None = None
    lined: bool | None = None
    order: Sorting = Sorting.NEWEST


class NewCustomer(Order):
    """A person or company."""

    name: Annotated[str, Meta(min_length=1, max_length=200)]
    phone: Word | None = None
    email: Word | None = None
    fields: Fields = msgspec.field(default_factory=dict)
    keys: Keys = msgspec.field(default_factory=dict)


class ChangeCustomer(Order):
    """What is to be otherwise. What is left out stays; null takes a value away."""

    name: Name | UnsetType = UNSET
    phone: Word | UnsetType | None = UNSET
    email: Word | UnsetType | None = UNSET
    fields: Fields | UnsetType = UNSET
    keys: Keys | UnsetType = UNSET
    archived: bool | UnsetType = UNSET


class UpsertCustomer(ChangeCustomer, kw_only=True):
    """Whose key, and what is to be otherwise; a new customer needs a name."""

    kind: Kind
    value: Key


class CustomersPage(Order):
    """Which customers. `after`: what the page before gave as `next`."""

    text: Annotated[
        str, Meta(max_length=200, description="Words; each must begin one of the customer.")
    ] = ""
    archived: bool = False
    after: Annotated[str, Meta(pattern=rf"^[0-9a-f]{{0,2000}}\.{UUID_PATTERN}$")] | UnsetType = (
        UNSET
    )
    limit: Limit = 50


class CustomerKey(Order):
    """Which key."""

    kind: Kind
    value: Key
