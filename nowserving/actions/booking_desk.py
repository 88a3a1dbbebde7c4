"""Where seats are given out: the bookings of one moment in one calendar, in one transaction.

Everybody wants the same hour: that is the hot spot of a booking, as the series of a ticket
is that of a line. So bookings of one calendar are written in batches (actions/batches.py),
under the calendar's row, and what a batch has seen is remembered for a quarter of a second:
whoever asks for a time that was taken a moment ago is told so at once. That is a hint only;
what is sold is decided under the row, and by the database.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from nowserving.actions import notices
from nowserving.actions.act import case_fact
from nowserving.actions.batches import Batches, answered_before, keep_answers
from nowserving.actions.booking_order import Booked, Order, numbered, told
from nowserving.bookings.appointment import code_of
from nowserving.bookings.calendar import Calendar, Day, SlotTaken, Taking
from nowserving.bookings.rules import Plan
from nowserving.bookings.wish import Wish
from nowserving.cases.case import Case
from nowserving.cases.finding import words_of_case
from nowserving.cases.moves import PLAN
from nowserving.kit.clock import micros
from nowserving.kit.problems import Problem, Stale
from nowserving.kit.shared import Shared
from nowserving.kit.vault import fingerprint
from nowserving.places.services import NotByAppointment
from nowserving.store.engines import Looking
from nowserving.store.store import Store

if TYPE_CHECKING:
    from nowserving.actions.house import House

FRESH_FOR = 1_000_000
"""Microseconds for which a calendar's place and its rules are believed without asking."""

HINT_FOR = 250_000
"""Microseconds for which a time that was taken counts as taken."""

Others = list[dict[str, object]]
Outcome = Booked | Exception
Seated = tuple[Order, Taking]


@dataclass(frozen=True, slots=True)
class Lately:
    """How a calendar looked a moment ago, and what was said to those who came too late."""

    at: int
    day: Day
    said: dict[Hashable, SlotTaken] = field(default_factory=dict)

    def check(self, wish: Wish, now: datetime) -> None:
        """SlotTaken if there was no seat; what to offer instead is worked out once for all."""
        wanted = (wish.kind.id, wish.kind.minutes, wish.starts, wish.forced)
        said = self.said.get(wanted)
        if said is None:
            try:
                wish.seat(self.day, now)
                return
            except SlotTaken as taken:
                said = self.said[wanted] = taken
        raise SlotTaken(**said.details)


