"""Figures of units: who waits, who is served, who is there, and what today was like."""

from dataclasses import dataclass, fields
from datetime import datetime
from uuid import UUID

from nowserving.actions.act import Act
from nowserving.cases.moves import State
from nowserving.cases.tickets import business_day
from nowserving.people.permissions import Permission
from nowserving.places.directory import Directory
from nowserving.places.organization import Unit
from nowserving.store.statistics import Today


@dataclass(frozen=True, slots=True)
class UnitFigures:
    """One unit now and today. Sums are seconds; `seated` of `desks` have somebody there.

    `free`: those of them who serve nobody. `level`: how deep the unit stands, the root is 0.
    """

    unit: Unit
    level: int
    serving: int
    serving_seconds: float
    waiting: int
    waiting_seconds: float
    free: int
    seated: int
    desks: int
    today: Today
    at_work: bool


async def unit_figures(act: Act) -> list[UnitFigures]:
    """The figures of all units whose lines the actor may see, by their numbers."""
    directory = await act.directory()
    seen = [
        unit
        for unit in directory.units.values()
        if not unit.archived and act.actor.may(Permission.SEE_LINE, at=unit.id)
    ]
    ordered = sorted(seen, key=lambda one: one.number)
    return [await _figures(act, directory, unit) for unit in ordered]


async def _figures(act: Act, directory: Directory, unit: Unit) -> UnitFigures:
    in_hand = [one for one in await act.look.lines.in_hand_at(unit.id) if one.state.at_desk]
    served = [one for one in in_hand if one.state is State.ACTIVE]
    waiting, waiting_seconds = 0, 0.0
    for queue in directory.queues_of(unit.id):
        if not queue.inbox:
            count, seconds = await act.look.statistics.waiting(queue.id, act.now)
            waiting, waiting_seconds = waiting + count, waiting_seconds + seconds
    posts = [one for one in await act.look.posts.inside(unit.id) if one.held(act.now)]
    busy = {one.desk_id for one in in_hand}
    return UnitFigures(
        unit=unit,
        level=_level(directory, unit),
        serving=len(in_hand),
        serving_seconds=sum(_since(one.started_at, act.now) for one in served),
        waiting=waiting,
        waiting_seconds=waiting_seconds,
        free=sum(post.desk_id not in busy for post in posts),
        seated=len(posts),
        desks=sum(desk.active for desk in directory.desks_of(unit.id)),
        today=await _today(act, directory, unit),
        at_work=await _at_work(act, directory, unit),
    )


async def _today(act: Act, directory: Directory, unit: Unit) -> Today:
    whole = Today()
    for service in directory.services.values():
        if service.unit_id == unit.id:
            day = business_day(act.now, unit.zone, service.reset_minute)
            part = await act.look.statistics.today(
                service.id, day, target_seconds=unit.wait_target * 60
            )
            whole = Today(
                *(getattr(whole, one.name) + getattr(part, one.name) for one in fields(Today))
            )
    return whole


async def _at_work(act: Act, directory: Directory, unit: Unit) -> bool:
    """Is it open by the hours of a service that is booked? Without any such hours it is."""
    here = act.now.astimezone(unit.zone)
    minute = here.hour * 60 + here.minute
    plans = [await act.look.plans.of(one.id) for one in directory.services_of(unit.id)]
    known = [plan for plan in plans if plan is not None]
    hours = [span for plan in known for span in plan.template.hours_on(here.date(), unit.zone)]
    return not known or any(span.start <= minute < span.end for span in hours)


def _since(at: datetime | None, now: datetime) -> float:
    return 0.0 if at is None else (now - at).total_seconds()


def _level(directory: Directory, unit: Unit) -> int:
    level, above, seen = 0, unit.parent_id, set[UUID]()
    while above is not None and above not in seen:
        seen.add(above)
        level, above = level + 1, directory.unit(above).parent_id
    return level
