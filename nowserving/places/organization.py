"""An organization and its tree of units."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from nowserving.kit.problems import Problem

POST_FOR = timedelta(hours=14)
"""How long somebody who sat down counts as sitting there: longer than any day's work."""


@dataclass(frozen=True, slots=True)
class Organization:
    """A tenant; nothing crosses it.

    `slug` stands in public addresses. `country` (ISO 3166 alpha-2) completes phone numbers
    given without a country. `languages` are BCP 47 tags; the first is the default.
    `tracks_attendance`: agents clock in and out, and must be there to work on cases.
    """

    id: UUID
    number: int
    slug: str
    name: str
    languages: tuple[str, ...]
    time_zone: str
    country: str
    created_at: datetime
    tracks_attendance: bool = False

    @property
    def language(self) -> str:
        """The default language."""
        return self.languages[0]

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of what belongs to no unit."""
        return ZoneInfo(self.time_zone)


@dataclass(frozen=True, slots=True)
class Unit:
    """A branch or department. Its time zone decides days, hours and when numbers start again.

    `ext_ref`: what another system calls it; `type_id`: a code of the kind unit type;
    `wait_target`: nobody should wait longer than so many minutes.
    """

    organization_id: UUID
    id: UUID
    number: int
    parent_id: UUID | None
    name: str
    time_zone: str
    address: str = ""
    archived: bool = False
    ext_ref: str = ""
    type_id: UUID | None = None
    wait_target: int = 15

    @property
    def zone(self) -> ZoneInfo:
        """The unit's time zone."""
        return ZoneInfo(self.time_zone)


class DeskInactive(Problem):
    """This desk is not in use."""


@dataclass(frozen=True, slots=True)
class Desk:
    """A counter, room or workstation where people are served."""

    organization_id: UUID
    id: UUID
    unit_id: UUID
    number: int
    name: str
    active: bool = True


@dataclass(frozen=True, slots=True)
class DeskPost:
    """Who sits at a desk. One desk has at most one agent."""

    organization_id: UUID
    desk_id: UUID
    agent_id: UUID
    since: datetime

    def held(self, now: datetime) -> bool:
        """Does somebody sit there still? Not everybody who goes home says so."""
        return now - self.since < POST_FOR


class WhyLeft(StrEnum):
    """How it came that somebody sits at a desk no more.

    `GOT_UP`: they left it; `CHANGED_DESK`: they took another one; `CLOCKED_OUT`, `SIGNED_OUT`:
    they went home, or their sessions were ended; `TAKEN_OVER`: a colleague took it by force;
    `GONE`: they sat down so long ago that they must have gone.
    """

    GOT_UP = "got_up"
    CHANGED_DESK = "changed_desk"
    CLOCKED_OUT = "clocked_out"
    SIGNED_OUT = "signed_out"
    TAKEN_OVER = "taken_over"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class BackOfficeTask:
    """What an agent does who is there and takes nobody."""

    organization_id: UUID
    id: UUID
    name: str
    archived: bool = False
