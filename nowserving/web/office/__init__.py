"""Administration: what an organization is told to do and to tell, for whoever runs it."""

from litestar import Router

from nowserving.web.office import (
    checker,
    deliveries,
    front,
    hooks,
    lists,
    records,
    replays,
    rooms,
    tables,
    tokens,
    webhook_form,
    webhooks,
)
from nowserving.web.office.session import refused
from nowserving.web.pages import answered_by

DOOR = Router(
    "/office",
    route_handlers=[
        *front.ROUTES,
        *hooks.ROUTES,
        *webhook_form.ROUTES,
        *webhooks.ROUTES,
        *checker.ROUTES,
        *deliveries.ROUTES,
        *replays.ROUTES,
        *lists.ROUTES,
        *rooms.ROUTES,
        *tables.ROUTES,
        *records.ROUTES,
        *tokens.ROUTES,
    ],
    exception_handlers=answered_by(refused),
    include_in_schema=False,
)
