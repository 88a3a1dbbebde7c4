"""The installation's one key: what is derived from it and what is locked with it."""

import hashlib
import hmac
from base64 import b32encode, urlsafe_b64decode, urlsafe_b64encode
from uuid import UUID

from cryptography.fernet import Fernet


class Vault:
    """Locks secrets that must be read again, and derives the links of tickets.

    Secrets that need only be compared (passwords, tokens) are hashed instead.
    """

    def __init__(self, key: bytes) -> None:
        """`key`: 32 bytes of chance, kept outside the database."""
        if len(key) != 32:
            raise ValueError("the key must have 32 bytes")
        self._key = key
        self._fernet = Fernet(urlsafe_b64encode(self._derive(b"lock")))
        self._link_key = self._derive(b"link")
        self._mark_key = self._derive(b"mail")

    @classmethod
    def from_text(cls, text: str) -> "Vault":
        """A vault for a key in URL-safe base64."""
        return cls(urlsafe_b64decode(text.strip()))

    def lock(self, secret: str) -> bytes:
        """The secret, encrypted and authenticated."""
        return self._fernet.encrypt(secret.encode())

    def unlock(self, locked: bytes) -> str:
        """The secret again; cryptography.fernet.InvalidToken if it was locked by another key."""
        return self._fernet.decrypt(locked).decode()

    def link(self, case: UUID) -> str:
        """The unguessable token in a ticket's link: 128 bits, the same each time."""
        mac = hmac.digest(self._link_key, case.bytes, "sha256")[:16]
        return urlsafe_b64encode(mac).decode().rstrip("=")

    def mark(self, case: UUID) -> str:
        """What leads mail about a case back to it: 50 bits, the same each time."""
        mac = hmac.digest(self._mark_key, case.bytes, "sha256")[:10]
        return b32encode(mac).decode().lower()[:10]

    def is_mark(self, case: UUID, mark: str) -> bool:
        """Is this the mark of the case?"""
        return hmac.compare_digest(self.mark(case).encode(), mark.encode())

    def _derive(self, purpose: bytes) -> bytes:
        return hmac.digest(self._key, b"nowserving:" + purpose, "sha256")


def fingerprint(token: str) -> bytes:
    """What is stored of an unguessable token: enough to know it again, not to use it."""
    return hashlib.sha256(token.encode()).digest()
