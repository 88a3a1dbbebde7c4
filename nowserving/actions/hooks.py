"""Setting up who is asked before something is done, and looking at what they answered."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec

from nowserving.actions.act import Act
from nowserving.actions.asking import Heard, Words
from nowserving.actions.before import question_of
from nowserving.actions.endpoint_terms import discreet
from nowserving.actions.hook_samples import sample_for
from nowserving.actions.noting import note
from nowserving.kit.problems import Forbidden, Invalid, NotFound
from nowserving.kit.texts import kept
from nowserving.people.permissions import Permission
from nowserving.places.directory import Directory
from nowserving.places.endpoints import Endpoint
from nowserving.places.hooks import (
    SECONDS_AT_MOST,
    Asking,
    Hook,
    HookKind,
    HookState,
    NoSuchHook,
    OnFailure,
)
from nowserving.places.secrets import rolled
from nowserving.store.audit import NEWEST, Change

SUBJECT = "hook"
"""How the audit calls a hook."""

NAME_AT_MOST = 200
HOOKS_AT_MOST = 50
HEADERS_AT_MOST = 20
MILLISECONDS = range(100, int(SECONDS_AT_MOST * 1000) + 1)
OLD_SECRET_FOR = timedelta(hours=24)
"""How long the old secret signs beside a new one."""

_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_OURS = re.compile(
    r"(?i)(webhook-.*|nowserving-.*|idempotency-key|content-.*|host|connection|user-agent"
    r"|transfer-encoding|accept-encoding|expect|te|trailer|upgrade|keep-alive|proxy-.*)"
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants to be asked, where, and how; see `Hook`."""

    kind: HookKind
    dialect: str
    name: str = ""
    url: str | None = None
    endpoint_id: UUID | None = None
    unit_ids: tuple[UUID, ...] | None = None
    service_ids: tuple[UUID, ...] | None = None
    on_failure: OnFailure = OnFailure.ALLOW
    milliseconds: int = 2000
    headers: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    state: HookState = HookState.ACTIVE


async def hooks(act: Act) -> list[Hook]:
    """All hooks, the eldest first."""
    _must(act)
    return sorted((await act.directory()).hooks.values(), key=lambda one: one.id)


async def hook(act: Act, *, hook_id: UUID) -> Hook:
    """One hook."""
    _must(act)
    return (await act.directory()).hook(hook_id)


async def base_addresses(act: Act) -> list[Endpoint]:
    """The endpoints below whose address somebody can be asked, where a language has it so."""
    _must(act)
    below = {name for name, words in act.house.asks.languages.items() if words.below_endpoint}
    return [one for one in await act.look.endpoints.all() if one.dialect in below]


async def askings(act: Act, *, hook_id: UUID, most: int = 100) -> list[Asking]:
    """What a hook has answered lately, the newest first."""
    await hook(act, hook_id=hook_id)
    return await act.look.hooks.askings(hook_id, most)


async def history(
    act: Act, *, hook_id: UUID, before: UUID | None = None, most: int = 50
) -> list[Change]:
    """Who changed what of a hook, the newest first. NotFound for one that was removed."""
    await hook(act, hook_id=hook_id)
    return await act.look.audit.of(hook_id, before=before or NEWEST, most=most)


async def add(act: Act, *, wanted: Wanted) -> tuple[Hook, str | None]:
    """Have somebody asked from now on; the hook and its secret, which is told this once.

    None if the hook has no secret of its own: it is signed as its endpoint is.
    """
    _must(act)
    directory = await act.directory()
    if len(directory.hooks) >= HOOKS_AT_MOST:
        raise Invalid(reason=f"at most {HOOKS_AT_MOST} hooks")
    words = _words(act, wanted.dialect, wanted.kind)
    secret = None if words.below_endpoint else words.secret()
    new = Hook(
        organization_id=act.actor.organization_id,
        id=act.new_id(),
        kind=wanted.kind,
        dialect=wanted.dialect,
        name="",
        url=None,
        endpoint_id=None,
        created_at=act.now,
        secret=None if secret is None else act.house.vault.lock(secret),
    )
    new = await _as_wanted(act, directory, words, new, wanted)
    await act.store.hooks.add(new)
    await note(act, SUBJECT, new.id, verb="add", after=_said_of(act, new))
    await _changed(act)
    return new, secret


async def change(act: Act, *, hook_id: UUID, changes: Mapping[str, Any]) -> Hook:
    """Change what somebody is asked or how; what is not named stays. Stale if it was changed."""
    seen = await hook(act, hook_id=hook_id)
    directory, words = await act.directory(), _words(act, seen.dialect, seen.kind)
    before = Wanted(
        kind=seen.kind,
        dialect=seen.dialect,
        **{name: getattr(seen, name) for name in (*_AS_IT_IS, "name", "settings")},
        headers=_headers_of(act, seen),
    )
    to = await _as_wanted(act, directory, words, seen, replace(before, **changes))
    return await _replace(act, seen, to)


async def roll_secret(act: Act, *, hook_id: UUID) -> tuple[Hook, str]:
    """Make a new secret; for a day both sign, where the language has room for two."""
    seen = await hook(act, hook_id=hook_id)
    words = _words(act, seen.dialect, seen.kind)
    if words.below_endpoint:
        raise Invalid(field="secret", reason="it is signed as its endpoint is")
    secret = words.secret()
    to = replace(
        seen,
        secret=act.house.vault.lock(secret),
        old_secret=rolled(seen.secrets(act.now)),
        old_secret_until=act.now + OLD_SECRET_FOR,
    )
    return await _replace(act, seen, to, verb="roll_secret"), secret


