"""Calendars: how times are booked, which days are open, and what is free in them."""

from uuid import UUID

from msgspec import UNSET

from nowserving.actions import calendars, feeds, vacancies
from nowserving.actions.act import Act
from nowserving.actions.feeds import MadeFeed
from nowserving.bookings.calendar import AgentTwice, AlreadyOpen, CalendarClosed
from nowserving.bookings.rules import NotYourCalendar, OutsideWindow
from nowserving.bookings.spans import Span
from nowserving.dialects.native import orders_bookings as orders
from nowserving.dialects.native import say, shapes
from nowserving.dialects.native import say_bookings as saying
from nowserving.dialects.native import shapes_bookings as told
from nowserving.dialects.native.operations import Chapter
from nowserving.kit.problems import NotFound
from nowserving.places.needs import Need, in_order
from nowserving.places.services import NotByAppointment, TypeNotOffered

CHAPTER = Chapter(
    "Calendars",
    "A calendar is one day of one service, numbered by an index from 0. Times are minutes after "
    "midnight on the unit's clock, and instants beside them.",
)
_ID = "0198c0de-0000-7000-8000-000000000009"
_WORKDAY = {"open": [{"start": 480, "end": 960}], "breaks": [{"start": 720, "end": 780}]}


@CHAPTER.get("/services/{service_id}/booking-plan", raises=(NotByAppointment,))
async def get_booking_plan(act: Act, service_id: UUID) -> told.BookingPlan:
    """How times of a service are booked."""
    return saying.plan(await calendars.plan_of(act, service_id=service_id))


@CHAPTER.post(
    "/services/{service_id}/booking-plan",
    raises=(NotByAppointment, AgentTwice),
    example={
        "template": {"weekdays": [*[_WORKDAY] * 5, {}, {}], "opened_ahead": 14},
        "rules": {"notice": 60},
    },
)
async def set_booking_plan(act: Act, service_id: UUID, order: orders.SetPlan) -> told.BookingPlan:
    """Say how times of a service are booked. Days that are open already stay as they are."""
    plan = await calendars.set_plan(
        act,
        service_id=service_id,
        template=saying.template_of(order.template),
        rules=saying.rules_of(order.rules),
    )
    return saying.plan(plan)


@CHAPTER.get("/services/{service_id}/calendars", raises=(NotByAppointment,))
async def get_calendars(act: Act, service_id: UUID, query: orders.DaysPage) -> told.Calendars:
    """The calendars of a service on some days, at most 370."""
    found = await calendars.calendars_of(
        act, service_id=service_id, first=query.first, last=query.last
    )
    return told.Calendars([saying.sight(one) for one in found])


@CHAPTER.post(
    "/services/{service_id}/calendars",
    status=201,
    raises=(NotByAppointment, AlreadyOpen, AgentTwice),
    example={"day": "2027-03-01", "index": 0, "capacity": 1},
)
async def open_calendar(act: Act, service_id: UUID, order: orders.OpenCalendar) -> told.Calendar:
    """Open one calendar by hand."""
    made = await calendars.open_calendar(
        act,
        service_id=service_id,
        day=order.day,
        index=order.index,
        hours=None if order.hours is None else saying.spans_of(order.hours),
        capacity=order.capacity,
        agent_id=order.agent_id,
        suits=in_order(order.suits),
    )
    return saying.calendar(made)


@CHAPTER.post(
    "/services/{service_id}/suits",
    raises=(NotFound, NotByAppointment),
    example={"index": 0, "suits": ["wheelchair"]},
)
async def set_suits(act: Act, service_id: UUID, order: orders.SetSuits) -> told.BookingPlan:
    """Say what a room, or whoever is there, has for those who need it; open days have it too."""
    plan = await calendars.set_suits(act, service_id=service_id, suits={order.index: order.suits})
    return saying.plan(plan)


@CHAPTER.post(
    "/services/{service_id}/open-days",
    raises=(NotByAppointment,),
    example={"first": "2027-03-01", "last": "2027-03-31"},
)
async def open_days(act: Act, service_id: UUID, order: orders.OpenDays) -> told.OpenedCalendars:
    """Open what is not open yet of some days, from the template."""
    made = await calendars.open_days(act, service_id=service_id, first=order.first, last=order.last)
    return told.OpenedCalendars([saying.calendar(one) for one in made])


@CHAPTER.get("/calendars/{calendar_id}", raises=(NotByAppointment,))
async def get_calendar(act: Act, calendar_id: UUID) -> told.CalendarFile:
    """One calendar."""
    return saying.sight(await calendars.see_calendar(act, calendar_id=calendar_id))


@CHAPTER.post("/calendars/{calendar_id}/close")
async def close_calendar(act: Act, calendar_id: UUID) -> told.Calendar:
    """Take no more appointments in a calendar; those it has stay."""
    return saying.calendar(await calendars.close_calendar(act, calendar_id=calendar_id))


