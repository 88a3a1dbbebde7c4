"""Our own words on the wire: states, moves, channels, and a status for each problem."""

from collections.abc import Mapping

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
from nowserving.cases.moves import Move, State
from nowserving.cases.work import InACircle, NoSuchStatus, SolutionRequired
from nowserving.dialects.native.strict import Malformed
from nowserving.dialects.native.tus import OtherType, OtherVersion
from nowserving.kit.http import NoSuchPage, TooLarge, TooSlow, Unready, WrongMethod, status_of
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
    Channel,
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

STATUS_OF: Mapping[type[Problem], int] = {
    # who is asking
    UnknownCaller: 401,
    WrongPassword: 401,
    Forbidden: 403,
    NotYourCalendar: 403,
    # what is asked for
    Malformed: 400,
    NotFound: 404,
    NoSuchPage: 404,
    HoldGone: 404,
    WrongMethod: 405,
    TooSlow: 408,
    FeedGone: 410,
    TooLarge: 413,
    Invalid: 422,
    KeyReused: 422,
    TypeNotOffered: 422,
    ChannelNotOffered: 422,
    LanguageNotOffered: 422,
    CustomerRequired: 422,
    PhoneRequired: 422,
    EmailRequired: 422,
    FieldRequired: 422,
    WeakPassword: 422,
    NoSuchStatus: 422,
    NoSuchCode: 422,
    SolutionRequired: 422,
    NoSuchHook: 422,
    # what is in the way
    HookRefused: 409,
    NoSms: 409,
    NotWalkIn: 409,
    StandsInLine: 409,
    StandsInNoLine: 409,
    InACircle: 409,
    KeyTaken: 409,
    RecordKeyTaken: 409,
    TableInUse: 409,
    NobodyToWriteTo: 409,
    TooManyCases: 409,
    NotByAppointment: 409,
    SlotTaken: 409,
    CalendarClosed: 409,
    OutsideWindow: 409,
    NotSuited: 409,
    TooShortNotice: 409,
    AlreadyOpen: 409,
    AgentTwice: 409,
    TooEarlyToCheckIn: 409,
    TooLateToCheckIn: 409,
    CheckInAtDesk: 409,
    WrongState: 409,
    NotYours: 409,
    TooLate: 409,
    NoRoute: 409,
    DeskBusy: 409,
    DeskInactive: 409,
    DeskTaken: 409,
    NotTold: 409,
    ReplayEnded: 409,
    NothingParked: 409,
    Stale: 409,
    StillRunning: 409,
    # files
    NoRoom: 409,
    FileHeld: 409,
    WrongOffset: 409,
    FileDamaged: 410,
    OtherVersion: 412,
    OtherType: 415,
    FilesOff: 501,
    # who is at work
    NotTracked: 403,
    ClockInFirst: 409,
    AlreadyThere: 409,
    NotThere: 409,
    CannotPause: 409,
    NotPaused: 409,
    NoUnitChosen: 409,
    NoWorkspaceChosen: 409,
    # not now
    NotConfirmed: 503,
    NotSent: 503,
    TooSoon: 429,
    TooMany: 429,
    LockedOut: 429,
    Unready: 503,
}

STATES: Mapping[State, str] = {
    State.PLANNED: "Booked for later; the person has not arrived.",
    State.WAITING: "Stands in line and can be called.",
    State.PENDING: "Stands in line and is passed over for now.",
    State.CALLED: "Called to a desk; the person is on the way there.",
    State.ACTIVE: "Being served.",
    State.ON_HOLD: "Put aside by the agent who has it.",
    State.RESOLVED: "The matter is settled.",
    State.CLOSED: "Settled, and no further work is expected.",
    State.CANCELED: "Called off by staff or by a program.",
    State.ABANDONED: "The person left the line.",
    State.NO_SHOW: "The person did not come when called.",
}

CHANNELS: Mapping[Channel, str] = {
    Channel.FACE_TO_FACE: "At a desk.",
    Channel.VIDEO: "By video call.",
    Channel.PHONE: "By telephone.",
    Channel.CHAT: "In writing.",
}

_ADDRESS: Mapping[Move, str] = {moves.ARRIVE: "check-in"}
"""Where an address says it otherwise than the move is called."""

VERBS: Mapping[Move, str] = {
    move: _ADDRESS.get(move, move.verb.replace("_", "-"))
    for move in (
        moves.RESCHEDULE,
        moves.CALL_OFF,
        moves.ARRIVE,
        moves.CALL,
        moves.CALL_AGAIN,
        moves.UNDO_CALL,
        moves.START,
        moves.TAKE_UP,
        moves.HOLD,
        moves.RETURN,
        moves.PEND,
        moves.RESUME,
        moves.TRANSFER,
        moves.RESOLVE,
        moves.CLOSE,
        moves.CANCEL,
        moves.MISS,
        moves.REOPEN,
    )
}
"""The last part of the address that makes a move: `POST /cases/{case_id}/call-again`."""

ELSEWHERE: Mapping[Move, str] = {
    moves.QUEUE_UP: "POST /cases",
    moves.OPEN_CASE: "POST /cases/open",
    moves.ASSIGN: "POST /cases/{case_id}/assign",
    moves.MERGE: "POST /cases/{case_id}/merge",
    moves.LINK: "POST /cases/{case_id}/links",
    moves.UNLINK: "DELETE /cases/{case_id}/links",
    moves.PLAN: "POST /appointments",
    moves.CORRECT: "PATCH /cases/{case_id}",
    moves.NOTE: "POST /cases/{case_id}/notes",
    moves.ATTACH: "POST /cases/{case_id}/files",
    moves.DETACH: "DELETE /files/{file_id}",
    moves.ERASE: "POST /cases/{case_id}/erase",
    moves.ABANDON: "POST /tickets/{link}/leave",
    moves.COME_BACK: "POST /tickets/{link}/come-back",
}
"""Moves with an address of another form."""

BY_ITSELF: frozenset[Move] = frozenset({moves.ESCALATE, moves.TAKE_IN, moves.CLEAR_FILE})
"""What nobody asks for: it happens when a deadline passes, and to the other of two cases."""


def status(kind: type[Problem]) -> int:
    """The HTTP status of a problem."""
    return STATUS_OF.get(kind) or status_of(kind())


def anchor(kind: type[Problem]) -> str:
    """The `type` of a problem: where the documentation tells of it."""
    return f"/api/v1/docs#{kind.name()}"
