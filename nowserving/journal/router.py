"""The router: puts committed facts into the feed and onto the lanes of those who want them.

Whoever holds the organization's head row takes what is visible in its outbox. A visible later
fact of a case means that the earlier ones are visible, or were routed by whoever held the row
before: order per case is kept however many routers there are (docs/decisions/0003).
"""

import asyncio
from collections.abc import Collection, Sequence
from uuid import UUID

from nowserving.journal.announcing import Announcer, Hearer
from nowserving.journal.rounds import Rounds
from nowserving.journal.wanted import Where, where_of
from nowserving.journal.wishes import Wishes
from nowserving.kit.failpoints import reached
from nowserving.store.database_clock import DatabaseClock
from nowserving.store.engines import Connection, Engine
from nowserving.store.journal import Journal
from nowserving.store.lanes import Lanes
from nowserving.store.routing import Routing, Unrouted, organizations_to_route
from nowserving.store.subscriptions import Subscriptions

MOST = 2000
"""Facts routed in one transaction at the most, so that a backlog never outgrows it."""

BUSY = 0.002
"""Seconds until we look again when another process is routing the same organization."""

APART = 0.01
"""Seconds between two rounds of one organization: a busy one routes many facts at once."""

FOR_EACH = 0.001
"""Seconds that a round adds for each fact it routed: the busier it is, the more go together."""

APART_AT_MOST = 0.05

TRIES = 10

KEPT = 100
"""Organizations whose wishes are kept in order, those that were routed last."""


class Router:
    """Routes what this process commits at once, and whatever else it finds now and then."""

    def __init__(
        self, engine: Engine, hearers: Sequence[Hearer] = (), *, every: float | None = None
    ) -> None:
        """`hearers` of this process are woken; others hear an announcement.

        `every` so many seconds it looks for what a process that died left behind.
        """
        self._engine = engine
        self._hearers = hearers
        self._clock = DatabaseClock(engine)
        self._announcer = Announcer(engine)
        self._wishes: dict[UUID, tuple[str, Wishes]] = {}
        if every is None:
            every = 1.0 if engine.one_process else 0.25
        self._rounds = Rounds("router", self._route, find=self._unrouted, every=every, apart=APART)

    @property
    def mark(self) -> str:
        """The mark on our own announcements."""
        return self._announcer.mark

    async def start(self) -> None:
        """Begin, with what was left behind."""
        await self._rounds.start()

    async def stop(self) -> None:
        """Finish what is going on; what is not routed stays in the outbox."""
        await self._rounds.stop()
        await self._announcer.stop()

    def wake(self, organization_id: UUID) -> None:
        """Something of this organization was committed."""
        self._rounds.wake(organization_id)

    async def _unrouted(self) -> list[UUID]:
        async with self._engine.reading() as connection:
            return await organizations_to_route(connection)

    async def _route(self, organization_id: UUID) -> float | None:
        """Route what is there; answers how many seconds the next round should be apart."""
        for _ in range(TRIES):
            routed = await self._route_some(organization_id)
            if routed is None:
                await asyncio.sleep(BUSY)
                continue
            count, endpoint_ids = routed
            if count:
                self._tell(organization_id, endpoint_ids)
            if count == MOST:
                self.wake(organization_id)
                return None
            return min(count * FOR_EACH, APART_AT_MOST)
        self.wake(organization_id)  # who routes now may not have seen what was committed last
        return None

    async def _route_some(self, organization_id: UUID) -> tuple[int, set[UUID]] | None:
        due = await self._clock.earliest()
        async with self._engine.writing() as connection:
            routing = Routing(connection, organization_id)
            taken = await routing.take(MOST)
            if taken is None or not taken.facts:
                return None if taken is None else (0, set())
            reached("router.after_delete_outbox")
            facts = taken.facts
            wishes = await self._wishes_of(organization_id, taken.edition, connection)
            journal = Journal(connection, organization_id)
            where = await _where(journal, facts, wishes.narrow_kinds)
            stretches = wishes.stretches_of(facts, where)
            await routing.append(taken.position, facts)
            await Lanes(connection, organization_id).extend(stretches, due)
        reached("router.after_commit_before_waking")
        return len(facts), {stretch.endpoint_id for stretch in stretches}

    async def _wishes_of(
        self, organization_id: UUID, edition: str, connection: Connection
    ) -> Wishes:
        """The wishes put in order: as they were the last time, for the most part.

        They are read after their edition: at the worst they are newer than it, and are read again.
        """
        kept = self._wishes.pop(organization_id, None)
        if kept is None or kept[0] != edition:
            kept = edition, Wishes(await Subscriptions(connection, organization_id).all())
        self._wishes[organization_id] = kept
        if len(self._wishes) > KEPT:
            del self._wishes[next(iter(self._wishes))]
        return kept[1]

    def _tell(self, organization_id: UUID, endpoint_ids: set[UUID]) -> None:
        for hearer in self._hearers:
            hearer.wake(organization_id, endpoint_ids)
        self._announcer.announce(organization_id)


async def _where(
    journal: Journal, facts: Sequence[Unrouted], kinds: Collection[str]
) -> dict[tuple[UUID, int], Where]:
    """Where the facts of these kinds happened: somebody wants them from some places only.

    It is read here, out of the customer's transaction: who queues up pays nothing for it.
    """
    asked = {(fact.subject_id, fact.version): fact for fact in facts if fact.kind in kinds}
    data = await journal.data_of(asked) if asked else {}
    return {key: where_of(asked[key].kind, text) for key, text in data.items()}
