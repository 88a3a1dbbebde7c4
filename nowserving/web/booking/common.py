"""What the steps of a booking have in common: language, pace, mistakes, kept times."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from nowserving.actions.booking_times import Offered
from nowserving.actions.doorway import doorway
from nowserving.bookings.appointment import Hold
from nowserving.bookings.calendar import CalendarClosed, HoldGone, SlotTaken
from nowserving.bookings.rules import OutsideWindow, TooShortNotice
from nowserving.bookings.wall import instant_at
from nowserving.kit.http import AnyRequest, address_of
from nowserving.kit.pace import Pace
from nowserving.kit.problems import Invalid, NotFound, Problem
from nowserving.places.hooks import HookRefused
from nowserving.places.needs import NotSuited
from nowserving.places.organization import Organization
from nowserving.places.services import EmailRequired, FieldRequired, PhoneRequired
from nowserving.web import words
from nowserving.web.booking.offers import Slot
from nowserving.web.speech import LANGUAGES, Speech, base_of
from nowserving.web.words import N_

HELD_FOR = 5
"""Minutes for which a chosen time is kept."""

STEPS_A_MINUTE = 30
"""How often one address may hold, book, move or call off."""

LOST = (SlotTaken, HoldGone, CalendarClosed, OutsideWindow, TooShortNotice, NotSuited)
"""A time that cannot be had any more."""

NOON = 12 * 60

UNREADABLE = {
    "slot": (N_("Choose a time."), ""),
    "day": (N_("This is not a day."), ""),
    "phone": (N_("This is not a phone number."), words.ADVICE[PhoneRequired]),
    "email": (N_("This is not an e-mail address."), words.ADVICE[EmailRequired]),
}


@dataclass(frozen=True, slots=True)
class Mistake:
    """What happened, how to mend it, and the input that it is about, if it is about one."""

    what: str
    advice: str
    field: str


def mistake_of(say: Speech, problem: Problem | None) -> Mistake | None:
    """A problem as the page tells it."""
    if problem is None:
        return None
    field = str(problem.details.get("field", ""))
    if isinstance(problem, FieldRequired):
        return Mistake(
            say("Something is missing."), str(problem.details.get("name", "")), f"field-{field}"
        )
    if isinstance(problem, HookRefused):
        return Mistake(words.problem(say, problem), "", "")
    if isinstance(problem, LOST):
        return Mistake(words.problem(say, problem), say("Choose another time."), "times")
    if type(problem) is Invalid and field in UNREADABLE:
        what, advice = UNREADABLE[field]
        return Mistake(say(what), say(advice), "times" if field == "slot" else field)
    return Mistake(words.problem(say, problem), words.advice(say, problem), field)


@dataclass(frozen=True, slots=True)
class Time:
    """A time on the unit's clock, as the page names it."""

    slot: Slot
    at: datetime
    day: str
    clock: str


def time_of(say: Speech, slot: Slot, at: datetime, zone: ZoneInfo) -> Time:
    """A time in words."""
    return Time(slot, at, say.date(at, zone), say.time(at, zone))


@dataclass(frozen=True, slots=True)
class Times:
    """What can be chosen, in words: the first, the week, and the day by halves."""

    offered: Offered
    earliest: Time | None
    week: Sequence[tuple[str, str, str, bool]]
    halves: Sequence[tuple[str, Sequence[Time]]]
    day: str
    before: str
    after: str


def times_of(say: Speech, offered: Offered, zone: ZoneInfo) -> Times:
    """What can be chosen, in words. A day of the week: date, name, what is free, is it shown?"""

    def named(one: Any) -> Time:
        return time_of(say, Slot(one.calendar.id, one.start), one.starts_at, zone)

    week = []
    for day, times in offered.days:
        free = say("nothing free")
        if times:
            clock = say.time(times[0].starts_at, zone)
            free = say.many(
                "%(num)s free, from %(time)s", "%(num)s free, from %(time)s", len(times), time=clock
            )
        shown = day == offered.day
        at = instant_at(day, NOON, zone)
        week.append((day.isoformat() if times else "", say.short_date(at, zone), free, shown))
    halves = [
        (say("Morning"), [named(one) for one in offered.times if one.start < NOON]),
        (say("Afternoon"), [named(one) for one in offered.times if one.start >= NOON]),
    ]
    monday = offered.days[0][0]
    before, after = monday - timedelta(days=1), monday + timedelta(days=7)
    return Times(
        offered,
        None if offered.earliest is None else named(offered.earliest),
        week,
        [half for half in halves if half[1]],
        say.date(instant_at(offered.day, NOON, zone), zone),
        before.isoformat() if before >= offered.first_day else "",
        after.isoformat() if after <= offered.last_day else "",
    )


def others_of(say: Speech, problem: Problem | None, zone: ZoneInfo) -> list[Time]:
    """The nearest other times, where somebody was faster."""
    if not isinstance(problem, SlotTaken):
        return []
    found: Any = problem.details.get("alternatives", [])
    return [
        time_of(say, Slot(one["calendar_id"], one["start"]), one["starts_at"], zone)
        for one in found
    ]


@dataclass(frozen=True, slots=True)
class Kept:
    """A time that is kept for somebody, and for how many seconds."""

    hold: Hold
    time: Time
    until: str
    seconds: int


async def kept(request: AnyRequest, say: Speech, actor: Any, hold_id: Any, zone: ZoneInfo) -> Kept:
    """A kept time in words; HoldGone if it is gone. One that ran out is kept by nobody."""
    async with doorway(request).house.acting(actor) as act:
        hold = await act.look.holds.get(hold_id)
        if hold is None:
            raise HoldGone(hold=hold_id)
        calendar = await act.look.calendars.get(hold.calendar_id)
    if actor.sees is not None and calendar.unit_id not in actor.sees:
        raise NotFound(what="hold", id=hold_id)
    at = instant_at(calendar.day, hold.start, zone)
    left = int((hold.until - act.now).total_seconds())
    time = time_of(say, Slot(hold.calendar_id, hold.start), at, zone)
    return Kept(hold, time, say.time(hold.until, zone), max(0, left))


def language_of(organization: Organization, say: Speech) -> str:
    """The organization's own name of the language that is read; its first if it has none."""
    for tag in organization.languages:
        if base_of(tag) == say.language:
            return tag
    return organization.languages[0]


def tongues_of(organization: Organization) -> list[str]:
    """The languages of the organization that our pages speak."""
    ours = dict.fromkeys(base_of(tag) for tag in organization.languages)
    return [tag for tag in ours if tag in LANGUAGES]


async def form_of(request: AnyRequest) -> Mapping[str, str]:
    """What a form says."""
    return {name: str(text).replace("\0", "") for name, text in (await request.form()).items()}


def take_pace(request: AnyRequest) -> None:
    """TooMany if this address does too much."""
    state = request.app.state
    if "booking_pace" not in state:
        every = timedelta(minutes=1) / STEPS_A_MINUTE
        state.booking_pace = Pace(burst=STEPS_A_MINUTE, every=every)
    pace: Pace = state.booking_pace
    pace.take(address_of(request), doorway(request).house.clock())
