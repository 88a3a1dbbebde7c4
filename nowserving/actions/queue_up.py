"""Joining a line."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from nowserving.actions.act import Act
from nowserving.actions.asking import AboutCase, Changes
from nowserving.actions.before import ask_before
from nowserving.actions.booking_order import with_customer
from nowserving.actions.gather import Order, Queued
from nowserving.cases.admission import Request, admit
from nowserving.cases.moves import QUEUE_UP
from nowserving.places.directory import Directory
from nowserving.places.hooks import HookKind


async def queue_up(act: Act, request: Request) -> Queued:
    """Give somebody a ticket and a place in the line of a service.

    Raises what `admit` raises, NotFound for an unknown service, Forbidden at its unit, and
    HookRefused or NotConfirmed for those who are asked before.
    """
    directory = await act.directory()
    service = directory.service(request.service_id)
    act.must(QUEUE_UP.needs, at=service.unit_id)
    request, customer = await with_customer(act, request)
    admitted = admit(request, directory, customer)
    if directory.hooks_for(HookKind.QUEUE_UP, service.unit_id, service.id):
        order = await _agreed(act, directory, request)
    else:
        order = Order.of(act, directory, request, admitted)
    return await act.gather(act.house.gatherer.join, order)


async def _agreed(act: Act, directory: Directory, request: Request) -> Order:
    """The order as those want it who are asked before; its case has one id for good."""
    id = act.asked.id("case", act.new_id)

    async def accept(changes: Changes) -> Order:
        pends = changes.get("pends")
        wanted = changed(request, {n: v for n, v in changes.items() if n != "pends"})
        wanted, customer = await with_customer(act, wanted)
        admitted = admit(wanted, directory, customer)
        return Order.of(act, directory, wanted, admitted, id=id, pends=pends)

    order = await accept({})
    return await ask_before(act, HookKind.QUEUE_UP, await _expected(act, order), directory, accept)


def changed(request: Request, changes: Mapping[str, Any]) -> Request:
    """A request with some changes, by the names of what it asks for; fields one by one."""
    if "fields" not in changes:
        return replace(request, **changes)
    fields = {**request.fields, **changes["fields"]}
    kept = {id: value for id, value in fields.items() if value is not None}
    return replace(request, **{**changes, "fields": kept})


async def _expected(act: Act, order: Order) -> AboutCase:
    """The case as it will be, with the number it would get now; only the commit gives it one."""
    sequence = await act.look.series.next_sequence(order.service.id, order.day)
    number = order.service.series.number(sequence)
    case = replace(order.draft, sequence=sequence, ticket_number=number)
    return AboutCase(case, order.details)
