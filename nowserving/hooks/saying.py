"""What goes out: a fact in an endpoint's words, with the endpoint's own headers, and its record.

What is secret in it stays out of the record.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from uuid import UUID

import msgspec
import structlog

from nowserving.hooks.hearing import MOST_BODY
from nowserving.hooks.hiding import (
    address_without_secrets,
    answer_without_secrets,
    without_secrets,
)
from nowserving.hooks.post import Answer
from nowserving.journal.telling import Teller, Telling
from nowserving.kit.clock import Clock
from nowserving.kit.facts import Fact
from nowserving.kit.vault import Vault
from nowserving.places.endpoints import Endpoint
from nowserving.store.deliveries import KEPT_WHOLE, Attempt, Spoken, Tried
from nowserving.store.engines import Questions, Unavailable
from nowserving.store.store import Store

_log = structlog.get_logger("nowserving.sender")

NOT_SAID = Answer(None, b"", "it could not be said", 0.0, None)

GAP = "webhook-gap"
"""Says from which to which version nothing was told."""

AGAIN = "webhook-replay"
"""Says that this is told once more because somebody asked for it."""

TRIAL = "webhook-test"
"""Says that this is told only to try whether it arrives."""

UNLOCKED = 4096
"""Secrets kept unlocked in memory, the least recently used forgotten first."""

Said = Telling | Answer | None
"""A fact in an endpoint's words; an answer: why it could not be said; None: nothing to say."""


class Speaker:
    """Says facts in the language of an endpoint."""

    def __init__(
        self, questions: Questions, vault: Vault, tellers: Mapping[str, Teller], clock: Clock
    ) -> None:
        """`tellers` by dialect; what is told at one moment asks its `questions` together."""
        self._questions = questions
        self._tellers = tellers
        self._clock = clock
        # Unlocking costs as much as signing does several times over.
        self._unlocked = lru_cache(maxsize=UNLOCKED)(vault.unlock)

    async def say(self, endpoint: Endpoint, fact: Fact, *, gap: int | None = None) -> Said:
        """The fact for this endpoint; what that needs is asked for as it is now.

        A bug in a language holds up only what it cannot say. Raises Unavailable.
        """
        store = Store(self._questions, endpoint.organization_id)
        try:
            secrets = [self._unlocked(locked) for locked in endpoint.secrets(self._clock())]
            teller = self._tellers[endpoint.dialect]
            told = await teller(fact, endpoint, secrets=secrets, store=store, gap=gap)
            own = self._own_headers(endpoint)
        except Unavailable:
            raise
        except Exception:
            _log.exception("a fact could not be said", endpoint=str(endpoint.id), kind=fact.kind)
            return NOT_SAID
        if told is None or not own:
            return told
        said = {name.lower() for name in told.headers}
        more = {name: value for name, value in own.items() if name.lower() not in said}
        return msgspec.structs.replace(
            told, headers={**more, **told.headers}, hidden=frozenset(more)
        )

    def _own_headers(self, endpoint: Endpoint) -> dict[str, str]:
        if endpoint.headers is None:
            return {}
        own: dict[str, str] = msgspec.json.decode(self._unlocked(endpoint.headers))
        return own


def with_header(said: Telling, name: str, value: str) -> Telling:
    """The same with one more header."""
    return msgspec.structs.replace(said, headers={**said.headers, name: value})


class Noting(msgspec.Struct, frozen=True):
    """What is written down of one attempt, whoever makes it."""

    id: UUID
    at: datetime
    number: int
    replay_id: UUID | None = None

    def tried(
        self, endpoint: Endpoint, fact: Fact, said: Telling | Answer, answer: Answer, *, taken: bool
    ) -> Tried:
        """The attempt, for the log."""
        heard = answer.body
        if isinstance(said, Telling):
            heard = answer_without_secrets(heard, said.headers, said.hidden, said.url)
        attempt = Attempt(
            organization_id=endpoint.organization_id,
            endpoint_id=endpoint.id,
            id=self.id,
            subject_id=fact.subject_id,
            version=fact.version,
            fact_id=fact.id,
            number=self.number,
            at=self.at,
            microseconds=round(answer.duration * 1_000_000),
            status=answer.status,
            error=answer.error,
            response=_text(heard),
            kind=fact.kind,
            taken=taken,
            replay_id=self.replay_id,
        )
        return Tried(attempt, _spoken(said), heard)


def _spoken(said: Telling | Answer) -> Spoken | None:
    if isinstance(said, Answer):
        return None
    headers = without_secrets(said.headers, said.hidden)
    url = address_without_secrets(said.url)
    return Spoken(url, headers, said.body[:MOST_BODY], said.method)


def _text(body: bytes) -> str:
    """The beginning of an answer as a database keeps it: PostgreSQL takes no NUL."""
    return body[: KEPT_WHOLE * 4].decode(errors="replace").replace("\0", "�")[:KEPT_WHOLE]
