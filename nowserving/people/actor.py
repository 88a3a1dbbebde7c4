"""Who is asking, and what they may do where."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from nowserving.people.permissions import ALLOWED, Permission, Role

Everywhere = None
"""In the place of a set of units: all units of the organization."""

Units = frozenset[UUID] | None


class ActorKind(StrEnum):
    """What an actor is."""

    AGENT = "agent"
    CLIENT = "client"
    VISITOR = "visitor"
    HOLDER = "holder"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody, or some program, that asks for something in one organization.

    `grants` says for each permission at which units it holds. A holder is a person with
    a ticket's link: they may touch `case_id` and nothing else. `principal` is how the actor
    is named in the journal and in the table of idempotency keys; `sees` are the units whose
    things they may look at.
    """

    organization_id: UUID
    kind: ActorKind
    id: UUID | None
    name: str
    grants: Mapping[Permission, Units] = field(default_factory=dict)
    case_id: UUID | None = None
    principal: str = field(init=False, compare=False, repr=False)
    sees: Units = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Settle once what is asked for many times: the actor's name and range."""
        principal = f"{self.kind}:{self.id or self.case_id or self.name}"
        object.__setattr__(self, "principal", principal)
        object.__setattr__(self, "sees", _union(self.grants.values()))

    def may(self, permission: Permission, *, at: UUID, case: UUID | None = None) -> bool:
        """Is this permission given at this unit (and, for a holder, on this case)?"""
        if permission not in self.grants:
            return False
        if self.case_id is not None and self.case_id != case:
            return False
        units = self.grants[permission]
        return units is Everywhere or at in units

    @property
    def public(self) -> bool:
        """Is this somebody from the street, for whom the public's rules count?"""
        return self.kind in (ActorKind.VISITOR, ActorKind.HOLDER)

    def may_anywhere(self, permission: Permission) -> bool:
        """Is this permission given at any unit at all?"""
        return permission in self.grants

    def may_everywhere(self, permission: Permission) -> bool:
        """Is this permission given at all units of the organization?"""
        return permission in self.grants and self.grants[permission] is Everywhere


def _union(sets: Iterable[Units]) -> Units:
    seen: frozenset[UUID] = frozenset()
    for units in sets:
        if units is Everywhere:
            return Everywhere
        seen |= units
    return seen


def agent_named(principal: str) -> UUID | None:
    """The agent whom the journal names so; None for a kiosk, a program or the server itself."""
    kind, _, id = principal.partition(":")
    return UUID(id) if kind == ActorKind.AGENT else None


def grants_of(roles: Iterable[tuple[Role, Units]]) -> dict[Permission, Units]:
    """The union of what some roles allow, each at its own units."""
    grants: dict[Permission, Units] = {}
    for role, units in roles:
        for permission in ALLOWED[role]:
            held = grants.get(permission, frozenset())
            grants[permission] = Everywhere if held is None or units is None else held | units
    return grants


def visitor(organization_id: UUID, unit_id: UUID, name: str = "kiosk") -> Actor:
    """Whoever stands at a unit's public pages: may take a number, book, and see the board."""
    at = frozenset({unit_id})
    given = (Permission.QUEUE_UP, Permission.SEE_BOARD, Permission.BOOK, Permission.CHECK_IN)
    grants: dict[Permission, Units] = dict.fromkeys(given, at)
    return Actor(organization_id, ActorKind.VISITOR, None, name, grants)


_OF_A_HOLDER = (
    Permission.FOLLOW,
    Permission.LEAVE,
    Permission.BOOK,
    Permission.CALL_OFF,
    Permission.CHECK_IN,
)


def holder(organization_id: UUID, unit_id: UUID, case_id: UUID) -> Actor:
    """Whoever has a ticket's link: may follow that one case, leave, book otherwise, check in."""
    at = frozenset({unit_id})
    return Actor(
        organization_id,
        ActorKind.HOLDER,
        None,
        "ticket",
        dict.fromkeys(_OF_A_HOLDER, at),
        case_id,
    )


def system(organization_id: UUID, name: str) -> Actor:
    """The server itself, for what nobody asked for in person."""
    every = dict.fromkeys(Permission, Everywhere)
    return Actor(organization_id, ActorKind.SYSTEM, None, name, every)
