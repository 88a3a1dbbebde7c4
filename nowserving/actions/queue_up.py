"""Joining a line."""

from nowserving.actions.act import Act
from nowserving.actions.gather import Order, Queued
from nowserving.cases.admission import Request, admit
from nowserving.cases.moves import QUEUE_UP
from nowserving.kit.problems import Invalid
from nowserving.people.customers import Customer


async def queue_up(act: Act, request: Request) -> Queued:
    """Give somebody a ticket and a place in the line of a service.

    Raises what `admit` raises, NotFound for an unknown service, Forbidden at its unit.
    """
    directory = await act.directory()
    act.must(QUEUE_UP.needs, at=directory.service(request.service_id).unit_id)
    admitted = admit(request, directory, await _customer(act, request))
    return await act.gather(Order.of(act, directory, request, admitted))


async def _customer(act: Act, request: Request) -> Customer | None:
    if request.customer_id is None:
        return None
    customer = await act.look.people.customer(request.customer_id)
    if customer is None or customer.archived:
        raise Invalid(field="customer_id", reason="there is no such customer")
    return customer
