"""wolkvox' words for ours: statuses, priorities, types, and what can go wrong.

Which words are documented and which are our choice is told in README.md.
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
    TooEarlyToCheckIn,
    TooLateToCheckIn,
    TooShortNotice,
)
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
from nowserving.kit.http import NoSuchPage, TooLarge, TooSlow, Unready, WrongMethod
from nowserving.kit.problems import (
    Blame,
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

INSERTED = "Succesfully insert record"
UPDATED = "Succesfully update record"
DELETED = "Succesfully delete record"
FOUND = "{count} records were are found"
"""Spelled as the vendor does; `insert` and `delete` are ours after the same pattern."""

STATUS_OF: Mapping[State, str] = {
    State.PLANNED: "Planned",
    State.WAITING: "Open",
    State.PENDING: "Pending",
    State.CALLED: "Called",
    State.ACTIVE: "In progress",
    State.ON_HOLD: "On hold",
    State.RESOLVED: "Solved",
    State.CLOSED: "Closed",
    State.CANCELED: "Canceled",
    State.ABANDONED: "Abandoned",
    State.NO_SHOW: "No show",
}
"""What a case without one of the organization's statuses has for one."""

STATE_CALLED: Mapping[str, State] = {
    "open": State.WAITING,
    "abierto": State.WAITING,
    "on hold": State.ON_HOLD,
    "on_hold": State.ON_HOLD,
    "en espera": State.ON_HOLD,
    "solved": State.RESOLVED,
    "solucionado": State.RESOLVED,
    "closed": State.CLOSED,
    "cerrado": State.CLOSED,
}
"""Neutral keys of statuses, and those of the vendor's Spanish screens."""

LEVEL_CALLED: Mapping[str, int] = {
    "low": 0,
    "baja": 0,
    "normal": 0,
    "media": 0,
    "medium": 0,
    "high": 1,
    "alta": 1,
    "urgent": 2,
    "urgente": 2,
}
PRIORITY_CALLED = {
    "baja": "low",
    "media": "normal",
    "medium": "normal",
    "alta": "high",
    "urgente": "urgent",
}
LEVELS = ("normal", "high", "urgent")
"""What a case without one of the organization's priorities has for one."""

_KINDS = (
    ("request", "requests", "peticion", "peticiones"),
    ("complaint", "complaints", "queja", "quejas"),
    ("claim", "claims", "reclamo", "reclamos"),
    ("suggestion", "suggestions", "sugerencia", "sugerencias"),
)
KIND_CALLED: Mapping[str, str] = {word: kind[0] for kind in _KINDS for word in kind}
"""The four built-in types, one and many, in English and Spanish."""


class Unmet(Problem):
    """Something that the request speaks of is not there."""

    blame = Blame.INPUT


class BadToken(Problem):
    """The token is not known."""

    blame = Blame.FORBIDDEN


@dataclass(frozen=True, slots=True)
class Word:
    """How a problem is said: an HTTP status, and a text; an empty one says what is wrong."""

    status: int
    text: str = ""


NAME_OF = {
    400: "BAD REQUEST",
    401: "UNAUTHORIZED",
    403: "FORBIDDEN",
    404: "NOT FOUND",
    405: "METHOD NOT ALLOWED",
    408: "REQUEST TIMEOUT",
    409: "CONFLICT",
    412: "PRECONDITION FAILED",
    413: "PAYLOAD TOO LARGE",
    422: "UNPROCESSABLE ENTITY",
    429: "TOO MANY REQUESTS",
    500: "INTERNAL SERVER ERROR",
    503: "SERVICE UNAVAILABLE",
}

REQUIRED = Word(400, "SOME PARAMETERS ARE REQUIRED")
LIMIT = Word(403, "TOKEN LIMIT EXCEEDED")
BUG = Word(500, "SOMETHING WENT WRONG")

_IN_THE_WAY = Word(412)
_NOT_NOW = Word(409)

