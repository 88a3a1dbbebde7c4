"""What can be set of an endpoint that is told in Cubu's words.

Cubu has one such address for an organization: its base URL. "Enabled" is the state of the
endpoint, "Authorization" is HMAC or None, the webhooks of a service are switched on by
`kinds` and `service_ids`; each action's name can be set.
"""

import secrets
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from nowserving.actions.outside import HMAC, NONE, Language
from nowserving.dialects.cubu.hooks import DIALECT, WEBHOOKS
from nowserving.kit.problems import Invalid

Action = Annotated[str, Meta(pattern=r"^[A-Za-z0-9._~-]{1,100}$")]


class Settings(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """`actions`: another name for an action, by the kind of the fact.

    `when_stuck`: what becomes of a case that the endpoint does not want to hear of.
    """

    actions: dict[str, Action] = {}
    when_stuck: Literal["park", "skip", "coalesce"] = "park"


def settings(given: Mapping[str, Any]) -> dict[str, Any]:
    """The settings, checked."""
    try:
        read = msgspec.convert(dict(given), Settings)
    except msgspec.ValidationError as wrong:
        raise Invalid(field="settings", reason=str(wrong)) from None
    unknown = sorted(read.actions.keys() - WEBHOOKS.keys())
    if unknown:
        raise Invalid(field="settings", reason=f"Cubu has no webhook for {', '.join(unknown)}")
    built: dict[str, Any] = msgspec.to_builtins(read)
    return built


def made() -> str:
    """A new secret key. Cubu's own form is not known; this one is a text of 256 bits."""
    return secrets.token_urlsafe(32)


def known(secret: str) -> str:
    """A secret key that somebody brings: its text is the key."""
    if not 8 <= len(secret) <= 256 or not secret.isprintable():
        raise Invalid(field="secret", reason="8 to 256 printable characters")
    return secret


def base(url: str) -> str:
    """A base URL, as the names of actions are put behind it."""
    if "?" in url:
        raise Invalid(field="url", reason="a base URL has no query")
    return url.rstrip("/")


LANGUAGE = Language(
    name=DIALECT,
    kinds=frozenset(WEBHOOKS),
    usual=tuple(WEBHOOKS),
    authorizations=(HMAC, NONE),
    settings=settings,
    made=made,
    known=known,
    needs_secret=lambda authorization, _: authorization == HMAC,
    url=base,
    reserved=frozenset({"content-type", "webhook-id", "authorization"}),
)
