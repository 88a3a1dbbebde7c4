"""What is answered: one shape for each thing. Every member is always there."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta

from nowserving.cases.case import Visibility
from nowserving.cases.moves import State
from nowserving.people.attendance import Presence, Reason
from nowserving.places.needs import Need
from nowserving.places.services import Channel, EntryMode, Merge, StartNext
from nowserving.queues.line import Rule

Instant = Annotated[datetime, Meta(tz=True, description="An instant in UTC.")]
Verb = Annotated[str, Meta(description="What can be done now: the last part of its address.")]
Fields = Annotated[
    dict[str, Any], Meta(description="What the category asks of its cases, by the field's slug.")
]


class Organization(msgspec.Struct):
    """A tenant; nothing crosses it. The first of its languages is the default."""

    id: UUID
    number: int
    slug: str
    name: str
    languages: list[str]
    time_zone: str
    country: str


class Unit(msgspec.Struct):
    """A branch or department."""

    id: UUID
    number: int
    parent_id: UUID | None
    name: str
    time_zone: str
    address: str
    ext_ref: Annotated[str, Meta(description="What another system calls it.")]
    type_id: Annotated[UUID | None, Meta(description="A code of the kind `unit_type`.")]
    wait_target: Annotated[int, Meta(description="Nobody should wait longer, in minutes.")]


class Units(msgspec.Struct):
    """Branches and departments."""

    units: list[Unit]


class Desk(msgspec.Struct):
    """A counter, room or workstation."""

    id: UUID
    unit_id: UUID
    number: int
    name: str
    active: bool


class Desks(msgspec.Struct):
    """Counters, rooms and workstations, by number."""

    desks: list[Desk]


class Queue(msgspec.Struct):
    """A line in a unit. `transfers_to`: the queues a case may be sent to from here."""

    id: UUID
    unit_id: UUID
    name: str
    color: str
    position: int
    inbox: Annotated[bool, Meta(description="No line: its cases are worked on, never called.")]
    merge: Annotated[Merge, Meta(description="How appointments stand among the others.")]
    transfers_to: list[UUID]


class Queues(msgspec.Struct):
    """Lines, in their order."""

    queues: list[Queue]


class Workspace(msgspec.Struct):
    """The queues that one agent serves together."""

    id: UUID
    unit_id: UUID
    name: str
    queue_ids: list[UUID]
    start_next: StartNext


class Workspaces(msgspec.Struct):
    """Workspaces, by name."""

    workspaces: list[Workspace]


class Field(msgspec.Struct):
    """Something a service asks of its cases."""

    id: UUID
    name: str
    slug: str
    required: bool
    position: int


class ServiceType(msgspec.Struct):
    """A finer kind of business within a service."""

    id: UUID
    number: int
    name: str
    minutes: int
    no_show_percent: int
    channels: list[Channel]
    color: str
    hidden: bool


class Service(msgspec.Struct):
    """What a unit offers; the only way into a line."""

    id: UUID
    number: int
    unit_id: UUID
    queue_id: UUID
    category_id: UUID
    category: str
    name: str
    ext_ref: str
    entry_mode: EntryMode
    needs_customer: bool
    needs_phone: bool
    needs_email: bool
    pends: Annotated[bool, Meta(description="New cases are passed over until resumed.")]
    confirms_arrival: Annotated[bool, Meta(description="A call is followed by start.")]
    priority: int
    price: Annotated[str, Meta(description="What it costs, for people to read.")]
    documents: Annotated[str, Meta(description="What to bring, a line for each thing.")]
    types: list[ServiceType]
    fields: list[Field]


class Services(msgspec.Struct):
    """What is offered, by number."""

    services: list[Service]


class Outcome(msgspec.Struct):
    """How a case can end."""

    id: UUID
    name: str
    successful: bool
    position: int


class Outcomes(msgspec.Struct):
    """How a case can end, in order."""

    outcomes: list[Outcome]


class Tag(msgspec.Struct):
    """A label that people put on cases."""

    id: UUID
    name: str
    color: str


class Tags(msgspec.Struct):
    """Labels, by name."""

    tags: list[Tag]


class Case(msgspec.Struct):
    """One matter of one customer. `version` counts everything that has happened to it."""

    id: UUID
    number: int
    version: int
    state: State
    ticket: Annotated[str, Meta(description="The number called out, such as A103.")]
    day: Annotated[date, Meta(description="The day the ticket's number belongs to.")]
    unit_id: UUID
    queue_id: UUID
    service_id: UUID
    type_id: UUID
    customer_id: UUID | None
    channel: Channel
    language: str
    priority: int
    tag_ids: list[UUID]
    opened_at: Instant
    joined_at: Instant
    state_at: Instant
    called_at: Instant | None
    started_at: Instant | None
    ended_at: Instant | None
    appointment_at: Instant | None
    back_at: Annotated[Instant | None, Meta(description="On hold: when expected again.")]
    calls: int
    desk_id: UUID | None
    agent_id: UUID | None
    assigned_to: UUID | None
    outcome_id: UUID | None
    lined: Annotated[bool, Meta(description="False: it stands in no line.")]
    status_id: UUID | None
    priority_id: UUID | None
    owner_id: UUID | None
    parent_id: UUID | None
    merged_into_id: UUID | None
    due_at: Instant | None
    escalated_at: Instant | None
    opened_by: Annotated[str, Meta(description="Who opened it, such as agent:<id>.")]


class Place(msgspec.Struct):
    """How many are before somebody; if not `counted`, there are at least that many."""

    before: int
    counted: bool


class QueuedCase(msgspec.Struct):
    """A new case, its place in the line, and where the customer follows it."""

    case: Case
    place: Place
    ticket_url: str


class Contact(msgspec.Struct):
    """What is personal in a case."""

    name: str | None
    phone: str | None
    email: str | None
    fields: Fields
    solution: str | None
    title: str | None
    description: str | None
    cc: str | None
    needs: Annotated[list[Need], Meta(description="What the place must have for them.")]


class CaseFile(msgspec.Struct):
    """A case with what is personal in it. `place` is null when it is in no line."""

    case: Case
    contact: Contact
    place: Place | None
    service: Annotated[str, Meta(description="The service's name.")]
    queue: Annotated[str, Meta(description="The queue's name.")]
    desk: Annotated[str | None, Meta(description="The desk's name, when called or served.")]
    moves: list[Verb]
    transfers_to: list[UUID]


class Note(msgspec.Struct):
    """A remark on a case."""

    id: UUID
    at: Instant
    author: str
    author_id: UUID | None
    text: str
    visibility: Visibility


class Notes(msgspec.Struct):
    """Remarks, oldest first."""

    notes: list[Note]


class File(msgspec.Struct):
    """A file on a case. While `held` it is looked through for malware, and given to nobody."""

    id: UUID
    case_id: UUID
    at: Instant
    author: str
    author_id: UUID | None
    name: str
    media_type: Annotated[str, Meta(description="Found by content, not by name.")]
    size: Annotated[int, Meta(description="Bytes.")]
    sha256: Annotated[str, Meta(description="Of the content, in hexadecimal digits.")]
    held: bool


class Files(msgspec.Struct):
    """Files on a case, oldest first."""

    files: list[File]


class Upload(msgspec.Struct):
    """A file that comes in several requests. `file_id`: it is complete, and is this file."""

    id: UUID
    case_id: UUID
    name: str
    size: int
    received: int
    expires_at: Instant
    file_id: UUID | None


class Erased(msgspec.Struct):
    """The cases in which nothing personal stands any more."""

    cases: list[Case]


class Line(msgspec.Struct):
    """Who waits, in the order of the calls. Ask again with `next` as `after` unless it is null."""

    cases: list[Case]
    next: str | None


class BoardCall(msgspec.Struct):
    """One line of a board. `here`: the person is called or being served at this moment."""

    case_id: UUID
    ticket: str
    desk: str
    called_at: Instant
    calls: int
    language: str
    here: bool


class Board(msgspec.Struct):
    """What hangs on the wall: the newest call first. No names, numbers only."""

    unit_id: UUID
    unit: str
    calls: list[BoardCall]


class NextInLine(msgspec.Struct):
    """Who would be called now, and which rule says so."""

    case: Case
    rule: Rule


class AtDesk(msgspec.Struct):
    """What an agent sees: who is here, who is next and why, who waits, what is put aside."""

    current: Case | None
    next: NextInLine | None
    waiting: list[Case]
    lengths: Annotated[dict[str, int], Meta(description="How many wait, by the queue's id.")]
    on_hold: list[Case]
    pending: list[Case]
    served: list[Case]
    missed: list[Case]


class Ticket(msgspec.Struct):
    """What the holder of a ticket sees."""

    ticket: str
    state: State
    unit: str
    service: str
    desk: str | None
    place: Place | None
    joined_at: Instant
    called_at: Instant | None
    may_leave: bool
    may_come_back: bool


class Fact(msgspec.Struct):
    """Something that happened. `version` counts the facts of its subject without holes."""

    id: UUID
    subject_id: UUID
    version: int
    kind: Annotated[str, Meta(description="What happened, such as case.called.")]
    at: Instant
    actor: Annotated[str, Meta(description="Who did it, such as agent:<id>.")]
    data: Annotated[
        msgspec.Raw,
        Meta(
            description="The subject after it and what else is told; nothing personal.",
            extra_json_schema={"type": "object"},
        ),
    ]


class FeedFact(Fact):
    """A fact with its place in the feed."""

    position: Annotated[str, Meta(description="Go on behind this fact: `after=<position>`.")]


class Feed(msgspec.Struct):
    """Facts in the order of the feed. Ask again with `next` as `after`; `more`: at once."""

    facts: list[FeedFact]
    next: str
    head: Annotated[str, Meta(description="Where the feed ended when this was answered.")]
    more: bool


class History(msgspec.Struct):
    """What happened to a case, oldest first; `more`: ask again after the last version."""

    facts: list[Fact]
    more: bool


class Token(msgspec.Struct):
    """A token for the Authorization header (RFC 6749, section 5.1)."""

    access_token: str
    token_type: Annotated[str, Meta(description="Always Bearer.")]
    expires_in: Annotated[int, Meta(description="Seconds.")]


class Me(msgspec.Struct):
    """Who is asking, and what they may do at some unit at least."""

    kind: str
    id: UUID | None
    name: str
    organization: Organization
    permissions: list[str]


class ProblemReport(msgspec.Struct):
    """What went wrong (RFC 9457). `type` says which problem; `details` what belongs to it."""

    type: str
    title: str
    status: int
    detail: str
    details: dict[str, Any]


class Attendance(msgspec.Struct):
    """Whether an agent is there. `active`: available, and has somebody in hand."""

    agent_id: UUID
    presence: Presence
    since: Instant
    unit_id: UUID | None
    workspace_id: UUID | None
    reason: Reason | None
    description: str | None
    task_id: UUID | None


class Attendances(msgspec.Struct):
    """Who works somewhere, the longest unchanged first."""

    attendances: list[Attendance]