@CHAPTER.post("/calendars/{calendar_id}/reopen")
async def reopen_calendar(act: Act, calendar_id: UUID) -> told.Calendar:
    """Take appointments again."""
    return saying.calendar(await calendars.reopen_calendar(act, calendar_id=calendar_id))


@CHAPTER.post("/calendars/{calendar_id}/switch", example={"public": False})
async def switch_booking(act: Act, calendar_id: UUID, order: orders.SwitchBooking) -> told.Calendar:
    """Let agents, or the public, book in a calendar or not."""
    return saying.calendar(
        await calendars.switch_booking(
            act, calendar_id=calendar_id, agents=order.agents, public=order.public
        )
    )


@CHAPTER.post("/calendars/{calendar_id}/allocate", raises=(AgentTwice,), example={"agent_id": None})
async def allocate_calendar(act: Act, calendar_id: UUID, order: orders.Allocate) -> told.Calendar:
    """Give a calendar, with its appointments, to an agent, or to nobody."""
    return saying.calendar(
        await calendars.allocate(act, calendar_id=calendar_id, agent_id=order.agent_id)
    )


@CHAPTER.post(
    "/calendars/{calendar_id}/block",
    status=201,
    example={"start": 600, "end": 660, "reason": "Training"},
)
async def block_time(act: Act, calendar_id: UUID, order: orders.BlockTime) -> told.Block:
    """Let nobody book a stretch of a calendar. Appointments that are there stay there."""
    span = Span(order.start, order.end)
    made = await calendars.block(act, calendar_id=calendar_id, span=span, reason=order.reason)
    return say.like(made, told.Block)


@CHAPTER.post("/blocks/{block_id}/lift")
async def lift_block(act: Act, block_id: UUID) -> None:
    """Let a stretch be booked again, as far as no other block lies on it."""
    await calendars.lift_block(act, block_id=block_id)


@CHAPTER.get(
    "/calendars/{calendar_id}/vacancies",
    raises=(NotByAppointment, TypeNotOffered, OutsideWindow, CalendarClosed, NotYourCalendar),
)
async def get_vacancies_in(act: Act, calendar_id: UUID, query: orders.OfType) -> told.Vacancies:
    """What can be booked in one calendar."""
    type_id = None if query.type_id is UNSET else query.type_id
    found = await vacancies.vacancies_in(act, calendar_id=calendar_id, type_id=type_id)
    return saying.vacancies(found, len(found))


@CHAPTER.get("/services/{service_id}/vacancies", raises=(NotByAppointment, TypeNotOffered))
async def get_vacancies(act: Act, service_id: UUID, query: orders.VacancyPage) -> told.Vacancies:
    """What can be booked of a service, in all its calendars, by time."""
    weekdays = "" if query.weekdays is UNSET else query.weekdays
    needs = "" if query.needs is UNSET else query.needs
    found = await vacancies.vacancies(
        act,
        service_id=service_id,
        type_id=None if query.type_id is UNSET else query.type_id,
        first=None if query.first is UNSET else query.first,
        days=query.days,
        weekdays=[int(day) for day in weekdays.split(",") if day],
        needs=in_order(Need(one) for one in needs.split(",") if one),
        most=query.limit + 1,
        behind=None if query.after is UNSET else saying.place(query.after),
    )
    return saying.vacancies(found, query.limit)


@CHAPTER.get("/calendars/{calendar_id}/appointments")
async def get_appointments_in(act: Act, calendar_id: UUID) -> told.Appointments:
    """The appointments of a calendar that were not called off."""
    return saying.appointments(await calendars.appointments_in(act, calendar_id=calendar_id))


@CHAPTER.post("/queues/{queue_id}/merge", example={"merge": "interleaved"})
async def set_merge(act: Act, queue_id: UUID, order: orders.SetMerge) -> shapes.Queue:
    """Say how a queue merges people with an appointment and without, from now on."""
    queue = await calendars.set_merge(act, queue_id=queue_id, merge=order.merge)
    return say.queue(await act.directory(), queue)


@CHAPTER.post(
    "/calendar-feeds",
    say=saying.feed,
    status=201,
    raises=(NotFound,),
    example={"agent_id": _ID},
)
async def make_feed(act: Act, order: orders.MakeFeed) -> MadeFeed:
    """A new address where calendar programs find appointments. It is told this once."""
    return await feeds.make_feed(
        act, agent_id=order.agent_id, service_id=order.service_id, index=order.index
    )


@CHAPTER.post("/calendar-feeds/{feed_id}/revoke")
async def revoke_feed(act: Act, feed_id: UUID) -> None:
    """Let an address open nothing any more."""
    await feeds.revoke_feed(act, feed_id=feed_id)
