"""Cubu's Server-to-Server API as it is spoken to us."""

from litestar import HttpMethod, Response, Router, route
from litestar.handlers import HTTPRouteHandler

from nowserving.dialects.cubu import (
    agents,
    appointments,
    calendars,
    consoles,
    customers,
    organization,
    serving,
)
from nowserving.dialects.cubu.cases import queue_up_case
from nowserving.dialects.cubu.failures import for_all, refuse
from nowserving.dialects.cubu.tokens import token
from nowserving.kit.http import AnyRequest, WrongMethod

HANDLERS: list[HTTPRouteHandler] = [
    token,
    queue_up_case,
    agents.select_unit,
    agents.select_workspace,
    agents.clock_in,
    agents.clock_out,
    agents.become_unavailable,
    agents.become_available,
    agents.get_status,
    consoles.list_workspaces,
    consoles.list_workstations,
    consoles.occupy,
    consoles.vacate,
    consoles.list_inboxes,
    serving.list_active_cases,
    serving.start_the_next,
    serving.call_again,
    serving.resolve,
    calendars.list_calendars,
    calendars.list_vacancies,
    appointments.book_appointment,
    appointments.list_appointments,
    appointments.delete_appointment,
    appointments.cancel_appointment,
    customers.create_customer,
    customers.find_customer,
    customers.get_customer,
    customers.update_customer,
    organization.list_users,
    organization.list_back_office_tasks,
]
"""Everything that can be asked for."""

_METHODS = {HttpMethod.GET, HttpMethod.POST, HttpMethod.PUT, HttpMethod.PATCH, HttpMethod.DELETE}


def _others() -> list[HTTPRouteHandler]:
    """The methods an address does not take, and the answer that says which it takes."""
    offered: dict[str, set[str]] = {}
    for handler in HANDLERS:
        for path in handler.paths:
            offered.setdefault(path, set()).update(map(str, handler.http_methods))
    return [_refusing(path, methods) for path, methods in offered.items()]


def _refusing(path: str, offered: set[str]) -> HTTPRouteHandler:
    async def refuse_method(request: AnyRequest) -> Response[bytes]:
        raise WrongMethod(allow=", ".join(sorted(offered)))

    methods = sorted(method for method in _METHODS if method.value not in offered)
    return route(path, http_method=methods, status_code=405)(refuse_method)


DOOR = Router("/", route_handlers=[*HANDLERS, *_others()], exception_handlers=for_all(refuse))
