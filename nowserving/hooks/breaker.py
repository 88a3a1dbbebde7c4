"""Leaving in peace a hook that does not answer, so that not everybody waits for it in vain."""

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from uuid import UUID

FAILURES = 3
"""Failures in a row after which a hook is not asked for a while."""

REST = 5.0
LONGEST_REST = 60.0
"""Seconds: not long, since meanwhile its consent is taken for granted, or nothing can be done."""


@dataclass(slots=True)
class _Hook:
    failures: int = 0
    rests_until: float = float("-inf")
    tried: bool = False


class Breaker:
    """Counts, in this process, how hooks answer. After a rest one caller tries for all."""

    def __init__(self, *, rest: float = REST, clock: Callable[[], float] = monotonic) -> None:
        self._rest = rest
        self._clock = clock
        self._hooks: dict[UUID, _Hook] = {}

    def may_ask(self, id: UUID) -> bool:
        """May this hook be asked now? Who may says afterwards what came of it."""
        hook = self._hooks.get(id)
        if hook is None or hook.failures < FAILURES:
            return True
        if hook.tried or self._clock() < hook.rests_until:
            return False
        hook.tried = True
        return True

    def answered(self, id: UUID) -> None:
        """It is there."""
        self._hooks.pop(id, None)

    def failed(self, id: UUID) -> None:
        """It is not there, or cannot work."""
        hook = self._hooks.setdefault(id, _Hook())
        hook.failures += 1
        hook.tried = False
        if hook.failures >= FAILURES:
            rest = self._rest * 2.0 ** min(hook.failures - FAILURES, 16)
            hook.rests_until = self._clock() + min(rest, LONGEST_REST)

    def gave_up(self, id: UUID) -> None:
        """Whoever asked went away before it answered: the next one tries."""
        hook = self._hooks.get(id)
        if hook is not None:
            hook.tried = False
