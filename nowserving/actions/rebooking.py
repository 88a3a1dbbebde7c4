"""Booking anew instead of moving: a new case for the new time, and the old one called off.

Programs that know an appointment by its case are used to that (reference/qflow.md 2.4); who
moves an appointment otherwise keeps the case (`bookings.move`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from nowserving.actions.act import Act
from nowserving.actions.booking_hooks import agreed_to_book
from nowserving.actions.booking_order import Booked, Order, Together
from nowserving.actions.bookings import seated
from nowserving.actions.remarks import add_reason
from nowserving.actions.vacancies import bookable, check_may_book, known, vacant, with_alternatives
from nowserving.bookings.calendar import CalendarClosed, HoldGone, SlotTaken
from nowserving.bookings.wall import instant_at, minute_at
from nowserving.cases import moves
from nowserving.cases.admission import Request
from nowserving.cases.case import Case, Details, WrongState, moved

REBOOKED_AS = "rebooked_as"
"""Under this name a case that was called off for another keeps the number of that one."""


@dataclass(frozen=True, slots=True)
class Time:
    """A time in a calendar, perhaps held."""

    calendar_id: UUID
    start: int
    hold_id: UUID | None = None


async def time_at(
    act: Act,
    *,
    service_id: UUID,
    type_id: UUID | None,
    at: datetime,
    hold_number: int | None = None,
) -> Time:
    """Where a service can be booked at a time: in the emptiest calendar that has it free.

    `at` without a zone is on the unit's wall. `hold_number`: where it was held. Raises
    CalendarClosed if no calendar is open that day, HoldGone if nothing is held so.
    """
    asked = await bookable(act, service_id, type_id)
    day, start = _on_the_wall(at, asked.directory.unit(asked.service.unit_id).zone)
    if hold_number is not None:
        held = await act.look.holds.numbered(hold_number)
        if held is None or held.until <= act.now:
            raise HoldGone(number=hold_number)
        calendar = await act.look.calendars.get(held.calendar_id)
        if calendar.service_id != service_id or (calendar.day, held.start) != (day, start):
            raise HoldGone(number=hold_number)
        return Time(calendar.id, start, held.id)
    calendars = [one for one in await act.look.calendars.of(service_id, day, day) if not one.closed]
    if not calendars:
        raise CalendarClosed(service=service_id, day=day)
    days = await act.look.calendars.days(calendars, act.now)
    free = [
        one.calendar for one in days if start in [found.start for found in vacant(act, asked, one)]
    ]
    best = min(free or calendars, key=lambda one: (one.minutes, one.index))
    return Time(best.id, start)


async def rebook(
    act: Act,
    *,
    case_id: UUID,
    time: Time,
    changes: Mapping[str, Any],
    reason: str = "",
) -> Booked:
    """Book an appointment anew at another time, all or nothing; answers the new one.

    `changes`: what of its request becomes another. Of a group all go along, one after the
    other from the time on. Raises as `book` does, and WrongState for what has begun.
    """
    seen = await act.look.appointments.get(case_id)
    act.must(moves.CALL_OFF.needs, at=seen.unit_id, case=case_id)
    together = Together(series_id=seen.series_id, group_id=seen.group_id)
    members = [seen]
    if seen.group_id is not None:
        group = await act.look.appointments.of_group(seen.group_id)
        members = [one for one in group if one.awaited]
    if seen not in members or any(one.starts_at <= act.now for one in members):
        raise WrongState(case=case_id, move=moves.RESCHEDULE.verb)
    orders: list[Order] = []
    start = time.start
    for one in members:
        case = await act.look.cases.get(one.case_id)
        request = _again(case, await act.look.cases.details(case.id))
        if case.id == case_id:
            request = replace(request, **changes)
        hold_id = time.hold_id if start == time.start else None
        order = await _order(act, request, Time(time.calendar_id, start, hold_id), together)
        orders.append(await agreed_to_book(act, order, f"case {len(orders)}"))
        start += order.kind.minutes
    ids = [one.case_id for one in members]
    held = {id: await act.store.cases.hold(id) for id in sorted(ids)}
    try:
        booked = await seated(act, orders)
    except SlotTaken as gone:
        asked = await bookable(act, orders[0].service.id, orders[0].kind.id)
        raise await with_alternatives(act, gone, asked) from None
    for id, new in zip(ids, booked, strict=True):
        await _call_off(act, held[id], new.case, reason if id == case_id else "")
    return booked[ids.index(case_id)]


async def _order(act: Act, request: Request, time: Time, together: Together) -> Order:
    asked = await bookable(act, request.service_id, request.type_id)
    calendar, plan = await known(act, time.calendar_id)
    check_may_book(act, calendar, plan, asked.directory)
    zone = asked.directory.unit(calendar.unit_id).zone
    same_day = calendar.day == act.now.astimezone(zone).date()
    starts_at = instant_at(calendar.day, time.start, zone)
    plan.rules.check_notice(starts_at, act.now, same_day=same_day)
    return await Order.of(
        act,
        request,
        plan,
        calendar.id,
        (time.start,),
        hold_id=time.hold_id,
        together=together,
    )


def _again(case: Case, details: Details) -> Request:
    """What would have to be asked for to get such a case."""
    return Request(
        service_id=case.service_id,
        type_id=case.type_id,
        channel=case.channel,
        language=case.language,
        customer_id=case.customer_id,
        use_customer_contact=case.use_customer_contact,
        name=details.name,
        phone=details.phone,
        email=details.email,
        fields={UUID(id): value for id, value in details.fields.items()},
        tag_ids=case.tag_ids,
        priority=case.priority,
        title=details.title,
        description=details.description,
        reference=details.reference_key,
        extras=case.extras,
        needs=details.needs,
    )


async def _call_off(act: Act, case: Case, new: Case, reason: str) -> None:
    extras = {**case.extras, REBOOKED_AS: new.number}
    to = moved(case, moves.CALL_OFF, act.now, extras=extras)
    note_id = await add_reason(act, case, reason)
    await act.change(case, to, moves.CALL_OFF, note_id=note_id)


def _on_the_wall(at: datetime, zone: ZoneInfo) -> tuple[date, int]:
    return minute_at(at, zone) if at.tzinfo else (at.date(), at.hour * 60 + at.minute)
