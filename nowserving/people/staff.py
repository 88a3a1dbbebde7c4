"""Agents, the groups that give them roles, and programs with credentials."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from uuid import UUID

from nowserving.kit.problems import Blame, Problem
from nowserving.people.permissions import Role

LOCKED_AFTER = 10
"""Failed sign-ins in a row that lock an agent out (reference/cubu.md 4.2)."""

LOCKED_FOR = timedelta(minutes=15)
"""How long a lock lasts; the reference gives no figure, this one is ours."""

PASSWORDS_REMEMBERED = 5
"""So many of the last passwords cannot be used again (reference/cubu.md 4.2)."""

IDLE_AT_MOST = timedelta(days=3)
"""A session nobody used for this long asks for the password again (cubu.md 4.2)."""

AGE_AT_MOST = timedelta(days=7)
"""Every session asks for the password again after this long (cubu.md 4.2)."""


class UnknownCaller(Problem):
    """Sign in first: the credentials are missing, wrong or out of date."""

    blame = Blame.UNKNOWN_CALLER


class WrongPassword(Problem):
    """The name or the password is not right."""

    blame = Blame.UNKNOWN_CALLER


class LockedOut(Problem):
    """Too many failed sign-ins; this account is locked for a while."""

    blame = Blame.HASTE


class WeakPassword(Problem):
    """A password needs 8 characters with a small and a capital letter, a digit and one of !@#$%^&*,
    and must not be one of the last five."""

    blame = Blame.INPUT


@dataclass(frozen=True, slots=True)
class Agent:
    """Somebody who works here."""

    organization_id: UUID
    id: UUID
    number: int
    login: str
    name: str
    email: str | None
    password_hash: str
    failed_sign_ins: int = 0
    locked_until: datetime | None = None
    archived: bool = False

    def locked(self, now: datetime) -> bool:
        """Is the account locked at this moment?"""
        return self.locked_until is not None and now < self.locked_until


@dataclass(frozen=True, slots=True)
class Group:
    """People with the same roles, at some units or (None) at all."""

    organization_id: UUID
    id: UUID
    name: str
    roles: tuple[Role, ...]
    unit_ids: tuple[UUID, ...] | None


@dataclass(frozen=True, slots=True)
class Client:
    """A program with credentials and roles. Its secret is kept as a hash only.

    `addresses`: the networks from which it may sign its requests with the secret itself
    (None: from anywhere), as in 192.0.2.0/24.
    """

    organization_id: UUID
    id: UUID
    application_id: UUID
    name: str
    secret_hash: str
    roles: tuple[Role, ...]
    archived: bool = False
    addresses: tuple[str, ...] | None = None

    def may_call_from(self, address: str) -> bool:
        """Is this one of the addresses it was registered with? An unreadable one is none."""
        if self.addresses is None:
            return True
        try:
            asked = ip_address(address)
        except ValueError:
            return False
        plain = getattr(asked, "ipv4_mapped", None) or asked
        return any(plain in ip_network(known) for known in self.addresses)


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in of one agent in one browser, and where they sat down."""

    organization_id: UUID
    token_hash: bytes
    agent_id: UUID
    csrf: str
    created_at: datetime
    seen_at: datetime
    unit_id: UUID | None = None
    desk_id: UUID | None = None
    workspace_id: UUID | None = None

    def live(self, now: datetime) -> bool:
        """May this session still be used, or must the password be typed again?"""
        return now - self.created_at < AGE_AT_MOST and now - self.seen_at < IDLE_AT_MOST


def strong(password: str) -> bool:
    """Does a password meet the rules of reference/cubu.md 4.2?"""
    return (
        len(password) >= 8
        and any(c.islower() for c in password)
        and any(c.isupper() for c in password)
        and any(c.isdigit() for c in password)
        and any(c in "!@#$%^&*" for c in password)
    )
