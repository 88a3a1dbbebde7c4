"""What is secret in what we say: hidden where it is noted, and where it is said back to us."""

import html
import json
from collections.abc import Collection, Mapping
from functools import lru_cache
from urllib.parse import quote

from yarl import URL

HIDDEN = "•••"

SHORTEST = 6
"""Characters; what is shorter is not looked for in an answer: it would be found anywhere."""

_TELLING = ("key", "token", "secret", "pass", "pwd", "sig", "auth", "code", "cred", "jwt")


def without_secrets(headers: Mapping[str, str], hidden: Collection[str]) -> dict[str, str]:
    """Headers in which no credentials can be read, nor the values of those named `hidden`."""
    return {
        name: HIDDEN if name in hidden or _is_secret(name, value) else value
        for name, value in headers.items()
    }


@lru_cache(maxsize=4096)
def address_without_secrets(address: str) -> str:
    """An address whose credentials cannot be read."""
    try:
        url = URL(address)
        if url.user or url.password:
            url = url.with_user("-")
        hidden = {name: HIDDEN if _is_telling(name) else value for name, value in url.query.items()}
        return str(url.update_query(hidden)) if hidden else str(url)
    except ValueError:
        return address.partition("?")[0]


def answer_without_secrets(
    answer: bytes, headers: Mapping[str, str], hidden: Collection[str], address: str = ""
) -> bytes:
    """An answer without what was secret in the request: many a program says back what it heard."""
    if len(answer) < SHORTEST:
        return answer
    secrets = {
        value for name, value in headers.items() if name in hidden or _is_secret(name, value)
    }
    spelled = {one for secret in secrets | _secrets_in(address) for one in _spellings(secret)}
    # One may be the beginning of another, whose end would be left.
    for said in sorted(spelled, key=len, reverse=True):
        answer = answer.replace(said.encode(), HIDDEN.encode())
    return answer


def _spellings(secret: str) -> set[str]:
    """How it may be said back: as it is, in JSON, on a page, in an address."""
    found: set[str] = set()
    # Behind `Bearer` and the like stands what matters.
    for said in {secret, secret.rpartition(" ")[2]}:
        if len(said) >= SHORTEST:
            in_json = {json.dumps(said, ensure_ascii=plain)[1:-1] for plain in (True, False)}
            slashed = {one.replace("/", "\\/") for one in in_json}
            found |= {said, *in_json, *slashed, html.escape(said), quote(said, safe="")}
    return found


@lru_cache(maxsize=4096)
def _secrets_in(address: str) -> frozenset[str]:
    """In clear, and as they are written there."""
    try:
        url = URL(address, encoded=address.isascii())
        parts = [part.partition("=") for part in url.raw_query_string.split("&")]
        values = [*url.query.items(), *((name, value) for name, _, value in parts)]
    except ValueError:
        return frozenset()
    return frozenset(value for name, value in values if _is_telling(name))


def _is_secret(name: str, value: str) -> bool:
    """A credential; a MAC of the body is none, and whoever looks for a mistake needs it."""
    return _is_for_secrets(name) and not (
        name.lower() == "authorization" and value.startswith("HMAC ")
    )


@lru_cache
def _is_for_secrets(name: str) -> bool:
    return name.lower() in ("authorization", "cookie", "proxy-authorization", "x-api-key")


def _is_telling(name: str) -> bool:
    return any(part in name.lower() for part in _TELLING)
