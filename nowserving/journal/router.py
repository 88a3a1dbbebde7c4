"""The router: puts committed facts into the feed and onto the lanes of those who want them.

Whoever holds the organization's head row takes what is visible in its outbox. Because the
outbox is read after the row is held, a visible later fact of a case means that the earlier
ones are visible or routed already: order per case is kept however many routers there are
(docs/decisions/0003).
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from nowserving.journal.announcing import Announcer, Hearer
from nowserving.journal.rounds import Rounds
from nowserving.journal.wanted import Where, kinds_of, where_of
from nowserving.kit.failpoints import reached
from nowserving.store.engines import Engine
from nowserving.store.journal import Journal, Stretch, Unrouted, organizations_to_route
from nowserving.store.lanes import DatabaseClock, Lanes, Wish

MOST = 2000
"""Facts routed in one transaction at the most, so that a backlog never outgrows it."""

BUSY = 0.002
"""Seconds until we look again when another process is routing the same organization."""

APART = 0.01
"""Seconds between two rounds of one organization: a busy one routes many facts at once."""

TRIES = 10


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
        if every is None:
            every = 1.0 if engine.one_process else 0.05
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

    async def _route(self, organization_id: UUID) -> None:
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
            return

    async def _route_some(self, organization_id: UUID) -> tuple[int, set[UUID]] | None:
        due = await self._clock.now()
        async with self._engine.writing() as connection:
            journal, lanes = (
                Journal(connection, organization_id),
                Lanes(connection, organization_id),
            )
            taken = await journal.take_unrouted(MOST)
            if taken is None or not taken[1]:
                return None if taken is None else (0, set())
            reached("router.after_delete_outbox")
            position, facts = taken
            subscriptions = await lanes.subscriptions()
            where = await _where(journal, facts, subscriptions)
            stretches = stretches_of(facts, subscriptions, where)
            await journal.append(position, facts)
            await journal.extend_lanes(stretches, due)
        reached("router.after_commit_before_waking")
        return len(facts), {stretch.endpoint_id for stretch in stretches}

    def _tell(self, organization_id: UUID, endpoint_ids: set[UUID]) -> None:
        for hearer in self._hearers:
            hearer.wake(organization_id, endpoint_ids)
        self._announcer.announce(organization_id)


def stretches_of(
    facts: Sequence[Unrouted],
    subscriptions: Iterable[tuple[UUID, Wish]],
    where: Mapping[tuple[UUID, int], Where],
) -> list[Stretch]:
    """For each endpoint and subject: from the first to the last fact the endpoint wants.

    What it does not want in between is left out when it is told. `where` says by subject and
    version where a fact happened; it is asked for narrow wishes only.
    """
    stretches = []
    spans: dict[Wish, dict[UUID, tuple[int, int]]] = {}
    nearby = _by_place(facts, where)
    for endpoint_id, wish in subscriptions:
        if wish not in spans:
            spans[wish] = _spans(_candidates(facts, wish, nearby), wish, where)
        stretches += [
            Stretch(endpoint_id, subject_id, first, last)
            for subject_id, (first, last) in spans[wish].items()
        ]
    return stretches


def _by_place(
    facts: Sequence[Unrouted], where: Mapping[tuple[UUID, int], Where]
) -> dict[UUID, list[Unrouted]]:
    """The facts of each service and each unit: a thousand narrow wishes do not look at all."""
    nearby: dict[UUID, list[Unrouted]] = {}
    for fact in facts:
        at = where.get((fact.subject_id, fact.version))
        for place in () if at is None else {*at.unit_ids, at.service_id}:
            if place is not None:
                nearby.setdefault(place, []).append(fact)
    return nearby


def _candidates(
    facts: Sequence[Unrouted], wish: Wish, nearby: Mapping[UUID, Sequence[Unrouted]]
) -> Iterable[Unrouted]:
    """The facts among which those are that a wish means."""
    places = wish.service_ids if wish.service_ids is not None else wish.unit_ids
    if places is None:
        return facts
    return (fact for place in places for fact in nearby.get(place, ()))


def _spans(
    facts: Iterable[Unrouted], wish: Wish, where: Mapping[tuple[UUID, int], Where]
) -> dict[UUID, tuple[int, int]]:
    spans: dict[UUID, tuple[int, int]] = {}
    kinds = kinds_of(wish.kinds)
    for fact in facts:
        if fact.kind not in kinds:
            continue
        if wish.narrow:
            at = where.get((fact.subject_id, fact.version))
            if at is None or not at.fits(wish):
                continue
        first, last = spans.get(fact.subject_id, (fact.version, fact.version))
        spans[fact.subject_id] = (min(first, fact.version), max(last, fact.version))
    return spans


async def _where(
    journal: Journal, facts: Sequence[Unrouted], subscriptions: Iterable[tuple[UUID, Wish]]
) -> dict[tuple[UUID, int], Where]:
    """Where the facts happened that somebody wants from some places only.

    It is read here, out of the customer's transaction: who queues up pays nothing for it.
    """
    kinds = {kind for _, wish in subscriptions if wish.narrow for kind in kinds_of(wish.kinds)}
    asked = {(fact.subject_id, fact.version): fact for fact in facts if fact.kind in kinds}
    data = await journal.data_of(list(asked.values())) if asked else {}
    return {key: where_of(asked[key].kind, text) for key, text in data.items()}