async def remove(act: Act, *, hook_id: UUID) -> None:
    """Ask somebody no longer."""
    seen = await hook(act, hook_id=hook_id)
    await act.store.hooks.remove(seen.id)
    await note(act, SUBJECT, seen.id, verb="delete", before=_said_of(act, seen))
    await _changed(act)


async def try_out(act: Act, *, hook_id: UUID) -> Heard:
    """Ask a hook about a case that there is not; it is told that it is a dry run.

    Who sends texts is not tried: there is no text that nobody gets.
    """
    seen = await hook(act, hook_id=hook_id)
    directory = await act.directory()
    if seen.kind is HookKind.SMS:
        raise Invalid(field="kind", reason="a text would be sent")
    about = sample_for(act, directory, seen)
    question = await question_of(act, seen.kind, about, directory, dry_run=True)
    [heard] = await act.house.asks.ask([seen], question)
    if heard.asking is not None:
        act.house.asks.note([heard.asking])
    return heard


def names_of_headers(act: Act, hook: Hook) -> list[str]:
    """What is sent along to a hook, without the values."""
    return sorted(_headers_of(act, hook))


def _must(act: Act) -> None:
    if not act.actor.may_everywhere(Permission.MANAGE_INTEGRATIONS):
        raise Forbidden(permission=Permission.MANAGE_INTEGRATIONS)


def _words(act: Act, dialect: str, kind: HookKind) -> Words:
    words = act.house.asks.languages.get(dialect)
    if words is None:
        known = ", ".join(sorted(act.house.asks.languages))
        raise Invalid(field="dialect", reason=f"one of {known}")
    if kind not in words.kinds:
        raise NoSuchHook(field="kind", kind=kind, dialect=dialect)
    return words


async def _as_wanted(
    act: Act, directory: Directory, words: Words, hook: Hook, wanted: Wanted
) -> Hook:
    for unit_id in wanted.unit_ids or ():
        directory.unit(unit_id)
    for service_id in wanted.service_ids or ():
        directory.service(service_id)
    if wanted.milliseconds not in MILLISECONDS:
        least, most = MILLISECONDS[0], MILLISECONDS[-1]
        raise Invalid(field="milliseconds", reason=f"{least} to {most}")
    await _check_address(act, words, hook, wanted)
    headers, same = _checked_headers(wanted.headers), wanted.settings == hook.settings
    return replace(
        hook,
        **{name: getattr(wanted, name) for name in _AS_IT_IS},
        name=kept(wanted.name.strip(), field="name", at_most=NAME_AT_MOST),
        settings=hook.settings if same else words.settings(wanted.settings),
        headers=act.house.vault.lock(msgspec.json.encode(headers).decode()) if headers else None,
    )


_AS_IT_IS = (
    "url",
    "endpoint_id",
    "unit_ids",
    "service_ids",
    "on_failure",
    "milliseconds",
    "state",
)


async def _check_address(act: Act, words: Words, hook: Hook, wanted: Wanted) -> None:
    if words.below_endpoint:
        if wanted.url is not None:
            raise Invalid(field="url", reason="its address is that of its endpoint")
        if wanted.endpoint_id is None:
            raise Invalid(field="endpoint_id", reason="missing")
        if wanted.endpoint_id == hook.endpoint_id:
            return
        found = (await act.look.endpoints.some([wanted.endpoint_id])).values()
        if not any(one.dialect == wanted.dialect for one in found):
            raise NotFound(what="endpoint", id=wanted.endpoint_id)
        return
    if wanted.endpoint_id is not None:
        raise Invalid(field="endpoint_id", reason="it has an address of its own")
    if wanted.url is None:
        raise Invalid(field="url", reason="missing")
    if wanted.url != hook.url:
        act.house.asks.check_url(wanted.url)


def _checked_headers(headers: Mapping[str, str]) -> dict[str, str]:
    if len(headers) > HEADERS_AT_MOST:
        raise Invalid(field="headers", reason=f"at most {HEADERS_AT_MOST}")
    for name, value in headers.items():
        if not _HEADER.fullmatch(name) or not value.isprintable() or not value.isascii():
            raise Invalid(field="headers", reason="a name or value cannot be sent")
        if _OURS.fullmatch(name):
            raise Invalid(field="headers", reason=f"{name} is set by us")
    return dict(headers)


def _headers_of(act: Act, hook: Hook) -> dict[str, str]:
    if hook.headers is None:
        return {}
    return msgspec.json.decode(act.house.vault.unlock(hook.headers), type=dict[str, str])


def _said_of(act: Act, hook: Hook) -> dict[str, Any]:
    """A hook as the audit tells of it: nothing that is secret or may be."""
    return {
        "name": hook.name,
        "kind": hook.kind,
        "dialect": hook.dialect,
        "url": None if hook.url is None else discreet(hook.url),
        "endpoint_id": hook.endpoint_id,
        "unit_ids": hook.unit_ids,
        "service_ids": hook.service_ids,
        "on_failure": hook.on_failure,
        "milliseconds": hook.milliseconds,
        "headers": names_of_headers(act, hook),
        "settings": hook.settings,
        "state": hook.state,
        "old_secret_until": hook.old_secret_until,
    }


async def _replace(act: Act, seen: Hook, to: Hook, *, verb: str = "change") -> Hook:
    to = replace(to, version=seen.version + 1)
    await act.store.hooks.replace(seen, to)
    before, after = _said_of(act, seen), _said_of(act, to)
    different = [name for name in after if before[name] != after[name]]
    await note(  # also where only the value of a header is another, which is not told
        act,
        SUBJECT,
        to.id,
        verb=verb,
        before={name: before[name] for name in different},
        after={name: after[name] for name in different},
    )
    await _changed(act)
    return to


async def _changed(act: Act) -> None:
    """The directory shows it from now on, to this process at once."""
    await act.store.places.changed()
    act.house.forget_directory(act.actor.organization_id)
