"""Signatures as Standard Webhooks has them (standardwebhooks.com): `v1,<HMAC-SHA256 in base64>`."""

import binascii
from base64 import b64decode, b64encode
from collections.abc import Sequence
from hmac import digest
from secrets import token_bytes

PREFIX = "whsec_"


def new_secret() -> str:
    """A new secret: 32 bytes of chance, in base64 behind `whsec_`."""
    return PREFIX + b64encode(token_bytes(32)).decode()


def signed(id: str, timestamp: int, body: bytes, secrets: Sequence[str]) -> dict[str, str]:
    """The three headers; while a secret rolls there are two signatures, the newest first."""
    content = f"{id}.{timestamp}.".encode() + body
    marks = [b64encode(digest(_key(secret), content, "sha256")).decode() for secret in secrets]
    headers = {"webhook-id": id, "webhook-timestamp": str(timestamp)}
    if marks:
        headers["webhook-signature"] = " ".join(f"v1,{mark}" for mark in marks)
    return headers


def _key(secret: str) -> bytes:
    """What signs: the bytes behind the prefix, or the text itself if it is not base64."""
    try:
        return b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return secret.encode()
