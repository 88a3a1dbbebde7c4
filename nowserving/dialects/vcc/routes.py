"""VCC Live's Database API, version 2, as it is spoken to us."""

from litestar import HttpMethod, Response, Router, route
from litestar.handlers import HTTPRouteHandler

from nowserving.dialects.vcc.answering import FOR_ALL
from nowserving.dialects.vcc.projects import get_project, list_projects, list_users
from nowserving.dialects.vcc.records import add_disposition, add_record
from nowserving.dialects.vcc.tickets import list_tickets
from nowserving.kit.http import AnyRequest, NoSuchPage, WrongMethod

HANDLERS: list[HTTPRouteHandler] = [
    list_projects,
    get_project,
    list_tickets,
    add_record,
    add_disposition,
    list_users,
]
"""Everything that can be asked for."""

_METHODS = {HttpMethod.GET, HttpMethod.POST, HttpMethod.PUT, HttpMethod.PATCH, HttpMethod.DELETE}


def _others(handler: HTTPRouteHandler) -> HTTPRouteHandler:
    """The methods an address does not take, and the answer that says which it takes."""
    offered = {str(method) for method in handler.http_methods}

    async def refuse_method(request: AnyRequest) -> Response[bytes]:
        raise WrongMethod(allow=", ".join(sorted(offered)))

    methods = sorted(method for method in _METHODS if method.value not in offered)
    return route(sorted(handler.paths), http_method=methods, status_code=405)(refuse_method)


_PROJECT = "/projects/{project_id:str}"
_RECORD = f"{_PROJECT}/records/{{record_id:str}}"
_ELSEWHERE = [
    "/{path:path}",
    "/users/{path:path}",
    f"{_PROJECT}/{{path:path}}",
    f"{_PROJECT}/tickets/{{path:path}}",
    _RECORD,
    f"{_RECORD}/{{path:path}}",
    f"{_RECORD}/dispositions/{{path:path}}",
]


@route(_ELSEWHERE, http_method=sorted(_METHODS), status_code=404)
async def nothing_there(request: AnyRequest) -> Response[bytes]:
    """Whatever else is asked for below this door, in its own form."""
    raise NoSuchPage()


DOOR = Router(
    "/v2",
    route_handlers=[*HANDLERS, *map(_others, HANDLERS), nothing_there],
    exception_handlers=FOR_ALL,
)