class BookingDesk:
    """Gives out the seats of one house, one batch at a time for each calendar."""

    def __init__(self, house: "House") -> None:
        self._house = house
        self._batches: Batches[Order, Booked] = Batches(self._write_together)
        self._known: dict[tuple[UUID, UUID], tuple[int, Calendar, Plan]] = {}
        self._asking: Shared[tuple[Calendar, Plan]] = Shared()
        self._days: dict[UUID, Lately] = {}
        self._others: dict[Hashable, tuple[int, Others]] = {}
        self._looking: Shared[Others] = Shared()
        self._turn = 0

    def join(self, order: Order) -> Awaitable[Booked]:
        """Write this booking with the next batch of its calendar."""
        return self._batches.join((order.actor.organization_id, order.calendar_id), order)

    async def known(
        self, organization: UUID, calendar: UUID, *, within: Store | None = None
    ) -> tuple[Calendar, Plan]:
        """A calendar and the plan of its service, at most a second old.

        `within`: a transaction that has begun; a second connection would not be safe then.
        """
        if within is not None:
            return await _asked(within, calendar)
        now = micros(self._house.clock())
        known = self._known.get((organization, calendar))
        if known is not None and 0 <= now - known[0] < FRESH_FOR:
            return known[1], known[2]
        return await self._asking.ask(
            (organization, calendar, self._turn), lambda: self._read(organization, calendar)
        )

    def forget(self, organization: UUID, calendar: UUID) -> None:
        """Believe nothing of a calendar: it was changed, or a seat in it is free again."""
        self._known.pop((organization, calendar), None)
        self._days.pop(calendar, None)
        self._others.clear()
        self._turn += 1

    def forget_all(self) -> None:
        """Believe nothing: the rules of a service were changed."""
        self._known.clear()
        self._days.clear()
        self._others.clear()
        self._turn += 1

    def check_lately(self, calendar: UUID, wish: Wish, now: datetime) -> None:
        """SlotTaken if there was no seat a moment ago; nothing if nobody has looked lately."""
        found = self._days.get(calendar)
        if found is not None and abs(micros(now) - found.at) < HINT_FOR:
            found.check(wish, now)

    async def alternatives(
        self, organization: UUID, wanted: Hashable, look: Callable[[], Awaitable[Others]]
    ) -> Others:
        """Other times than one that is taken, looked for once by all who ask at the moment."""
        now, name = micros(self._house.clock()), (organization, wanted)
        found = self._others.get(name)
        if found is not None and 0 <= now - found[0] < HINT_FOR:
            return found[1]
        others = await self._looking.ask((name, self._turn), look)
        if len(self._others) > 1000:
            self._others.clear()
        self._others[name] = (now, others)
        return others

    async def _read(self, organization: UUID, calendar: UUID) -> tuple[Calendar, Plan]:
        now, turn = micros(self._house.clock()), self._turn
        found, plan = await _asked(Store(Looking(self._house.engine), organization), calendar)
        if len(self._known) > 10_000:
            self._known.clear()
        if turn == self._turn:
            self._known[organization, calendar] = (now, found, plan)
        return found, plan

    async def _write_together(self, orders: list[Order]) -> Sequence[Outcome]:
        house, organization = self._house, orders[0].actor.organization_id
        numbers = await house.numbers.take(organization, len(orders))
        used = 0
        try:
            async with house.engine.writing() as connection:
                seating = Seating(house, Store(connection, organization))
                outcomes = await seating.answer(orders, numbers)
            used = sum(isinstance(one, Booked) for one in outcomes)
        finally:
            house.numbers.give_back(organization, numbers[used:])
        house.on_commit(organization)
        if len(self._days) > 1000:
            self._days.clear()
        self._days[orders[0].calendar_id] = Lately(micros(house.clock()), seating.days[-1])
        return outcomes


async def _asked(store: Store, calendar: UUID) -> tuple[Calendar, Plan]:
    found = await store.calendars.get(calendar)
    plan = await store.plans.of(found.service_id)
    if plan is None:
        raise NotByAppointment(service=found.service_id)
    return found, plan


