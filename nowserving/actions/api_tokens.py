"""Tokens that programs of other makers bring with each request: made, counted, taken back.

A token begins with the number of its organization, so that it is looked up within one
tenant. Each use is counted in a transaction of its own, done before anything else begins,
so nothing waits for a counter but the same token (docs/decisions/0026).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from nowserving.actions.act import Act
from nowserving.actions.house import House
from nowserving.actions.noting import note
from nowserving.cases.case import Case, Note, Visibility
from nowserving.kit.ids import token
from nowserving.kit.problems import Forbidden, Invalid, NotFound, TooMany
from nowserving.kit.texts import kept
from nowserving.kit.vault import fingerprint
from nowserving.people.actor import Actor, ActorKind, Everywhere, Units, grants_of
from nowserving.people.permissions import Permission
from nowserving.people.staff import UnknownCaller
from nowserving.people.tokens import LIMIT, ROLES_OF_A_TOKEN, ApiToken, TokenKind
from nowserving.places.organization import Organization
from nowserving.store.engines import Looking
from nowserving.store.store import Store

NAME_AT_MOST = 100
LIMIT_AT_MOST = 10_000_000


@dataclass(frozen=True, slots=True)
class Bearer:
    """A program that brought a good token: who it is, and how often it has come today."""

    actor: Actor
    token: ApiToken
    organization: Organization
    used: int


async def create_token(
    act: Act,
    *,
    name: str,
    kind: TokenKind = TokenKind.INTERNAL,
    daily_limit: int = LIMIT,
    customer_id: UUID | None = None,
    replaces_files: bool = False,
) -> tuple[ApiToken, str]:
    """Make a token; its text is in this answer and nowhere else. Name and kind are for good.

    An external one is bound to a company, which is a customer; an internal one is not.
    """
    _must_manage(act)
    name = kept(name.strip(), field="name", at_most=NAME_AT_MOST)
    if not name:
        raise Invalid(field="name", reason="empty")
    if not 0 < daily_limit <= LIMIT_AT_MOST:
        raise Invalid(field="daily_limit", reason=f"1 to {LIMIT_AT_MOST}")
    if (kind is TokenKind.EXTERNAL) != (customer_id is not None):
        raise Invalid(field="customer_id", reason="of an external token, and only of one")
    if customer_id is not None:
        await act.store.customers.get(customer_id)
    number = (await act.directory()).organization.number
    secret = f"{number}.{token()}"
    made = ApiToken(
        organization_id=act.actor.organization_id,
        id=act.new_id(),
        name=name,
        kind=kind,
        token_hash=fingerprint(secret),
        daily_limit=daily_limit,
        created_at=act.now,
        customer_id=customer_id,
        replaces_files=replaces_files,
    )
    await act.store.tokens.add(made)
    said = {"name": name, "kind": kind, "daily_limit": daily_limit, "customer_id": customer_id}
    await note(act, "token", made.id, verb="add", after=said)
    return made, secret


async def tokens(act: Act) -> list[tuple[ApiToken, int]]:
    """The tokens that are good, and how often each was used today."""
    _must_manage(act)
    today = _today(act.now, (await act.directory()).organization)
    good = [one for one in await act.look.tokens.all() if not one.archived]
    return [(one, await act.look.tokens.used(one.id, today)) for one in good]


async def drop_token(act: Act, *, token_id: UUID) -> None:
    """Take a token back: from now on it is unknown."""
    _must_manage(act)
    found = await act.store.tokens.get(token_id)
    if found is None or found.archived:
        raise NotFound(what="token", id=token_id)
    await act.store.tokens.archive(token_id)
    await note(act, "token", token_id, verb="delete", before={"name": found.name})


async def use_token(house: House, secret: str, *, kinds: Collection[TokenKind]) -> Bearer:
    """Count a use of a token for something that these kinds are for; who brings it.

    Raises UnknownCaller for a token we do not know, Forbidden for one of another kind, and
    TooMany, with its `limit`, when it was used so often today.
    """
    organization = await _organization(house, secret)
    found = await Store(Looking(house.engine), organization.id).tokens.hashed(fingerprint(secret))
    if found is None or found.archived:
        raise UnknownCaller()
    if found.kind not in kinds:
        raise Forbidden(reason=f"not with a token that is {found.kind}")
    actor = _as_actor(found)
    async with house.acting(actor) as act:
        day = _today(act.now, organization)
        used = await act.store.tokens.use(found.id, day, most=found.daily_limit)
    if used is None:
        left = seconds_to_rest(house.clock(), organization)
        raise TooMany(limit=found.daily_limit, seconds=left)
    return Bearer(actor, found, organization, used)


def seconds_to_rest(now: datetime, organization: Organization) -> int:
    """Seconds until counters begin anew: at midnight of the organization."""
    here = now.astimezone(organization.zone)
    midnight = datetime.combine(here.date() + timedelta(days=1), datetime.min.time(), here.tzinfo)
    return max(1, round(midnight.timestamp() - now.timestamp()))


async def notes_for_company(
    act: Act, *, token: ApiToken, cases: Collection[Case], most: int
) -> list[tuple[Case, Note]]:
    """The public remarks on cases of the company that an external token is bound to, newest first.

    Forbidden with another kind of token, or if one of the cases is not the company's.
    """
    if token.kind is not TokenKind.EXTERNAL or token.customer_id is None:
        raise Forbidden(reason="for an external token")
    found: list[tuple[Case, Note]] = []
    for case in cases:
        if case.customer_id != token.customer_id:
            raise Forbidden(case=case.id)
        notes = await act.look.cases.notes(case.id)
        found += [(case, note) for note in notes if note.visibility is Visibility.PUBLIC]
    return sorted(found, key=lambda one: (one[1].at, one[1].id), reverse=True)[:most]


def _as_actor(token: ApiToken) -> Actor:
    """An external token's program may read what the public follows, and no line."""
    if token.kind is TokenKind.EXTERNAL:
        grants: dict[Permission, Units] = {Permission.FOLLOW: Everywhere}
    else:
        grants = grants_of((role, None) for role in ROLES_OF_A_TOKEN)
    return Actor(token.organization_id, ActorKind.CLIENT, token.id, token.name, grants)


def _today(now: datetime, organization: Organization) -> date:
    return now.astimezone(organization.zone).date()


async def _organization(house: House, secret: str) -> Organization:
    number, _, rest = secret.partition(".")
    if not (rest and number.isascii() and number.isdigit() and len(number) <= 9):
        raise UnknownCaller()
    try:
        return await house.organization_numbered(int(number))
    except NotFound:
        raise UnknownCaller() from None


def _must_manage(act: Act) -> None:
    if not act.actor.may_everywhere(Permission.MANAGE_INTEGRATIONS):
        raise Forbidden(permission=Permission.MANAGE_INTEGRATIONS)
