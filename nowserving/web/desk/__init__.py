"""The staff desk: call, serve, and see who waits."""

from litestar import Router

from nowserving.web.desk import orders, own, place, screen, sign_in
from nowserving.web.desk.session import refused
from nowserving.web.pages import answered_by

DOOR = Router(
    "/desk",
    route_handlers=[
        *sign_in.ROUTES,
        *place.ROUTES,
        *screen.ROUTES,
        *orders.ROUTES,
        *own.ROUTES,
    ],
    exception_handlers=answered_by(refused),
    include_in_schema=False,
)
