"""How a wire language tells a fact to an endpoint: what the sender asks of a dialect."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import msgspec

from nowserving.kit.facts import Fact
from nowserving.places.endpoints import Endpoint
from nowserving.store.store import Store


class Telling(msgspec.Struct, frozen=True):
    """A fact in the words of the one who is told: a request that says it, a POST as a rule.

    `hidden`: names of headers whose values are nobody else's business.
    """

    url: str
    body: bytes
    headers: Mapping[str, str] = msgspec.field(default_factory=dict)
    method: str = "POST"
    hidden: frozenset[str] = frozenset()


class Teller(Protocol):
    """Says a fact in one wire language."""

    async def __call__(
        self,
        fact: Fact,
        endpoint: Endpoint,
        *,
        secrets: Sequence[str],
        store: Store,
        gap: int | None = None,
    ) -> Telling | None:
        """The fact for this endpoint; None if its language has nothing to say of it.

        What is personal is looked up in `store` now, at the moment of sending: it is not in
        the fact. Where many at that moment ask for one row each, they are asked for together.
        `secrets` are the endpoint's, unlocked, the newest first; some while one rolls. `gap`: from
        this version on it has taken nothing of this subject, and was passed over.
        """


class Stuck(StrEnum):
    """What becomes of a case that an endpoint does not want to hear of.

    `park`: it rests until something new happens to the case, or somebody resumes it. `skip`: go
    on with what happened next. `coalesce`: tell only the newest. Whoever is told next hears
    from where to where versions were passed over.
    """

    PARK = "park"
    SKIP = "skip"
    COALESCE = "coalesce"


STUCK = "when_stuck"
"""The endpoint's setting that says which; see `Stuck`."""


def any_success(status: int) -> bool:
    """Anything from 200 to 299 means that it was taken."""
    return 200 <= status < 300


@dataclass(frozen=True, slots=True)
class Policy:
    """How an endpoint is told again what it did not take.

    `waits`: seconds between two attempts at most; when they are used up it is stuck. `jitter`:
    wait any time up to the step, so that many do not come back together. `takes`: which status
    means that it was taken. `says_gaps`: may it be told in a header which versions were passed
    over? `timeout`: seconds for one attempt, if not the sender's own.
    """

    waits: tuple[float, ...]
    jitter: bool = True
    takes: Callable[[int], bool] = any_success
    stuck: Stuck = Stuck.PARK
    says_gaps: bool = True
    timeout: float | None = None


STANDARD = Policy((5.0, 300.0, 1800.0, 7200.0, 18000.0, 36000.0, 50400.0, 72000.0, 86400.0))
"""Ten attempts within about three days, as Standard Webhooks has them."""

PolicyOf = Callable[[Endpoint], Policy]
"""The policy of a wire language for one of its endpoints."""


def standard(_endpoint: Endpoint) -> Policy:
    """The policy of a wire language that has none of its own."""
    return STANDARD
