"""Numbers for people to quote, taken from the database a block at a time.

They are unique and rise, but may have holes; the numbers on tickets come from a counter row
in the transaction itself.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from nowserving.store.requests import Requests

if TYPE_CHECKING:
    from nowserving.actions.house import House

BLOCK = 1000


class Numbers:
    """The numbers of new cases, for each organization."""

    def __init__(self, house: "House") -> None:
        self._house = house
        self._left: dict[UUID, deque[int]] = defaultdict(deque)
        self._taking = asyncio.Lock()

    async def take(self, organization: UUID, count: int) -> list[int]:
        """The next `count` numbers. Takes a transaction of its own once in a thousand."""
        async with self._taking:
            left = self._left[organization]
            if len(left) < count:
                async with self._house.engine.writing() as connection:
                    first = await Requests(connection, organization).take("case", BLOCK)
                left.extend(range(first, first + BLOCK))
            return [left.popleft() for _ in range(count)]

    def give_back(self, organization: UUID, numbers: Sequence[int]) -> None:
        """These were not needed after all; whoever comes next has them."""
        self._left[organization].extendleft(reversed(numbers))
