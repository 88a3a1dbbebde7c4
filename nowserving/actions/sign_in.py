"""Finding out who is asking: people by password, programs by secret, both by token after.

A token begins with the number of its organization, so that it is looked up within one
tenant; the database holds only its hash.
"""

import asyncio
from base64 import b64encode
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hmac import compare_digest
from secrets import token_bytes
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from argon2.low_level import ARGON2_VERSION

from nowserving.actions.desk_posts import leave_desks
from nowserving.actions.house import House
from nowserving.kit.ids import token
from nowserving.kit.problems import NotFound
from nowserving.kit.shared import Shared
from nowserving.kit.vault import fingerprint
from nowserving.people.actor import Actor, ActorKind, grants_of, system
from nowserving.people.staff import (
    LOCKED_AFTER,
    LOCKED_FOR,
    Agent,
    Client,
    LockedOut,
    Session,
    UnknownCaller,
    WrongPassword,
)
from nowserving.places.organization import WhyLeft
from nowserving.store.engines import Looking
from nowserving.store.store import Store

TOKEN_FOR = timedelta(hours=1)
"""How long an access token is good (reference/cubu.md 2.1)."""

SEEN_EVERY = timedelta(minutes=5)
"""How exactly we note when a session was last used."""

BELIEVED_FOR = timedelta(seconds=5)
"""How long a process believes a token it has checked: a revoked one is refused after that."""

_hasher = PasswordHasher()


@dataclass(frozen=True, slots=True)
class SignedIn:
    """An agent in a browser, and what they may do."""

    actor: Actor
    agent: Agent
    session: Session


async def hash_password(password: str) -> str:
    """The argon2id hash of a password. Slow on purpose, so it runs beside the event loop."""
    return await asyncio.to_thread(_hasher.hash, password)


async def sign_in(
    house: House, *, organization_id: UUID, login: str, password: str
) -> tuple[str, Session]:
    """Begin a session; answers the token for the browser.

    Raises WrongPassword (for an unknown name too, after the same work) and LockedOut: ten
    failures in a row lock an account for a quarter of an hour.
    """
    now = house.clock()
    actor = system(organization_id, "sign-in")
    agent = await Store(Looking(house.engine), organization_id).people.agent_called(login)
    if agent is not None and agent.locked(now):
        raise LockedOut(until=agent.locked_until)
    good = await matches(agent.password_hash if agent else _NOBODY, password)
    async with house.acting(actor) as act:
        if agent is None or agent.archived or not good:
            if agent is not None:
                await act.store.people.count_failure(
                    agent.id, most=LOCKED_AFTER, until=now + LOCKED_FOR
                )
            failed = True
        else:
            failed = False
            secret = f"{(await house.organization(organization_id)).number}.{token()}"
            session = Session(organization_id, fingerprint(secret), agent.id, token(), now, now)
            await act.store.people.forget_failures(agent.id)
            await act.store.people.add_session(session)
    if failed:
        raise WrongPassword()
    return secret, session


async def signed_in(house: House, secret: str | None) -> SignedIn:
    """Who a browser's token belongs to; UnknownCaller if it is not good or not good any more."""
    now = house.clock()
    organization_id = await _organization(house, secret)
    store = Store(Looking(house.engine), organization_id)
    session = await store.people.session(fingerprint(secret or ""))
    if session is None or not session.live(now):
        raise UnknownCaller()
    agent = await store.people.agent(session.agent_id)
    if agent is None or agent.archived:
        raise UnknownCaller()
    grants = grants_of(await store.people.roles_of(agent.id))
    actor = Actor(organization_id, ActorKind.AGENT, agent.id, agent.name, grants)
    if now - session.seen_at > SEEN_EVERY:
        session = replace(session, seen_at=now)
        async with house.acting(actor) as act:
            await act.store.people.touch_session(session.token_hash, now)
    return SignedIn(actor, agent, session)


async def settle(
    house: House,
    here: SignedIn,
    *,
    unit_id: UUID | None,
    desk_id: UUID | None,
    workspace_id: UUID | None,
) -> None:
    """Remember where an agent sits in this session."""
    session = replace(here.session, unit_id=unit_id, desk_id=desk_id, workspace_id=workspace_id)
    async with house.acting(here.actor) as act:
        await act.store.people.replace_session(session)


async def sign_out(house: House, here: SignedIn) -> None:
    """End the session and leave the desk."""
    async with house.acting(here.actor) as act:
        await act.store.people.end_session(here.session.token_hash)
        await leave_desks(act, agent_id=here.agent.id, why=WhyLeft.SIGNED_OUT)


