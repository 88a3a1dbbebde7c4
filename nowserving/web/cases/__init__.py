"""Cases away from the desk: a list with filters, and a page for one case."""

from litestar import Router

from nowserving.web.cases import listing, opening, orders, papers, sheet
from nowserving.web.desk.session import refused
from nowserving.web.pages import answered_by

DOOR = Router(
    "/cases",
    route_handlers=[
        *listing.ROUTES,
        *opening.ROUTES,
        *sheet.ROUTES,
        *papers.ROUTES,
        *orders.ROUTES,
    ],
    exception_handlers=answered_by(refused),
    include_in_schema=False,
)
