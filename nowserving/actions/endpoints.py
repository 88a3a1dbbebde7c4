"""Endpoints: where facts go. Added, looked at, changed and taken away by administrators.

A secret is made here, kept locked, and answered once, to whoever had it made. Every change
is written down with what was before and after it, never with a secret.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from nowserving.actions.act import Act
from nowserving.actions.endpoint_terms import (
    header_names,
    keyed,
    needs_secret,
    said_of,
    with_terms,
)
from nowserving.kit.problems import Forbidden, Invalid, NotFound, Stale
from nowserving.people.actor import ActorKind
from nowserving.people.permissions import Permission
from nowserving.places.endpoints import POSTS_AT_ONCE, Endpoint, EndpointState, Why
from nowserving.places.secrets import rolled
from nowserving.store.audit import NEWEST, Change
from nowserving.store.endpoints import EndpointHealth

ENDPOINTS_AT_MOST = 5000
"""Endpoints of one organization."""

BOTH_FOR = timedelta(hours=24)
"""How long both secrets are good when one rolls, unless somebody says otherwise."""

BOTH_AT_MOST = timedelta(days=7)

SUBJECT = "endpoint"
"""How the audit calls an endpoint."""


@dataclass(frozen=True, slots=True)
class Shown:
    """An endpoint as its administrator sees it: `header_names` only, for values may be secret.

    `secret` is there once: for whoever had it made.
    """

    endpoint: Endpoint
    header_names: tuple[str, ...]
    secret: str | None = None


@dataclass(frozen=True, slots=True)
class Faring:
    """An endpoint and how it fares."""

    shown: Shown
    health: EndpointHealth


async def add(
    act: Act,
    *,
    dialect: str,
    url: str,
    name: str = "",
    kinds: Sequence[str] | None = None,
    unit_ids: Sequence[UUID] | None = None,
    service_ids: Sequence[UUID] | None = None,
    authorization: str | None = None,
    secret: str | None = None,
    settings: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
    concurrency: int = POSTS_AT_ONCE,
    rate: int | None = None,
    trusted: bool = False,
) -> Shown:
    """Tell an address what happens from now on, in one language.

    `kinds` None: what is usual in that language. `secret` None: one is made, if there is to be
    one. `trusted`: the operator names this address, so it may be anywhere and need not
    confirm; nobody else can say that. Raises Invalid and Forbidden.
    """
    must_manage(act)
    if trusted and act.actor.kind is not ActorKind.SYSTEM:
        raise Forbidden(reason="only the operator can trust an address")
    if await act.look.endpoints.count() >= ENDPOINTS_AT_MOST:
        raise Invalid(reason=f"at most {ENDPOINTS_AT_MOST} endpoints")
    language = act.house.outside.language(dialect)
    bare = Endpoint(
        organization_id=act.actor.organization_id,
        id=act.new_id(),
        dialect=dialect,
        url="",
        kinds=(),
        authorization="",
        secret=None,
        settings={"allowed": True} if trusted else {},
        created_at=act.now,
        confirmed_at=act.now if trusted else None,
    )
    terms = {
        "name": name,
        "url": url,
        "kinds": language.usual if kinds is None else kinds,
        "unit_ids": unit_ids,
        "service_ids": service_ids,
        "authorization": authorization or language.authorizations[0],
        "settings": settings or {},
        "headers": headers or {},
        "concurrency": concurrency,
        "rate": rate,
    }
    endpoint = await with_terms(act, bare, language, terms)
    if secret is not None and not needs_secret(language, endpoint):
        raise Invalid(field="secret", reason="there is nothing it would be for")
    endpoint, shown = keyed(act, endpoint, language, given=secret)
    await act.store.endpoints.add(endpoint)
    if not endpoint.confirmed:
        await act.store.consents.ask_at(endpoint.id, act.now)
    await _note(act, "add", endpoint, {}, said_of(act, endpoint))
    return Shown(endpoint, header_names(act, endpoint), shown)


async def page(act: Act, *, after: UUID | None = None, most: int = 50) -> list[Faring]:
    """Endpoints and how they fare, the oldest first; `after`: those behind this one."""
    must_manage(act)
    found = await act.look.endpoints.page(after=after or UUID(int=0), most=most)
    return [await _faring(act, endpoint) for endpoint in found]


async def show(act: Act, *, endpoint_id: UUID) -> Faring:
    """One endpoint and how it fares."""
    must_manage(act)
    return await _faring(act, await _found(act, endpoint_id))


async def history(
    act: Act, *, endpoint_id: UUID, before: UUID | None = None, most: int = 50
) -> list[Change]:
    """Who changed what of an endpoint, the newest first; that of a deleted one too."""
    must_manage(act)
    return await act.look.audit.of(endpoint_id, before=before or NEWEST, most=most)


async def change(act: Act, *, endpoint_id: UUID, version: int, changes: Mapping[str, Any]) -> Shown:
    """Set some of an endpoint's terms, over the version that was seen; Stale if it is another.

    `changes`: by the names of what `add` takes, except dialect, secret and trusted. Another
    `url` has to confirm anew. Where a secret becomes needed one is made and answered.
    """
    must_manage(act)
    seen = await _found(act, endpoint_id)
    if seen.version != version:
        raise Stale(endpoint=endpoint_id, version=seen.version)
    language = act.house.outside.language(seen.dialect)
    to = await with_terms(act, seen, language, changes)
    if to.url != seen.url and not to.trusted:
        to = replace(to, confirmed_at=None)
    to, secret = keyed(act, to, language, given=None)
    changed = await _write(act, "change", seen, to)
    if changed.confirmed_at is None and not changed.trusted and seen.url != to.url:
        await act.store.consents.ask_at(to.id, act.now)
    return Shown(changed, header_names(act, changed), secret)


async def pause(act: Act, *, endpoint_id: UUID) -> Shown:
    """Tell it nothing until it is resumed; what happens meanwhile is told then."""
    must_manage(act)
    seen = await _found(act, endpoint_id)
    if seen.is_paused:
        return Shown(seen, header_names(act, seen))
    to = replace(seen, state=EndpointState.DISABLED, why=Why.PAUSED)
    changed = await _write(act, "pause", seen, to)
    return Shown(changed, header_names(act, changed))


async def resume(act: Act, *, endpoint_id: UUID) -> Shown:
    """Tell it again, from where it was left, whatever it was disabled for."""
    must_manage(act)
    seen = await _found(act, endpoint_id)
    if seen.state is EndpointState.ACTIVE:
        return Shown(seen, header_names(act, seen))
    to = replace(seen, state=EndpointState.ACTIVE, why=None, failing_since=None)
    changed = await _write(act, "resume", seen, to)
    await act.store.lanes.hurry(to.id, act.now)
    return Shown(changed, header_names(act, changed))


async def remove(act: Act, *, endpoint_id: UUID) -> None:
    """Delete an endpoint. What it has yet to be told is told to nobody; its secrets are gone."""
    must_manage(act)
    seen = await _found(act, endpoint_id)
    to = replace(
        seen,
        state=EndpointState.DELETED,
        secret=None,
        old_secret=None,
        old_secret_until=None,
        headers=None,
    )
    await _write(act, "delete", seen, to)
    await act.store.consents.ask_at(to.id, None)


async def roll_secret(
    act: Act, *, endpoint_id: UUID, both_for: timedelta | None = None, secret: str | None = None
) -> Shown:
    """Give an endpoint a new secret; the old one signs beside it for a while, 7 days at most.

    `both_for` None: a day, where the language can say two signatures; where it cannot, the new
    one is used at once. Rolled again meanwhile, the one before the last signs on as well.
    `secret` None: one is made. Raises Invalid.
    """
    must_manage(act)
    seen = await _found(act, endpoint_id)
    language = act.house.outside.language(seen.dialect)
    if not needs_secret(language, seen):
        raise Invalid(field="secret", reason="this endpoint has none")
    if both_for is None:
        both_for = BOTH_FOR if language.two_signatures else timedelta(0)
    if not timedelta(0) <= both_for <= BOTH_AT_MOST:
        raise Invalid(field="both_for", reason=f"at most {BOTH_AT_MOST.days} days")
    if both_for and not language.two_signatures:
        raise Invalid(field="both_for", reason="this language says one signature only")
    new = language.made() if secret is None else language.known(secret)
    to = replace(
        seen,
        secret=act.house.vault.lock(new),
        old_secret=rolled(seen.secrets(act.now)) if both_for else None,
        old_secret_until=act.now + both_for if both_for else None,
    )
    changed = await _write(act, "roll_secret", seen, to)
    return Shown(changed, header_names(act, changed), new)


async def ask_again(act: Act, *, endpoint_id: UUID) -> Shown:
    """Ask an endpoint once more whether it wants to be told."""
    must_manage(act)
    endpoint = await _found(act, endpoint_id)
    if not endpoint.confirmed:
        await act.store.consents.ask_at(endpoint.id, act.now)
    return Shown(endpoint, header_names(act, endpoint))


async def confirm(act: Act, *, endpoint_id: UUID) -> Shown:
    """Take the operator's word for it that an endpoint wants to be told."""
    must_manage(act)
    if act.actor.kind is not ActorKind.SYSTEM:
        raise Forbidden(reason="only the operator can confirm for somebody else")
    seen = await _found(act, endpoint_id)
    if seen.confirmed:
        return Shown(seen, header_names(act, seen))
    changed = await _write(act, "confirm", seen, replace(seen, confirmed_at=act.now))
    await act.store.consents.ask_at(seen.id, None)
    return Shown(changed, header_names(act, changed))


