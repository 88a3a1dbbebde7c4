"""The queue-ups of one moment, written in one transaction (actions/batches.py)."""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Awaitable
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Self
from uuid import UUID

from nowserving.actions.act import Act, Say, case_fact
from nowserving.actions.batches import Batches, answered_before, keep_answers
from nowserving.actions.replies import Once
from nowserving.cases.admission import Admitted, Request
from nowserving.cases.case import Case, Details
from nowserving.cases.finding import words_of_case
from nowserving.cases.moves import QUEUE_UP, State
from nowserving.cases.texts import reference_key, text_of
from nowserving.cases.tickets import business_day
from nowserving.kit.clock import instant, micros
from nowserving.kit.failpoints import reached
from nowserving.kit.problems import Stale
from nowserving.kit.vault import fingerprint
from nowserving.people.actor import Actor
from nowserving.places.directory import Directory
from nowserving.places.services import Service
from nowserving.queues.line import callable_from, rank_of
from nowserving.store.engines import Connection
from nowserving.store.lines import PLACES_TOLD, Place
from nowserving.store.store import Store

if TYPE_CHECKING:
    from nowserving.actions.house import House


@dataclass(frozen=True, slots=True)
class Queued:
    """Somebody who has joined a line: their case, how many are before them, their link.

    `directory` is what the organization was made of when the case was written.
    """

    case: Case
    details: Details
    place: Place
    link: str
    directory: Directory


@dataclass(frozen=True, slots=True)
class Order:
    """A queue-up that only lacks its number and its place."""

    actor: Actor
    directory: Directory
    service: Service
    day: date
    draft: Case
    details: Details
    once: Once | None
    say: Say | None

    @classmethod
    def of(
        cls,
        act: Act,
        directory: Directory,
        request: Request,
        admitted: Admitted,
        *,
        id: UUID | None = None,
        pends: bool | None = None,
    ) -> Self:
        """The order for an admitted request; `pends`: otherwise than its service has it."""
        service, now, id = admitted.service, act.now, id or act.new_id()
        zone = directory.unit(service.unit_id).zone
        priority = service.priority if request.priority is None else request.priority
        day = business_day(now, zone, service.reset_minute)
        pends = service.pends if pends is None else pends
        draft = Case(
            organization_id=act.actor.organization_id,
            id=id,
            number=0,
            version=1,
            state=State.PENDING if pends else State.WAITING,
            unit_id=service.unit_id,
            queue_id=service.queue_id,
            service_id=service.id,
            category_id=service.category_id,
            type_id=admitted.kind.id,
            parent_id=None,
            customer_id=request.customer_id,
            channel=admitted.channel,
            language=admitted.language,
            day=day,
            sequence=0,
            prefix=service.prefix,
            ticket_number=0,
            suffix=service.suffix,
            priority=priority,
            rank=0,
            callable_at=0,
            opened_at=now,
            joined_at=now,
            reference_at=now,
            state_at=now,
            use_customer_contact=request.use_customer_contact,
            tag_ids=request.tag_ids,
            extras=request.extras,
            opened_by=act.actor.principal,
        )
        details = Details(
            act.actor.organization_id,
            id,
            name=admitted.name,
            phone=admitted.phone,
            email=admitted.email,
            fields={str(id): value for id, value in request.fields.items()},
            title=text_of("title", request.title),
            description=text_of("description", request.description),
            reference_key=reference_key(request.reference),
        )
        return cls(act.actor, directory, service, day, draft, details, act.once, act.say)

    def numbered(self, number: int, sequence: int, at: int) -> Case:
        """The case with its number, its ticket and its place in the line."""
        joined_at = instant(at)
        return replace(
            self.draft,
            number=number,
            sequence=sequence,
            ticket_number=self.service.series.number(sequence),
            rank=rank_of(joined_at, self.draft.priority, None),
            callable_at=callable_from(None),
            joined_at=joined_at,
            reference_at=joined_at,
            state_at=joined_at,
        )


Outcome = Queued | Exception


