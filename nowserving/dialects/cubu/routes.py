"""Cubu's Server-to-Server API as it is spoken to us."""

from litestar import HttpMethod, Response, Router, route

from nowserving.dialects.cubu.cases import queue_up_case
from nowserving.dialects.cubu.failures import for_all, refuse
from nowserving.dialects.cubu.tokens import token
from nowserving.kit.http import AnyRequest, WrongMethod

_NOT_POST = [HttpMethod.GET, HttpMethod.PUT, HttpMethod.PATCH, HttpMethod.DELETE]


@route(
    ["/{application_id:str}/services/{service_id:str}/cases", "/{tenant_id:str}/oauth2/v2.0/token"],
    http_method=_NOT_POST,
    status_code=405,
)
async def post_only(request: AnyRequest) -> Response[bytes]:
    """What is only ever posted to."""
    raise WrongMethod(allow="POST")


DOOR = Router(
    "/", route_handlers=[token, queue_up_case, post_only], exception_handlers=for_all(refuse)
)
