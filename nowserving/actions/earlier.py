"""Whether a request was answered before; what many ask at one moment is one question.

Of a crowd nearly everybody is refused, and each refusal asks this: whoever repeats a request
that went well hears that again, however full it is by now.
"""

from collections.abc import Awaitable, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from nowserving.actions.batches import Batches
from nowserving.store.engines import Looking
from nowserving.store.requests import Kept
from nowserving.store.store import Store

if TYPE_CHECKING:
    from nowserving.actions.house import House

Asked = tuple[UUID, str, str]
"""Organization, principal and idempotency key."""


class Earlier:
    """Looks for earlier answers, one question at a time for each organization."""

    def __init__(self, house: "House") -> None:
        self._house = house
        self._batches: Batches[Asked, Kept | None] = Batches(self._look)

    def answer(self, organization: UUID, principal: str, key: str) -> Awaitable[Kept | None]:
        """The answer kept for a key; None if it was not used by anything committed by now."""
        return self._batches.join(organization, (organization, principal, key))

    async def _look(self, asked: list[Asked]) -> Sequence[Kept | None]:
        requests = Store(Looking(self._house.engine), asked[0][0]).requests
        if len(asked) == 1:
            return [await requests.kept(*asked[0][1:])]
        kept = await requests.all_kept([(principal, key) for _, principal, key in asked])
        return [kept.get((principal, key)) for _, principal, key in asked]