WORD_OF: Mapping[type[Problem], Word] = {
    # who is asking
    UnknownCaller: Word(401, "PLEASE ENTER THE WOLKVOX-TOKEN"),
    BadToken: Word(403, "PLEASE VALIDATE TOKEN"),
    Forbidden: Word(403, "PLEASE VALIDATE TOKEN"),
    WrongPassword: Word(401),
    LockedOut: Word(403),
    # what is asked for
    NoSuchPage: Word(400, "THE API YOU WANT TO CONSULT DOES NOT EXIST"),
    NotFound: Word(404, "THE RECORD DOES NOT EXIST"),
    HoldGone: Word(404),
    FeedGone: Word(404),
    WrongMethod: Word(405, "THIS METHOD IS NOT ALLOWED"),
    TooLarge: Word(413),
    TooSlow: Word(408),
    Invalid: Word(400),
    WeakPassword: Word(400),
    LanguageNotOffered: Word(400),
    ChannelNotOffered: Word(400),
    KeyReused: Word(422),
    # what must hold before
    Unmet: _IN_THE_WAY,
    SolutionRequired: Word(412, "THE SOLUTION IS REQUIRED TO CLOSE THE CASE"),
    NoSuchStatus: Word(412, "THE STATUS DOES NOT EXIST FOR THE CASE TYPE"),
    TypeNotOffered: Word(412, "THE CASE TYPE DOES NOT EXIST"),
    CustomerRequired: _IN_THE_WAY,
    PhoneRequired: _IN_THE_WAY,
    EmailRequired: _IN_THE_WAY,
    FieldRequired: _IN_THE_WAY,
    KeyTaken: _IN_THE_WAY,
    RecordKeyTaken: _IN_THE_WAY,
    TableInUse: _IN_THE_WAY,
    NobodyToWriteTo: _IN_THE_WAY,
    TooManyCases: _IN_THE_WAY,
    InACircle: _IN_THE_WAY,
    HookRefused: _IN_THE_WAY,
    NoSuchHook: _IN_THE_WAY,
    NoSuchCode: _IN_THE_WAY,
    NoSms: _IN_THE_WAY,
    StandsInLine: _IN_THE_WAY,
    StandsInNoLine: _IN_THE_WAY,
    NotWalkIn: _IN_THE_WAY,
    NotByAppointment: _IN_THE_WAY,
    NotYourCalendar: Word(403),
    WrongState: _IN_THE_WAY,
    NotYours: _IN_THE_WAY,
    TooLate: _IN_THE_WAY,
    NoRoute: _IN_THE_WAY,
    DeskBusy: _IN_THE_WAY,
    DeskInactive: _IN_THE_WAY,
    DeskTaken: _IN_THE_WAY,
    SlotTaken: _IN_THE_WAY,
    NotSuited: _IN_THE_WAY,
    CalendarClosed: _IN_THE_WAY,
    OutsideWindow: _IN_THE_WAY,
    TooShortNotice: _IN_THE_WAY,
    AlreadyOpen: _IN_THE_WAY,
    AgentTwice: _IN_THE_WAY,
    TooEarlyToCheckIn: _IN_THE_WAY,
    TooLateToCheckIn: _IN_THE_WAY,
    CheckInAtDesk: _IN_THE_WAY,
    NoRoom: _IN_THE_WAY,
    FileHeld: _IN_THE_WAY,
    FileDamaged: _IN_THE_WAY,
    WrongOffset: _IN_THE_WAY,
    FilesOff: _IN_THE_WAY,
    NotTracked: _IN_THE_WAY,
    ClockInFirst: _IN_THE_WAY,
    AlreadyThere: _IN_THE_WAY,
    NotThere: _IN_THE_WAY,
    CannotPause: _IN_THE_WAY,
    NotPaused: _IN_THE_WAY,
    NoUnitChosen: _IN_THE_WAY,
    NoWorkspaceChosen: _IN_THE_WAY,
    ReplayEnded: _IN_THE_WAY,
    NothingParked: _IN_THE_WAY,
    NotTold: _IN_THE_WAY,
    # not now
    Stale: _NOT_NOW,
    StillRunning: _NOT_NOW,
    TooSoon: Word(429),
    TooMany: Word(429, "TOO MANY REQUESTS"),
    Unready: Word(503),
    NotConfirmed: Word(503),
    NotSent: Word(503),
}
"""The word for each problem: the codes are those of the vendor's list as far as it goes."""


def word_of(problem: Problem) -> Word:
    """How this problem is said."""
    if problem.details.get("required"):
        return REQUIRED
    if isinstance(problem, TooMany) and "limit" in problem.details:
        return LIMIT
    return WORD_OF.get(type(problem), Word(400))
