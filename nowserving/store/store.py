"""The store, opened for somebody: it shows only what they may see."""

from uuid import UUID

from nowserving.people.actor import Units
from nowserving.store.attendance import Attendances
from nowserving.store.audit import Audit
from nowserving.store.bookings import Bookings
from nowserving.store.case_lists import CaseLists
from nowserving.store.cases import Cases
from nowserving.store.customers import Customers
from nowserving.store.deliveries import Deliveries
from nowserving.store.drafts import Drafts
from nowserving.store.endpoints import Endpoints
from nowserving.store.engines import Connection
from nowserving.store.files import Files
from nowserving.store.finding import Finding
from nowserving.store.health import Health
from nowserving.store.hooks import Hooks
from nowserving.store.journal import Journal
from nowserving.store.lanes import Lanes
from nowserving.store.letters import Letters
from nowserving.store.notices import Notices
from nowserving.store.people import People
from nowserving.store.places import Places
from nowserving.store.remote import RemoteCustomers
from nowserving.store.replays import Replays
from nowserving.store.requests import Requests
from nowserving.store.statistics import Statistics
from nowserving.store.tokens import Tokens
from nowserving.store.work import Work


class Store:
    """All questions and writes within one organization, on one connection.

    `sees` limits what is shown to some units; None shows all of the organization.
    """

    __slots__ = (
        "attendance",
        "audit",
        "bookings",
        "case_lists",
        "cases",
        "customers",
        "deliveries",
        "drafts",
        "endpoints",
        "files",
        "finding",
        "health",
        "hooks",
        "journal",
        "lanes",
        "letters",
        "notices",
        "organization_id",
        "people",
        "places",
        "remote",
        "replays",
        "requests",
        "statistics",
        "tokens",
        "work",
    )

    def __init__(self, connection: Connection, organization_id: UUID, sees: Units = None) -> None:
        self.organization_id = organization_id
        self.attendance = Attendances(connection, organization_id)
        self.audit = Audit(connection, organization_id)
        self.case_lists = CaseLists(connection, organization_id, sees)
        self.bookings = Bookings(connection, organization_id, sees)
        self.cases = Cases(connection, organization_id, sees)
        self.endpoints = Endpoints(connection, organization_id)
        self.customers = Customers(connection, organization_id)
        self.drafts = Drafts(connection, organization_id)
        self.finding = Finding(connection, organization_id)
        self.hooks = Hooks(connection, organization_id)
        self.files = Files(connection, organization_id)
        self.deliveries = Deliveries(connection, organization_id)
        self.health = Health(connection, organization_id)
        self.journal = Journal(connection, organization_id)
        self.lanes = Lanes(connection, organization_id)
        self.letters = Letters(connection, organization_id)
        self.notices = Notices(connection, organization_id)
        self.people = People(connection, organization_id)
        self.places = Places(connection, organization_id)
        self.remote = RemoteCustomers(connection, organization_id)
        self.replays = Replays(connection, organization_id)
        self.requests = Requests(connection, organization_id)
        self.tokens = Tokens(connection, organization_id)
        self.statistics = Statistics(connection, organization_id)
        self.work = Work(connection, organization_id)
