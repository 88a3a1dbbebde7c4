"""VCC Live's words for ours: where a ticket stands, and what can go wrong.

Which words are documented and which are our guess is told in README.md.
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
class Standing:
    """Where a ticket stands: status and sub-status."""

    status: str
    sub_status: str


FOR_AGENT = Standing("park", "waiting4agent")
FOR_ENTITY = Standing("park", "waiting4entity")
WELL = Standing("closed", "successful")
BADLY = Standing("closed", "unsuccessful")

STANDING_OF: Mapping[State, Standing] = {
    State.PLANNED: FOR_ENTITY,
    State.WAITING: FOR_AGENT,
    State.PENDING: FOR_ENTITY,
    State.CALLED: FOR_AGENT,
    State.ACTIVE: FOR_AGENT,
    State.ON_HOLD: FOR_ENTITY,
    State.RESOLVED: WELL,
    State.CLOSED: WELL,
    State.CANCELED: BADLY,
    State.ABANDONED: BADLY,
    State.NO_SHOW: BADLY,
}

BY_OUTCOME = frozenset({State.RESOLVED, State.CLOSED})
"""Where the outcome says whether it ended well; without one it did."""


def standing(state: State, *, successful: bool | None) -> Standing:
    """Where a ticket stands; `successful`: what its outcome says, if it has one."""
    return BADLY if state in BY_OUTCOME and successful is False else STANDING_OF[state]


@dataclass(frozen=True, slots=True)
class Word:
    """How a problem is said: an HTTP status and a code."""

    status: int
    code: str


BAD_ARGUMENTS = Word(417, "error.bad_arguments")
REQUIRED = Word(417, "error.required")

WORD_OF: Mapping[type[Problem], Word] = {
    # who is asking
    UnknownCaller: Word(401, "error.unauthorized"),
    WrongPassword: Word(401, "error.unauthorized"),
    LockedOut: Word(429, "error.locked_out"),
    Forbidden: Word(403, "error.forbidden"),
    # what is asked for
    NotFound: Word(404, "error.not_found"),
    NoSuchPage: Word(404, "error.not_found"),
    FeedGone: Word(410, "error.gone"),
    WrongMethod: Word(405, "error.method_not_allowed"),
    TooLarge: Word(413, "error.too_large"),
    TooSlow: Word(408, "error.too_slow"),
    Invalid: BAD_ARGUMENTS,
    TypeNotOffered: BAD_ARGUMENTS,
    ChannelNotOffered: BAD_ARGUMENTS,
    LanguageNotOffered: BAD_ARGUMENTS,
    WeakPassword: BAD_ARGUMENTS,
    NoSuchStatus: BAD_ARGUMENTS,
    NoSuchCode: BAD_ARGUMENTS,
    NoSuchHook: BAD_ARGUMENTS,
    CustomerRequired: REQUIRED,
    PhoneRequired: REQUIRED,
    EmailRequired: REQUIRED,
    FieldRequired: REQUIRED,
    SolutionRequired: REQUIRED,
    # what is in the way
    NotWalkIn: Word(409, "error.appointments_only"),
    HookRefused: Word(409, "error.refused"),
    NoSms: Word(409, "error.no_sms"),
    StandsInLine: Word(409, "error.stands_in_line"),
    StandsInNoLine: Word(409, "error.stands_in_no_line"),
    InACircle: Word(409, "error.in_a_circle"),
    KeyTaken: Word(409, "error.key_taken"),
    RecordKeyTaken: Word(409, "error.key_taken"),
    TableInUse: Word(409, "error.in_use"),
    NobodyToWriteTo: Word(409, "error.nobody_to_write_to"),
    TooManyCases: Word(409, "error.too_many_cases"),
    WrongState: Word(409, "error.wrong_status"),
    NotYours: Word(409, "error.not_yours"),
    TooLate: Word(409, "error.too_late"),
    NoRoute: Word(409, "error.no_route"),
    DeskBusy: Word(409, "error.busy"),
    DeskInactive: Word(409, "error.inactive"),
    DeskTaken: Word(409, "error.taken"),
    Stale: Word(409, "error.changed_meanwhile"),
    StillRunning: Word(409, "error.still_running"),
    KeyReused: Word(422, "error.key_reused"),
    # a booked time
    NotByAppointment: Word(409, "error.no_appointments"),
    NotYourCalendar: Word(403, "error.forbidden"),
    HoldGone: Word(404, "error.not_found"),
    SlotTaken: Word(409, "error.taken"),
    NotSuited: Word(409, "error.not_suited"),
    CalendarClosed: Word(409, "error.closed"),
    OutsideWindow: Word(409, "error.outside_window"),
    TooShortNotice: Word(409, "error.too_short_notice"),
    AlreadyOpen: Word(409, "error.already_open"),
    AgentTwice: Word(409, "error.already_allocated"),
    TooEarlyToCheckIn: Word(409, "error.too_early"),
    TooLateToCheckIn: Word(409, "error.too_late"),
    CheckInAtDesk: Word(409, "error.check_in_at_desk"),
    # files
    NoRoom: Word(409, "error.no_room"),
    FileHeld: Word(409, "error.file_held"),
    WrongOffset: Word(409, "error.wrong_offset"),
    FileDamaged: Word(410, "error.file_damaged"),
    FilesOff: Word(501, "error.files_off"),
    # what is told onward
    NotTold: Word(409, "error.not_told"),
    NothingParked: Word(409, "error.nothing_parked"),
    ReplayEnded: Word(409, "error.replay_ended"),
    # who is at work
    NotTracked: Word(403, "error.not_tracked"),
    ClockInFirst: Word(409, "error.not_logged_in"),
    AlreadyThere: Word(409, "error.already_logged_in"),
    NotThere: Word(409, "error.not_logged_in"),
    CannotPause: Word(409, "error.not_available"),
    NotPaused: Word(409, "error.not_unavailable"),
    NoUnitChosen: Word(409, "error.no_unit"),
    NoWorkspaceChosen: Word(409, "error.no_workspace"),
    # not now
    TooSoon: Word(429, "error.too_soon"),
    TooMany: Word(429, "error.too_many_requests"),
    Unready: Word(503, "error.unavailable"),
    NotConfirmed: Word(503, "error.not_confirmed"),
    NotSent: Word(503, "error.not_sent"),
}
"""The word for each problem. Documented are 417 with `error.required`, `error.bad_arguments`."""

BUG = Word(500, "error.internal")
