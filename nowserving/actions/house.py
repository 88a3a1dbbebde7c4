"""The house, open for acting: who acts gets one transaction and one clock reading."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

from nowserving.actions.act import Act, Answered, Say
from nowserving.actions.asked import Asked
from nowserving.actions.asking import Asks, NobodyAsks
from nowserving.actions.booking_desk import BookingDesk
from nowserving.actions.earlier import Earlier
from nowserving.actions.filing import Filing
from nowserving.actions.gather import Gatherer
from nowserving.actions.news import News
from nowserving.actions.numbers import Numbers
from nowserving.actions.outside import Outside
from nowserving.actions.replies import Once
from nowserving.kit.clock import Clock, micros, wall
from nowserving.kit.failpoints import reached
from nowserving.kit.http import Reply
from nowserving.kit.ids import Ids, uuid7
from nowserving.kit.pace import Pace
from nowserving.kit.problems import Forbidden, NotFound, Problem, Stale, StillRunning
from nowserving.kit.shared import Shared
from nowserving.kit.vault import Vault
from nowserving.people.actor import Actor
from nowserving.places.directory import Directory
from nowserving.places.organization import Organization
from nowserving.store.engines import Clash, Engine, Looking
from nowserving.store.places import organizations
from nowserving.store.store import Store

TEXTS_AT_ONCE = 5
TEXT_EVERY = timedelta(minutes=10)
"""How many texts one phone gets: so many at once, and then one in so long."""

TRIES = 5
"""How often an act is done again when somebody else was faster."""

FRESH_FOR = 1_000_000
"""Microseconds for which a directory is believed without asking for its version."""


class House:
    """One process's way into one database."""

    def __init__(
        self, engine: Engine, vault: Vault, *, clock: Clock = wall, ids: Ids = uuid7
    ) -> None:
        self.engine = engine
        self.vault = vault
        self.clock = clock
        self.ids = ids
        self.numbers = Numbers(self)
        self.gatherer = Gatherer(self)
        self.outside = Outside()
        self.asks: Asks = NobodyAsks()
        self.texts = Pace(burst=TEXTS_AT_ONCE, every=TEXT_EVERY)
        self.filing: Filing | None = None
        self.bookings = BookingDesk(self)
        self.earlier = Earlier(self)
        self.news = News()
        self.on_commit: Callable[[UUID], None] = lambda organization: None
        self._organizations: dict[UUID, Organization] = {}
        self._directories: dict[UUID, tuple[int, Directory]] = {}
        self._reading: Shared[Directory] = Shared()
        self._running: set[tuple[UUID, str, str]] = set()

    @asynccontextmanager
    async def acting(
        self,
        actor: Actor,
        *,
        once: Once | None = None,
        say: Say | None = None,
        asked: Asked | None = None,
    ) -> AsyncIterator[Act]:
        """One act: committed when it ends well, undone if anything rises."""
        async with AsyncExitStack() as stack:
            act = Act(self, actor, stack, once=once, say=say, asked=asked)
            yield act
            if act.wrote:
                reached("tx.before_commit")
        if act.wrote:
            reached("tx.after_commit_before_reply")
            self.on_commit(actor.organization_id)
            if act.stirs_files and self.filing is not None:
                self.filing.stir()

    async def perform(
        self,
        actor: Actor,
        do: Callable[[Act], Awaitable[Any]],
        say: Say,
        *,
        once: Once | None = None,
    ) -> Reply:
        """Do something and say the answer, once for each idempotency key.

        Whoever loses a race to somebody else looks again and tries again; hooks that have
        answered are not asked a second time. The answer is
        kept in the transaction of what it answers, and given again even where the same
        request would be refused by now. Hardly any key comes twice, so an earlier answer is
        looked for only where keeping this one fails, or the request does. Raises
        StillRunning while the first request with the key is being worked on, KeyReused for
        another request with it.
        """
        say, asked = _said_once(say), Asked()
        with self._only_one(actor, once):
            for left in reversed(range(TRIES)):
                try:
                    again = left < TRIES - 1
                    return await self._perform(actor, do, say, once, asked, again=again)
                except Answered as before:
                    return before.reply
                except (Clash, Stale) as lost:
                    if not left or not asked.may_do_again():
                        raise Stale() from lost
                    await asyncio.sleep(random.uniform(0.001, 0.01) * (TRIES - left))
                except Problem as refused:
                    first = await self._answer_to(actor, once)
                    if first is None or isinstance(refused, Forbidden):
                        raise
                    return first
        raise AssertionError("the last try returns or raises")

    async def organization(self, id: UUID) -> Organization:
        """The organization with this id."""
        return await self._organization(lambda one: one.id == id, id)

    async def organization_numbered(self, number: int) -> Organization:
        """The organization with this number."""
        return await self._organization(lambda one: one.number == number, number)

    async def organization_called(self, slug: str) -> Organization:
        """The organization with this name in addresses."""
        return await self._organization(lambda one: one.slug == slug, slug)

    async def organizations(self) -> list[Organization]:
        """Every organization of the installation, by number."""
        async with self.engine.reading() as connection:
            found = await organizations(connection)
        self._organizations = {one.id: one for one in found}
        return found

    async def directory(self, organization: UUID, *, within: Store | None = None) -> Directory:
        """What an organization is made of, at most a second old.

        `within`: a transaction that has begun; a second connection would not be safe then.
        """
        now = micros(self.clock())
        asked, kept = self._directories.get(organization, (0, None))
        if kept is not None and 0 <= now - asked < FRESH_FOR:
            return kept
        if within is not None:
            # What it says may never be committed: nobody else hears of it.
            same = kept is not None and kept.version == await within.places.version()
            return kept if kept is not None and same else await within.places.directory()
        return await self._reading.ask(organization, lambda: self._read(organization, kept))

    def forget_directory(self, organization: UUID) -> None:
        """Read an organization anew the next time it is asked for."""
        self._directories.pop(organization, None)
        self._reading.forget(organization)

    async def _read(self, organization: UUID, kept: Directory | None) -> Directory:
        now = micros(self.clock())
        places = Store(Looking(self.engine), organization).places
        if kept is None or kept.version != await places.version():
            kept = await places.directory()
        self._directories[organization] = (now, kept)
        return kept

    async def _perform(
        self,
        actor: Actor,
        do: Callable[[Act], Awaitable[Any]],
        say: Say,
        once: Once | None,
        asked: Asked,
        *,
        again: bool,
    ) -> Reply:
        async with self.acting(actor, once=once, say=say, asked=asked) as act:
            act.again = again
            reply = say(await do(act))
            if once is not None and not act.gathered:
                kept = once.kept(actor.organization_id, actor.principal, reply, act.now)
                await act.store.requests.keep([kept])
        return reply

    async def _answer_to(self, actor: Actor, once: Once | None) -> Reply | None:
        if once is None:
            return None
        kept = await self.earlier.answer(actor.organization_id, actor.principal, once.key)
        return None if kept is None else once.again(kept)

    @contextmanager
    def _only_one(self, actor: Actor, once: Once | None) -> Iterator[None]:
        if once is None:
            yield
            return
        running = (actor.organization_id, actor.principal, once.key)
        if running in self._running:
            raise StillRunning(key=once.key)
        self._running.add(running)
        try:
            yield
        finally:
            self._running.discard(running)

    async def _organization(
        self, wanted: Callable[[Organization], bool], what: object
    ) -> Organization:
        for known in self._organizations.values():
            if wanted(known):
                return known
        for one in await self.organizations():
            if wanted(one):
                return one
        raise NotFound(what="organization", id=what)


def _said_once(say: Say) -> Say:
    """The same answer for the same result: a gathered act asks for it in its transaction too."""
    said: list[tuple[Any, Reply]] = []

    def saying(result: Any) -> Reply:
        if not said or said[-1][0] is not result:
            said[:] = [(result, say(result))]
        return said[-1][1]

    return saying
