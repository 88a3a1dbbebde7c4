"""Arriving for an appointment: checking in, by whatever people bring; and not coming."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from nowserving.actions import bookings
from nowserving.actions.act import Act
from nowserving.actions.amending import keep_amended
from nowserving.actions.booking_hooks import agreed_to_book, agreed_to_check_in
from nowserving.actions.booking_order import Booked, Order, numbered
from nowserving.actions.house import House
from nowserving.actions.vacancies import bookable, check_is_theirs, known, vacant
from nowserving.actions.words import keep_words
from nowserving.bookings.appointment import Appointment, code_read
from nowserving.bookings.rules import CheckInAtDesk, Punctuality, Rules
from nowserving.cases import moves
from nowserving.cases.admission import Request
from nowserving.cases.case import Case, WrongState, moved
from nowserving.cases.moves import State
from nowserving.kit.clock import micros
from nowserving.kit.problems import Forbidden, NotFound, Stale
from nowserving.kit.vault import fingerprint
from nowserving.people.actor import system
from nowserving.people.permissions import Permission
from nowserving.places.directory import Directory
from nowserving.places.services import Merge
from nowserving.queues.line import callable_from, interleaved, rank_of
from nowserving.store.appointments import Booked as Seated

AROUND = timedelta(hours=18)
"""How far from now an appointment is looked for by its customer."""

LINE_LOOKED_AT = 500
"""So many of an interleaved line are looked at for a place; behind them is the end."""

AT_ONCE = 200
"""So many missed appointments of a service are settled in one round."""


async def check_in(act: Act, *, case_id: UUID, override: bool = False) -> Case:
    """Somebody is here for their appointment: they stand in line, by their queue's merge rule.

    `override`, for the staff: also when it is too early or too late. Who comes late, but not
    too late, counts from their arrival. An appointment that was missed can be taken up again
    in the same way. Raises TooEarlyToCheckIn, TooLateToCheckIn, CheckInAtDesk, WrongState,
    and HookRefused and NotConfirmed for those who are asked before.
    """
    amended = await agreed_to_check_in(act, case_id)
    case = await act.store.cases.hold(case_id)
    act.must(moves.ARRIVE.needs, at=case.unit_id, case=case.id)
    amended.must_fit(case)
    seen = await act.store.appointments.get(case_id)
    to = moved(case, moves.ARRIVE, act.now)
    if seen.arrived_at is not None:
        raise WrongState(case=case.id, state=case.state, move=moves.ARRIVE.verb)
    _, plan = await known(act, seen.calendar_id)
    override = override and not act.actor.public
    if not override:
        plan.rules.check_arrival(seen.starts_at, act.now)
    if seen.staff_only and act.actor.public:
        raise CheckInAtDesk(case=case.id)
    await keep_amended(act, case, amended)
    to = replace(to, **amended.of_case)
    done = await _arrived(act, case, to, seen, plan.rules, overridden=override)
    if amended.rewords:
        await keep_words(act, done)
    return done


async def check_in_by_code(act: Act, *, unit_id: UUID, code: str, override: bool = False) -> Case:
    """Check in with the code of the confirmation, at the unit and on the day it is for."""
    act.must(moves.ARRIVE.needs, at=unit_id)
    today = act.now.astimezone((await act.directory()).unit(unit_id).zone).date()
    days = (today, today - timedelta(days=1))
    found = await act.look.appointments.by_code(unit_id, days, fingerprint(code_read(code)))
    if found is None:
        raise NotFound(what="appointment", id="code")
    return await check_in(act, case_id=found.case_id, override=override)


async def check_in_by_customer(
    act: Act, *, unit_id: UUID, customer_id: UUID, override: bool = False
) -> Case:
    """Check a customer in for the appointment at this unit that is nearest to now."""
    found = await expected(act, unit_id=unit_id, customer_id=customer_id)
    if not found:
        raise NotFound(what="appointment", id=customer_id)
    nearest = min(found, key=lambda one: abs(one[0].starts_at - act.now))
    return await check_in(act, case_id=nearest[0].case_id, override=override)


async def expected(act: Act, *, unit_id: UUID, customer_id: UUID) -> list[Seated]:
    """The appointments of a customer at a unit around now that they have not come to yet."""
    (await act.directory()).unit(unit_id)
    act.must(Permission.CHECK_IN, at=unit_id)
    if act.actor.public:
        raise Forbidden(permission=Permission.CHECK_IN)
    if await act.look.people.customer(customer_id) is None:
        raise NotFound(what="customer", id=customer_id)
    found = await act.look.appointments.of_customer(
        unit_id, customer_id, act.now - AROUND, act.now + AROUND
    )
    return [one for one in found if one[1].state is State.PLANNED]


async def walk_in(act: Act, request: Request, *, calendar_id: UUID) -> Booked:
    """Put somebody who is here without an appointment straight into a calendar of today.

    They have the next time that is free, and are checked in for it at once.
    """
    calendar, plan = await known(act, calendar_id)
    act.must(Permission.BOOK, at=calendar.unit_id)
    asked = await bookable(act, request.service_id, request.type_id)
    if calendar.service_id != asked.service.id:
        raise NotFound(what="calendar", id=calendar_id)
    check_is_theirs(act, calendar, plan)
    today = act.now.astimezone(asked.directory.unit(calendar.unit_id).zone).date()
    if act.actor.public or calendar.day != today:
        raise Forbidden(permission=Permission.BOOK)
    day = await act.look.calendars.day(calendar_id, act.now)
    starts = tuple(one.start for one in vacant(act, asked, day))
    order = await Order.of(act, request, asked.plan, calendar_id, starts, staff_only=True)
    order = await agreed_to_book(act, order)
    (booked,) = await bookings.seated(act, [order])
    seen, to = booked.appointment, moved(booked.case, moves.ARRIVE, act.now)
    case = await _arrived(act, booked.case, to, seen, plan.rules, overridden=True)
    seen = replace(seen, awaited=False, arrived_at=act.now)
    return replace(booked, case=case, appointment=seen)


async def miss_overdue(house: House) -> int:
    """Settle, in every organization, the appointments that nobody came to. Says how many."""
    missed = 0
    for organization in await house.organizations():
        actor = system(organization.id, "appointments")
        async with house.acting(actor) as act:
            plans = await act.look.plans.all()
        for plan in plans:
            if plan.rules.no_show is None:
                continue
            before = house.clock() - timedelta(minutes=plan.rules.no_show)
            async with house.acting(actor) as act:
                due = await act.look.appointments.overdue(plan.service_id, before, AT_ONCE)
            for one in due:
                try:
                    async with house.acting(actor) as act:
                        missed += await _missed(act, one.case_id)
                except Stale:
                    continue  # somebody has just checked them in
    return missed


async def _missed(act: Act, case_id: UUID) -> bool:
    case = await act.store.cases.hold(case_id)
    if case.state is not State.PLANNED:
        return False
    await act.change(case, moved(case, moves.MISS, act.now), moves.MISS)
    return True


async def _arrived(
    act: Act, case: Case, to: Case, seen: Appointment, rules: Rules, *, overridden: bool
) -> Case:
    punctuality = rules.punctuality(seen.starts_at, act.now)
    late = punctuality in (Punctuality.LATE, Punctuality.TOO_LATE)
    directory = await act.directory()
    merge = directory.queue(case.queue_id).merge
    service = directory.services[case.service_id]
    to = replace(
        to,
        state=State.PENDING if service.pends else State.WAITING,
        joined_at=act.now,
        rank=await _rank(act, case, seen, merge, late=late),
        callable_at=0 if late else callable_from(seen.starts_at),
    )
    to = await _with_number(act, to, directory)
    if case.state is not State.PLANNED:  # else it is settled with the change
        await act.store.appointments.replace(replace(seen, arrived_at=act.now))
    return await act.change(case, to, moves.ARRIVE, punctuality=punctuality, overridden=overridden)


async def _rank(act: Act, case: Case, seen: Appointment, merge: Merge, *, late: bool) -> int:
    if late:
        return rank_of(act.now, case.priority, None)
    if merge is not Merge.INTERLEAVED:
        return rank_of(act.now, case.priority, seen.starts_at, merge)
    line = await act.store.lines.waiting_in(case.queue_id, LINE_LOOKED_AT)
    return interleaved(line, act.now, case.priority)


async def _with_number(act: Act, case: Case, directory: Directory) -> Case:
    """The case with a number on its ticket, if it was to get one on arrival."""
    if case.sequence > 0:
        return case
    service = directory.services[case.service_id]
    key = (service.id, case.day)
    taken = await act.store.series.take_numbers({key: 1}, micros(act.now))
    case = numbered(case, service, taken[key][0])
    await act.store.cases.renumber(case)
    return case
