"""What a replay tells next: from the feed, from what was not taken, or one fact."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from nowserving.journal.wanted import wants
from nowserving.kit.facts import Fact
from nowserving.places.endpoints import Endpoint
from nowserving.places.replays import Replay, Source
from nowserving.store.store import Store

CHUNK = 100
"""Places of the source looked at in one stint: what was told twice after a crash is among them."""


@dataclass(slots=True)
class Item:
    """A fact to be told again; `places`: of the source, up to and with it, since the one before."""

    fact: Fact
    cursor: str
    places: int = 1
    done: bool = False
    told: bool = False
    on_lane: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """What comes next. `seen` places lead to `cursor`; `last`: then it is all told."""

    items: Sequence[Item]
    seen: int
    cursor: str
    last: bool


class FeedWish(msgspec.Struct):
    """A part of the feed: behind one place, up to another, of what happened within a time."""

    after: int
    up_to: int
    since: datetime | None = None
    until: datetime | None = None


class FailedWish(msgspec.Struct):
    """What was not taken though it was tried within a time."""

    since: datetime
    until: datetime


class FactWish(msgspec.Struct):
    """One fact of one subject."""

    subject_id: UUID
    version: int


class TestWish(msgspec.Struct):
    """A fact made up for the trial, or one that happened."""

    subject_id: UUID
    version: int
    made_up: str | None = None
    kind: str = ""


async def next_items(store: Store, replay: Replay, endpoint: Endpoint) -> Part:
    """What comes next of a replay."""
    match replay.source:
        case Source.FEED:
            return await _of_feed(store, replay, endpoint)
        case Source.FAILED:
            return await _of_failed(store, replay, endpoint)
        case Source.FACT:
            return await _one(store, replay)
        case Source.TEST:
            return await _trial(store, replay)


async def _of_feed(store: Store, replay: Replay, endpoint: Endpoint) -> Part:
    wish = msgspec.convert(replay.wish, FeedWish, strict=False)
    begin = int(replay.cursor or wish.after)
    found = await store.feed.after(begin, CHUNK)
    within = [(at, fact) for at, fact in found if at <= wish.up_to]
    items, before = [], begin
    for at, fact in within:
        if wants(endpoint, fact) and _is_within(fact.at, wish):
            items.append(Item(fact, str(at), places=at - before))
            before = at
    end = within[-1][0] if within else begin
    last = len(found) < CHUNK or len(within) < len(found) or end >= wish.up_to
    end = wish.up_to if last else end
    return Part(items, end - begin, str(end), last)


def _is_within(at: datetime, wish: FeedWish) -> bool:
    return (wish.since is None or at >= wish.since) and (wish.until is None or at < wish.until)


async def _of_failed(store: Store, replay: Replay, endpoint: Endpoint) -> Part:
    wish = msgspec.convert(replay.wish, FailedWish, strict=False)
    subject, _, version = replay.cursor.partition(":")
    found = await store.replays.failed_facts(
        endpoint.id,
        since=wish.since,
        until=wish.until,
        after=(UUID(subject), int(version)) if subject else (UUID(int=0), 0),
        most=CHUNK,
    )
    facts = await store.journal.on_lanes([(id, at - 1, at) for id, at in found], 1)
    items = [
        Item(on_lane[0], f"{id}:{at}")
        for (id, at), on_lane in zip(found, facts, strict=True)
        if on_lane
    ]
    cursor = f"{found[-1][0]}:{found[-1][1]}" if found else replay.cursor
    return Part(items, len(found), cursor, len(found) < CHUNK)


async def _one(store: Store, replay: Replay) -> Part:
    wish = msgspec.convert(replay.wish, FactWish, strict=False)
    facts = await store.journal.of(wish.subject_id, after=wish.version - 1, most=1)
    return Part([Item(fact, "1") for fact in facts], 1, "1", last=True)


async def _trial(store: Store, replay: Replay) -> Part:
    wish = msgspec.convert(replay.wish, TestWish, strict=False)
    if wish.made_up is None:
        facts = await store.journal.of(wish.subject_id, after=wish.version - 1, most=1)
    else:
        facts = [
            Fact(
                replay.organization_id,
                wish.subject_id,
                wish.version,
                replay.id,
                wish.kind,
                replay.created_at,
                replay.created_by,
                wish.made_up,
            )
        ]
    return Part([Item(fact, "1") for fact in facts], 1, "1", last=True)
