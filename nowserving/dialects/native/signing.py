"""Signatures as Standard Webhooks has them (standardwebhooks.com), one for each secret.

`v1` is an HMAC with SHA-256: both sides know the secret, `whsec_` and base64. `v1a` is
ed25519: ours is a private key, `whsk_` and base64, and the receiver has its public half.
"""

import binascii
from base64 import b64decode, b64encode
from collections.abc import Sequence
from hmac import digest
from secrets import token_bytes

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

PREFIX, PRIVATE, PUBLIC = "whsec_", "whsk_", "whpk_"

SEED = 32
"""Bytes of a private key; some write the public half behind them."""


def new_secret(prefix: str = PREFIX) -> str:
    """A new secret: 32 bytes of chance, in base64 behind `whsec_`, or `whsk_` for ed25519."""
    return prefix + b64encode(token_bytes(SEED)).decode()


def public_key(secret: str) -> str:
    """What the receiver has to know of a private key."""
    return PUBLIC + b64encode(_private(secret).public_key().public_bytes_raw()).decode()


def signed(id: str, timestamp: int, body: bytes, secrets: Sequence[str]) -> dict[str, str]:
    """The three headers; while a secret rolls there are two signatures, the newest first."""
    content = f"{id}.{timestamp}.".encode() + body
    headers = {"webhook-id": id, "webhook-timestamp": str(timestamp)}
    if secrets:
        headers["webhook-signature"] = " ".join(_mark(secret, content) for secret in secrets)
    return headers


def _mark(secret: str, content: bytes) -> str:
    if secret.startswith(PRIVATE):
        return f"v1a,{b64encode(_private(secret).sign(content)).decode()}"
    return f"v1,{b64encode(digest(_key(secret), content, 'sha256')).decode()}"


def _private(secret: str) -> Ed25519PrivateKey:
    seed = b64decode(secret.removeprefix(PRIVATE), validate=True)[:SEED]
    return Ed25519PrivateKey.from_private_bytes(seed)


def _key(secret: str) -> bytes:
    """What signs: the bytes behind the prefix, or the text itself if it is not base64."""
    try:
        return b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return secret.encode()
