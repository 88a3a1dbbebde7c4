"""What hooks are asked and what they may answer; how they are asked is not known here.

A wire language puts a question into its words and reads the answer (`Words`); whoever sends
it (`Asks`) is given to the house. Neither is known to an action.
"""

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from nowserving.cases.case import Case, Details
from nowserving.kit.problems import Invalid
from nowserving.people.actor import Actor
from nowserving.people.staff import Agent
from nowserving.places.directory import Directory
from nowserving.places.endpoints import Endpoint
from nowserving.places.hooks import Asking, Hook, HookKind

Changes = Mapping[str, Any]
"""What a hook wants to be otherwise, by the names in `MAY_CHANGE`; None takes a value away."""

_PERSON = frozenset({"customer_id", "use_customer_contact", "name", "phone", "email"})
_ALWAYS = frozenset({"fields", "tag_ids"}) | _PERSON
_BEFORE_IT_IS = frozenset({"type_id", "channel", "language"})

MAY_CHANGE: Mapping[HookKind, frozenset[str]] = {
    HookKind.QUEUE_UP: _ALWAYS | _BEFORE_IT_IS | {"pends", "priority"},
    HookKind.BOOK: _ALWAYS | _BEFORE_IT_IS,
    HookKind.MOVE: _ALWAYS,
    HookKind.CHECK_IN: _ALWAYS,
    HookKind.RESOLVE: _ALWAYS,
}
"""What may be changed before each act. Afterwards nobody changes a type or a channel."""

WITHIN_HEADER = "Nowserving-Within"
"""What is sent to a hook in this header goes along with what it asks of us in between."""

WITHIN: ContextVar[str | None] = ContextVar("within", default=None)
"""What the request at hand says of the question it was sent in answer to; see `before.py`."""


@dataclass(frozen=True, slots=True)
class Seat:
    """The time of an appointment: minutes after midnight on the unit's wall.

    `staff_only`: its holder cannot check in alone.
    """

    day: date
    index: int
    start: int
    minutes: int
    starts_at: datetime
    staff_only: bool


@dataclass(frozen=True, slots=True)
class AboutCase:
    """A case as it will be, or, before it is resolved, as it stands.

    `before`: the time it has now, where it is about to get another.
    """

    case: Case
    details: Details
    seat: Seat | None = None
    before: Seat | None = None


@dataclass(frozen=True, slots=True)
class AboutArrival:
    """Somebody has typed at a kiosk who they are, and their appointments are wanted."""

    unit_id: UUID
    kiosk_id: UUID | None
    customer: str
    language: str


@dataclass(frozen=True, slots=True)
class ManyCustomers:
    """Customers to whom a text fits, `most` of them, from a place of their list on.

    `table`: not customers, but records of the organization's own table with this slug.
    """

    text: str
    most: int
    after: str | None = None
    table: str | None = None


@dataclass(frozen=True, slots=True)
class OneCustomer:
    """The customer of whom one field has a value; `table` as above."""

    field: str
    value: str
    table: str | None = None


@dataclass(frozen=True, slots=True)
class RemoteCustomer:
    """The customer whom the other system calls so; `table` as above."""

    remote_id: str
    table: str | None = None


@dataclass(frozen=True, slots=True)
class Sms:
    """A text for a phone. `case_id`: about which case."""

    phone: str
    text: str
    case_id: UUID | None
    language: str


About = AboutCase | AboutArrival | ManyCustomers | OneCustomer | RemoteCustomer | Sms


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of one or more hooks. Its id is the same for all of them.

    `agent` is the actor, if that is one of the staff. `key` is the idempotency key of whoever
    wants something; `within` goes along with whatever a hook asks of us before it answers.
    """

    kind: HookKind
    id: UUID
    at: datetime
    about: About
    actor: Actor
    directory: Directory
    agent: Agent | None = None
    key: str | None = None
    within: str = ""
    dry_run: bool = False

    @property
    def case_id(self) -> UUID | None:
        """The case it is about."""
        if isinstance(self.about, AboutCase):
            return self.about.case.id
        return self.about.case_id if isinstance(self.about, Sms) else None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a hook has to say before something is done.

    `texts`: why it refuses, by language. `unread` names changes that make no sense.
    """

    allows: bool = True
    reason: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    changes: Changes = field(default_factory=dict)
    unread: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Record:
    """A customer as another system keeps them: values by the names or ids of its fields."""

    remote_id: str
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Records:
    """What was found elsewhere, and where the list goes on."""

    records: tuple[Record, ...] = ()
    next: str | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of asking one hook: what it said, or why it said nothing that counts.

    `off`: it was not to be asked at all, since what it stands below is switched off. Then it
    has no say, whatever its silence means otherwise.
    """

    hook: Hook
    said: Any = None
    failed: str | None = None
    asking: Asking | None = None
    off: bool = False

    @property
    def verdict(self) -> Verdict | None:
        """What it has to say before something is done; None: nothing that counts."""
        if self.off:
            return Verdict()
        return self.said if isinstance(self.said, Verdict) else None


@dataclass(frozen=True, slots=True)
class Post:
    """A question in somebody's words."""

    url: str
    body: bytes
    headers: Mapping[str, str]


class Unreadable(Exception):
    """The answer makes no sense, or is no answer; the text says why, and nothing personal."""


class Words(Protocol):
    """One wire language, as far as hooks are asked in it."""

    kinds: frozenset[HookKind]
    """What can be asked in it."""

    below_endpoint: bool
    """Are all hooks asked below the address of one endpoint?"""

    def secret(self) -> str:
        """A new secret, in the form this language wants."""

    def settings(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The settings of a hook, checked; Invalid if they are none of this language's."""

    def say(
        self,
        question: Question,
        hook: Hook,
        *,
        endpoint: Endpoint | None,
        secrets: Sequence[str],
        until: datetime,
    ) -> Post:
        """The question, for one hook that has to answer before an instant."""

    def read(self, question: Question, status: int, body: bytes) -> Any:
        """What was answered: a `Verdict`, `Records`, or nothing. Raises Unreadable."""


class Asks(Protocol):
    """Whoever puts questions to hooks."""

    languages: Mapping[str, Words]

    def check_url(self, url: str) -> None:
        """Invalid, with the reason, if nobody may be asked at this address."""

    async def ask(self, hooks: Sequence[Hook], question: Question) -> list[Heard]:
        """Ask them all at once and wait, each for its time; answers in the order of `hooks`."""

    def note(self, done: Sequence[Asking]) -> None:
        """Have it written down what came of it, at leisure."""


class NobodyAsks:
    """Stands where there is no way out: whoever is asked does not answer."""

    languages: Mapping[str, Words] = {}

    def check_url(self, url: str) -> None:
        """Nowhere."""
        raise Invalid(field="url", reason="nobody can be asked here")

    async def ask(self, hooks: Sequence[Hook], question: Question) -> list[Heard]:
        """Say that nobody could be asked."""
        return [Heard(hook, failed="nobody can be asked here") for hook in hooks]

    def note(self, done: Sequence[Asking]) -> None:
        """There is nothing to write down."""
