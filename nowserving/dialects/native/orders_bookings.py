"""What can be asked for about calendars and appointments."""

from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType, field

from nowserving.bookings.rules import Numbering
from nowserving.dialects.native.orders import (
    Limit,
    Name,
    Order,
    Priority,
    Tags,
    Text,
    Values,
    Word,
)
from nowserving.places.needs import Need
from nowserving.places.services import Channel, Merge

Minute = Annotated[int, Meta(ge=0, le=1440, description="Minutes after midnight at the unit.")]
Minutes = Annotated[int, Meta(ge=0, le=100_000)]
Days = Annotated[int, Meta(ge=1, le=366)]
Index = Annotated[int, Meta(ge=0, le=999)]
Capacity = Annotated[int, Meta(ge=1, le=100_000, description="How many at the same time.")]
Weekday = Annotated[int, Meta(ge=0, le=6, description="Monday is 0.")]
_UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_INSTANT = r"[0-9]{1,18}"
_NEED = "|".join(Need)
Needs = Annotated[
    list[Need], Meta(max_length=len(Need), description="What the time must suit; personal.")
]
Suits = Annotated[
    list[Need], Meta(max_length=len(Need), description="What there is for those who need it.")
]
Cursor = Annotated[str, Meta(pattern=rf"^{_INSTANT}\.{_UUID}$")]


class GivenSpan(Order):
    """From one minute after midnight to another."""

    start: Minute
    end: Minute


class GivenHours(Order):
    """When there is work on a day, and the breaks in it."""

    open: Annotated[list[GivenSpan], Meta(max_length=20)] = field(default_factory=list)
    breaks: Annotated[list[GivenSpan], Meta(max_length=20)] = field(default_factory=list)


class GivenHoliday(Order):
    """A day on which nobody works."""

    day: date
    name: Name = ""
    every_year: bool = False


class GivenException(Order):
    """A single day with hours of its own; it counts more than a holiday."""

    day: date
    hours: GivenHours


class GivenSeat(Order):
    """A calendar of each day: whose it is, how many at the same time, and what it suits."""

    agent_id: UUID | None = None
    capacity: Capacity = 1
    suits: Suits = field(default_factory=list)


class GivenTemplate(Order):
    """How the days look. `opened_ahead`: so many days are opened by themselves; 0: by hand."""

    weekdays: Annotated[list[GivenHours], Meta(min_length=7, max_length=7)]
    holidays: Annotated[list[GivenHoliday], Meta(max_length=1000)] = field(default_factory=list)
    exceptions: Annotated[list[GivenException], Meta(max_length=1000)] = field(default_factory=list)
    seats: Annotated[list[GivenSeat], Meta(min_length=1, max_length=200)] = field(
        default_factory=lambda: [GivenSeat()]
    )
    opened_ahead: Annotated[int, Meta(ge=0, le=730)] = 0


class GivenWindow(Order):
    """How many days ahead may be booked, from the first to the last; 0 is today."""

    active: bool = True
    first_day: Annotated[int, Meta(ge=0, le=3660)] = 0
    last_day: Annotated[int, Meta(ge=0, le=3660)] = 90


class GivenRules(Order):
    """The rules for booking and arriving, in minutes where nothing else is said."""

    agents: GivenWindow = field(default_factory=GivenWindow)
    public: GivenWindow = field(default_factory=lambda: GivenWindow(last_day=30))
    notice: Annotated[Minutes, Meta(description="The latest, before a time of today.")] = 0
    step: Annotated[
        Annotated[int, Meta(ge=1, le=1440)] | None,
        Meta(description="Slots begin each so many minutes; null: one after the other."),
    ] = None
    early: Annotated[Minutes, Meta(description="Check-in opens so long before.")] = 30
    late: Annotated[Minutes, Meta(description="After it one counts from one's arrival.")] = 10
    too_late: Annotated[Minutes, Meta(description="After it one is sent away.")] = 30
    no_show: Annotated[
        Annotated[int, Meta(ge=1, le=100_000)] | None,
        Meta(description="So long after its time it is a no-show; null: never by itself."),
    ] = 60
    compensates: Annotated[
        bool, Meta(description="Book more than fit, by the share that does not come.")
    ] = False
    overbooked: Annotated[
        Minutes, Meta(description="At most so many more, for each calendar and day.")
    ] = 0
    anonymous: Annotated[
        bool, Meta(description="Agents may book in calendars that are nobody's.")
    ] = True
    held_for: Annotated[int, Meta(ge=1, le=120)] = 10
    numbering: Annotated[Numbering, Meta(description="When the ticket gets its number.")] = (
        Numbering.AT_BOOKING
    )


class SetPlan(Order):
    """How times of a service are booked. Days that are open already stay as they are."""

    template: GivenTemplate
    rules: GivenRules = field(default_factory=GivenRules)


class OpenDays(Order):
    """Which days, both included."""

    first: date
    last: date


class OpenCalendar(Order):
    """Which calendar. Hours left out: those of the template."""

    day: date
    index: Index = 0
    hours: Annotated[list[GivenSpan], Meta(min_length=1, max_length=20)] | None = None
    capacity: Capacity = 1
    agent_id: UUID | None = None
    suits: Suits = field(default_factory=list)