class Gatherer:
    """Writes the queue-ups of one moment together, one batch at a time per organization."""

    def __init__(self, house: "House") -> None:
        self._house = house
        self._numbers = house.numbers
        self._batches: Batches[Order, Queued] = Batches(self._write_together)

    def join(self, order: Order) -> Awaitable[Queued]:
        """Write this order with the next batch; returns when it is committed."""
        return self._batches.join(order.actor.organization_id, order)

    async def _write_together(self, orders: list[Order]) -> list[Outcome]:
        organization = orders[0].actor.organization_id
        numbers = await self._numbers.take(organization, len(orders))
        async with self._house.engine.writing() as connection:
            batch = _Batch(self._house, connection, organization)
            outcomes = await batch.write(orders, numbers)
            reached("tx.before_commit")
        reached("tx.after_commit_before_reply")
        self._house.on_commit(organization)
        return outcomes


class _Batch:
    """One transaction in which several people join lines of one organization."""

    def __init__(self, house: "House", connection: Connection, organization: UUID) -> None:
        self._house = house
        self._store = Store(connection, organization)

    async def write(self, orders: list[Order], numbers: list[int]) -> list[Outcome]:
        answered = await answered_before(self._store, orders)
        fresh = [order for order in orders if id(order) not in answered]
        await self._check_directory(fresh)
        cases = await self._number(fresh, numbers)
        places = await self._place(cases)
        link = self._house.vault.link
        queued = [
            Queued(case, order.details, place, link(case.id), order.directory)
            for order, case, place in zip(fresh, cases, places, strict=True)
        ]
        await self._add(fresh, queued)
        written = iter(queued)
        return [answered.get(id(order)) or next(written) for order in orders]

    async def _check_directory(self, orders: list[Order]) -> None:
        version = await self._store.places.version()
        if any(order.directory.version != version for order in orders):
            self._house.forget_directory(self._store.organization_id)
            raise Stale()

    async def _number(self, orders: list[Order], numbers: list[int]) -> list[Case]:
        wanted: dict[tuple[UUID, date], int] = defaultdict(int)
        for order in orders:
            wanted[order.service.id, order.day] += 1
        if not wanted:
            return []
        now = micros(self._house.clock())
        taken = await self._store.series.take_numbers(wanted, now)
        cases = []
        for order, number in zip(orders, numbers, strict=False):
            sequence, at = taken[order.service.id, order.day]
            cases.append(order.numbered(number, sequence, at))
            taken[order.service.id, order.day] = (sequence + 1, at + 1)
        return cases

    async def _place(self, cases: list[Case]) -> list[Place]:
        """Count once for the first of each series and priority; the others stand behind it."""
        groups: dict[tuple[UUID, UUID, int], list[Case]] = defaultdict(list)
        for case in cases:
            groups[case.queue_id, case.service_id, case.priority].append(case)
        firsts = [group[0] for group in groups.values()]
        counted = await self._store.lines.all_before(
            [(case.queue_id, case.rank, case.id) for case in firsts], PLACES_TOLD
        )
        base = dict(zip(groups, counted, strict=True))
        joining: dict[UUID, list[tuple[int, UUID]]] = defaultdict(list)
        for case in cases:
            if case.state is State.WAITING:
                insort(joining[case.queue_id], (case.rank, case.id))
        places = []
        for case in cases:
            place = base[case.queue_id, case.service_id, case.priority]
            before = place.before + bisect_left(joining[case.queue_id], (case.rank, case.id))
            places.append(Place(before, place.counted and before < PLACES_TOLD))
        return places

    async def _add(self, orders: list[Order], queued: list[Queued]) -> None:
        await self._store.cases.add(
            [(one.case, fingerprint(one.link)) for one in queued],
            [one.details for one in queued],
        )
        said = (
            (one.case.id, one.case.number, words_of_case(one.case, one.details, []))
            for one in queued
        )
        await self._store.finding.keep_case_words([one for one in said if one[2]])
        await self._store.journal.add(
            [
                case_fact(
                    one.case,
                    QUEUE_UP.fact,
                    {},
                    id=self._house.ids(one.case.joined_at),
                    at=one.case.joined_at,
                    actor=order.actor,
                )
                for order, one in zip(orders, queued, strict=True)
            ]
        )
        await keep_answers(
            self._store,
            [(order, one, one.case.joined_at) for order, one in zip(orders, queued, strict=True)],
        )
