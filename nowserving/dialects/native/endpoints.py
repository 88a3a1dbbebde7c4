"""What can be set of an endpoint that is told in our own language, and how it is asked.

Secrets are those of Standard Webhooks: `whsec_` and base64 of 24 to 64 bytes, or the private
key of an ed25519 pair, `whsk_` and base64 of 32 bytes, or of 64 with the public half.
"""

from base64 import b64decode
from collections.abc import Mapping, Sequence
from datetime import datetime
from hmac import compare_digest
from typing import Any, Literal

import msgspec

from nowserving.actions.outside import HMAC, NONE, Language
from nowserving.dialects.native.signing import PREFIX, PRIVATE, SEED, new_secret, signed
from nowserving.journal.catalogue import CATALOGUE
from nowserving.journal.telling import Telling
from nowserving.kit.problems import Invalid
from nowserving.places.endpoints import Endpoint

NAME = "native"
CHALLENGE = "endpoint.challenge"


class Settings(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """`full`: tell also what the fact says. `cloudevents`: name all as CloudEvents 1.0 does.

    `when_stuck`: what becomes of a case that the endpoint does not want to hear of.
    """

    full: bool = False
    cloudevents: bool = False
    when_stuck: Literal["park", "skip", "coalesce"] = "park"


def settings(given: Mapping[str, Any]) -> dict[str, Any]:
    """The settings, checked."""
    try:
        read = msgspec.convert(dict(given), Settings)
    except msgspec.ValidationError as wrong:
        raise Invalid(field="settings", reason=str(wrong)) from None
    built: dict[str, Any] = msgspec.to_builtins(read)
    return built


def known(secret: str) -> str:
    """A secret that somebody brings."""
    private = secret.startswith(PRIVATE)
    try:
        size = len(b64decode(secret.removeprefix(PRIVATE if private else PREFIX), validate=True))
    except ValueError:
        size = 0
    if private and size in (SEED, 2 * SEED):
        return secret
    if private or not secret.startswith(PREFIX) or not 24 <= size <= 64:
        raise Invalid(field="secret", reason=f"{PREFIX} and base64 of 24 to 64 bytes")
    return secret


class Consent:
    """A question that is signed as every fact is; the answer is its token, in the body."""

    def say(
        self, endpoint: Endpoint, token: str, *, secrets: Sequence[str], now: datetime
    ) -> Telling:
        """`{"type": "endpoint.challenge", "timestamp": ..., "data": {"challenge": token}}`."""
        asked = {"type": CHALLENGE, "timestamp": now, "data": {"challenge": token}}
        body = msgspec.json.encode(asked)
        marked = signed(f"challenge-{token[:16]}", int(now.timestamp()), body, secrets)
        return Telling(endpoint.url, body, {"Content-Type": "application/json", **marked})

    def accepts(self, token: str, body: bytes) -> bool:
        """The token alone, or `{"challenge": token}`."""
        text = body.strip()
        try:
            text = msgspec.json.decode(text, type=_Answer).challenge.encode()
        except (msgspec.DecodeError, UnicodeDecodeError):
            text = text.strip(b'"')
        return compare_digest(text, token.encode())


class _Answer(msgspec.Struct):
    challenge: str


LANGUAGE = Language(
    name=NAME,
    kinds=frozenset(CATALOGUE),
    usual=("*",),
    authorizations=(HMAC, NONE),
    settings=settings,
    made=new_secret,
    known=known,
    needs_secret=lambda authorization, _: authorization == HMAC,
    two_signatures=True,
    asks=True,
    reserved=frozenset({"content-type", "webhook-*", "ce-*"}),
)
