"""A branch whose calendar is open, and somebody who books there, for the tests of the page."""

import re
from html import unescape

import httpx

from nowserving.bookings.calendar import Calendar
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


__all__ = ["HOME", "SERVICE", "Surgery", "booked", "held", "hidden"]
