"""Webhooks of our own: Standard Webhooks outside, a thin envelope inside.

Settings of an endpoint: `full` tells also what the fact says; `cloudevents` names all as
CloudEvents 1.0 does.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from nowserving.dialects.native.envelopes import CLOUDEVENTS, JSON, enveloped
from nowserving.dialects.native.signing import signed
from nowserving.journal.telling import Telling
from nowserving.kit.clock import Clock
from nowserving.kit.facts import Fact
from nowserving.places.endpoints import Endpoint
from nowserving.store.store import Store

DIALECT = "native"


@dataclass(frozen=True, slots=True)
class Tell:
    """Says facts in our own language. `clock`: when each attempt is signed."""

    clock: Clock

    async def __call__(
        self,
        fact: Fact,
        endpoint: Endpoint,
        *,
        secrets: Sequence[str],
        store: Store,
        gap: int | None = None,
    ) -> Telling:
        """A fact for an endpoint: the same bytes each time, signed anew."""
        cloudevents = endpoint.settings.get("cloudevents") is True
        body = enveloped(
            fact,
            await store.feed.place(fact.subject_id, fact.version),
            full=endpoint.settings.get("full") is True,
            cloudevents=cloudevents,
        )
        marked = signed(str(fact.id), int(self.clock().timestamp()), body, secrets)
        kind = CLOUDEVENTS if cloudevents else JSON
        return Telling(endpoint.url, body, {"Content-Type": kind, **marked})
