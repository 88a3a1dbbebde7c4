"""Turns: so many at once, and the others in the order in which they came."""

import asyncio
from collections import deque
from collections.abc import Callable


class Turns:
    """Whoever has a turn gives it back; `most` may change meanwhile."""

    __slots__ = ("_waiting", "most", "taken")

    def __init__(self, most: int) -> None:
        self.most = most
        self.taken = 0
        self._waiting: deque[asyncio.Future[bool]] = deque()

    @property
    def free(self) -> bool:
        """Would somebody have a turn at once?"""
        return self.taken < self.most and not self._waiting

    async def take(self, until: float, *, clock: Callable[[], float]) -> bool:
        """Wait for a turn; False if it does not come until then."""
        wait = until - clock()
        if wait > 0 and self.take_now():
            return True
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[bool] = loop.create_future()
        self._waiting.append(turn)
        timer = loop.call_later(max(wait, 0), self._too_late, turn)
        try:
            return await turn
        except BaseException:
            if turn.cancelled():
                if turn in self._waiting:
                    self._waiting.remove(turn)
            elif turn.result():
                self.give_back()  # it came a moment too late
            raise
        finally:
            timer.cancel()

    def take_now(self) -> bool:
        """Take a turn if there is one for us at once."""
        free = self.free
        self.taken += free
        return free

    def give_back(self) -> None:
        """One turn less; the next who waits has it."""
        self.taken -= 1
        while self._waiting and self.taken < self.most:
            turn = self._waiting.popleft()
            if not turn.done():  # it was cancelled, and whoever waited does not know it yet
                self.taken += 1
                turn.set_result(True)

    def _too_late(self, turn: asyncio.Future[bool]) -> None:
        if not turn.done():
            self._waiting.remove(turn)
            turn.set_result(False)
