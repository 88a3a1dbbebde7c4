"""Who is at work, and whether they can take somebody: attendance (reference/cubu.md 1.10)."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from nowserving.kit.problems import Blame, Invalid, Problem
from nowserving.kit.texts import kept

DESCRIPTION_AT_MOST = 200
"""Characters of an explanation (reference/cubu.md 2.3)."""


class Presence(StrEnum):
    """Whether an agent is there and free; `ACTIVE` while they have somebody in hand."""

    AWAY = "away"
    AVAILABLE = "available"
    ACTIVE = "active"
    UNAVAILABLE = "unavailable"


class Reason(StrEnum):
    """Why an agent who is there takes nobody."""

    BREAK = "break"
    MEETING = "meeting"
    BACK_OFFICE = "back_office"
    OTHER = "other"


class Leaving(StrEnum):
    """Why an agent goes."""

    END_OF_SHIFT = "end_of_shift"
    OTHER = "other"


class NotTracked(Problem):
    """This organization does not keep attendance."""

    blame = Blame.FORBIDDEN


class ClockInFirst(Problem):
    """Clock in before you work on cases."""


class AlreadyThere(Problem):
    """You have clocked in already."""


class NotThere(Problem):
    """You have not clocked in."""


class CannotPause(Problem):
    """Only who is available or unavailable can become unavailable."""


class NotPaused(Problem):
    """Only who is unavailable can become available."""


class NoUnitChosen(Problem):
    """Choose a unit to work in first."""


class NoWorkspaceChosen(Problem):
    """Choose a workspace to work in first."""


@dataclass(frozen=True, slots=True)
class Attendance:
    """Where an agent works and whether they are there. `version` counts its changes from 1.

    `description` explains a reason in the agent's own words and never goes into a fact.
    """

    organization_id: UUID
    agent_id: UUID
    version: int
    presence: Presence
    since: datetime
    unit_id: UUID | None = None
    workspace_id: UUID | None = None
    reason: Reason | None = None
    description: str | None = None
    task_id: UUID | None = None

    def seen(self, *, busy: bool) -> Presence:
        """How it shows: an available agent who has somebody in hand is active."""
        available = self.presence is Presence.AVAILABLE
        return Presence.ACTIVE if available and busy else self.presence


def unknown(organization_id: UUID, agent_id: UUID, since: datetime) -> Attendance:
    """An agent of whom nothing is written yet: away, and nowhere."""
    return Attendance(organization_id, agent_id, 0, Presence.AWAY, since)


def clocked_in(seen: Attendance, now: datetime, *, unit_id: UUID) -> Attendance:
    """The agent there and available, in a unit; AlreadyThere if they were not away."""
    if seen.presence is not Presence.AWAY:
        raise AlreadyThere(agent=seen.agent_id)
    to = _now(seen, Presence.AVAILABLE, now)
    same = seen.unit_id == unit_id
    return replace(to, unit_id=unit_id, workspace_id=seen.workspace_id if same else None)


def clocked_out(seen: Attendance, now: datetime) -> Attendance:
    """The agent away; NotThere if they were."""
    if seen.presence is Presence.AWAY:
        raise NotThere(agent=seen.agent_id)
    return _now(seen, Presence.AWAY, now)


def paused(
    seen: Attendance,
    now: datetime,
    *,
    busy: bool,
    reason: Reason,
    description: str | None,
    task_id: UUID | None,
) -> Attendance:
    """The agent there but unavailable, or so for another reason.

    Raises CannotPause for who is away or has somebody in hand; Invalid where the reason
    needs a description or a task.
    """
    if seen.seen(busy=busy) not in (Presence.AVAILABLE, Presence.UNAVAILABLE):
        raise CannotPause(agent=seen.agent_id)
    if reason is Reason.BACK_OFFICE and task_id is None:
        raise Invalid(field="task_id", reason="needed for back office work")
    return replace(
        _now(seen, Presence.UNAVAILABLE, now),
        reason=reason,
        description=explained(description, needed=reason is Reason.OTHER),
        task_id=task_id if reason is Reason.BACK_OFFICE else None,
    )


def back(seen: Attendance, now: datetime) -> Attendance:
    """The agent available again; NotPaused if they were not unavailable."""
    if seen.presence is not Presence.UNAVAILABLE:
        raise NotPaused(agent=seen.agent_id)
    return _now(seen, Presence.AVAILABLE, now)


def placed(seen: Attendance, **where: Any) -> Attendance:
    """The agent in another unit or workspace, there or not as before."""
    return replace(seen, version=seen.version + 1, **where)


def explained(description: str | None, *, needed: bool) -> str | None:
    """An explanation as it is kept; Invalid if it is too long, or needed and missing."""
    text = (description or "").strip()
    if needed and not text:
        raise Invalid(field="description", reason="needed for another reason")
    return kept(text, field="description", at_most=DESCRIPTION_AT_MOST) if text else None


def _now(seen: Attendance, presence: Presence, now: datetime) -> Attendance:
    return replace(
        seen,
        version=seen.version + 1,
        presence=presence,
        since=now,
        reason=None,
        description=None,
        task_id=None,
    )
