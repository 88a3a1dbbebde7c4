"""The terms of an endpoint: what can be set of it, checked, and how it is told of afterwards."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import msgspec

from nowserving.actions.act import Act
from nowserving.actions.outside import Language
from nowserving.kit.problems import Invalid
from nowserving.kit.texts import kept
from nowserving.places.endpoints import Endpoint

NAME_AT_MOST = 100
URL_AT_MOST = 2000
KINDS_AT_MOST = 100
PLACES_AT_MOST = 500
HEADERS_AT_MOST = 20
HEADER_AT_MOST = 2000
AT_ONCE_AT_MOST = 32
RATE_AT_MOST = 1000
FRAMING = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-length",
        "expect",
        "host",
        "keep-alive",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "user-agent",
    }
)
"""Headers that say where a message ends, whom it is for and who sends it: ours alone."""

_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_VALUE = re.compile(r"[\x21-\x7e]([\x20-\x7e\t]*[\x21-\x7e])?")
_PATTERN = re.compile(r"\*|[a-z_]+\.\*|[a-z_]+\.[a-z_]+")


async def with_terms(
    act: Act, endpoint: Endpoint, language: Language, changes: Mapping[str, Any]
) -> Endpoint:
    """The endpoint with other terms, checked."""
    directory = await act.directory()
    units, services = directory.units.keys(), directory.services.keys()
    checks: dict[str, Callable[[Any], Any]] = {
        "name": lambda name: kept(name.strip(), field="name", at_most=NAME_AT_MOST),
        "url": lambda url: language.url(_url(act, url, trusted=endpoint.trusted)),
        "kinds": lambda kinds: _kinds(kinds, language),
        "authorization": lambda one: _authorization(one, language),
        "settings": lambda given: _settings(given, language, trusted=endpoint.trusted),
        "concurrency": lambda one: _number(one, "concurrency", AT_ONCE_AT_MOST),
        "rate": lambda one: None if one is None else _number(one, "rate", RATE_AT_MOST),
        "unit_ids": lambda ids: _places(ids, "unit_ids", units),
        "service_ids": lambda ids: _places(ids, "service_ids", services),
    }
    unknown = sorted(changes.keys() - checks.keys() - {"headers"})
    if unknown:
        raise Invalid(field=unknown[0], reason="this cannot be set")
    to = replace(
        endpoint,
        **{name: checks[name](value) for name, value in changes.items() if name in checks},
    )
    if "headers" in changes:
        headers = _headers(changes["headers"], language, to.authorization)
        text = msgspec.json.encode(headers).decode()
        to = replace(to, headers=act.house.vault.lock(text) if headers else None)
    return to


def _url(act: Act, url: str, *, trusted: bool) -> str:
    url = kept(url.strip(), field="url", at_most=URL_AT_MOST)
    act.house.outside.check_url(url, trusted=trusted)
    if "#" in url:
        raise Invalid(field="url", reason="what is behind a # is sent to nobody")
    return url


def _kinds(kinds: Sequence[str], language: Language) -> tuple[str, ...]:
    """The patterns, each once; each means something that the language can say."""
    wanted = tuple(dict.fromkeys(kinds))
    if not 1 <= len(wanted) <= KINDS_AT_MOST:
        raise Invalid(field="kinds", reason=f"1 to {KINDS_AT_MOST}")
    for pattern in wanted:
        if not _PATTERN.fullmatch(pattern):
            raise Invalid(field="kinds", reason="names like case.called, or case.*, or *")
        start = pattern.removesuffix("*")
        known = [
            kind
            for kind in language.kinds
            if (kind.startswith(start) if pattern.endswith("*") else kind == pattern)
        ]
        if not known:
            raise Invalid(field="kinds", reason=f"{language.name} has no word for {pattern}")
    return wanted


def _authorization(authorization: str, language: Language) -> str:
    if authorization not in language.authorizations:
        reason = f"one of {', '.join(language.authorizations)}"
        raise Invalid(field="authorization", reason=reason)
    return authorization


def _settings(given: Mapping[str, Any], language: Language, *, trusted: bool) -> dict[str, Any]:
    settings = {name: value for name, value in given.items() if name != "allowed"}
    if len(settings) != len(given) and not trusted:
        raise Invalid(field="settings", reason="only the operator can trust an address")
    return language.settings(settings) | ({"allowed": True} if trusted else {})


def _number(number: int, field: str, most: int) -> int:
    if not 1 <= number <= most:
        raise Invalid(field=field, reason=f"1 to {most}")
    return number


def _places(
    ids: Sequence[UUID] | None, field: str, known: Collection[UUID]
) -> tuple[UUID, ...] | None:
    """Units or services that there are; None: all of them, those to come too."""
    if ids is None:
        return None
    wanted = tuple(dict.fromkeys(ids))
    if not 1 <= len(wanted) <= PLACES_AT_MOST:
        raise Invalid(field=field, reason=f"1 to {PLACES_AT_MOST}, or none for all")
    for id in wanted:
        if id not in known:
            raise Invalid(field=field, reason=f"there is no {id}")
    return wanted


def _headers(headers: Mapping[str, str], language: Language, authorization: str) -> dict[str, str]:
    """Headers that go with every post beside the language's own."""
    if len(headers) > HEADERS_AT_MOST:
        raise Invalid(field="headers", reason=f"at most {HEADERS_AT_MOST}")
    if len({name.lower() for name in headers}) != len(headers):
        raise Invalid(field="headers", reason="a name stands there twice")
    for name, value in headers.items():
        if not _HEADER.fullmatch(name):
            raise Invalid(field="headers", reason="a name has a character that none may have")
        if name.lower() in FRAMING or _reserved(name.lower(), language):
            raise Invalid(field="headers", reason=f"{name} is set by us")
        if len(value) > HEADER_AT_MOST or not _VALUE.fullmatch(value):
            reason = f"the value of {name}: 1 to {HEADER_AT_MOST} characters of ASCII"
            raise Invalid(field="headers", reason=reason)
    return dict(headers)