class SwitchBooking(Order):
    """Who may book; what is left out stays."""

    agents: bool | None = None
    public: bool | None = None


class Allocate(Order):
    """To whom; null: to nobody."""

    agent_id: UUID | None


class BlockTime(Order):
    """Which stretch, and why."""

    start: Minute
    end: Minute
    reason: Text = ""


class SetSuits(Order):
    """Of which seat of the template, and what there is from now on for those who need it."""

    index: Index
    suits: Suits


class SetMerge(Order):
    """How people with an appointment stand among those without."""

    merge: Merge


class DaysPage(Order):
    """Which days, both included."""

    first: date
    last: date


class OfType(Order):
    """Only for this service type; left out: the service's first."""

    type_id: UUID | UnsetType = UNSET


class VacancyPage(Order):
    """Where to look. `after`: what the part before gave as `next`."""

    type_id: Annotated[UUID | UnsetType, Meta(description="Left out: the service's first.")] = UNSET
    first: Annotated[date | UnsetType, Meta(description="Left out: today.")] = UNSET
    days: Days = 30
    weekdays: Annotated[
        Annotated[str, Meta(pattern=r"^[0-6](,[0-6]){0,6}$")] | UnsetType,
        Meta(description="Only on these, as in `0,2`; Monday is 0."),
    ] = UNSET
    needs: Annotated[
        Annotated[str, Meta(pattern=rf"^({_NEED})(,({_NEED}))*$")] | UnsetType,
        Meta(description="Only what suits all of these, as in `wheelchair,interpreter`."),
    ] = UNSET
    after: Cursor | UnsetType = UNSET
    limit: Limit = 50


class AppointmentPage(Order):
    """Which days, both included. `after`: what the part before gave as `next`."""

    first: date
    last: date
    after: Cursor | UnsetType = UNSET
    limit: Limit = 50


class OfCustomer(Order):
    """Whose."""

    customer_id: UUID


class HoldTime(Order):
    """Which time is to be kept for a while."""

    start: Minute
    type_id: Annotated[UUID | None, Meta(description="Left out: the service's first.")] = None
    needs: Needs = field(default_factory=list)


class HoldLonger(Order):
    """For how long from now: an hour in all at the most."""

    minutes: Annotated[int, Meta(ge=1, le=60)] = 10


class Person(Order):
    """Who comes, and what for. What is left out is what the service does best."""

    type_id: Annotated[UUID | None, Meta(description="Left out: the service's first.")] = None
    channel: Channel | None = None
    language: Annotated[str, Meta(max_length=35)] | None = None
    customer_id: UUID | None = None
    use_customer_contact: bool = False
    name: Name | None = None
    phone: Word | None = None
    email: Word | None = None
    fields: Values = field(default_factory=dict)
    tag_ids: Tags = field(default_factory=list)
    priority: Priority | None = None
    needs: Needs = field(default_factory=list)


class Book(Person, kw_only=True):
    """A time in a calendar, and who comes.

    `hold_id`: of the hold on it. `bypass`: whatever others have there. `staff_only`: no
    check-in without the staff.
    """

    calendar_id: UUID
    start: Minute
    hold_id: UUID | None = None
    bypass: bool = False
    staff_only: bool = False


class BookFirst(Person, kw_only=True):
    """Of which service the first time, from when on, how far, on which weekdays."""

    service_id: UUID
    first: date | None = None
    days: Days = 30
    weekdays: Annotated[list[Weekday], Meta(max_length=7)] = field(default_factory=list)
    staff_only: bool = False


class TimeInCalendar(Order):
    """A time in a calendar."""

    calendar_id: UUID
    start: Minute


class BookSeries(Person, kw_only=True):
    """Several times for one customer, all or none."""

    times: Annotated[list[TimeInCalendar], Meta(min_length=1, max_length=50)]
    staff_only: bool = False


class BookGroup(Order):
    """Several people, one after the other from a time on, all or none."""

    calendar_id: UUID
    start: Minute
    people: Annotated[list[Person], Meta(min_length=1, max_length=50)]


class Reschedule(Order):
    """To which time. `hold_id`: it was held. `bypass`: whatever others have there."""

    calendar_id: UUID
    start: Minute
    hold_id: UUID | None = None
    bypass: bool = False


class CheckIn(Order):
    """`override`, for the staff: also when it is too early or too late."""

    override: bool = False


class CheckInBy(Order):
    """By the code of the confirmation, or by the customer."""

    one_of: ClassVar[tuple[str, ...]] = ("code", "customer_id")

    code: Annotated[str, Meta(max_length=40)] | None = None
    customer_id: UUID | None = None
    override: bool = False


class MakeFeed(Order):
    """Whose appointments: an agent's, or a service's, perhaps at one index."""

    one_of: ClassVar[tuple[str, ...]] = ("agent_id", "service_id")

    agent_id: UUID | None = None
    service_id: UUID | None = None
    index: Index | None = None