class Seating:
    """One transaction in which seats are taken; the rows of their calendars are held."""

    def __init__(self, house: "House", store: Store) -> None:
        self._house = house
        self._store = store
        self._now = house.clock()
        self.days: list[Day] = []

    async def answer(self, orders: list[Order], numbers: Sequence[int]) -> list[Outcome]:
        """For each of some orders for one calendar: the booking, the answer kept, or a problem."""
        answered: dict[int, Exception] = await answered_before(self._store, orders)
        fresh = [order for order in orders if id(order) not in answered]
        await self._check_directory(fresh)
        seated, refused = await self._seat(orders[0].calendar_id, fresh)
        booked = dict(
            zip(map(id, (o for o, _ in seated)), await self.add(seated, numbers), strict=True)
        )
        await keep_answers(self._store, [(o, booked[id(o)], self._now) for o, _ in seated])
        found: dict[int, Outcome] = {**answered, **refused, **booked}
        return [found[id(order)] for order in orders]

    async def all_or_none(self, orders: Sequence[Order], numbers: Sequence[int]) -> list[Booked]:
        """Every one of some orders, or the problem of the first that cannot be had."""
        by_calendar: dict[UUID, list[Order]] = defaultdict(list)
        for order in orders:
            by_calendar[order.calendar_id].append(order)
        seats: dict[int, Taking] = {}
        for calendar in sorted(by_calendar):
            seated, refused = await self._seat(calendar, by_calendar[calendar])
            for problem in refused.values():
                raise problem
            seats |= {id(order): seat for order, seat in seated}
        return await self.add([(order, seats[id(order)]) for order in orders], numbers)

    async def add(self, seated: Sequence[Seated], numbers: Sequence[int]) -> list[Booked]:
        """Add the cases and appointments of those who have a seat, and the facts of them."""
        calendars = {day.calendar.id: day.calendar for day in self.days}
        cases = [
            order.case(calendars[order.calendar_id], seat, number)
            for (order, seat), number in zip(seated, numbers, strict=False)
        ]
        cases = await self._number([order for order, _ in seated], cases)
        booked = [
            self._booked(order, seat, case, calendars[order.calendar_id])
            for (order, seat), case in zip(seated, cases, strict=True)
        ]
        await self._store.cases.add(
            [(one.case, fingerprint(one.link)) for one in booked], [one.details for one in booked]
        )
        said = (
            (one.case.id, one.case.number, words_of_case(one.case, one.details, []))
            for one in booked
        )
        await self._store.finding.keep_case_words([one for one in said if one[2]])
        await self._store.appointments.add([one.appointment for one in booked])
        seats = [(one.appointment, one.details) for one in booked]
        await self._store.notices.add(notices.of_bookings(seats, self._now))
        await self._store.journal.add(
            [
                case_fact(
                    one.case,
                    PLAN.fact,
                    {"appointment": told(one.appointment, one.calendar)},
                    id=self._house.ids(self._now),
                    at=self._now,
                    actor=order.actor,
                )
                for (order, _), one in zip(seated, booked, strict=True)
            ]
        )
        return booked

    async def _check_directory(self, orders: list[Order]) -> None:
        version = await self._store.places.version()
        if any(order.directory.version != version for order in orders):
            self._house.forget_directory(self._store.organization_id)
            raise Stale()

    async def _seat(
        self, calendar: UUID, orders: Sequence[Order]
    ) -> tuple[list[Seated], dict[int, Problem]]:
        seen = day = await self._store.calendars.hold_day(calendar, self._now)
        seated: list[Seated] = []
        refused: dict[int, Problem] = {}
        for order in orders:
            try:
                day, seat = await self._placed(day, order)
                seated.append((order, seat))
            except Problem as problem:
                refused[id(order)] = problem
        if day is not seen:
            await self._store.calendars.write_day(seen, day, self._now)
            day = Day(replace(day.calendar, changed_at=self._now), day.slots)
        self.days.append(day)
        return seated, refused

    async def _placed(self, day: Day, order: Order) -> tuple[Day, Taking]:
        free = day
        if order.hold_id is not None:
            hold = await self._store.holds.get(order.hold_id)
            if hold is not None and hold.calendar_id == day.calendar.id:
                free = day.taken(hold.seat, -1)
        seat = order.wish.seat(free, self._now)
        if free is not day:
            assert order.hold_id is not None
            await self._store.holds.let_go(order.hold_id)
        return free.taken(seat), seat

    async def _number(self, orders: Sequence[Order], cases: Sequence[Case]) -> list[Case]:
        wanted: dict[tuple[UUID, date], int] = defaultdict(int)
        for order, case in zip(orders, cases, strict=True):
            if order.numbers_now:
                wanted[case.service_id, case.day] += 1
        if not wanted:
            return list(cases)
        taken = await self._store.series.take_numbers(dict(wanted), micros(self._now))
        found = []
        for order, case in zip(orders, cases, strict=True):
            if order.numbers_now:
                sequence, at = taken[case.service_id, case.day]
                taken[case.service_id, case.day] = (sequence + 1, at + 1)
                found.append(numbered(case, order.service, sequence))
            else:
                found.append(case)
        return found

    def _booked(self, order: Order, seat: Taking, case: Case, calendar: Calendar) -> Booked:
        link = self._house.vault.link(case.id)
        return Booked(
            case=case,
            details=order.details(),
            appointment=order.appointment(case, calendar, seat, link),
            calendar=calendar,
            link=link,
            code=code_of(link),
            directory=order.directory,
        )
