"""What a unit offers, and the lines people wait in for it."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from nowserving.kit.problems import Blame, Problem


class Channel(StrEnum):
    """How customer and agent meet."""

    FACE_TO_FACE = "face_to_face"
    VIDEO = "video"
    PHONE = "phone"
    CHAT = "chat"


class EntryMode(StrEnum):
    """How a case of a service begins."""

    WALK_IN = "walk_in"
    APPOINTMENT = "appointment"


class StartNext(StrEnum):
    """What becomes of the cases at hand when the next one is called (reference/cubu.md 2.3).

    `AUTO` and `CLOSE_ACTIVE_TABS` settle them first where the caller asks for that.
    """

    AUTO = "auto"
    CLOSE_ACTIVE_TABS = "close_active_tabs"
    ADD_TAB = "add_tab"


class Merge(StrEnum):
    """How people with an appointment stand among those without, in one queue.

    They reach the front at their time; or they count as waiting from their time on; or one
    of them is called for each one without.
    """

    ON_TIME = "on_time"
    FROM_TIME = "from_time"
    INTERLEAVED = "interleaved"


class StandsInNoLine(Problem):
    """Cases of this service stand in no line; open one instead."""


class StandsInLine(Problem):
    """Cases of this service stand in a line; take a number instead."""


class NotWalkIn(Problem):
    """This service takes appointments only; nobody can queue up for it."""


class NotByAppointment(Problem):
    """Nobody can book a time for this service."""


class TypeNotOffered(Problem):
    """This service does not offer that service type."""

    blame = Blame.INPUT


class ChannelNotOffered(Problem):
    """The service type is not offered over this channel."""

    blame = Blame.INPUT


class LanguageNotOffered(Problem):
    """The organization does not work in this language."""

    blame = Blame.INPUT


class CustomerRequired(Problem):
    """This service needs to know who the customer is."""

    blame = Blame.INPUT


class PhoneRequired(Problem):
    """This service needs a phone number."""

    blame = Blame.INPUT


class EmailRequired(Problem):
    """This service needs an e-mail address."""

    blame = Blame.INPUT


class FieldRequired(Problem):
    """A field that this service needs is missing."""

    blame = Blame.INPUT


@dataclass(frozen=True, slots=True)
class Field:
    """Something a category of business asks of its cases."""

    organization_id: UUID
    id: UUID
    category_id: UUID
    name: str
    slug: str
    required: bool
    position: int
    archived: bool = False


@dataclass(frozen=True, slots=True)
class Tag:
    """A label that people put on cases."""

    organization_id: UUID
    id: UUID
    name: str
    color: str


@dataclass(frozen=True, slots=True)
class ServiceCategory:
    """A kind of business, in the whole organization."""

    organization_id: UUID
    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class ServiceType:
    """A finer kind of business: how long it takes, how often nobody comes, over which channels."""

    organization_id: UUID
    id: UUID
    category_id: UUID
    number: int
    name: str
    minutes: int
    no_show_percent: int
    channels: tuple[Channel, ...]
    color: str
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Series:
    """How the tickets of a service are numbered.

    Numbers run from `first` to `last` and then start again; they also start again each day
    at `reset_minute` (minutes after midnight in the unit's zone).
    """

    prefix: str
    suffix: str
    first: int
    last: int
    reset_minute: int

    def number(self, sequence: int) -> int:
        """The number on the `sequence`-th ticket of a day, counted from 1."""
        return self.first + (sequence - 1) % (self.last - self.first + 1)


@dataclass(frozen=True, slots=True)
class Service:
    """What a unit offers; the only way into a line.

    `confirms_arrival`: a called person is first *called*, and *active* when they stand at
    the desk; otherwise a call starts the service at once. `pends`: new cases start pending.
    `price` and `documents` are for people to read: what it costs, and what to bring, a line each.
    """

    organization_id: UUID
    id: UUID
    number: int
    unit_id: UUID
    category_id: UUID
    queue_id: UUID
    name: str
    ext_ref: str
    entry_mode: EntryMode
    needs_customer: bool
    needs_phone: bool
    needs_email: bool
    pends: bool
    confirms_arrival: bool
    priority: int
    prefix: str
    suffix: str
    first_number: int
    last_number: int
    reset_minute: int
    archived: bool = False
    price: str = ""
    documents: str = ""

    @property
    def to_bring(self) -> list[str]:
        """What to bring, thing by thing."""
        return [line.strip() for line in self.documents.splitlines() if line.strip()]

    @property
    def series(self) -> Series:
        """How this service's tickets are numbered."""
        return Series(
            self.prefix, self.suffix, self.first_number, self.last_number, self.reset_minute
        )


@dataclass(frozen=True, slots=True)
class Queue:
    """A line in a unit. An `inbox` is none: its cases are worked on from a list, never called."""

    organization_id: UUID
    id: UUID
    unit_id: UUID
    name: str
    color: str
    position: int
    archived: bool = False
    inbox: bool = False
    merge: Merge = Merge.ON_TIME


@dataclass(frozen=True, slots=True)
class Route:
    """An allowed transfer from one queue to another."""

    organization_id: UUID
    from_queue_id: UUID
    to_queue_id: UUID


@dataclass(frozen=True, slots=True)
class Workspace:
    """The queues that one agent serves together."""

    organization_id: UUID
    id: UUID
    unit_id: UUID
    name: str
    queue_ids: tuple[UUID, ...]
    start_next: StartNext = StartNext.AUTO


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a case can end: well or not, in the words of the organization."""

    organization_id: UUID
    id: UUID
    name: str
    successful: bool
    position: int
