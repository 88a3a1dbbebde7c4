"""What an organization is made of, as far as somebody may see it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol, TypeVar
from uuid import UUID

from nowserving.actions.act import Act
from nowserving.kit.problems import Forbidden
from nowserving.people.actor import Everywhere, Units
from nowserving.people.staff import Agent
from nowserving.places.directory import Directory


class _AtUnit(Protocol):
    @property
    def unit_id(self) -> UUID: ...


Thing = TypeVar("Thing", bound=_AtUnit)


async def seen_directory(act: Act) -> Directory:
    """The directory with the units this actor was given, and what is in them."""
    if not act.actor.grants:
        raise Forbidden()
    return _within(await act.directory(), act.actor.sees)


async def everyone(act: Act) -> list[Agent]:
    """All who work in the organization, by number; for whoever may see a line anywhere."""
    if not act.actor.grants:
        raise Forbidden()
    return await act.look.people.everyone()


def _within(directory: Directory, units: Units) -> Directory:
    if units is Everywhere:
        return directory
    queues = _at(directory.queues, units)
    return replace(
        directory,
        units={id: unit for id, unit in directory.units.items() if id in units},
        desks=_at(directory.desks, units),
        queues=queues,
        workspaces=_at(directory.workspaces, units),
        services=_at(directory.services, units),
        routes=frozenset(route for route in directory.routes if route.from_queue_id in queues),
    )


def _at(things: Mapping[UUID, Thing], units: frozenset[UUID]) -> dict[UUID, Thing]:
    return {id: thing for id, thing in things.items() if thing.unit_id in units}
