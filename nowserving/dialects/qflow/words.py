"""Q-Flow's words for ours: where a case stands, what was done last, what can go wrong.

Which numbers are stated somewhere and which are deduced or ours is told in README.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from nowserving.actions.customers import KeyTaken, TooManyCases
from nowserving.actions.facts import FeedGone
from nowserving.bookings.calendar import (
    AgentTwice,
    AlreadyOpen,
    CalendarClosed,
    HoldGone,
    SlotTaken,
)
from nowserving.bookings.rules import (
    CheckInAtDesk,
    NotYourCalendar,
    OutsideWindow,
    Punctuality,
    TooEarlyToCheckIn,
    TooLateToCheckIn,
    TooShortNotice,
)
from nowserving.cases import moves
from nowserving.cases.attachment import FileDamaged, FileHeld, FilesOff, NoRoom, WrongOffset
from nowserving.cases.case import (
    DeskBusy,
    DeskTaken,
    NoRoute,
    NotYours,
    TooLate,
    TooSoon,
    WrongState,
)
from nowserving.cases.letters import NobodyToWriteTo
from nowserving.cases.moves import State
from nowserving.cases.work import InACircle, NoSuchStatus, SolutionRequired
from nowserving.dialects.qflow.binding import ModelInvalid, UnknownMediaType
from nowserving.kit.http import NoSuchPage, TooLarge, TooSlow, Unready, WrongMethod
from nowserving.kit.problems import (
    Forbidden,
    Invalid,
    KeyReused,
    NotFound,
    Problem,
    Stale,
    StillRunning,
    TooMany,
)
from nowserving.people.attendance import (
    AlreadyThere,
    CannotPause,
    ClockInFirst,
    NotPaused,
    NotThere,
    NotTracked,
    NoUnitChosen,
    NoWorkspaceChosen,
)
from nowserving.people.staff import LockedOut, UnknownCaller, WeakPassword, WrongPassword
from nowserving.places.codes import NoSuchCode
from nowserving.places.data_records import RecordKeyTaken, TableInUse
from nowserving.places.hooks import HookRefused, NoSms, NoSuchHook, NotConfirmed, NotSent
from nowserving.places.needs import NotSuited
from nowserving.places.organization import DeskInactive
from nowserving.places.replays import NothingParked, NotTold, ReplayEnded
from nowserving.places.services import (
    ChannelNotOffered,
    CustomerRequired,
    EmailRequired,
    FieldRequired,
    LanguageNotOffered,
    NotByAppointment,
    NotWalkIn,
    PhoneRequired,
    StandsInLine,
    StandsInNoLine,
    TypeNotOffered,
)


@dataclass(frozen=True, slots=True)
class Numbered:
    """A number with its description."""

    number: int
    name: str


EXPECTED = Numbered(0, "Expected")
WAITING = Numbered(3, "Waiting")
ABANDONED = Numbered(4, "Abandoned")
IN_SERVICE = Numbered(6, "InService")
ON_HOLD = Numbered(7, "OnHold")
COMPLETED = Numbered(8, "Completed")
PENDING = Numbered(10, "Pending")
CANCELLED = Numbered(15, "Cancelled")
NO_SHOW = Numbered(17, "NoShow")

STATUS_OF: Mapping[State, Numbered] = {
    State.PLANNED: EXPECTED,
    State.WAITING: WAITING,
    State.PENDING: PENDING,
    State.CALLED: IN_SERVICE,
    State.ACTIVE: IN_SERVICE,
    State.ON_HOLD: ON_HOLD,
    State.RESOLVED: COMPLETED,
    State.CLOSED: COMPLETED,
    State.CANCELED: CANCELLED,
    State.ABANDONED: ABANDONED,
    State.NO_SHOW: NO_SHOW,
}
"""EntityStatus (reference 1.6)."""

RESOLUTION_OF: Mapping[State, Numbered] = {
    State.RESOLVED: Numbered(0, "Complete"),
    State.CLOSED: Numbered(0, "Complete"),
    State.CANCELED: Numbered(1, "Cancelled"),
    State.NO_SHOW: Numbered(2, "NoShow"),
    State.ABANDONED: Numbered(3, "Abandoned"),
}
"""Resolution of what has ended; of the rest it is null."""

RESCHEDULED = Numbered(5, "Rescheduled")

TARGETS: Mapping[int, State | None] = {
    -1: None,
    0: State.CANCELED,
    3: State.WAITING,
    4: State.ABANDONED,
    8: State.RESOLVED,
    15: State.CANCELED,
    17: State.NO_SHOW,
}
"""What a status may be forced to; None leaves it. An absent status is 0, and means cancelled."""

ACTIVE, CLOSED = Numbered(0, "Active"), Numbered(1, "Closed")
PROCESS_PENDING = Numbered(2, "Pending")

_STATED: Mapping[moves.Move, Numbered] = {
    moves.QUEUE_UP: Numbered(0, "Enqueue"),
    moves.OPEN_CASE: Numbered(0, "Enqueue"),
    moves.ARRIVE: Numbered(0, "Enqueue"),
    moves.CALL: Numbered(1, "Call Next"),
    moves.RESOLVE: Numbered(7, "Complete"),
    moves.CLOSE: Numbered(7, "Complete"),
    moves.RETURN: Numbered(8, "Return To Queue"),
    moves.HOLD: Numbered(9, "Hold"),
    moves.RESUME: Numbered(10, "Release"),
    moves.PLAN: Numbered(13, "Set Appointment"),
}
_FIRST_OF_OURS = 1000
_OURS = [move for move in moves.MOVES if move not in _STATED]

ACTION_OF: Mapping[str, Numbered] = {
    **{move.fact: word for move, word in _STATED.items()},
    **{
        move.fact: Numbered(_FIRST_OF_OURS + at, move.verb.replace("_", " ").title())
        for at, move in enumerate(sorted(_OURS, key=lambda one: one.verb))
    },
}
"""The last step, by its fact; what has no stated number has one of ours, from 1000 on."""

OTHER_ACTION = Numbered(_FIRST_OF_OURS - 1, "Other")

ENQUEUED_AS: Mapping[Punctuality | None, str] = {
    None: "Success",
    Punctuality.IN_TIME: "Success",
    Punctuality.LATE: "Late",
    Punctuality.TOO_EARLY: "TooEarly",
    Punctuality.TOO_LATE: "TooLate",
}
"""The result words of a check-in."""


@dataclass(frozen=True, slots=True)
class Word:
    """How a problem is said: an HTTP status, one of the native error numbers, a result word."""

    status: int
    number: int | None = None
    result: str | None = None


BAD = Word(400)
CONFLICT = Word(409)
NOT_FOUND = Word(404, 51010)
NO_TIME = Word(409, 58725)

WORD_OF: Mapping[type[Problem], Word] = {
    # who is asking
    UnknownCaller: Word(401),
    WrongPassword: Word(401),
    LockedOut: Word(429),
    Forbidden: Word(403),
    # what is asked for
    NotFound: NOT_FOUND,
    NoSuchPage: Word(404),
    FeedGone: Word(410),
    WrongMethod: Word(405),
    UnknownMediaType: Word(415),
    TooLarge: Word(413),
    TooSlow: Word(408),
    ModelInvalid: BAD,
    Invalid: BAD,
    NoSuchCode: Word(400, 51010),
    TypeNotOffered: Word(400, 51010),
    ChannelNotOffered: BAD,
    LanguageNotOffered: BAD,
    WeakPassword: BAD,
    NoSuchStatus: BAD,
    NoSuchHook: BAD,
    CustomerRequired: BAD,
    PhoneRequired: BAD,
    EmailRequired: BAD,
    FieldRequired: BAD,
    SolutionRequired: BAD,
    # what is in the way
    NotWalkIn: CONFLICT,
    StandsInLine: CONFLICT,
    StandsInNoLine: CONFLICT,
    HookRefused: CONFLICT,
    NoSms: CONFLICT,
    InACircle: CONFLICT,
    KeyTaken: CONFLICT,
    RecordKeyTaken: CONFLICT,
    TableInUse: CONFLICT,
    TooManyCases: CONFLICT,
    WrongState: Word(409, 52176),
    NotYours: CONFLICT,
    TooLate: CONFLICT,
    NoRoute: CONFLICT,
    DeskBusy: CONFLICT,
    DeskInactive: CONFLICT,
    DeskTaken: CONFLICT,
    Stale: CONFLICT,
    StillRunning: CONFLICT,
    KeyReused: Word(422),
    NobodyToWriteTo: CONFLICT,
    # what is told onward
    NotTold: CONFLICT,
    NothingParked: CONFLICT,
    ReplayEnded: CONFLICT,
    # a booked time
    NotByAppointment: Word(409, 58710),
    NotYourCalendar: Word(403),
    HoldGone: NO_TIME,
    SlotTaken: NO_TIME,
    NotSuited: NO_TIME,
    CalendarClosed: Word(409, 58710),
    OutsideWindow: Word(409, 58710),
    TooShortNotice: CONFLICT,
    AlreadyOpen: CONFLICT,
    AgentTwice: CONFLICT,
    TooEarlyToCheckIn: Word(409, result="TooEarly"),
    TooLateToCheckIn: Word(409, result="TooLate"),
    CheckInAtDesk: Word(409, result="PreventAutoQueue"),
    # files
    NoRoom: CONFLICT,
    FileHeld: CONFLICT,
    WrongOffset: CONFLICT,
    FileDamaged: Word(410),
    FilesOff: Word(501),
    # who is at work
    NotTracked: Word(403),
    ClockInFirst: CONFLICT,
    AlreadyThere: CONFLICT,
    NotThere: CONFLICT,
    CannotPause: CONFLICT,
    NotPaused: CONFLICT,
    NoUnitChosen: CONFLICT,
    NoWorkspaceChosen: CONFLICT,
    # not now
    TooSoon: Word(429),
    TooMany: Word(429),
    Unready: Word(503),
    NotConfirmed: Word(503),
    NotSent: Word(503),
}
"""The word for each problem. The statuses are the framework's or ours."""

BUG = "An error has occurred."
