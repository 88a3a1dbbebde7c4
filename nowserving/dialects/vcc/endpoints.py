"""What can be set of an endpoint that is told in VCC Live's words.

A global webhook is told of every service, a project's of one: a project is a service, so it
is an endpoint with one id in `service_ids`. The endpoint's secret is the key with which
bodies are encrypted, where they are.
"""

import secrets
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from nowserving.actions.outside import NONE, Language
from nowserving.journal.catalogue import CATALOGUE
from nowserving.kit.problems import Invalid

NAME = "vcc"
KINDS = ("case.*",)

Cipher = Literal[
    "aes-256-ctr", "aes-192-ctr", "aes-128-ctr", "aes-256-cbc", "aes-192-cbc", "aes-128-cbc"
]


class Settings(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """`method`: GET says all in the query. `encrypt`: the cipher for bodies.

    `content_type`: what an encrypted body is called. `substatus`: say it beside `subStatus`.
    `any_success`: every answer from 200 to 299 means that it was taken, not 200 alone.
    `when_stuck`: what becomes of a case that the endpoint does not want to hear of.
    """

    method: Literal["POST", "PUT", "GET"] = "POST"
    encrypt: Cipher | None = None
    content_type: Annotated[str, Meta(pattern=r"^[a-z]+/[a-z0-9.+-]{1,60}$")] | None = None
    substatus: bool = False
    any_success: bool = False
    when_stuck: Literal["park", "skip", "coalesce"] = "park"


def settings(given: Mapping[str, Any]) -> dict[str, Any]:
    """The settings, checked."""
    try:
        read = msgspec.convert(dict(given), Settings)
    except msgspec.ValidationError as wrong:
        raise Invalid(field="settings", reason=str(wrong)) from None
    if read.encrypt is not None and read.method == "GET":
        raise Invalid(field="settings", reason="only a body is encrypted: use POST or PUT")
    built: dict[str, Any] = msgspec.to_builtins(read)
    return built


def made() -> str:
    """A new key: a text of 32 characters, so that a cipher of 256 bits takes all of it."""
    return secrets.token_urlsafe(24)


def known(key: str) -> str:
    """A key that somebody brings: its text is filled up with NUL or cut, as PHP does."""
    if not 8 <= len(key) <= 256 or not key.isprintable():
        raise Invalid(field="secret", reason="8 to 256 printable characters")
    return key


LANGUAGE = Language(
    name=NAME,
    kinds=frozenset(kind for kind in CATALOGUE if kind.startswith("case.")),
    usual=KINDS,
    authorizations=(NONE,),
    settings=settings,
    made=made,
    known=known,
    needs_secret=lambda _, settings: settings.get("encrypt") is not None,
    differences=True,
    reserved=frozenset({"content-type", "webhook-id"}),
)
