"""How a wire language tells a fact to an endpoint: what the sender asks of a dialect."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from nowserving.kit.facts import Fact
from nowserving.places.endpoints import Endpoint
from nowserving.store.store import Store


@dataclass(frozen=True, slots=True)
class Telling:
    """A fact in the words of the one who is told: a request that says it, a POST as a rule."""

    url: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str = "POST"


class Teller(Protocol):
    """Says a fact in one wire language."""

    async def __call__(
        self, fact: Fact, endpoint: Endpoint, *, secrets: Sequence[str], store: Store
    ) -> Telling | None:
        """The fact for this endpoint; None if its language has nothing to say of it.

        What is personal is looked up in `store` now, at the moment of sending: it is not in
        the fact. `secrets` are the endpoint's, unlocked, the newest first; two while one rolls.
        """
