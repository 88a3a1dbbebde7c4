"""Taking a number at a kiosk: once, however often the tile is touched."""

from collections.abc import Mapping

from nowserving.actions.act import Act
from nowserving.actions.gather import Queued
from nowserving.actions.house import House
from nowserving.actions.queue_up import queue_up
from nowserving.actions.replies import once
from nowserving.actions.ticket import link_of
from nowserving.cases.admission import Request
from nowserving.kit.http import Reply
from nowserving.web.at import Stand
from nowserving.web.patience import patiently


async def take_number(
    house: House, here: Stand, wanted: Request, *, home: str, form: Mapping[str, str]
) -> Reply:
    """Join the line; the answer sends the browser to the ticket."""

    def say(queued: Queued) -> Reply:
        ticket = link_of(here.organization, queued.link)
        return Reply(303, "", {"Location": f"{home}/ticket/{ticket}"})

    async def join(act: Act) -> Queued:
        return await queue_up(act, wanted)

    asked = "\n".join(f"{name}={form[name]}" for name in sorted(form))
    key = once(form.get("key") or None, home, asked)
    return await patiently(lambda: house.perform(here.visitor("kiosk"), join, say, once=key))
