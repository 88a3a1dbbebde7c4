"""Those who are asked before a time is booked, and before somebody is checked in for one."""

from dataclasses import replace
from uuid import UUID

from nowserving.actions.act import Act
from nowserving.actions.amending import Amended, ask_about
from nowserving.actions.asking import AboutCase, Changes
from nowserving.actions.before import ask_before
from nowserving.actions.booking_order import Order, numbered, seated_at, times, with_customer
from nowserving.actions.queue_up import changed
from nowserving.actions.seats import seat_in
from nowserving.actions.vacancies import known
from nowserving.bookings.calendar import Calendar, Taking
from nowserving.cases import moves
from nowserving.cases.admission import admit
from nowserving.cases.case import Case, moved
from nowserving.places.hooks import HookKind
from nowserving.places.services import EntryMode


async def agreed_to_book(act: Act, order: Order, name: str = "case") -> Order:
    """The order as those want it who are asked before; nothing is held meanwhile.

    `name` tells the cases of one act apart: each has one id for good.
    """
    directory, service = order.directory, order.service
    if not order.starts or not directory.hooks_for(HookKind.BOOK, service.unit_id, service.id):
        return order
    order = replace(order, case_id=act.asked.id(name, act.new_id))

    async def accept(changes: Changes) -> Order:
        wanted, customer = await with_customer(act, changed(order.request, changes))
        admitted = admit(wanted, directory, customer, EntryMode.APPOINTMENT)
        return replace(order, request=wanted, admitted=admitted)

    calendar, _ = await known(act, order.calendar_id)
    about = await _expected(act, order, calendar)
    return await ask_before(act, HookKind.BOOK, about, directory, accept)


async def agreed_to_move(
    act: Act, case_id: UUID, calendar: Calendar, start: int, *, forced: bool = False
) -> Amended:
    """Ask those who are to be asked before an appointment gets another time; nothing is held."""
    directory = await act.directory()
    if act.wrote or not directory.hooks_for(HookKind.MOVE):
        return Amended()
    case = await act.look.cases.get(case_id)
    act.must(moves.RESCHEDULE.needs, at=case.unit_id, case=case.id)
    seen = await act.look.appointments.get(case_id)
    old, _ = await known(act, seen.calendar_id)
    to, zone = moved(case, moves.RESCHEDULE, act.now), directory.unit(calendar.unit_id).zone
    merge = directory.queue(case.queue_id).merge
    new = seated_at(seen, calendar, replace(seen.seat, start=start, forced=forced), zone)
    to = replace(to, version=case.version, **times(new.starts_at, case.priority, merge))
    return await ask_about(
        act,
        HookKind.MOVE,
        case,
        directory,
        seat_in(new, calendar),
        shown=to,
        before=seat_in(seen, old),
    )


async def agreed_to_check_in(act: Act, case_id: UUID) -> Amended:
    """Ask those who are to be asked before somebody is checked in, while nothing is held."""
    directory = await act.directory()
    if act.wrote or not directory.hooks_for(HookKind.CHECK_IN):
        return Amended()
    case = await act.look.cases.get(case_id)
    act.must(moves.ARRIVE.needs, at=case.unit_id, case=case.id)
    moved(case, moves.ARRIVE, act.now)
    appointment = await act.look.appointments.get(case_id)
    calendar, _ = await known(act, appointment.calendar_id)
    return await ask_about(act, HookKind.CHECK_IN, case, directory, seat_in(appointment, calendar))


async def _expected(act: Act, order: Order, calendar: Calendar) -> AboutCase:
    """The case as it will be, with the number it would get now; only the commit gives it one."""
    kind = order.kind
    seat = Taking(order.starts[0], kind.minutes, kind.no_show_percent)
    case: Case = order.case(calendar, seat, 0)
    if order.numbers_now:
        sequence = await act.look.series.next_sequence(order.service.id, case.day)
        case = numbered(case, order.service, sequence)
    appointment = order.appointment(case, calendar, seat, act.house.vault.link(case.id))
    return AboutCase(case, order.details(), seat_in(appointment, calendar))
