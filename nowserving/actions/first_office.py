"""The smallest office that works: one unit, one queue, one service, one desk, one owner."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from nowserving.actions.setup import Beginning
from nowserving.actions.sign_in import hash_password
from nowserving.kit.problems import Invalid
from nowserving.people.permissions import Role
from nowserving.people.staff import Agent, Group, WeakPassword, strong
from nowserving.places.organization import Desk, Organization, Unit
from nowserving.places.services import (
    Channel,
    EntryMode,
    Outcome,
    Queue,
    Service,
    ServiceCategory,
    ServiceType,
    Workspace,
)


@dataclass(frozen=True, slots=True)
class Office:
    """What an operator says of a new organization."""

    slug: str
    name: str
    time_zone: str
    country: str
    languages: tuple[str, ...]
    owner: str
    password: str


async def first_office(
    office: Office, *, number: int, new: Callable[[], UUID], now: datetime
) -> Beginning:
    """The beginning of an organization. Raises Invalid and WeakPassword."""
    _check(office)
    organization = Organization(
        id=new(),
        number=number,
        slug=office.slug,
        name=office.name,
        languages=office.languages,
        time_zone=office.time_zone,
        country=office.country,
        created_at=now,
    )
    of = organization.id
    owner = Agent(
        of, new(), 1, office.owner, office.owner, None, await hash_password(office.password)
    )
    owners = Group(of, new(), "Owners", (Role.OWNER,), None)
    return Beginning(
        organization=organization,
        places=_places(organization, new),
        agents=[owner],
        groups=[owners],
        members=[(owners.id, owner.id)],
    )


def _check(office: Office) -> None:
    if not (2 <= len(office.slug) <= 40 and office.slug.replace("-", "a").isalnum()):
        raise Invalid(field="slug", reason="2 to 40 letters, digits and hyphens")
    try:
        ZoneInfo(office.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise Invalid(field="time zone", reason="there is no such zone") from None
    if not (len(office.country) == 2 and office.country.isalpha() and office.country.isupper()):
        raise Invalid(field="country", reason="two capital letters, as in DE")
    if not office.languages:
        raise Invalid(field="languages", reason="at least one, as in en-US")
    if not strong(office.password):
        raise WeakPassword()


def _places(organization: Organization, new: Callable[[], UUID]) -> list[object]:
    of = organization.id
    unit = Unit(of, new(), 1, None, organization.name, organization.time_zone)
    queue = Queue(of, new(), unit.id, "Reception", "#03a9f4", 0)
    category = ServiceCategory(of, new(), "General")
    kind = ServiceType(
        of, new(), category.id, 1, "General", 10, 0, (Channel.FACE_TO_FACE,), "#03a9f4"
    )
    service = Service(
        organization_id=of,
        id=new(),
        number=1,
        unit_id=unit.id,
        category_id=category.id,
        queue_id=queue.id,
        name="General",
        ext_ref="GENERAL",
        entry_mode=EntryMode.WALK_IN,
        needs_customer=False,
        needs_phone=False,
        needs_email=False,
        pends=False,
        confirms_arrival=False,
        priority=0,
        prefix="A",
        suffix="",
        first_number=1,
        last_number=999,
        reset_minute=0,
    )
    desk = Desk(of, new(), unit.id, 1, "Counter 1")
    workspace = Workspace(of, new(), unit.id, "Everything", (queue.id,))
    outcome = Outcome(of, new(), "Done", True, 1)
    return [unit, queue, category, kind, service, desk, workspace, outcome]