def _reserved(name: str, language: Language) -> bool:
    return any(
        name.startswith(one[:-1]) if one.endswith("*") else name == one for one in language.reserved
    )


def needs_secret(language: Language, endpoint: Endpoint) -> bool:
    """Does this endpoint have a secret, as things are set?"""
    return language.needs_secret(endpoint.authorization, endpoint.settings)


def keyed(
    act: Act, endpoint: Endpoint, language: Language, *, given: str | None
) -> tuple[Endpoint, str | None]:
    """The endpoint with a secret if it needs one and without if not; a new one, to be shown."""
    if not needs_secret(language, endpoint):
        return replace(endpoint, secret=None, old_secret=None, old_secret_until=None), None
    if endpoint.secret is not None:
        return endpoint, None
    secret = language.made() if given is None else language.known(given)
    return replace(endpoint, secret=act.house.vault.lock(secret)), secret


def said_of(act: Act, endpoint: Endpoint) -> dict[str, Any]:
    """An endpoint as the audit tells of it: nothing that is secret or may be."""
    return {
        "name": endpoint.name,
        "dialect": endpoint.dialect,
        "url": discreet(endpoint.url),
        "kinds": endpoint.kinds,
        "unit_ids": endpoint.unit_ids,
        "service_ids": endpoint.service_ids,
        "authorization": endpoint.authorization,
        "settings": endpoint.settings,
        "headers": header_names(act, endpoint),
        "concurrency": endpoint.concurrency,
        "rate": endpoint.rate,
        "state": endpoint.state,
        "why": endpoint.why,
        "confirmed_at": endpoint.confirmed_at,
        "old_secret_until": endpoint.old_secret_until,
    }


def header_names(act: Act, endpoint: Endpoint) -> tuple[str, ...]:
    """The names of the headers that go with every post; never their values."""
    if endpoint.headers is None:
        return ()
    text = act.house.vault.unlock(endpoint.headers)
    return tuple(msgspec.json.decode(text, type=dict[str, str]))


def discreet(url: str) -> str:
    """An address for many eyes: values in its query may be secrets, and are left out."""
    parts = urlsplit(url)
    if not parts.query:
        return url
    values = re.sub(r"=(?!\$\{)[^&]*", "=…", parts.query)
    return urlunsplit(parts._replace(query=values))
