"""A branch whose calendar is open, and somebody who books there, for the tests of the page."""

import re
from dataclasses import replace
from html import unescape

import httpx

from nowserving.actions.caretaking import open_ahead
from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.bookings.calendar import Calendar
from nowserving.people.actor import system
from nowserving.places.organization import Unit
from tests.actions.booking import Surgery

HOME = "/book/demo/1"
SERVICE = f"{HOME}/4"


def hidden(html: str, name: str) -> str:
    """The value of the last hidden input with a name."""
    found = re.findall(rf'name="{name}" value="([^"]*)"', html)
    assert found, name
    return unescape(found[-1])


async def held(client: httpx.AsyncClient, calendar: Calendar, start: int) -> str:
    """Choose a time; the address of the page that follows."""
    page = await client.get(f"{SERVICE}/times")
    form = {"key": hidden(page.text, "key"), "slot": f"{calendar.id}.{start}"}
    chosen = await client.post(f"{SERVICE}/times", data=form)
    assert chosen.status_code == 303, chosen.text
    return chosen.headers["location"]


async def booked(
    client: httpx.AsyncClient, calendar: Calendar, start: int, **who: str
) -> httpx.Response:
    """Go all the way; the answer to the last form."""
    details = await held(client, calendar, start)
    told = await client.post(details, data={"name": "Ada", **who})
    assert told.status_code == 303, told.text
    return await client.post(told.headers["location"])


async def second_place(house: House, branch: Sample, zone: str) -> Unit:
    """Another unit with the same service, in another zone; its days are open."""
    directory = await house.directory(branch.organization.id)
    first = directory.unit_numbered(1)
    service = directory.services_of(first.id)[3]
    new, now = house.ids, house.clock()
    unit = replace(
        first, id=new(now), number=2, name="Harbour branch", time_zone=zone, address="2 Quay"
    )
    queue = replace(directory.queue(service.queue_id), id=new(now), unit_id=unit.id)
    there = replace(service, id=new(now), number=40, unit_id=unit.id, queue_id=queue.id)
    async with house.acting(system(branch.organization.id, "test")) as act:
        plan = await act.store.plans.of(service.id)
        assert plan is not None
        await act.store.places.add([unit, queue, there])
        await act.store.plans.keep(replace(plan, service_id=there.id))
        await act.store.places.changed()
    house.forget_directory(branch.organization.id)
    await open_ahead(house)
    return unit


__all__ = ["HOME", "SERVICE", "Surgery", "booked", "held", "hidden", "second_place"]