async def issue_token(
    house: House, *, organization_id: UUID, client_id: UUID, secret: str
) -> tuple[str, timedelta]:
    """An access token for a program; UnknownCaller if its id or secret is not right."""
    now = house.clock()
    client = await _with_secret(house, organization_id, client_id, secret)
    number = (await house.organization(organization_id)).number
    access = f"{number}.{token()}"
    async with house.acting(_as_actor(client)) as act:
        await act.store.people.add_token(fingerprint(access), client.id, now + TOKEN_FOR)
    return access, TOKEN_FOR


@dataclass(frozen=True, slots=True)
class Known:
    """Who has a token, believed until an instant. `client` is None for an agent."""

    until: datetime
    actor: Actor
    client: Client | None


class Callers:
    """Who has called lately, so that not every request asks the database."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._known: dict[str, Known] = {}
        self._asking: Shared[Known] = Shared()
        self._signing: dict[tuple[str, UUID, str], Known] = {}

    async def client(self, access: str | None) -> tuple[Actor, Client]:
        """The program an access token was given to; UnknownCaller if it is not good any more."""
        known = await self._believed(access or "")
        if known.client is None:
            raise UnknownCaller()
        return known.actor, known.client

    async def anybody(self, access: str | None) -> Actor:
        """The program or the agent with a token; UnknownCaller if it is not good any more."""
        return (await self._believed(access or "")).actor

    async def signing(
        self, organization: str, client_id: UUID, secret: str
    ) -> tuple[Actor, Client]:
        """The program that brings its secret with each request; UnknownCaller if it is wrong.

        `organization` is what it is called in addresses.
        """
        now, key = self._house.clock(), (organization, client_id, secret)
        known = self._signing.get(key)
        if known is None or now >= known.until:
            self._signing.pop(key, None)
            try:
                organization_id = (await self._house.organization_called(organization)).id
            except NotFound:
                raise UnknownCaller() from None
            client = await _with_secret(self._house, organization_id, client_id, secret)
            known = Known(now + BELIEVED_FOR, _as_actor(client), client)
            if len(self._signing) > 1_000:
                self._signing.clear()
            self._signing[key] = known
        assert known.client is not None
        return known.actor, known.client

    def forget(self, access: str | None) -> None:
        """A token was taken back in this process: believe it no longer."""
        self._known.pop(access or "", None)
        self._asking.forget(access or "")

    async def _believed(self, access: str) -> Known:
        known = self._known.get(access)
        if known is not None and self._house.clock() < known.until:
            return known
        return await self._asking.ask(access, lambda: self._ask(access))

    async def _ask(self, access: str) -> Known:
        now = self._house.clock()
        self._known.pop(access, None)
        known = await self._program(access, now) or Known(
            now + BELIEVED_FOR, (await signed_in(self._house, access)).actor, None
        )
        if len(self._known) > 10_000:
            self._known.clear()
        self._known[access] = known
        return known

    async def _program(self, access: str, now: datetime) -> Known | None:
        organization_id = await _organization(self._house, access)
        store = Store(Looking(self._house.engine), organization_id)
        found = await store.people.client_by_token(fingerprint(access))
        if found is None or found[1] <= now or found[0].archived:
            return None
        client, expires_at = found
        return Known(min(expires_at, now + BELIEVED_FOR), _as_actor(client), client)


async def _with_secret(house: House, organization_id: UUID, client_id: UUID, secret: str) -> Client:
    look = Store(Looking(house.engine), organization_id)
    client = await look.people.client(client_id)
    kept = client.secret_hash if client and not client.archived else ""
    if client is None or not compare_digest(kept, fingerprint(secret).hex()):
        raise UnknownCaller()
    return client


def _as_actor(client: Client) -> Actor:
    grants = grants_of((role, None) for role in client.roles)
    return Actor(client.organization_id, ActorKind.CLIENT, client.id, client.name, grants)


async def _organization(house: House, secret: str | None) -> UUID:
    number, _, rest = (secret or "").partition(".")
    if not (rest and number.isascii() and number.isdigit() and len(number) <= 9):
        raise UnknownCaller()
    try:
        return (await house.organization_numbered(int(number))).id
    except NotFound:
        raise UnknownCaller() from None


async def matches(hash: str, password: str) -> bool:
    """Is this the password? Slow on purpose, beside the event loop."""

    def verify() -> bool:
        try:
            return _hasher.verify(hash, password)
        except (VerifyMismatchError, InvalidHashError):
            return False

    return await asyncio.to_thread(verify)


def _hash_of_nobody() -> str:
    """A hash that no password has, as slow to try as a real one, but quick to make."""
    salt, digest = (
        b64encode(token_bytes(size)).decode().rstrip("=")
        for size in (_hasher.salt_len, _hasher.hash_len)
    )
    cost = f"m={_hasher.memory_cost},t={_hasher.time_cost},p={_hasher.parallelism}"
    return f"$argon2id$v={ARGON2_VERSION}${cost}${salt}${digest}"


_NOBODY = _hash_of_nobody()
