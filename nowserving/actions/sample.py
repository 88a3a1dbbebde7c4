"""A small branch to try things in: four services, two queues, four desks, five people."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from nowserving.actions.setup import Beginning
from nowserving.actions.sign_in import hash_password
from nowserving.bookings.rules import Plan, Rules
from nowserving.bookings.spans import Span
from nowserving.bookings.template import Hours, Seat, Template
from nowserving.kit.ids import token
from nowserving.kit.vault import fingerprint
from nowserving.people.permissions import Role
from nowserving.people.staff import Agent, Client, Group
from nowserving.places.codes import Code, CodeKind
from nowserving.places.needs import Need
from nowserving.places.organization import Desk, Organization, Unit
from nowserving.places.services import (
    Channel,
    EntryMode,
    Field,
    Outcome,
    Queue,
    Route,
    Service,
    ServiceCategory,
    ServiceType,
    Tag,
    Workspace,
)

_CODES = {
    CodeKind.CLASSIFICATION: (("INFO", "Information"), ("APPLY", "Application")),
    CodeKind.PROCEDURE: (("ID-CARD", "Identity card"),),
    CodeKind.PROCEDURE_OPTION: (("EXPRESS", "Express"),),
    CodeKind.CANCELLATION_REASON: (("CUSTOMER", "At the customer's wish"), ("STAFF", "Staff away")),
    CodeKind.PERSONAL_ID_TYPE: (),
    CodeKind.UNIT_TYPE: (("BRANCH", "Branch"),),
}

OFFICE_HOURS = Template(
    weekdays=(
        *[Hours(open=(Span(8 * 60, 16 * 60),), breaks=(Span(12 * 60, 12 * 60 + 40),))] * 5,
        Hours(open=(Span(9 * 60, 12 * 60),)),
        Hours(open=(Span(9 * 60, 12 * 60),)),
    ),
    seats=(Seat(suits=(Need.WHEELCHAIR,)),),
    opened_ahead=14,
)
"""When times can be booked in the sample: at the weekend too, so that it can be tried."""


def new_password() -> str:
    """A password of 72 bits of chance that meets the rules."""
    return f"Aa1!{token()[:12]}"


@dataclass(frozen=True, slots=True)
class Login:
    """A name and password of the sample; shown to whoever runs it, kept as a hash."""

    login: str
    password: str
    name: str


@dataclass(frozen=True, slots=True)
class Sample:
    """The sample branch, and the secrets that are shown once."""

    beginning: Beginning
    logins: tuple[Login, ...]
    client_secret: str

    @property
    def organization(self) -> Organization:
        """The sample's organization."""
        return self.beginning.organization

    @property
    def client(self) -> Client:
        """The sample's program."""
        return self.beginning.clients[0]


async def sample(
    new: Callable[[], UUID],
    now: datetime,
    *,
    number: int = 1,
    slug: str = "demo",
    time_zone: str = "Europe/Berlin",
    password: Callable[[], str] = new_password,
    hashed: Callable[[str], Awaitable[str]] = hash_password,
) -> Sample:
    """A new sample organization; `new` gives ids, `password` the agents' passwords."""
    organization = Organization(
        id=new(),
        number=number,
        slug=slug,
        name="Citizens' Office",
        languages=("en-US", "de-DE", "ar-EG"),
        time_zone=time_zone,
        country="DE",
        created_at=now,
    )
    places, unit = _places(organization, new)
    logins = tuple(
        Login(login, password(), name)
        for login, name in (
            ("ann", "Ann Example"),
            ("bob", "Bob Sample"),
            ("cem", "Cem Muster"),
            ("dia", "Dia Ejemplo"),
            ("eve", "Eve Manager"),
        )
    )
    agents = [
        Agent(
            organization.id,
            new(),
            at,
            one.login,
            one.name,
            f"{one.login}@{slug}.example",
            await hashed(one.password),
        )
        for at, one in enumerate(logins, 1)
    ]
    staff = Group(organization.id, new(), "Counter staff", (Role.AGENT,), (unit.id,))
    leads = Group(organization.id, new(), "Team leads", (Role.POWER_AGENT, Role.OWNER), None)
    secret = token()
    client = Client(
        organization.id,
        new(),
        new(),
        "Sample integration",
        fingerprint(secret).hex(),
        (
            Role.AGENT,
            Role.CASE_MANAGER,
            Role.APPOINTMENTS_MANAGER,
            Role.CUSTOMERS_MANAGER,
            Role.AGENT_IMPERSONATOR,
            Role.INTEGRATION_ADMIN,
        ),
    )
    return Sample(
        Beginning(
            organization=organization,
            places=places,
            agents=agents,
            groups=[staff, leads],
            members=[(staff.id, agent.id) for agent in agents[:4]] + [(leads.id, agents[4].id)],
            clients=[client],
            plans=[
                Plan(organization.id, one.id, OFFICE_HOURS, Rules(), now)
                for one in places
                if isinstance(one, Service) and one.entry_mode is EntryMode.APPOINTMENT
            ],
        ),
        logins,
        secret,
    )


