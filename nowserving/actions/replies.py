"""Answers that are given once for an idempotency key, and how they are remembered."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from nowserving.kit.http import Reply
from nowserving.kit.problems import Invalid, KeyReused
from nowserving.store.requests import Kept

KEY_AT_MOST = 255


@dataclass(frozen=True, slots=True)
class Once:
    """An idempotency key, and what the request with it asked for."""

    key: str
    fingerprint: str

    def kept(self, organization: UUID, principal: str, reply: Reply, at: datetime) -> Kept:
        """The answer as it is kept for the next request with this key."""
        return Kept(
            organization,
            principal,
            self.key,
            self.fingerprint,
            reply.status,
            dict(reply.headers),
            reply.body if reply.kept is None else reply.kept,
            at,
        )

    def again(self, kept: Kept) -> Reply:
        """The first answer again; KeyReused if the first request was another one."""
        if kept.fingerprint != self.fingerprint:
            raise KeyReused(key=self.key)
        return Reply(kept.status, kept.body, kept.headers, replayed=True)


def once(key: str | None, *request: str | bytes) -> Once | None:
    """The idempotency key of a request, if it carries one.

    `request` is what must be the same for the same answer: method, path, body.
    """
    if key is None:
        return None
    if not 1 <= len(key) <= KEY_AT_MOST or not key.isprintable():
        raise Invalid(field="Idempotency-Key", reason=f"1 to {KEY_AT_MOST} printable characters")
    digest = hashlib.sha256()
    for part in request:
        whole = part.encode() if isinstance(part, str) else part
        digest.update(len(whole).to_bytes(8, "big") + whole)
    return Once(key, digest.hexdigest())
