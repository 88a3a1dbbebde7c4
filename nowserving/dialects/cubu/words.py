"""Cubu's words for ours, both ways: states, channels, and what can go wrong.

Which words are documented and which are our guess is told in README.md.
"""

from collections import defaultdict
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
from nowserving.places.data_tables import DataType
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

STATUS_OF: Mapping[State, str] = {
    State.PLANNED: "Planned",
    State.WAITING: "Waiting",
    State.PENDING: "Pending",
    State.CALLED: "Active",
    State.ACTIVE: "Active",
    State.ON_HOLD: "Pending",
    State.RESOLVED: "Resolved",
    State.CLOSED: "Closed",
    State.CANCELED: "Canceled",
    State.ABANDONED: "Abandoned",
    State.NO_SHOW: "NoShow",
}

CHANNEL_OF: Mapping[Channel, str] = {
    Channel.FACE_TO_FACE: "FaceToFace",
    Channel.VIDEO: "Video",
    Channel.PHONE: "Phone",
    Channel.CHAT: "Chat",
}

CHANNELS: Mapping[str, Channel] = {word.lower(): channel for channel, word in CHANNEL_OF.items()}
"""Our channel for a word of Cubu's in small letters."""

DATA_TYPE_OF: Mapping[DataType, str] = {
    DataType.TEXT: "Text",
    DataType.NUMBER: "Number",
    DataType.DATE: "Date",
    DataType.YES_NO: "Boolean",
}

FIELD_OF: Mapping[str, str] = {
    "type_id": "serviceTypeId",
    "customer_id": "customerRecordId",
    "phone": "contactPhoneNumber",
    "email": "contactEmail",
    "tag_ids": "tagIds",
}
"""What a property is called on this wire, where it is not our name for it."""


@dataclass(frozen=True, slots=True)
class Word:
    """How a problem is said: an HTTP status, and where Cubu has one, a number."""

    status: int
    error_code: int | None = None


WORD_OF: Mapping[type[Problem], Word] = {
    # who is asking
    UnknownCaller: Word(401),
    WrongPassword: Word(401),
    LockedOut: Word(429),
    Forbidden: Word(403),
    NotYourCalendar: Word(403),
    # what is asked for
    NotFound: Word(404),
    NoSuchPage: Word(404),
    HoldGone: Word(404),
    FeedGone: Word(410),
    WrongMethod: Word(405),
    TooLarge: Word(413),
    TooSlow: Word(408),
    Invalid: Word(400),
    TypeNotOffered: Word(400),
    ChannelNotOffered: Word(400),
    LanguageNotOffered: Word(400),
    CustomerRequired: Word(400),
    PhoneRequired: Word(400),
    EmailRequired: Word(400),
    FieldRequired: Word(400),
    WeakPassword: Word(400),
    NoSuchStatus: Word(400),
    NoSuchCode: Word(400),
    SolutionRequired: Word(400),
    NoSuchHook: Word(400),
    # what is in the way
    HookRefused: Word(409),
    NoSms: Word(409),
    NotWalkIn: Word(409),
    StandsInLine: Word(409),
    StandsInNoLine: Word(409),
    InACircle: Word(409),
    KeyTaken: Word(409),
    RecordKeyTaken: Word(409),
    TableInUse: Word(409),
    NobodyToWriteTo: Word(409),
    TooManyCases: Word(409),
    NotByAppointment: Word(409),
    SlotTaken: Word(409),
    NotSuited: Word(409),
    CalendarClosed: Word(409),
    OutsideWindow: Word(409),
    TooShortNotice: Word(409),
    AlreadyOpen: Word(409),
    AgentTwice: Word(409),
    TooEarlyToCheckIn: Word(409),
    TooLateToCheckIn: Word(409),
    CheckInAtDesk: Word(409),
    WrongState: Word(409),
    NotYours: Word(409),
    TooLate: Word(409),
    NoRoute: Word(409),
    DeskBusy: Word(409),
    DeskInactive: Word(409, 1002),
    DeskTaken: Word(409),
    NotTold: Word(409),
    ReplayEnded: Word(409),
    NothingParked: Word(409),
    Stale: Word(409),
    StillRunning: Word(409),
    KeyReused: Word(422),
    # files
    NoRoom: Word(409),
    FileHeld: Word(409),
    WrongOffset: Word(409),
    FileDamaged: Word(410),
    FilesOff: Word(501),
    # who is at work
    NotTracked: Word(403),
    ClockInFirst: Word(409),
    AlreadyThere: Word(409, 3301),
    NotThere: Word(409, 3301),
    CannotPause: Word(409, 3303),
    NotPaused: Word(409, 3304),
    NoUnitChosen: Word(403),
    NoWorkspaceChosen: Word(409, 1011),
    # not now
    NotConfirmed: Word(503),
    NotSent: Word(503),
    TooSoon: Word(429),
    TooMany: Word(429),
    Unready: Word(503),
}
"""The word for each problem; an endpoint with numbers of its own asks with those first."""


def _states() -> dict[str, frozenset[State]]:
    found: dict[str, set[State]] = defaultdict(set)
    for state, word in STATUS_OF.items():
        found[word.lower()].add(state)
    return {word: frozenset(states) for word, states in found.items()}


STATES: Mapping[str, frozenset[State]] = _states()
"""All of our states that a word of Cubu's in small letters may mean."""