def _places(organization: Organization, new: Callable[[], UUID]) -> tuple[list[object], Unit]:
    of = organization.id
    unit = Unit(
        of, new(), 1, None, "Main branch", organization.time_zone, "1 Market Square, ground floor"
    )
    reception = Queue(of, new(), unit.id, "Reception", "#03a9f4", 0)
    consulting = Queue(of, new(), unit.id, "Consulting", "#009688", 1)
    inquiry, papers, business = (
        ServiceCategory(of, new(), name) for name in ("Inquiry", "Papers", "Business")
    )
    advice = ServiceCategory(of, new(), "Advice")
    face = (Channel.FACE_TO_FACE,)
    kinds = [
        ServiceType(of, new(), inquiry.id, 1, "General inquiry", 6, 5, face, "#03a9f4"),
        ServiceType(
            of,
            new(),
            papers.id,
            2,
            "Passport",
            12,
            10,
            (Channel.FACE_TO_FACE, Channel.VIDEO),
            "#ff9800",
        ),
        ServiceType(of, new(), papers.id, 3, "Identity card", 10, 10, face, "#ffb74d"),
        ServiceType(
            of,
            new(),
            business.id,
            4,
            "Licence",
            20,
            15,
            (Channel.FACE_TO_FACE, Channel.VIDEO, Channel.PHONE),
            "#009688",
        ),
        ServiceType(of, new(), advice.id, 5, "Advice", 20, 20, face, "#673ab7"),
        ServiceType(of, new(), advice.id, 6, "Short question", 10, 20, face, "#9575cd"),
    ]

    def service(
        number: int,
        category: ServiceCategory,
        queue: Queue,
        name: str,
        prefix: str,
        *,
        needs_phone: bool = False,
        confirms: bool = True,
        entry_mode: EntryMode = EntryMode.WALK_IN,
        price: str = "",
        documents: str = "",
    ) -> Service:
        return Service(
            organization_id=of,
            id=new(),
            number=number,
            unit_id=unit.id,
            category_id=category.id,
            queue_id=queue.id,
            name=name,
            ext_ref=f"SVC-{number:03}",
            entry_mode=entry_mode,
            needs_customer=False,
            needs_phone=needs_phone,
            needs_email=False,
            pends=False,
            confirms_arrival=confirms,
            priority=0,
            prefix=prefix,
            suffix="",
            first_number=1,
            last_number=999,
            reset_minute=0,
            price=price,
            documents=documents,
        )

    services = [
        service(1, inquiry, reception, "Inquiry", "A", confirms=False),
        service(
            2,
            papers,
            reception,
            "Passports and identity cards",
            "B",
            documents="Your old passport or identity card\nA photo that is not older than a year",
        ),
        service(3, business, consulting, "Business licences", "C", needs_phone=True),
        service(
            4,
            advice,
            consulting,
            "Advice by appointment",
            "D",
            entry_mode=EntryMode.APPOINTMENT,
            price="Free of charge",
            documents="Letters that you have had from us\nAn identity card",
        ),
    ]
    desks = [Desk(of, new(), unit.id, at, f"Counter {at}") for at in range(1, 5)]
    workspaces = [
        Workspace(of, new(), unit.id, "Everything", (reception.id, consulting.id)),
        Workspace(of, new(), unit.id, "Reception", (reception.id,)),
        Workspace(of, new(), unit.id, "Consulting", (consulting.id,)),
    ]
    words: list[object] = [
        Field(of, new(), business.id, "Company", "company", False, 1),
        Tag(of, new(), "Regular", "#607d8b"),
        Tag(of, new(), "Urgent", "#f44336"),
        Outcome(of, new(), "Done", True, 1),
        Outcome(of, new(), "Papers missing", False, 2),
        Outcome(of, new(), "Sent elsewhere", False, 3),
        Route(of, reception.id, consulting.id),
        Route(of, consulting.id, reception.id),
    ]
    words += [
        Code(of, new(), kind, number, code, name)
        for kind, codes in _CODES.items()
        for number, (code, name) in enumerate(codes, 1)
    ]
    places: list[object] = [unit, reception, consulting, inquiry, papers, business, advice]
    return [*places, *kinds, *services, *desks, *workspaces, *words], unit
