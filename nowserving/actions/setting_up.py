"""What all setting up has in common: who may, what a name is, and that it is written down.

Setting up is rare and holds the organization's row, so two who do it at once do it one after
the other, and what is counted or must be unique is looked up under that lock.
"""

from collections.abc import Mapping
from typing import Any

from nowserving.actions.act import Act
from nowserving.actions.noting import note_added, note_changed
from nowserving.kit.problems import Forbidden, Invalid
from nowserving.kit.texts import kept
from nowserving.people.permissions import Permission
from nowserving.places.directory import Directory
from nowserving.store.places import Changeable

NAME_AT_MOST = 100


def must_everywhere(act: Act, permission: Permission = Permission.MANAGE_PLACES) -> None:
    """What belongs to no unit is for whoever manages all of them. Forbidden."""
    if not act.actor.may_everywhere(permission):
        raise Forbidden(permission=permission)


async def alone(act: Act) -> Directory:
    """What the organization is made of, while nobody else sets anything up."""
    await act.store.places.changed()
    return await act.store.places.directory()


def named(name: str, *, field: str = "name", at_most: int = NAME_AT_MOST) -> str:
    """A name as it is kept; Invalid if there is none."""
    name = kept(name.strip(), field=field, at_most=at_most)
    if not name:
        raise Invalid(field=field, reason="empty")
    return name


def checked(to: Mapping[str, Any], allowed: frozenset[str]) -> dict[str, Any]:
    """What is to be otherwise; Invalid if something else is asked for."""
    for name in to:
        if name not in allowed:
            raise Invalid(field=name, reason="stays as it is")
    return {**to, "name": named(to["name"])} if "name" in to else dict(to)


async def add(act: Act, made: Any) -> None:
    """Keep something new, and who made it."""
    await act.store.places.add([made])
    await note_added(act, made)
    act.house.forget_directory(act.actor.organization_id)


async def change(act: Act, seen: Changeable, to: Changeable) -> None:
    """Keep what something has become, and who changed it."""
    await act.store.places.change(to)
    await note_changed(act, seen, to)
    act.house.forget_directory(act.actor.organization_id)
