"""What has happened, for programs that ask."""

from uuid import UUID

from msgspec import UNSET

from nowserving.actions import facts
from nowserving.actions.act import Act
from nowserving.actions.facts import Cursor, FeedGone
from nowserving.dialects.native import orders, say, shapes
from nowserving.dialects.native.operations import Chapter

CHAPTER = Chapter(
    "Facts",
    "Every change is a fact in one feed. Keep `next` and ask again with it as `after`: "
    "nothing is missed, nothing comes twice, and facts about one case come in their order.",
)


@CHAPTER.get("/facts", raises=(FeedGone,))
async def get_facts(act: Act, query: orders.FeedPage) -> shapes.Feed:
    """The facts behind a place in the feed.

    With `wait` the answer comes as soon as there is one, or when the seconds are over. 410 when
    that place is not known any more: begin again, or at `head`.
    """
    found = await facts.facts_after(
        act,
        after=None if query.after is UNSET else _cursor(query.after),
        most=query.limit,
        kinds=() if query.kinds is UNSET else query.kinds.split(","),
        wait=query.wait,
    )
    return say.feed(found)


def _cursor(text: str) -> Cursor:
    epoch, _, position = text.partition(":")
    return Cursor(UUID(epoch), int(position))
