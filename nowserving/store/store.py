"""The store, opened for somebody: it shows only what they may see."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload
from uuid import UUID

from nowserving.people.actor import Units
from nowserving.store.appointments import Appointments
from nowserving.store.attendance import Attendances
from nowserving.store.audit import Audit
from nowserving.store.backlog import Backlog
from nowserving.store.blocks import Blocks
from nowserving.store.calendar_feeds import CalendarFeeds
from nowserving.store.calendars import Calendars
from nowserving.store.case_lists import CaseLists
from nowserving.store.cases import Cases
from nowserving.store.consents import Consents
from nowserving.store.customers import Customers
from nowserving.store.data_records import DataRecords
from nowserving.store.deliveries import Deliveries
from nowserving.store.desk_posts import DeskPosts
from nowserving.store.drafts import Drafts
from nowserving.store.endpoints import Endpoints
from nowserving.store.engines import Connection
from nowserving.store.feed import Feed
from nowserving.store.files import Files
from nowserving.store.finding import Finding
from nowserving.store.health import Health
from nowserving.store.holds import Holds
from nowserving.store.hooks import Hooks
from nowserving.store.journal import Journal
from nowserving.store.lanes import Lanes
from nowserving.store.letters import Letters
from nowserving.store.lines import Lines
from nowserving.store.notices import Notices
from nowserving.store.people import People
from nowserving.store.places import Places
from nowserving.store.plans import Plans
from nowserving.store.remote import RemoteCustomers
from nowserving.store.replays import Replays
from nowserving.store.requests import Requests
from nowserving.store.series import Series
from nowserving.store.statistics import Statistics
from nowserving.store.tokens import Tokens
from nowserving.store.work import Work

Part = TypeVar("Part")


class _Made(Generic[Part]):
    """A part of the store, made when it is first asked for: of all there are, a few are."""

    def __init__(self, make: "Callable[[Store], Part]") -> None:
        self._make = make

    def __set_name__(self, owner: type[Any], name: str) -> None:
        self._name = name

    @overload
    def __get__(self, store: None, owner: type[Any]) -> "_Made[Part]": ...
    @overload
    def __get__(self, store: "Store", owner: type[Any]) -> Part: ...
    def __get__(self, store: "Store | None", owner: type[Any]) -> "_Made[Part] | Part":
        if store is None:
            return self
        part = store.__dict__[self._name] = self._make(store)  # which is found first from now on
        return part


def _ours(part: Callable[[Connection, UUID], Part]) -> _Made[Part]:
    return _Made(lambda store: part(store._connection, store.organization_id))


def _seen(part: Callable[[Connection, UUID, Units], Part]) -> _Made[Part]:
    return _Made(lambda store: part(store._connection, store.organization_id, store._sees))


class Store:
    """All questions and writes within one organization, on one connection.

    `sees` limits what is shown to some units; None shows all of the organization.
    """

    appointments = _seen(Appointments)
    attendance = _ours(Attendances)
    audit = _ours(Audit)
    backlog = _ours(Backlog)
    blocks = _ours(Blocks)
    calendar_feeds = _ours(CalendarFeeds)
    calendars = _seen(Calendars)
    case_lists = _seen(CaseLists)
    cases = _seen(Cases)
    consents = _ours(Consents)
    customers = _ours(Customers)
    data_records = _ours(DataRecords)
    deliveries = _ours(Deliveries)
    drafts = _ours(Drafts)
    endpoints = _ours(Endpoints)
    feed = _ours(Feed)
    files = _ours(Files)
    finding = _ours(Finding)
    health = _ours(Health)
    holds = _ours(Holds)
    hooks = _ours(Hooks)
    journal = _ours(Journal)
    lanes = _ours(Lanes)
    letters = _ours(Letters)
    lines = _ours(Lines)
    notices = _ours(Notices)
    people = _ours(People)
    places = _ours(Places)
    plans = _ours(Plans)
    posts = _ours(DeskPosts)
    remote = _ours(RemoteCustomers)
    replays = _ours(Replays)
    requests = _ours(Requests)
    series = _ours(Series)
    statistics = _ours(Statistics)
    tokens = _ours(Tokens)
    work = _ours(Work)

    def __init__(self, connection: Connection, organization_id: UUID, sees: Units = None) -> None:
        self._connection = connection
        self._sees = sees
        self.organization_id = organization_id
