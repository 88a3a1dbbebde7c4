"""Reading what has happened, from a cursor on: for programs that ask instead of being told.

The feed is dense: a reader who goes on from where they stopped misses nothing, and knows it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from time import monotonic
from uuid import UUID

from nowserving.actions.act import Act
from nowserving.kit.facts import Fact
from nowserving.kit.problems import Blame, Forbidden, Problem
from nowserving.people.permissions import Permission


class FeedGone(Problem):
    """This place in the feed is not known any more; begin again."""

    blame = Blame.MISSING


LOOK_AGAIN = 1.0
"""Seconds after which a reader who waits looks by themselves: being woken is only faster."""

AT_ONCE = 1000
"""Places of the feed looked at in one question for those of some kinds."""


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
    """Some facts in the order of the feed, each with its place, and where the feed ended.

    `last`: the place up to which was looked; what is not wanted in between is left out.
    """

    facts: list[tuple[Cursor, Fact]]
    last: Cursor
    head: Cursor


async def facts_after(
    act: Act,
    *,
    after: Cursor | None,
    most: int,
    kinds: Collection[str] = (),
    wait: float = 0.0,
) -> Stretch:
    """The facts behind a place in the feed, or from its beginning.

    Of these `kinds` alone, if any are given. Where there are none, waits for one at most
    `wait` seconds, holding nothing meanwhile. Raises FeedGone if what follows that place cannot
    be told without a hole.
    """
    if not act.actor.may_everywhere(Permission.SEE_LINE):
        raise Forbidden(permission=Permission.SEE_LINE)
    until = monotonic() + wait
    while True:
        found = await _facts_after(act, after=after, most=most, kinds=frozenset(kinds))
        left = until - monotonic()
        if found.facts or left <= 0 or act.house.news.closed:
            return found
        after = found.last
        if found.last == found.head:
            await act.house.news.wait(act.actor.organization_id, min(left, LOOK_AGAIN))


async def _facts_after(
    act: Act, *, after: Cursor | None, most: int, kinds: frozenset[str]
) -> Stretch:
    head = Cursor(*await act.look.feed.head())
    if after is not None and (after.epoch != head.epoch or after.position > head.position):
        raise FeedGone(head=str(head))
    position = after.position if after is not None else 0
    found = await act.look.feed.after(position, max(most, AT_ONCE) if kinds else most)
    follows = found[0][0] == position + 1 if found else position == head.position
    if after is not None and not follows:
        raise FeedGone(head=str(head))
    wanted = [one for one in found if not kinds or one[1].kind in kinds]
    if len(wanted) > most:
        wanted = wanted[:most]
        position = wanted[-1][0]
    elif found:
        position = found[-1][0]
    told = [(Cursor(head.epoch, at), fact) for at, fact in wanted]
    return Stretch(told, Cursor(head.epoch, position), head)
