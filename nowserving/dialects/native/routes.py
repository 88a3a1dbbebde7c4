"""The door: an address for each operation, the document that describes them, and its pages."""

from collections import defaultdict
from typing import cast

from litestar import HttpMethod, Response, Router, route
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.types import ASGIApp

from nowserving.dialects.native.answering import answer_to
from nowserving.dialects.native.contents import OPERATIONS
from nowserving.dialects.native.docs import PAGES
from nowserving.dialects.native.operations import Operation
from nowserving.dialects.native.refusing import refuse, refuse_straight
from nowserving.dialects.native.tus import EXTENSIONS, TUS, VERSION
from nowserving.kit.http import AnyRequest, WrongMethod
from nowserving.kit.problems import Problem

_METHODS = (
    HttpMethod.GET,
    HttpMethod.POST,
    HttpMethod.PUT,
    HttpMethod.PATCH,
    HttpMethod.DELETE,
    HttpMethod.HEAD,
)


def _handler(operation: Operation) -> HTTPRouteHandler:
    """The route of an operation."""

    async def show(request: AnyRequest) -> Response[bytes]:
        return cast(Response[bytes], await answer_to(request, operation))

    async def obey(request: AnyRequest) -> ASGIApp:
        try:
            return cast(ASGIApp, await answer_to(request, operation))
        except Problem as problem:
            return refuse_straight(request, problem)

    answer = show if operation.method == "GET" else obey
    answer.__name__ = operation.name
    methods = [HttpMethod(method) for method in _methods(operation)]
    return route(_typed(operation.path), http_method=methods, status_code=200)(answer)


def _others(path: str, offered: set[str]) -> HTTPRouteHandler:
    """The methods an address does not take, and the answer that says which it takes."""

    async def refuse_method(request: AnyRequest) -> Response[bytes]:
        raise WrongMethod(allow=", ".join(sorted(offered)))

    methods = [method for method in _METHODS if method not in offered]
    return route(_typed(path), http_method=methods, status_code=200)(refuse_method)


@route("/cases/{case_id:str}/uploads", http_method=[HttpMethod.OPTIONS], status_code=204)
async def tus_options(case_id: FromPath[str]) -> Response[None]:
    """What a tus client asks before anything else."""
    told = {**TUS, "Tus-Version": VERSION, "Tus-Extension": EXTENSIONS}
    return Response(None, status_code=204, headers=told)


def _handlers() -> list[HTTPRouteHandler]:
    offered: dict[str, set[str]] = defaultdict(set)
    for operation in OPERATIONS:
        offered[operation.path] |= _methods(operation)
    handlers = [_handler(operation) for operation in OPERATIONS]
    return handlers + [_others(path, methods) for path, methods in offered.items()]


def _methods(operation: Operation) -> set[str]:
    return {"GET", "HEAD"} if operation.method == "GET" else {operation.method}


def _typed(path: str) -> str:
    return path.replace("}", ":str}")


DOOR = Router(
    "/api/v1",
    route_handlers=[tus_options, *_handlers(), *PAGES],
    exception_handlers={Problem: refuse, HTTPException: refuse, Exception: refuse},
)
