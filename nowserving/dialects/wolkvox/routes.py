"""wolkvox CRM's cases API, version 2, as it is spoken to us."""

from litestar import HttpMethod, Response, Router, route
from litestar.handlers import HTTPRouteHandler

from nowserving.dialects.wolkvox.answering import FOR_ALL
from nowserving.dialects.wolkvox.cases import (
    insert_case,
    list_history_note,
    query_cases,
    update_case,
)
from nowserving.dialects.wolkvox.custom import (
    delete_records,
    insert_many,
    insert_one,
    query_dates,
    query_records,
    update_many,
    update_one,
)
from nowserving.dialects.wolkvox.token import token_information
from nowserving.kit.http import AnyRequest, NoSuchPage, WrongMethod

PREFIX = "/server/API/v2"

HANDLERS: list[HTTPRouteHandler] = [
    insert_case,
    update_case,
    query_cases,
    list_history_note,
    insert_one,
    insert_many,
    update_one,
    update_many,
    query_records,
    query_dates,
    delete_records,
    token_information,
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


def _elsewhere() -> list[str]:
    """Addresses below the door at which there is nothing."""
    below = {"/", "/{path:path}"}
    for handler in HANDLERS:
        for path in handler.paths:
            folder = path.rpartition("/")[0]
            below |= {folder, f"{folder}/{{path:path}}", f"{path}/{{path:path}}"}
    return sorted(below)


@route(_elsewhere(), http_method=sorted(_METHODS), status_code=400)
async def nothing_there(request: AnyRequest) -> Response[bytes]:
    """Whatever else is asked for below this door, in its own form."""
    raise NoSuchPage()


DOOR = Router(
    PREFIX,
    route_handlers=[*HANDLERS, *map(_others, HANDLERS), nothing_there],
    exception_handlers=FOR_ALL,
)
