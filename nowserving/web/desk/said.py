"""What the desk says when something has been done, and what takes it back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from nowserving.actions.attendance import Present
from nowserving.cases.case import Case
from nowserving.people.attendance import Presence, Reason
from nowserving.places.directory import Directory
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
    "come": N_("You have clocked in."),
    "pause": N_("You take nobody for now."),
    "back": N_("You take people again."),
}
ALONE = frozenset({"nobody", "come", "pause", "back"})
"""What is about no case."""

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


PRESENCES: Mapping[Presence, str] = {
    Presence.AWAY: N_("Not at work"),
    Presence.AVAILABLE: N_("Available"),
    Presence.ACTIVE: N_("Serving"),
    Presence.UNAVAILABLE: N_("Unavailable"),
}
REASONS: Mapping[Reason, str] = {
    Reason.BREAK: N_("Break"),
    Reason.MEETING: N_("Meeting"),
    Reason.BACK_OFFICE: N_("Back office"),
    Reason.OTHER: N_("Unavailable"),
}


@dataclass(frozen=True, slots=True)
class Own:
    """An agent's own state, as the desk shows it where attendance is kept."""

    present: Present

    @property
    def away(self) -> bool:
        """Are they not at work?"""
        return self.present.presence is Presence.AWAY

    @property
    def serving(self) -> bool:
        """Have they somebody in hand?"""
        return self.present.presence is Presence.ACTIVE

    @property
    def takes(self) -> bool:
        """Are they there for whoever is next?"""
        return self.present.presence in (Presence.AVAILABLE, Presence.ACTIVE)

    @property
    def since(self) -> datetime:
        """Since when it is so."""
        return self.present.attendance.since

    @property
    def version(self) -> int:
        """Which state it is, counted."""
        return self.present.attendance.version

    @property
    def return_verb(self) -> str:
        """What makes them take people."""
        return "come" if self.away else "back"

    def return_text(self, say: Speech) -> str:
        """What the button says that makes them take people."""
        return say("Clock in") if self.away else say("Take people again")

    def reason(self, reason: str, say: Speech) -> str:
        """The name of a reason."""
        return say(REASONS[Reason(reason)])

    def text(self, say: Speech, directory: Directory) -> str:
        """The state in a word or two."""
        one = self.present.attendance
        if one.reason is None:
            return say(PRESENCES[self.present.presence])
        task = directory.tasks.get(one.task_id) if one.task_id else None
        return task.name if task else one.description or say(REASONS[one.reason])
