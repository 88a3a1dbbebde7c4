"""A question that many ask at the same moment is put once, and all hear the answer."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class Shared(Generic[Answer]):
    """Questions under way, each under its name."""

    def __init__(self) -> None:
        self._asked: dict[Hashable, asyncio.Task[Answer]] = {}

    async def ask(self, name: Hashable, ask: Callable[[], Awaitable[Answer]]) -> Answer:
        """The answer to the question of this name, put now unless somebody waits for it already.

        Whoever gives up waiting takes the answer from nobody else.
        """
        asked = self._asked.get(name)
        if asked is None:
            asked = self._asked[name] = asyncio.create_task(self._put(name, ask))
        return await asyncio.shield(asked)

    def forget(self, name: Hashable) -> None:
        """Whoever asks from now on is not content with an answer that is under way."""
        self._asked.pop(name, None)

    async def _put(self, name: Hashable, ask: Callable[[], Awaitable[Answer]]) -> Answer:
        try:
            return await ask()
        finally:
            if self._asked.get(name) is asyncio.current_task():
                del self._asked[name]