def must_manage(act: Act) -> None:
    """Forbidden unless integrations of the whole organization are this actor's business."""
    if not act.actor.may_everywhere(Permission.MANAGE_INTEGRATIONS):
        raise Forbidden(permission=Permission.MANAGE_INTEGRATIONS)


async def _found(act: Act, id: UUID) -> Endpoint:
    endpoint = await act.store.endpoints.get(id) if act.wrote else await act.look.endpoints.get(id)
    if endpoint is None:
        raise NotFound(what="endpoint", id=id)
    return endpoint


async def _faring(act: Act, endpoint: Endpoint) -> Faring:
    health = await act.look.endpoints.health(endpoint.id)
    return Faring(Shown(endpoint, header_names(act, endpoint)), health)


async def _write(act: Act, verb: str, seen: Endpoint, to: Endpoint) -> Endpoint:
    """Write over what was seen, and write down what changed."""
    new = replace(to, version=seen.version + 1)
    before, after = said_of(act, seen), said_of(act, new)
    different = [name for name in after if before.get(name) != after[name]]
    await act.store.endpoints.replace(seen, new)
    await _note(
        act,
        verb,
        new,
        {name: before[name] for name in different},
        {name: after[name] for name in different},
    )
    return new


async def _note(
    act: Act, verb: str, endpoint: Endpoint, before: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    await act.store.audit.add(
        Change(
            organization_id=endpoint.organization_id,
            id=act.new_id(),
            at=act.now,
            actor=act.actor.principal,
            subject_kind=SUBJECT,
            subject_id=endpoint.id,
            verb=verb,
            before=before,
            after=after,
        )
    )
