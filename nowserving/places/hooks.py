"""Who is asked before something is done: an address in a wire language, and what its silence means.

A hook is asked and waited for, unlike an endpoint, which is told afterwards. It may change
what is about to be done, and refuse it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from nowserving.kit.problems import Blame, Problem
from nowserving.places.secrets import signing

SECONDS = 2.0
"""How long a hook is waited for, unless it says otherwise."""

SECONDS_AT_MOST = 5.0
"""How long anybody waits for hooks, however many there are."""


class HookKind(StrEnum):
    """What a hook is asked before, or asked for."""

    QUEUE_UP = "queue_up"
    BOOK = "book"
    MOVE = "move"
    CHECK_IN = "check_in"
    RESOLVE = "resolve"
    APPOINTMENTS = "appointments"
    CUSTOMERS = "customers"
    SMS = "sms"


ABOUT_CASE = frozenset(
    {HookKind.QUEUE_UP, HookKind.BOOK, HookKind.MOVE, HookKind.CHECK_IN, HookKind.RESOLVE}
)
"""Those that are asked before something is done to a case."""


class OnFailure(StrEnum):
    """What happens when a hook cannot be asked or does not answer as it should."""

    ALLOW = "allow"
    DENY = "deny"


class HookState(StrEnum):
    """Is a hook asked?"""

    ACTIVE = "active"
    DISABLED = "disabled"


class HookRefused(Problem):
    """A connected system has refused this."""

    def said(self, language: str) -> str:
        """Its reason in a language, else in the one it has given first; empty if there is none."""
        texts = self.details.get("texts")
        wanted = _base(language)
        for tag, text in texts.items() if isinstance(texts, Mapping) else ():
            if _base(str(tag)) == wanted:
                return str(text)
        return str(self.details.get("reason") or "")


def _base(tag: str) -> str:
    return tag.replace("_", "-").partition("-")[0].lower()


class NotConfirmed(Problem):
    """A connected system has to agree to this first, and does not answer at the moment."""


class NotSent(Problem):
    """The message could not be sent."""


class NoSms(Problem):
    """Nothing is set up that could send text messages."""


class NoSuchHook(Problem):
    """Hooks of this kind are not asked in this language."""

    blame = Blame.INPUT


@dataclass(frozen=True, slots=True)
class Hook:
    """An address that is asked, in one wire language.

    `url` is the whole address; None for a language whose hooks are all asked below the
    address of one endpoint, `endpoint_id`, and signed as it is. `unit_ids` and `service_ids`
    narrow down when it is asked (None: always). Secrets and `headers` (JSON of names and
    values) are encrypted; the old secret signs beside the new one until `old_secret_until`.
    `settings` belong to the language.
    """

    organization_id: UUID
    id: UUID
    kind: HookKind
    dialect: str
    name: str
    url: str | None
    endpoint_id: UUID | None
    created_at: datetime
    unit_ids: tuple[UUID, ...] | None = None
    service_ids: tuple[UUID, ...] | None = None
    on_failure: OnFailure = OnFailure.ALLOW
    milliseconds: int = int(SECONDS * 1000)
    secret: bytes | None = None
    old_secret: bytes | None = None
    old_secret_until: datetime | None = None
    headers: bytes | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    state: HookState = HookState.ACTIVE
    version: int = 1

    @property
    def seconds(self) -> float:
        """How long it is waited for."""
        return min(self.milliseconds / 1000, SECONDS_AT_MOST)

    def wants(self, unit_id: UUID | None, service_id: UUID | None) -> bool:
        """Is it asked here? None: it is not known where, or it is of no matter."""
        at_unit = None in (self.unit_ids, unit_id) or unit_id in (self.unit_ids or ())
        of_service = None in (self.service_ids, service_id) or service_id in (
            self.service_ids or ()
        )
        return at_unit and of_service

    def secrets(self, now: datetime) -> list[bytes]:
        """The encrypted secrets that sign at this moment, the newest first."""
        return signing(self.secret, self.old_secret, self.old_secret_until, now)


class Outcome(StrEnum):
    """What came of asking a hook."""

    AGREED = "agreed"
    CHANGED = "changed"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Asking:
    """One time that a hook was asked, and what came of it.

    `dropped` names changes that it wanted and that would not do. `response` is the beginning
    of its answer.
    """

    organization_id: UUID
    hook_id: UUID
    id: UUID
    kind: HookKind
    case_id: UUID | None
    at: datetime
    microseconds: int
    outcome: Outcome
    status: int | None = None
    error: str | None = None
    response: str | None = None
    dropped: tuple[str, ...] = ()
    dry_run: bool = False
