"""What a hook is asked when somebody tries it out: something like it, that has not happened."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from nowserving.actions.act import Act
from nowserving.actions.asking import About, AboutArrival, AboutCase, ManyCustomers, Seat
from nowserving.actions.gather import Order
from nowserving.cases.admission import Admitted, Request
from nowserving.cases.moves import State
from nowserving.kit.problems import Invalid
from nowserving.places.directory import Directory
from nowserving.places.hooks import Hook, HookKind
from nowserving.places.services import EntryMode, Service

_OF_TIMES = frozenset({HookKind.BOOK, HookKind.MOVE, HookKind.CHECK_IN})
"""Asked about appointments."""


def sample_for(act: Act, directory: Directory, hook: Hook) -> About:
    """Something to ask a hook; Invalid if there is no service about which it would be asked."""
    if hook.kind is HookKind.CUSTOMERS:
        return ManyCustomers("test", 1)
    service = _sample_service(directory, hook)
    language = directory.organization.language
    if hook.kind is HookKind.APPOINTMENTS:
        return AboutArrival(service.unit_id, None, "test", language)
    kind = directory.types_of(service)[0]
    admitted = Admitted(service, kind, kind.channels[0], language, "Test", None, None)
    order = Order.of(act, directory, Request(service.id), admitted)
    case = replace(order.draft, sequence=1, ticket_number=1)
    if hook.kind is HookKind.RESOLVE:
        case = replace(case, state=State.ACTIVE)
    if hook.kind not in _OF_TIMES:
        return AboutCase(case, order.details)
    soon = act.now.astimezone(directory.unit(service.unit_id).zone) + timedelta(days=1)
    seat = _sample_seat(soon, kind.minutes)
    case = replace(
        case,
        state=State.PLANNED,
        day=seat.day,
        appointment_at=seat.starts_at,
        reference_at=seat.starts_at,
    )
    before = _sample_seat(soon - timedelta(hours=1), kind.minutes)
    return AboutCase(case, order.details, seat, before if hook.kind is HookKind.MOVE else None)


def _sample_service(directory: Directory, hook: Hook) -> Service:
    by_time = hook.kind in _OF_TIMES
    found = [
        one
        for one in directory.services.values()
        if not one.archived and hook.wants(one.unit_id, one.id) and directory.types_of(one)
    ]
    if not found:
        raise Invalid(reason="there is no service about which it would be asked")
    return min(
        found, key=lambda one: ((one.entry_mode is EntryMode.APPOINTMENT) != by_time, one.number)
    )


def _sample_seat(at: datetime, minutes: int) -> Seat:
    """The hour that has struck, by the clock on the unit's wall."""
    hour = at.replace(minute=0, second=0, microsecond=0)
    return Seat(hour.date(), 0, hour.hour * 60, minutes, hour.astimezone(UTC), False)
