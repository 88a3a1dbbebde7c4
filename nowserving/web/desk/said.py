"""What the desk says when something has been done, and what takes it back."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from nowserving.cases.case import Case
from nowserving.web.speech import Speech
from nowserving.web.words import N_

SAID: Mapping[str, str] = {
    "nobody": N_("Nobody is waiting."),
    "call": N_("%(ticket)s is called."),
    "call_again": N_("%(ticket)s is called again."),
    "undo_call": N_("The call of %(ticket)s is taken back."),
    "start": N_("%(ticket)s is being served."),
    "hold": N_("%(ticket)s is on hold."),
    "return": N_("%(ticket)s is back in the line."),
    "transfer": N_("%(ticket)s is sent on."),
    "resolve": N_("%(ticket)s is done."),
    "miss": N_("%(ticket)s did not come."),
    "reopen": N_("%(ticket)s is back in the line."),
    "resume": N_("%(ticket)s waits again."),
    "pend": N_("%(ticket)s is passed over for now."),
    "note": N_("Note on %(ticket)s saved."),
}
UNDO: Mapping[str, str] = {"call": "undo_call", "miss": "reopen", "resolve": "reopen"}


@dataclass(frozen=True, slots=True)
class Said:
    """Something was done to a case; or, without a case, there was nothing to do."""

    what: str
    case: Case | None = None

    def text(self, say: Speech) -> str:
        """The sentence people read."""
        ticket = str(self.case.ticket) if self.case else ""
        return say(SAID[self.what]) % {"ticket": ticket}

    @property
    def shows(self) -> bool:
        """Can everybody see it on the desk itself, so that saying it is enough?"""
        return self.what in ("start", "call_again")

    @property
    def undo(self) -> str | None:
        """The move that takes it back."""
        return UNDO.get(self.what) if self.case else None


@dataclass(frozen=True, slots=True)
class Gone:
    """A colleague has changed the case that was on this desk."""

    case_id: UUID
    ticket: str
    kind: str
    by: str
