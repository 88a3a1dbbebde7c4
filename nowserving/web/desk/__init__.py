"""The staff desk: call, serve, and see who waits."""

from litestar import Router

from nowserving.web.desk import orders, place, screen, sign_in
from nowserving.web.desk.session import refused

DOOR = Router(
    "/desk",
    route_handlers=[*sign_in.ROUTES, *place.ROUTES, *screen.ROUTES, *orders.ROUTES],
    exception_handlers={Exception: refused},
    include_in_schema=False,
)
