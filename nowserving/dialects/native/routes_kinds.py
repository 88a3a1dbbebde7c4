"""Kinds of cases and what is asked of them."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from nowserving.actions import kinds
from nowserving.actions.act import Act
from nowserving.dialects.native import say, shapes
from nowserving.dialects.native.operations import Chapter
from nowserving.dialects.native.orders import Order
from nowserving.dialects.native.orders_directory import Called, Color, Position
from nowserving.kit.problems import NotFound
from nowserving.places.services import Channel

CHAPTER = Chapter(
    "Types and fields",
    "Kinds of cases, and what is asked of them, within a category of business; services have "
    "one (`category_id`), and show both. For whoever manages places.",
)
_ID = "0198c0de-0000-7000-8000-000000000005"

Minutes = Annotated[int, Meta(ge=1, le=kinds.MINUTES_AT_MOST)]
Percent = Annotated[int, Meta(ge=0, le=100, description="How many in a hundred do not come.")]
Channels = Annotated[list[Channel], Meta(min_length=1, max_length=4)]
Slug = Annotated[str, Meta(min_length=1, max_length=kinds.SLUG_AT_MOST)]


class AddType(Order):
    """A finer kind of business."""

    category_id: UUID
    name: Called
    minutes: Minutes = 15
    no_show_percent: Percent = 0
    channels: Channels = msgspec.field(default_factory=lambda: [Channel.FACE_TO_FACE])
    color: Color = kinds.COLOR
    hidden: Annotated[bool, Meta(description="People are not offered it.")] = False


class ChangeType(Order):
    """What is otherwise from now on."""

    name: Called | UnsetType = UNSET
    minutes: Minutes | UnsetType = UNSET
    no_show_percent: Percent | UnsetType = UNSET
    channels: Channels | UnsetType = UNSET
    color: Color | UnsetType = UNSET
    hidden: bool | UnsetType = UNSET


class AddField(Order):
    """Something that cases of a category are asked. Without a slug it has that of its name."""

    category_id: UUID
    name: Called
    slug: Slug | None = None
    required: bool = False
    position: Position = 0


class ChangeField(Order):
    """What is otherwise from now on. Archived: asked for and shown no more."""

    name: Called | UnsetType = UNSET
    required: bool | UnsetType = UNSET
    position: Position | UnsetType = UNSET
    archived: bool | UnsetType = UNSET


@CHAPTER.post(
    "/service-types",
    status=201,
    raises=(NotFound,),
    example={"category_id": _ID, "name": "Claim", "minutes": 20},
)
async def add_type(act: Act, order: AddType) -> shapes.ServiceType:
    """Add a type to a category."""
    made = await kinds.add_type(act, **msgspec.structs.asdict(order))
    return say.like(made, shapes.ServiceType)


@CHAPTER.patch("/service-types/{type_id}", example={"name": "Claims", "hidden": True})
async def change_type(act: Act, type_id: UUID, order: ChangeType) -> shapes.ServiceType:
    """Change a type. Its category and number stay."""
    changed = await kinds.change_type(act, type_id=type_id, to=_given(order))
    return say.like(changed, shapes.ServiceType)


@CHAPTER.post(
    "/fields",
    status=201,
    raises=(NotFound,),
    example={"category_id": _ID, "name": "Invoice number", "required": True},
)
async def add_field(act: Act, order: AddField) -> shapes.Field:
    """Ask something more of the cases of a category."""
    made = await kinds.add_field(act, **msgspec.structs.asdict(order))
    return say.like(made, shapes.Field)


@CHAPTER.patch("/fields/{field_id}", example={"name": "Invoice", "archived": False})
async def change_field(act: Act, field_id: UUID, order: ChangeField) -> shapes.Field:
    """Rename, move or archive a field. Its slug stays, for programs name it so."""
    changed = await kinds.change_field(act, field_id=field_id, to=_given(order))
    return say.like(changed, shapes.Field)


def _given(order: msgspec.Struct) -> dict[str, Any]:
    said = msgspec.structs.asdict(order)
    return {name: value for name, value in said.items() if value is not UNSET}
