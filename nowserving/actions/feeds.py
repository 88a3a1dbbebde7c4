"""Addresses where calendar programs find appointments; the address is the permission."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from nowserving.actions.act import Act
from nowserving.actions.house import House
from nowserving.bookings.appointment import Feed
from nowserving.kit.problems import Forbidden, Invalid, NotFound
from nowserving.kit.vault import fingerprint
from nowserving.people.actor import ActorKind, system
from nowserving.people.permissions import Permission
from nowserving.places.directory import Directory
from nowserving.store.appointments import Booked as Seated
from nowserving.store.engines import Looking
from nowserving.store.store import Store

BACK = timedelta(days=30)
"""So long an appointment that is over stands in a feed."""

MOST = 2000
"""Appointments in a feed."""


@dataclass(frozen=True, slots=True)
class MadeFeed:
    """A new feed and the last part of its address, which is told once."""

    feed: Feed
    link: str


@dataclass(frozen=True, slots=True)
class FeedView:
    """What a feed shows. No names of customers: calendar programs hand things on."""

    name: str
    booked: list[Seated]
    directory: Directory


async def make_feed(
    act: Act,
    *,
    agent_id: UUID | None = None,
    service_id: UUID | None = None,
    index: int | None = None,
) -> MadeFeed:
    """A new address for an agent's appointments, or for a service's, perhaps at one index.

    Agents may do this for themselves; for others, whoever books for others.
    """
    if (agent_id is None) == (service_id is None):
        raise Invalid(reason="an agent or a service")
    if service_id is not None:
        service = (await act.directory()).service(service_id)
        act.must(Permission.BOOK_FOR_OTHERS, at=service.unit_id)
    else:
        await _check_agent(act, agent_id)
    id = act.new_id()
    token = act.house.vault.link(id)
    organization = act.actor.organization_id
    feed = Feed(organization, id, agent_id, service_id, index, fingerprint(token), act.now)
    await act.store.calendar_feeds.add(feed)
    number = (await act.house.organization(organization)).number
    return MadeFeed(feed, f"{number}.{token}")


async def revoke_feed(act: Act, *, feed_id: UUID) -> None:
    """Let an address open nothing any more."""
    feed = await act.store.calendar_feeds.get(feed_id)
    if feed.service_id is not None:
        service = (await act.directory()).services[feed.service_id]
        act.must(Permission.BOOK_FOR_OTHERS, at=service.unit_id)
    else:
        await _check_agent(act, feed.agent_id)
    await act.store.calendar_feeds.revoke(feed_id, act.now)


async def feed_at(house: House, link: str) -> FeedView:
    """What somebody with this link sees; NotFound if it opens nothing, or not any more."""
    number, _, token = link.partition(".")
    if not (number.isascii() and number.isdigit() and len(number) <= 9 and token):
        raise NotFound(what="feed", id="link")
    organization = await house.organization_numbered(int(number))
    store = Store(Looking(house.engine), organization.id)
    feed = await store.calendar_feeds.opened_by(fingerprint(token))
    if feed is None or feed.revoked_at is not None:
        raise NotFound(what="feed", id="link")
    async with house.acting(system(organization.id, "feed")) as act:
        return await _view(act, feed)


async def _view(act: Act, feed: Feed) -> FeedView:
    directory, since = await act.directory(), act.now - BACK
    if feed.agent_id is not None:
        name = (await act.look.people.names({feed.agent_id})).get(feed.agent_id, "")
        booked = await act.look.appointments.of_agent(feed.agent_id, since, MOST)
        return FeedView(name, booked, directory)
    assert feed.service_id is not None
    service = directory.services[feed.service_id]
    booked = await act.look.appointments.of_service(service.id, feed.index, since.date(), MOST)
    place = "" if feed.index is None else f" ({feed.index + 1})"
    return FeedView(f"{service.name}{place}", booked, directory)


async def _check_agent(act: Act, agent_id: UUID | None) -> None:
    assert agent_id is not None
    theirs = act.actor.kind is ActorKind.AGENT and act.actor.id == agent_id
    needed = Permission.BOOK if theirs else Permission.BOOK_FOR_OTHERS
    if not act.actor.may_anywhere(needed):
        raise Forbidden(permission=needed)
    if agent_id not in await act.look.people.names({agent_id}):
        raise NotFound(what="agent", id=agent_id)
