"""A back office for the sample branch: what comes in by letter, and the names it is given."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from nowserving.actions.house import House
from nowserving.people.actor import system
from nowserving.people.permissions import Role
from nowserving.people.staff import Group
from nowserving.places.directory import Directory
from nowserving.places.organization import Unit
from nowserving.places.services import (
    Channel,
    EntryMode,
    Field,
    Queue,
    Service,
    ServiceCategory,
    ServiceType,
)
from nowserving.places.statuses import CasePriority, CaseStatus, Condition

KINDS = ("Request", "Complaint", "Claim", "Suggestion")
STATUSES = (
    ("Open", "waiting", Condition.OPEN),
    ("In progress", "active", Condition.OPEN),
    ("On hold", "on_hold", Condition.OPEN),
    ("Solved", "resolved", Condition.OPEN),
    ("Closed", "closed", Condition.CLOSED),
    ("Rejected", "canceled", Condition.CLOSED),
)
PRIORITIES = (("Low", 0), ("Normal", 0), ("High", 1), ("Urgent", 2))
FIRST_NUMBER = 101
"""Where the numbers of the back office's service and types begin."""


@dataclass(frozen=True, slots=True)
class BackOffice:
    """The sample's back office."""

    unit: Unit
    service: Service
    types: tuple[ServiceType, ...]
    statuses: tuple[CaseStatus, ...]
    priorities: tuple[CasePriority, ...]
    field: Field


async def add_back_office(
    house: House, directory: Directory, staff: tuple[UUID, ...] = ()
) -> BackOffice:
    """Add a unit with an inbox to the sample, and let some agents work there."""
    office, things = _office(directory, lambda: house.ids(house.clock()))
    of = directory.organization.id
    async with house.acting(system(of, "setup")) as act:
        group = Group(of, act.new_id(), "Back office", (Role.AGENT,), (office.unit.id,))
        await act.store.places.add(things)
        members = [(group.id, agent) for agent in staff]
        await act.store.people.add(groups=[group], members=members)
    house.forget_directory(of)
    return office


def _office(directory: Directory, new: Callable[[], UUID]) -> tuple[BackOffice, list[object]]:
    organization = directory.organization
    of = organization.id
    unit = Unit(of, new(), 2, None, "Back office", organization.time_zone)
    inbox = Queue(of, new(), unit.id, "Inbox", "#795548", 0, inbox=True)
    category = ServiceCategory(of, new(), "Correspondence")
    types = tuple(
        ServiceType(
            of, new(), category.id, at, name, 15, 0, (Channel.CHAT, Channel.PHONE), "#795548"
        )
        for at, name in enumerate(KINDS, FIRST_NUMBER)
    )
    service = Service(
        organization_id=of,
        id=new(),
        number=FIRST_NUMBER,
        unit_id=unit.id,
        category_id=category.id,
        queue_id=inbox.id,
        name="Letters and complaints",
        ext_ref=f"SVC-{FIRST_NUMBER}",
        entry_mode=EntryMode.WALK_IN,
        needs_customer=False,
        needs_phone=False,
        needs_email=False,
        pends=False,
        confirms_arrival=False,
        priority=0,
        prefix="",
        suffix="",
        first_number=1,
        last_number=999,
        reset_minute=0,
    )
    statuses = tuple(
        CaseStatus(of, new(), name, state, condition, at)
        for at, (name, state, condition) in enumerate(STATUSES, 1)
    )
    priorities = tuple(
        CasePriority(of, new(), name, level, at) for at, (name, level) in enumerate(PRIORITIES, 1)
    )
    field = Field(of, new(), category.id, "Reference", "reference", False, 1)
    made = BackOffice(unit, service, types, statuses, priorities, field)
    return made, [unit, inbox, category, *types, service, *statuses, *priorities, field]
