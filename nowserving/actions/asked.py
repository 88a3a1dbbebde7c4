"""What hooks have said in one request, however often its act is done again."""

from collections.abc import Callable, Sequence
from uuid import UUID

from nowserving.actions.asking import Heard, Verdict
from nowserving.places.hooks import HookKind

AGAIN_AT_MOST = 2
"""How often an act is done again with the same answers, when somebody else was faster."""


class Asked:
    """Remembers answers, so that nobody is asked twice, and the ids given to what is not yet."""

    __slots__ = ("_again", "_ids", "_said")

    def __init__(self) -> None:
        self._said: dict[tuple[HookKind, UUID, UUID], Verdict | None] = {}
        self._ids: dict[str, UUID] = {}
        self._again = 0

    def id(self, what: str, new: Callable[[], UUID]) -> UUID:
        """The id of something that the act makes: each time it is done, the same."""
        if what not in self._ids:
            self._ids[what] = new()
        return self._ids[what]

    def knows(self, kind: HookKind, case_id: UUID, hook_id: UUID) -> bool:
        """Was this hook asked already?"""
        return (kind, case_id, hook_id) in self._said

    def remember(self, kind: HookKind, case_id: UUID, heard: Sequence[Heard]) -> None:
        """Keep what was said; None where nothing was said that counts."""
        for one in heard:
            self._said[kind, case_id, one.hook.id] = one.verdict

    def said(self, kind: HookKind, case_id: UUID, hook_id: UUID) -> Verdict | None:
        """What a hook said."""
        return self._said[kind, case_id, hook_id]

    def may_do_again(self) -> bool:
        """Somebody else was faster: may the act be done again?"""
        if not self._said:
            return True
        self._again += 1
        return self._again <= AGAIN_AT_MOST
