"""The waiting morning of a demonstration: who came, who has booked, what came in by letter."""

import random
from datetime import timedelta
from uuid import UUID

from nowserving.actions import desk
from nowserving.actions.bookings import book_first_available
from nowserving.actions.house import House
from nowserving.actions.open_case import open_case
from nowserving.actions.queue_up import queue_up
from nowserving.actions.sample import Sample
from nowserving.actions.sample_work import BackOffice
from nowserving.cases.admission import Request
from nowserving.cases.work import Opening
from nowserving.kit.clock import wall
from nowserving.people.actor import Actor, ActorKind, grants_of, system
from nowserving.people.permissions import Role
from nowserving.places.directory import Directory
from nowserving.places.services import EntryMode


async def fill(house: House, made: Sample, office: BackOffice) -> None:
    """Let there be something to do in a branch and its back office."""
    await _morning(house, made)
    await _appointments(house, made)
    await _letters(house, made, office)


async def _morning(house: House, made: Sample) -> None:
    """A morning under way: fourteen people came over the last hour, three were served."""
    chance = random.Random(7)
    now = wall()
    past = House(house.engine, house.vault, clock=lambda: now, ids=house.ids)
    directory = await past.directory(made.organization.id)
    unit = directory.unit_numbered(1)
    offered = [one for one in directory.services_of(unit.id) if one.entry_mode is EntryMode.WALK_IN]
    came_by = system(made.organization.id, "demo")
    for minutes in sorted((chance.randint(2, 58) for _ in range(14)), reverse=True):
        now = wall() - timedelta(minutes=minutes)
        service = chance.choices(offered, (5, 4, 2))[0]
        phone = "+4930123456" if service.needs_phone else None
        async with past.acting(came_by) as act:
            await queue_up(act, Request(service_id=service.id, phone=phone))
    now = wall()
    counter = directory.desks_of(unit.id)[3]
    for outcome in list(directory.outcomes.values())[:3]:
        await _serve(past, made, directory, counter.id, outcome.id)


async def _appointments(house: House, made: Sample) -> None:
    """Three people have booked the next times there are."""
    directory = await house.directory(made.organization.id)
    booked_by = system(made.organization.id, "demo")
    for service in directory.services_of(directory.unit_numbered(1).id):
        for name in ("Ada", "Bo", "Chi") if service.entry_mode is EntryMode.APPOINTMENT else ():
            async with house.acting(booked_by) as act:
                await book_first_available(act, Request(service_id=service.id, name=name))


async def _letters(house: House, made: Sample, office: BackOffice) -> None:
    """What has come in by letter: three cases, one of which somebody works on."""
    came_by = system(made.organization.id, "demo")
    statuses = {status.name: status for status in office.statuses}
    for at, (title, name, status) in enumerate(
        (
            ("The lamp in Mill Lane is broken", "Ada Example", "Open"),
            ("Refund of a fee paid twice", "Grace Sample", "In progress"),
            ("Noise from the works at night", "Alan Muster", "On hold"),
        )
    ):
        opening = Opening(
            Request(service_id=office.service.id, type_id=office.types[at].id, name=name),
            title=title,
            status_id=statuses[status].id,
            priority_id=office.priorities[at + 1].id,
            due_at=house.clock() + timedelta(days=at + 1),
        )
        async with house.acting(came_by) as act:
            await open_case(act, opening)


async def _serve(
    house: House, made: Sample, directory: Directory, desk_id: UUID, outcome_id: UUID
) -> None:
    unit = directory.unit_numbered(1)
    agent = made.beginning.agents[3]
    grants = grants_of([(Role.AGENT, frozenset({unit.id}))])
    actor = Actor(made.organization.id, ActorKind.AGENT, agent.id, agent.name, grants)
    queues = [queue.id for queue in directory.queues_of(unit.id)]
    async with house.acting(actor) as act:
        case = await desk.call_next(act, unit_id=unit.id, queue_ids=queues, desk_id=desk_id)
        if case is not None:
            await desk.resolve(act, case_id=case.id, outcome_id=outcome_id)
