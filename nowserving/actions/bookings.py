"""Booking a time: holding, booking, moving, calling off; series, groups, and walk-ins."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

from nowserving.actions import cases, notices
from nowserving.actions.act import Act
from nowserving.actions.before import at_once
from nowserving.actions.booking_desk import Seating
from nowserving.actions.booking_hooks import agreed_to_book, agreed_to_move
from nowserving.actions.booking_order import (
    Booked,
    Order,
    Together,
    numbered,
    seated_at,
    times,
    told,
)
from nowserving.actions.vacancies import (
    Bookable,
    Vacancy,
    bookable,
    check_is_theirs,
    check_may_book,
    days_with_vacancies,
    kind_of,
    known,
    with_alternatives,
)
from nowserving.actions.words import keep_words
from nowserving.bookings.appointment import Appointment, Hold, code_of
from nowserving.bookings.calendar import Calendar, HoldGone, SlotTaken
from nowserving.bookings.rules import Numbering
from nowserving.bookings.wall import instant_at
from nowserving.cases import moves
from nowserving.cases.admission import Request
from nowserving.cases.case import Case, moved
from nowserving.cases.tickets import business_day
from nowserving.kit.clock import micros
from nowserving.kit.ids import made_at
from nowserving.kit.problems import Forbidden, Invalid, NotFound
from nowserving.people.permissions import Permission
from nowserving.places.needs import Need, must_suit
from nowserving.store.appointments import Booked as Seated

TOGETHER_AT_MOST = 50
"""So many appointments can be made in one act."""

LOOK_AHEAD_AT_MOST = 366
"""Days."""


HELD_AT_MOST = timedelta(hours=1)
"""How long a time can be held by asking for it to be held longer."""


async def hold(
    act: Act,
    *,
    calendar_id: UUID,
    type_id: UUID | None,
    start: int,
    minutes: int | None = None,
    numbered: bool = False,
    needs: tuple[Need, ...] = (),
) -> Hold:
    """Keep a time for somebody who is still filling in a form, for as long as the rules say.

    `minutes`: not longer than this. `numbered`: it gets a number too. `needs`: raises NotSuited
    unless the time suits them all.
    """
    asked, calendar = await _asked(act, calendar_id, type_id, needs)
    must_suit(needs, calendar.suits)
    _check_time(act, asked, calendar, start)
    day = await act.store.calendars.hold_day(calendar_id, act.now)
    kind, rules = asked.kind, asked.plan.rules
    try:
        seat = asked.wish(start).seat(day, act.now)
    except SlotTaken as gone:
        raise await with_alternatives(act, gone, asked) from None
    kept = Hold(
        organization_id=act.actor.organization_id,
        id=act.new_id(),
        calendar_id=calendar_id,
        type_id=kind.id,
        start=start,
        minutes=kind.minutes,
        no_show_percent=kind.no_show_percent,
        overbooked=seat.overbooked,
        until=act.now + timedelta(minutes=min(rules.held_for, minutes or rules.held_for)),
        principal=act.actor.principal,
        number=await act.store.requests.take("hold", 1) if numbered else None,
    )
    await act.store.calendars.write_day(day, day.taken(kept.seat), act.now)
    await act.store.holds.add(kept)
    act.house.bookings.forget(act.actor.organization_id, calendar_id)
    return kept


async def hold_longer(act: Act, *, hold_id: UUID, minutes: int) -> Hold:
    """Hold a time for so many minutes from now, an hour in all. HoldGone if it is not held."""
    seen = await act.look.holds.get(hold_id)
    if seen is None:
        raise HoldGone(hold=hold_id)
    day = await act.store.calendars.hold_day(seen.calendar_id, act.now)
    act.must(Permission.BOOK, at=day.calendar.unit_id, case=act.actor.case_id)
    if await act.store.holds.get(hold_id) is None:
        raise HoldGone(hold=hold_id)
    until = min(act.now + timedelta(minutes=minutes), made_at(hold_id) + HELD_AT_MOST)
    longer = replace(seen, until=max(seen.until, until))
    await act.store.holds.prolong(longer)
    return longer


async def release(act: Act, *, hold_id: UUID) -> None:
    """Give a time back that was held. HoldGone if it was not, or not any more."""
    seen = await act.look.holds.get(hold_id)
    if seen is None or seen.until <= act.now:
        raise HoldGone(hold=hold_id)
    day = await act.store.calendars.hold_day(seen.calendar_id, act.now)
    act.must(Permission.BOOK, at=day.calendar.unit_id)
    gone = await act.store.holds.let_go(hold_id)
    if gone is None:
        raise HoldGone(hold=hold_id)
    await act.store.calendars.write_day(day, day.taken(gone.seat, -1), act.now)
    act.house.bookings.forget(act.actor.organization_id, seen.calendar_id)


async def book(
    act: Act,
    request: Request,
    *,
    calendar_id: UUID,
    start: int,
    hold_id: UUID | None = None,
    bypass: bool = False,
    staff_only: bool = False,
) -> Booked:
    """Book a time in a calendar.

    `hold_id`: the time was held; HoldGone if somebody else has used that since it ran out.
    `bypass`: whatever others have there, for who may book for others. `staff_only`:
    the customer cannot check in without the staff. Raises SlotTaken with the three nearest
    other times, OutsideWindow, TooShortNotice, CalendarClosed, NotYourCalendar, NotSuited, and
    what `admit` raises.
    """
    asked, calendar = await _asked(act, calendar_id, request.type_id, request.needs)
    if request.service_id != calendar.service_id:
        raise NotFound(what="calendar", id=calendar_id)
    _check_time(act, asked, calendar, start)
    if bypass and not act.actor.may(Permission.BOOK_FOR_OTHERS, at=calendar.unit_id):
        raise Forbidden(permission=Permission.BOOK_FOR_OTHERS)
    await _check_hold(act, hold_id, calendar_id, start)
    try:
        if hold_id is None:
            act.house.bookings.check_lately(calendar_id, asked.wish(start, forced=bypass), act.now)
        order = await Order.of(
            act,
            request,
            asked.plan,
            calendar_id,
            (start,),
            hold_id=hold_id,
            forced=bypass,
            staff_only=staff_only,
        )
        return await _gathered(act, order)
    except SlotTaken as gone:
        raise await with_alternatives(act, gone, asked) from None


async def book_first_available(
    act: Act,
    request: Request,
    *,
    first: date | None = None,
    days: int = 30,
    weekdays: Sequence[int] = (),
    staff_only: bool = False,
) -> Booked:
    """Book the earliest time there is, from a day on; of calendars alike, the emptiest.

    `weekdays`: only on these (Monday is 0). Raises SlotTaken if there is nothing in so many
    days.
    """
    if not 1 <= days <= LOOK_AHEAD_AT_MOST:
        raise Invalid(field="days", reason=f"1 to {LOOK_AHEAD_AT_MOST}")
    asked = await bookable(act, request.service_id, request.type_id, request.needs)
    async for _, found in days_with_vacancies(act, asked, first, days, weekdays):
        for calendar_id, starts in _earliest(found):
            try:
                act.house.bookings.check_lately(calendar_id, asked.wish(*starts), act.now)
                order = await Order.of(
                    act, request, asked.plan, calendar_id, starts, staff_only=staff_only
                )
                return await _gathered(act, order)
            except SlotTaken:
                continue
    raise SlotTaken(service=request.service_id, alternatives=[])


async def book_series(
    act: Act, request: Request, *, times: Sequence[tuple[UUID, int]], staff_only: bool = False
) -> list[Booked]:
    """Book several times for one customer, all or none: (calendar, start) each."""
    together = Together(series_id=act.new_id())
    return await _book_all(
        act, [(request, calendar, start) for calendar, start in times], together, staff_only
    )


async def book_group(
    act: Act, requests: Sequence[Request], *, calendar_id: UUID, start: int
) -> list[Booked]:
    """Book for several people one after the other in one calendar, all or none.

    The first begins at `start`, each other one when the one before is to be done.
    """
    if not requests:
        raise Invalid(field="people", reason="at least one")
    together = Together(group_id=act.new_id())
    directory, wanted, at = await act.directory(), [], start
    for request in requests:
        wanted.append((request, calendar_id, at))
        at += kind_of(directory, directory.service(request.service_id), request.type_id).minutes
    return await _book_all(act, wanted, together, staff_only=False)


async def move(
    act: Act,
    *,
    case_id: UUID,
    calendar_id: UUID,
    start: int,
    hold_id: UUID | None = None,
    bypass: bool = False,
) -> Booked:
    """Move an appointment to another time: it has the new one before it loses the old.

    The service stays the same, and what is needed. `hold_id`: the new time was held. Raises as
    `book`, and WrongState once somebody has arrived, HookRefused and NotConfirmed for those who
    are asked before.
    """
    calendar, _ = await known(act, calendar_id)
    await _check_hold(act, hold_id, calendar_id, start)
    amended = await agreed_to_move(act, case_id, calendar, start, forced=bypass)
    case = await act.store.cases.hold(case_id)
    act.must(moves.RESCHEDULE.needs, at=case.unit_id, case=case.id)
    amended.must_fit(case)
    seen = await act.store.appointments.get(case_id)
    to = moved(case, moves.RESCHEDULE, act.now)
    details = await act.store.cases.details(case_id)
    asked, calendar = await _asked(act, calendar_id, case.type_id, details.needs)
    if calendar.service_id != case.service_id:
        raise NotFound(what="calendar", id=calendar_id)
    must_suit(details.needs, calendar.suits)
    old, _ = await known(act, seen.calendar_id)
    check_is_theirs(act, old, asked.plan)
    _check_time(act, asked, calendar, start)
    new = await _other_seat(act, asked, seen, calendar, start, hold_id=hold_id, bypass=bypass)
    to = await _retimed(act, asked, case, replace(to, **amended.of_case), new)
    right = amended.details(details, asked.directory, case)
    if right != details:
        await act.store.cases.replace_details(right)
    await act.store.appointments.replace(new)
    await notices.of_move(act.store, new, act.now)
    case = await act.change(
        case, to, moves.RESCHEDULE, appointment=told(new, calendar), before=told(seen, old)
    )
    if amended.rewords:
        await keep_words(act, case)
    for one in {seen.calendar_id, calendar_id}:
        act.house.bookings.forget(act.actor.organization_id, one)
    return await _as_booked(act, case, new, calendar)


async def cancel(act: Act, *, case_id: UUID, reason: str = "") -> Case:
    """Call an appointment off: its time is free again."""
    case = await act.store.cases.hold(case_id)
    seen = await act.store.appointments.get(case_id)
    await _check_is_theirs(act, case, seen)
    return await cases.call_off(act, case, reason=reason)


async def cancel_series(act: Act, *, series_id: UUID, reason: str = "") -> list[Case]:
    """Call off all that is still to come of a series."""
    series = await act.look.appointments.of_series(series_id)
    return await _cancel_all(act, series, series_id, reason)


async def cancel_group(act: Act, *, group_id: UUID, reason: str = "") -> list[Case]:
    """Call off all that is still to come of a group."""
    group = await act.look.appointments.of_group(group_id)
    return await _cancel_all(act, group, group_id, reason)


async def see_appointment(act: Act, *, case_id: UUID) -> Booked:
    """One appointment, for whoever may see the line, and for its holder."""
    seen = await act.look.appointments.get(case_id)
    may_follow = act.actor.may(Permission.FOLLOW, at=seen.unit_id, case=case_id)
    if not may_follow:
        act.must(Permission.SEE_LINE, at=seen.unit_id)
    calendar = await act.look.calendars.get(seen.calendar_id)
    return await _as_booked(act, await act.look.cases.get(case_id), seen, calendar)


async def appointments(
    act: Act,
    *,
    unit_id: UUID,
    since: datetime,
    until: datetime,
    behind: UUID,
    most: int,
) -> list[Seated]:
    """The appointments of a unit in some time, in order, behind an instant and case."""
    (await act.directory()).unit(unit_id)
    act.must(Permission.SEE_LINE, at=unit_id)
    return await act.look.appointments.at_unit(unit_id, since, until, behind=behind, most=most)


async def seated(act: Act, orders: Sequence[Order]) -> list[Booked]:
    """All of some orders, in the transaction of the act."""
    organization, numbers = act.actor.organization_id, act.house.numbers
    if act.wrote:
        first = await act.store.requests.take("case", len(orders))
        given = list(range(first, first + len(orders)))
    else:
        given = await numbers.take(organization, len(orders))
    booked = await Seating(act.house, act.store).all_or_none(orders, given)
    for calendar in {order.calendar_id for order in orders}:
        act.house.bookings.forget(act.actor.organization_id, calendar)
    return booked


async def _asked(
    act: Act, calendar_id: UUID, type_id: UUID | None, needs: tuple[Need, ...] = ()
) -> tuple[Bookable, Calendar]:
    calendar, plan = await known(act, calendar_id)
    act.must(Permission.BOOK, at=calendar.unit_id, case=act.actor.case_id)
    directory = await act.directory()
    service = directory.service(calendar.service_id)
    kind = kind_of(directory, service, type_id)
    return Bookable(service, kind, plan, directory, needs), calendar


def _check_time(act: Act, asked: Bookable, calendar: Calendar, start: int) -> None:
    check_may_book(act, calendar, asked.plan, asked.directory)
    if not 0 <= start < 1440:
        raise Invalid(field="start", reason="minutes after midnight, 0 to 1439")
    zone = asked.directory.unit(calendar.unit_id).zone
    same_day = calendar.day == act.now.astimezone(zone).date()
    starts_at = instant_at(calendar.day, start, zone)
    asked.plan.rules.check_notice(starts_at, act.now, same_day=same_day)


async def _check_hold(act: Act, hold_id: UUID | None, calendar_id: UUID, start: int) -> None:
    if hold_id is None:
        return
    seen = await act.look.holds.get(hold_id)
    if seen is None or (seen.calendar_id, seen.start) != (calendar_id, start):
        raise HoldGone(hold=hold_id)


async def _gathered(act: Act, order: Order) -> Booked:
    """Written with others of this moment, as those want it who are asked before."""
    order = await agreed_to_book(act, order)
    return await act.gather(act.house.bookings.join, order)


def _earliest(found: Sequence[Vacancy]) -> list[tuple[UUID, tuple[int, ...]]]:
    """Calendars with their starts: who has the earliest first, of those the one that others need
    least, then the emptiest."""
    starts: dict[UUID, list[int]] = {}
    calendars = {one.calendar.id: one.calendar for one in found}
    for one in found:
        starts.setdefault(one.calendar.id, []).append(one.start)
    return sorted(
        ((id, tuple(of)) for id, of in starts.items()),
        key=lambda one: (
            one[1][0],
            len(calendars[one[0]].suits),
            calendars[one[0]].minutes,
            calendars[one[0]].index,
        ),
    )


async def _book_all(
    act: Act, wanted: Sequence[tuple[Request, UUID, int]], together: Together, staff_only: bool
) -> list[Booked]:
    if not 1 <= len(wanted) <= TOGETHER_AT_MOST:
        raise Invalid(reason=f"1 to {TOGETHER_AT_MOST} appointments at once")
    orders: list[Order] = []
    for request, calendar_id, start in wanted:
        asked, calendar = await _asked(act, calendar_id, request.type_id, request.needs)
        if request.service_id != calendar.service_id:
            raise NotFound(what="calendar", id=calendar_id)
        _check_time(act, asked, calendar, start)
        order = await Order.of(
            act,
            request,
            asked.plan,
            calendar_id,
            (start,),
            staff_only=staff_only,
            together=together,
        )
        orders.append(order)
    agreed = (agreed_to_book(act, order, f"case {at}") for at, order in enumerate(orders))
    return await seated(act, await at_once(agreed))


async def _other_seat(
    act: Act,
    asked: Bookable,
    seen: Appointment,
    calendar: Calendar,
    start: int,
    *,
    hold_id: UUID | None,
    bypass: bool,
) -> Appointment:
    """The appointment at its new time, the seats changed; SlotTaken if there is none."""
    if bypass and not act.actor.may(Permission.BOOK_FOR_OTHERS, at=calendar.unit_id):
        raise Forbidden(permission=Permission.BOOK_FOR_OTHERS)
    days = {
        id: await act.store.calendars.hold_day(id, act.now)
        for id in sorted({seen.calendar_id, calendar.id})
    }
    left = {**days, seen.calendar_id: days[seen.calendar_id].taken(seen.seat, -1)}
    held = None if hold_id is None else await act.store.holds.get(hold_id)
    if held is not None and held.calendar_id == calendar.id:
        await act.store.holds.let_go(held.id)
        left[calendar.id] = left[calendar.id].taken(held.seat, -1)
    wish = asked.wish(start, forced=bypass)
    try:
        seat = wish.seat(left[calendar.id], act.now)
    except SlotTaken as gone:
        raise await with_alternatives(act, gone, asked) from None
    left[calendar.id] = left[calendar.id].taken(seat)
    await act.store.appointments.rise(seen, act.now)
    for id, day in days.items():
        await act.store.calendars.write_day(day, left[id], act.now)
    return seated_at(seen, left[calendar.id].calendar, seat, wish.zone)


async def _retimed(act: Act, asked: Bookable, seen: Case, to: Case, new: Appointment) -> Case:
    """The case at its new time; on another day its ticket has a number of that day."""
    service, zone = asked.service, asked.directory.unit(asked.service.unit_id).zone
    merge = asked.directory.queue(seen.queue_id).merge
    case = replace(to, **times(new.starts_at, seen.priority, merge))
    day = business_day(new.starts_at, zone, service.reset_minute)
    if day == seen.day:
        return case
    case = replace(case, day=day)
    if asked.plan.rules.numbering is Numbering.AT_BOOKING:
        series = await act.store.series.take_numbers({(service.id, day): 1}, micros(act.now))
        case = numbered(case, service, series[service.id, day][0])
    await act.store.cases.renumber(case)
    return case


async def _cancel_all(act: Act, found: Sequence[Appointment], id: UUID, reason: str) -> list[Case]:
    if not found:
        raise NotFound(what="appointments", id=id)
    for one in found:
        act.must(Permission.CALL_OFF, at=one.unit_id)
    to_come = sorted(one.case_id for one in found if one.awaited)
    return [await cancel(act, case_id=case, reason=reason) for case in to_come]


async def _check_is_theirs(act: Act, case: Case, seen: Appointment) -> None:
    act.must(moves.CALL_OFF.needs, at=case.unit_id, case=case.id)
    if act.actor.may(Permission.CHANGE_CASES, at=case.unit_id):
        return
    calendar, plan = await known(act, seen.calendar_id)
    check_is_theirs(act, calendar, plan)


async def _as_booked(act: Act, case: Case, seen: Appointment, calendar: Calendar) -> Booked:
    link = act.house.vault.link(case.id)
    return Booked(
        case=case,
        details=await act.look.cases.details(case.id),
        appointment=seen,
        calendar=calendar,
        link=link,
        code=code_of(link),
        directory=await act.directory(),
    )
