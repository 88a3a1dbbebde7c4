"""Reading what has happened, from a cursor on: for programs that ask instead of being told.

The feed is dense: a reader who goes on from where they stopped misses nothing, and knows it.
"""

from dataclasses import dataclass
from uuid import UUID

from nowserving.actions.act import Act
from nowserving.kit.facts import Fact
from nowserving.kit.problems import Blame, Forbidden, Problem
from nowserving.people.permissions import Permission


class FeedGone(Problem):
    """This place in the feed is not known any more; begin again."""

    blame = Blame.MISSING


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a feed. The epoch becomes another one when a feed had to begin again."""

    epoch: UUID
    position: int

    def __str__(self) -> str:
        """As readers keep it."""
        return f"{self.epoch}:{self.position}"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some facts in the order of the feed, each with its place, and where the feed ended."""

    facts: list[tuple[Cursor, Fact]]
    head: Cursor


async def facts_after(act: Act, *, after: Cursor | None, most: int) -> Stretch:
    """The facts behind a place in the feed, or from its beginning.

    Raises FeedGone if what follows that place cannot be told without a hole.
    """
    if not act.actor.may_everywhere(Permission.SEE_LINE):
        raise Forbidden(permission=Permission.SEE_LINE)
    head = Cursor(*await act.look.journal.head())
    if after is not None and (after.epoch != head.epoch or after.position > head.position):
        raise FeedGone(head=str(head))
    position = after.position if after is not None else 0
    found = await act.look.journal.feed_after(position, most)
    follows = found[0][0] == position + 1 if found else position == head.position
    if after is not None and not follows:
        raise FeedGone(head=str(head))
    return Stretch([(Cursor(head.epoch, at), fact) for at, fact in found], head)
