"""What a service asks of whoever books, and of whoever arrives."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from nowserving.bookings.template import Template
from nowserving.kit.problems import Blame, Invalid, Problem


class OutsideWindow(Problem):
    """This day cannot be booked now: it is too early, too late, or booking is closed."""


class TooShortNotice(Problem):
    """This time is too near to be booked."""


class NotYourCalendar(Problem):
    """This calendar is kept by somebody else."""

    blame = Blame.FORBIDDEN


class TooEarlyToCheckIn(Problem):
    """It is too early to check in for this appointment."""


class TooLateToCheckIn(Problem):
    """It is too late to check in for this appointment."""


class CheckInAtDesk(Problem):
    """Please check in with the staff for this appointment."""


class Numbering(StrEnum):
    """When the ticket of an appointment gets its number."""

    AT_BOOKING = "at_booking"
    ON_ARRIVAL = "on_arrival"


class Punctuality(StrEnum):
    """How somebody who arrives stands to their time."""

    TOO_EARLY = "too_early"
    IN_TIME = "in_time"
    LATE = "late"
    TOO_LATE = "too_late"


@dataclass(frozen=True, slots=True)
class Window:
    """How many days ahead may be booked, from the first to the last; 0 is today."""

    active: bool = True
    first_day: int = 0
    last_day: int = 90

    def __post_init__(self) -> None:
        """Invalid unless it begins before it ends."""
        if not 0 <= self.first_day <= self.last_day <= 3660:
            raise Invalid(field="window", reason="0 <= first_day <= last_day <= 3660")

    def reaches(self, day: date, today: date) -> bool:
        """Does a day lie within it, seen from today?"""
        return self.first_day <= (day - today).days <= self.last_day


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one service; minutes where nothing else is said.

    `notice`: how long before it a time of the same day may be booked at the latest. `step`:
    slots begin each so many minutes (None: one after the other). Check-in: from `early` before
    the time, `late` after it one counts from one's arrival and not from the booked time, and
    `too_late` after it one is sent away; an override lets in whoever came. `no_show`: so long
    after its time an appointment that nobody came to is over (None: never by itself).
    `compensates`: more are booked than fit, by the expected share that does not come, at most
    `overbooked` for each calendar and day. `anonymous`: agents may book in calendars that are
    nobody's.
    """

    agents: Window = Window()
    public: Window = Window(last_day=30)
    notice: int = 0
    step: int | None = None
    early: int = 30
    late: int = 10
    too_late: int = 30
    no_show: int | None = 60
    compensates: bool = False
    overbooked: int = 0
    anonymous: bool = True
    held_for: int = 10
    numbering: Numbering = Numbering.AT_BOOKING

    def __post_init__(self) -> None:
        """Invalid where a length is none."""
        for name in ("notice", "early", "late", "too_late", "overbooked"):
            if not 0 <= getattr(self, name) <= 100_000:
                raise Invalid(field=name, reason="0 to 100000")
        if self.step is not None and not 1 <= self.step <= 1440:
            raise Invalid(field="step", reason="1 to 1440 minutes")
        if self.no_show is not None and not 1 <= self.no_show <= 100_000:
            raise Invalid(field="no_show", reason="1 to 100000 minutes")
        if not 1 <= self.held_for <= 120:
            raise Invalid(field="held_for", reason="1 to 120 minutes")
        if self.late > self.too_late:
            raise Invalid(field="late", reason="not after too_late")

    def window(self, *, public: bool) -> Window:
        """The window that counts for somebody."""
        return self.public if public else self.agents

    def check_day(self, day: date, today: date, *, public: bool) -> None:
        """OutsideWindow unless the day can be booked today."""
        window = self.window(public=public)
        if not window.active or not window.reaches(day, today):
            raise OutsideWindow(
                day=day,
                first_day=today + timedelta(days=window.first_day),
                last_day=today + timedelta(days=window.last_day),
            )

    def check_notice(self, starts_at: datetime, now: datetime, *, same_day: bool) -> None:
        """TooShortNotice unless there is time enough until then."""
        if starts_at < self.earliest(now, same_day=same_day):
            raise TooShortNotice(minutes=self.notice)

    def earliest(self, now: datetime, *, same_day: bool) -> datetime:
        """The first instant that can be booked on a day that is, or is not, today."""
        return now + timedelta(minutes=self.notice) if same_day else now

    def punctuality(self, starts_at: datetime, now: datetime) -> Punctuality:
        """How somebody who arrives now stands to their time."""
        if now < starts_at - timedelta(minutes=self.early):
            return Punctuality.TOO_EARLY
        if now <= starts_at + timedelta(minutes=self.late):
            return Punctuality.IN_TIME
        if now <= starts_at + timedelta(minutes=self.too_late):
            return Punctuality.LATE
        return Punctuality.TOO_LATE

    def check_arrival(self, starts_at: datetime, now: datetime) -> None:
        """TooEarlyToCheckIn or TooLateToCheckIn outside of the window for checking in."""
        found = self.punctuality(starts_at, now)
        if found is Punctuality.TOO_EARLY:
            raise TooEarlyToCheckIn(starts_at=starts_at, minutes=self.early)
        if found is Punctuality.TOO_LATE:
            raise TooLateToCheckIn(starts_at=starts_at, minutes=self.too_late)


@dataclass(frozen=True, slots=True)
class Plan:
    """How times of a service are booked: the template of its days, and its rules."""

    organization_id: UUID
    service_id: UUID
    template: Template
    rules: Rules
    changed_at: datetime
