"""Kinds of cases, and what is asked of them: the types and the fields of a kind of business.

A type and a field stay with their category, and a field keeps the slug that programs name it
by. Archived fields are asked for and shown no more; what cases have in them is kept.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from nowserving.actions.act import Act
from nowserving.actions.setting_up import add, alone, change, checked, must_everywhere, named
from nowserving.kit.folding import fold, words_in
from nowserving.kit.problems import Invalid, NotFound
from nowserving.places.directory import Directory
from nowserving.places.services import Channel, Field, ServiceType

SLUG_AT_MOST = 60
MINUTES_AT_MOST = 24 * 60
COLOR = "#607d8b"
_OF_TYPE = frozenset({"name", "minutes", "no_show_percent", "channels", "color", "hidden"})
_OF_FIELD = frozenset({"name", "required", "position", "archived"})


async def add_type(
    act: Act,
    *,
    category_id: UUID,
    name: str,
    minutes: int = 15,
    no_show_percent: int = 0,
    channels: Collection[Channel] = (Channel.FACE_TO_FACE,),
    color: str = COLOR,
    hidden: bool = False,
) -> ServiceType:
    """Add a finer kind of business to a category."""
    _category(await act.directory(), category_id)
    must_everywhere(act)
    types = (await alone(act)).types.values()
    made = ServiceType(
        organization_id=act.actor.organization_id,
        id=act.new_id(),
        category_id=category_id,
        number=max((one.number for one in types), default=0) + 1,
        name=named(name),
        minutes=minutes,
        no_show_percent=no_show_percent,
        channels=tuple(dict.fromkeys(channels)),
        color=color,
        hidden=hidden,
    )
    _check_type(made)
    await add(act, made)
    return made


async def change_type(act: Act, *, type_id: UUID, to: Mapping[str, Any]) -> ServiceType:
    """Change anything of a type but its category and number. Hidden: people are not offered it."""
    if type_id not in (await act.directory()).types:
        raise NotFound(what="type", id=type_id)
    must_everywhere(act)
    seen = (await alone(act)).types[type_id]
    changed = replace(seen, **checked(to, _OF_TYPE))
    changed = replace(changed, channels=tuple(dict.fromkeys(changed.channels)))
    _check_type(changed)
    await change(act, seen, changed)
    return changed


async def add_field(
    act: Act,
    *,
    category_id: UUID,
    name: str,
    slug: str | None = None,
    required: bool = False,
    position: int = 0,
) -> Field:
    """Ask something more of the cases of a category. Without a slug it has that of its name."""
    _category(await act.directory(), category_id)
    must_everywhere(act)
    directory = await alone(act)
    name = named(name)
    slug = named(slug or _slug(name), field="slug", at_most=SLUG_AT_MOST)
    of, id = act.actor.organization_id, act.new_id()
    made = Field(of, id, category_id, name, slug, required=required, position=position)
    _check_field(directory, made)
    await add(act, made)
    return made


async def change_field(act: Act, *, field_id: UUID, to: Mapping[str, Any]) -> Field:
    """Change the `name`, `required`, `position` or `archived` of a field."""
    if field_id not in (await act.directory()).fields:
        raise NotFound(what="field", id=field_id)
    must_everywhere(act)
    directory = await alone(act)
    seen = directory.fields[field_id]
    changed = replace(seen, **checked(to, _OF_FIELD))
    _check_field(directory, changed)
    await change(act, seen, changed)
    return changed


def _category(directory: Directory, id: UUID) -> None:
    if id not in directory.categories:
        raise NotFound(what="category", id=id)


def _slug(name: str) -> str:
    """What programs call a field that people call so."""
    return "-".join(words_in(name))[:SLUG_AT_MOST]


def _check_type(kind: ServiceType) -> None:
    if not 1 <= kind.minutes <= MINUTES_AT_MOST:
        raise Invalid(field="minutes", reason=f"1 to {MINUTES_AT_MOST}")
    if not 0 <= kind.no_show_percent <= 100:
        raise Invalid(field="no_show_percent", reason="0 to 100")
    if not kind.channels:
        raise Invalid(field="channels", reason="at least one")


def _check_field(directory: Directory, field: Field) -> None:
    """Programs name a field by its label too, so a label is one field of a category."""
    for one in directory.fields.values():
        if one.category_id != field.category_id or one.id == field.id:
            continue
        if one.slug == field.slug:
            raise Invalid(field="slug", reason="there is such a field")
        if not (one.archived or field.archived) and fold(one.name) == fold(field.name):
            raise Invalid(field="name", reason="there is such a field")
