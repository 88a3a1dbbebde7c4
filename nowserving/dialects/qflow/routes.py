"""The REST façade in front of Q-Flow as it is spoken to us: addresses in any case."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from litestar import HttpMethod, Response, Router, route

from nowserving.dialects.qflow import (
    appointments,
    calendars,
    cases,
    customers,
    lookups,
    statistics,
    tickets,
)
from nowserving.dialects.qflow.answering import FOR_ALL, answered
from nowserving.dialects.qflow.ask import Ask
from nowserving.dialects.qflow.caller import caller
from nowserving.dialects.qflow.prefix import AT
from nowserving.kit.http import AnyRequest, NoSuchPage, WrongMethod, body_of


@dataclass(frozen=True, slots=True)
class Offered:
    """Something that can be asked for. `{id}` in a path is anything without a slash."""

    method: str
    path: str
    answer: Callable[[Ask], Awaitable[Any]]


ROUTES: tuple[Offered, ...] = (
    Offered("POST", "Cases", cases.enqueue),
    Offered("POST", "Cases/Cancel", cases.cancel),
    Offered("GET", "Cases/Processes/{id}", cases.see_case),
    Offered("GET", "Cases/{id}", cases.see_case),
    Offered("PUT", "Appointments", appointments.create),
    Offered("PATCH", "Appointments", appointments.reschedule),
    Offered("DELETE", "Appointments", appointments.cancel),
    Offered("GET", "Appointments", appointments.find_appointments),
    Offered("POST", "Appointments/Checkin", appointments.check_in),
    Offered("POST", "Appointments/CheckinExtRef", appointments.check_in_ext_ref),
    Offered("GET", "Appointments/{id}", appointments.see_appointment),
    Offered("GET", "Customers", customers.find_customers),
    Offered("POST", "Customers", customers.upsert),
    Offered("PATCH", "Customers", customers.patch),
    Offered("PUT", "Customers", customers.merge),
    Offered("GET", "Customers/{id}", customers.see_customer),
    Offered("GET", "Calendars/WeekTimes", calendars.week_times),
    Offered("GET", "Calendars/Times", calendars.times),
    Offered("POST", "Calendars/Reserve", calendars.reserve),
    Offered("GET", "Tickets/Waiting/{id}", tickets.waiting_tickets),
    Offered("GET", "Tickets/Called/{id}", tickets.called_tickets),
    Offered("GET", "Statistics/Units", statistics.units),
    Offered("GET", "Units", lookups.list_units),
    Offered("GET", "Units/{id}", lookups.see_unit),
    Offered("GET", "Services", lookups.list_services),
    Offered("GET", "Services/{id}", lookups.see_service),
    Offered("GET", "AppointmentTypes", lookups.list_types),
    Offered("GET", "CancellationReasons", lookups.list_reasons),
    Offered("GET", "Classifications", lookups.list_classifications),
)
"""Everything that can be asked for; of two addresses that fit, the one with more words."""

_METHODS = [
    HttpMethod.GET,
    HttpMethod.POST,
    HttpMethod.PUT,
    HttpMethod.PATCH,
    HttpMethod.DELETE,
]


@route("/{path:path}", http_method=_METHODS, status_code=200)
async def anything(request: AnyRequest) -> Response[bytes]:
    """Whatever is asked for below this door."""
    asked = [part for part in str(request.path_params["path"]).split("/") if part]
    fitting = [(one, found) for one in ROUTES if (found := _fits(one, asked)) is not None]
    if not fitting:
        raise NoSuchPage()
    best = max(_words(one) for one, _ in fitting)
    fitting = [(one, found) for one, found in fitting if _words(one) == best]
    for one, found in fitting:
        if one.method == request.method:
            actor = await caller(request)
            content = b"" if one.method == "GET" else await body_of(request)
            order = f"{one.method} {one.path}"
            return answered(await one.answer(Ask(request, actor, order, found, content)))
    raise WrongMethod(allow=", ".join(sorted({one.method for one, _ in fitting})))


def _words(one: Offered) -> int:
    return sum("{" not in part for part in one.path.split("/"))


def _fits(one: Offered, asked: list[str]) -> dict[str, str] | None:
    """What stands for the parts of a path that are free; None if it does not fit."""
    parts = one.path.split("/")
    if len(parts) != len(asked):
        return None
    found: dict[str, str] = {}
    for part, given in zip(parts, asked, strict=True):
        if part.startswith("{"):
            found[part.strip("{}")] = given
        elif part.lower() != given.lower():
            return None
    return found


DOOR = Router(AT, route_handlers=[anything], exception_handlers=FOR_ALL)
