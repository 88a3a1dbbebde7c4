"""What the server does for calendars by itself: it opens days ahead."""

from datetime import timedelta

from nowserving.actions.act import Act
from nowserving.actions.calendars import open_days
from nowserving.actions.house import House
from nowserving.bookings.rules import Plan
from nowserving.kit.problems import Problem
from nowserving.people.actor import system
from nowserving.store.engines import Clash


async def open_ahead(house: House) -> int:
    """Open, in every organization, the days that templates want open. Says how many calendars."""
    opened = 0
    for organization in await house.organizations():
        actor = system(organization.id, "calendars")
        async with house.acting(actor) as act:
            plans = [plan for plan in await act.look.plans.all() if plan.template.opened_ahead]
        for plan in plans:
            try:
                async with house.acting(actor) as act:
                    made = await _open(act, plan)
            except (Problem, Clash):
                continue  # the service is no more, or another process was faster
            opened += made  # the commit, too, has gone well
    return opened


async def _open(act: Act, plan: Plan) -> int:
    directory = await act.directory()
    service = directory.service(plan.service_id)
    zone = directory.unit(service.unit_id).zone
    first = act.now.astimezone(zone).date()
    last = first + timedelta(days=plan.template.opened_ahead - 1)
    there = await act.look.calendars.open_from(service.id, first)
    missing = any(
        (day, index) not in there and plan.template.hours_on(day, zone)
        for at in range(plan.template.opened_ahead)
        for day in (first + timedelta(days=at),)
        for index in range(len(plan.template.seats))
    )
    if not missing:
        return 0
    return len(await open_days(act, service_id=service.id, first=first, last=last))
